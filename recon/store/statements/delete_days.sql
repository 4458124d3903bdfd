delete from work.days
where snapshot_date in (select snapshot_date::date from new_days)
