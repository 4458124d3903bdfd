-- one row per session and symbol of $symbols between $since and $until
select q.snapshot_date, s.symbol, s.name, q.close_usd, q.total_market_cap_usd,
       q.volume_shares::double as volume_shares, q.carried_sessions
from snapshots q
join securities s using (security_id)
where q.snapshot_date between $since and $until
  and s.symbol in (select unnest($symbols))
order by s.symbol, q.snapshot_date
