insert into work.official_lists by name
select * replace (posted_on::date as posted_on, effective_on::date as effective_on)
from new_official
order by list_id
