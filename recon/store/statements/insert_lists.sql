insert into work.membership_lists by name
select * replace (as_of::date as as_of)
from new_lists
order by as_of, "index", source
