-- every day called published
select snapshot_date from work.days where status = 'published'
