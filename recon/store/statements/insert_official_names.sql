insert into work.official_names by name
select list_id, symbol, key, name, industry
from new_names
order by list_id, symbol
