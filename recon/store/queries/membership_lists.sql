-- one row per membership list: an index, a day, a source
select "index", as_of, source, security_count, usable, reason
from membership_lists
order by as_of, "index", source
