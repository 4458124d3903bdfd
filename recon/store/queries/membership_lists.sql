-- one row per membership list: an index, a day, a source; list_id numbers them
select row_number() over (order by as_of, "index", source) as list_id,
       "index", as_of, source, security_count, usable, reason
from membership_lists
order by list_id
