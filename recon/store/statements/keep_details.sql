-- details of stored days that are not replaced
insert into work.quote_details by name
select * from old.quote_details
where snapshot_date not in (select snapshot_date from new_snapshots)
