-- one row per market cap between $since and $until that a person believes against the gate
select snapshot_date, symbol, decided_by, ingest_id
from believed_caps
where snapshot_date between $since and $until
order by snapshot_date, symbol
