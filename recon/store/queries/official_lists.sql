-- one row per official list, in the order in which they came
select list_id, "index", action, event, kind, posted_on, effective_on, security_count,
       origin, digest, ingest_id
from official_lists
order by list_id
