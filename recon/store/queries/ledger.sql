-- one row per ingested file or request, newest first
select ingest_id, finished_at, source, origin, offered_count, accepted_count,
       quarantined_count, note, decided_by, digest
from ledger
order by ingest_id desc
