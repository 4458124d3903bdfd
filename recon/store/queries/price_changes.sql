-- one row per session and chosen security ($symbol_ids) between $since and $until
select q.snapshot_date, s.symbol_id, q.close_usd, q.total_market_cap_usd,
       q.volume_shares::double as volume_shares, q.close_change_frac
from snapshots q
join securities s using (security_id)
where q.snapshot_date between $since and $until
  and s.symbol_id in (select unnest($symbol_ids))
