-- market caps that a person believes; the last word on one counts
insert or replace into work.believed_caps (snapshot_date, symbol, decided_by, ingest_id)
select snapshot_date, symbol, decided_by, $ingest_id
from new_believed_caps
