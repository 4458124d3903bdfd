insert into work.memberships by name
select * replace (as_of::date as as_of)
from new_members
order by as_of, "index", source
