-- one row per session of $days and security version of the chosen $symbol_ids
select q.snapshot_date, q.security_id, s.symbol_id, s.name, q.close_usd,
       q.total_market_cap_usd
from snapshots q
join securities s using (security_id)
where q.snapshot_date in (select unnest($days))
  and s.symbol_id in (select unnest($symbol_ids))
order by q.snapshot_date, q.security_id
