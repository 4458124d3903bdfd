insert into work.filers by name
select * from merged_filers
order by cik, known_on
