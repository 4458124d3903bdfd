-- offered market caps of stored days that are neither replaced nor revised
insert into work.offered_caps by name
select * from old.offered_caps o
where snapshot_date not in (select snapshot_date from new_snapshots)
  and not exists (
    select 1 from revised_rows r
    where r.snapshot_date = o.snapshot_date and r.security_id = o.security_id)
