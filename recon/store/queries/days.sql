-- one row per offered day, published or held back
select snapshot_date, status, reason, security_count, with_cap_count, carried_count,
       quarantined_count, total_market_cap_usd, source, decided_by, ingest_id
from days
order by snapshot_date
