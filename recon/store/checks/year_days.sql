-- every day with listings
select distinct snapshot_date from work.snapshots
