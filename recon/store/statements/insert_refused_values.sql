-- values of fundamentals that were refused
insert into work.quarantine by name
select known_on::date as snapshot_date, symbol::varchar as symbol,
       reason::varchar as reason, 1 as repeats, offered::varchar as offered,
       $origin as origin, $ingest_id as ingest_id
from refused_values
