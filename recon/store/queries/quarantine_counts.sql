-- one row per reason of refusal, most frequent first
select reason, sum(repeats)::bigint as row_count, count(distinct symbol) as symbol_count,
       min(snapshot_date) as first_date, max(snapshot_date) as last_date
from quarantine
group by reason
order by row_count desc, reason
