-- how many offered rows have the day and symbol of another one
select count(*) - count(distinct (snapshot_date, symbol)) as row_count from offered
