-- refused rows of the days of $years, or with $is_inside false all the others
insert into work.quarantine by name
select r.*, $ingest_id as ingest_id
from refused r
where coalesce(list_contains($years, year(snapshot_date)), false) = $is_inside
  and not exists (
    select 1 from work.quarantine q
    where q.origin = r.origin
      and q.reason = r.reason
      and q.offered = r.offered
      and q.symbol is not distinct from r.symbol
      and q.snapshot_date is not distinct from r.snapshot_date
      and q.row_number is not distinct from r.row_number)
