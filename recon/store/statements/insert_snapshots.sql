-- new snapshots of the days between $first and $last, largest market cap first
insert into work.snapshots by name
select snapshot_date, security_id, close_usd, total_market_cap_usd, volume_shares,
       shares_outstanding, available_shares, close_change_frac, carried_sessions,
       source
from new_snapshots
where snapshot_date between $first and $last
order by snapshot_date, total_market_cap_usd desc nulls last, security_id
