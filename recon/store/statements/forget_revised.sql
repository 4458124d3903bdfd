-- refusals of market caps on revised days that do not hold any more
delete from work.quarantine q
where q.reason in (select unnest($reasons))
  and q.snapshot_date in (select snapshot_date from revised_days)
  and not exists (
    select 1 from revised_refusals r
    where r.snapshot_date = q.snapshot_date
      and r.symbol = q.symbol
      and r.reason = q.reason)
