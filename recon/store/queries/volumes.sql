-- one row per session and chosen security ($symbol_ids) between $since and $until
select q.snapshot_date, s.symbol_id, q.close_usd, q.close_change_frac,
       q.volume_shares::double as volume_shares
from snapshots q
join securities s using (security_id)
where q.snapshot_date between $since and $until
  and s.symbol_id in (select unnest($symbol_ids))
order by s.symbol_id, q.snapshot_date
