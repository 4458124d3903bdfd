-- one row per offered day, published or held back
insert into work.days by name
select * replace (snapshot_date::date as snapshot_date), $ingest_id as ingest_id
from new_days
order by snapshot_date
