-- one row per session of $days and security that shows a market cap
select snapshot_date, security_id
from snapshots
where snapshot_date in (select unnest($days))
  and total_market_cap_usd is not null
