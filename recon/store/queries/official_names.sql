-- one row per name of an official list posted on or before $as_of
select l.list_id, l."index", l.action, l.event, l.kind, l.posted_on, l.effective_on,
       n.symbol, n.key, n.name, n.industry
from official_lists l
join official_names n using (list_id)
where l.posted_on <= $as_of
order by l.list_id, n.symbol
