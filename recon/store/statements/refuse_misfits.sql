-- lines of a delimited file that have not as many values as its header
insert into refused
select null, null, reason, offered, repeats, $origin, row_number from misfits
