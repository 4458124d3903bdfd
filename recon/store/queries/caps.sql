-- one row per session and security between $since and $until, by market cap within a day
select snapshot_date, security_id, close_usd, total_market_cap_usd, shares_outstanding,
       available_shares, close_change_frac
from snapshots
where snapshot_date between $since and $until
