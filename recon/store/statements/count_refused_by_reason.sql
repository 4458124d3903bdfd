-- one row per reason of the rows refused so far, the most frequent first
select reason, sum(repeats)::bigint as row_count
from refused
group by reason
order by row_count desc, reason
