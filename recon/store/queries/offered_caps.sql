-- one row per session and security between $since and $until whose stored cap is a stand-in
select snapshot_date, security_id, total_market_cap_usd
from offered_caps
where snapshot_date between $since and $until
order by snapshot_date, security_id
