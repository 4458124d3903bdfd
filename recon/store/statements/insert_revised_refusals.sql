-- refusals of market caps on revised days of this year that are new
insert into work.quarantine by name
select snapshot_date, symbol, reason,
       json_object('close_usd', close_usd, 'total_market_cap_usd', total_market_cap_usd,
                   'volume_shares', volume_shares)::varchar as offered,
       1 as repeats, origin, ingest_id
from revised_refusals r
where year(snapshot_date) = $year
  and not exists (
    select 1 from work.quarantine q
    where q.snapshot_date = r.snapshot_date
      and q.symbol = r.symbol
      and q.reason = r.reason)
