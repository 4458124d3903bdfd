-- rows of membership lists that were refused
insert into work.quarantine by name
select as_of::date as snapshot_date, symbol, reason, 1 as repeats,
       json_object('index', "index", 'symbol', symbol)::varchar as offered,
       $origin as origin, $ingest_id as ingest_id
from refused_members
