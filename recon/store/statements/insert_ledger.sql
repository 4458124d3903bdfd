-- one row per ingested file or request
insert into work.ledger (
    ingest_id, source, origin, digest, offered_count, accepted_count,
    quarantined_count, note, decided_by, finished_at)
values (
    $ingest_id, $source, $origin, $digest, $offered_count, $accepted_count,
    $quarantined_count, $note, $decided_by, $finished_at)
