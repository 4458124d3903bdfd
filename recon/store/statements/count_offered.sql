-- how many rows were offered, good and refused
select (select count(*) from parsed)
       + (select coalesce(sum(repeats), 0) from misfits) as row_count
