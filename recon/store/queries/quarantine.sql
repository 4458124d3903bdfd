-- one row per refused row, newest day first, at most $row_limit
select snapshot_date, symbol, reason, offered, repeats, origin, row_number, ingest_id
from quarantine
where reason like $reason and coalesce(symbol, '') like $symbol
order by snapshot_date desc nulls first, symbol
limit $row_limit
