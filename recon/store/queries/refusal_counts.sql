-- one row per reason of refusal up to $as_of, most rows first, at most $row_limit
select left(reason, 400) as reason, sum(repeats)::bigint as row_count,
       count(distinct symbol) as symbol_count, min(snapshot_date) as first_date,
       max(snapshot_date) as last_date
from quarantine
where coalesce(snapshot_date <= $as_of, true)
group by all
order by row_count desc, reason
limit $row_limit
