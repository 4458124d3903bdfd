-- one row per security of the lists of $since to $until, with its list's list_id
with numbered as (
    select row_number() over (order by as_of, "index", source) as list_id,
           "index", as_of, source
    from membership_lists)
select n.list_id, m."index", m.as_of, m.symbol, m.weight_frac, m.source
from memberships m
join numbered n on m."index" = n."index" and m.as_of = n.as_of and m.source = n.source
where m.as_of between $since and $until
order by n.list_id, m.symbol
