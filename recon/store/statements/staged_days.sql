-- one row per day of the offered rows, in order
select distinct snapshot_date from offered order by snapshot_date
