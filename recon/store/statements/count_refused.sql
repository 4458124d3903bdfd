-- how many rows have been refused so far
select coalesce(sum(repeats), 0) as row_count from refused
