-- one row per usable list with market values on or before $as_of: what its fund held in shares
select m."index", m.as_of, m.source, sum(m.market_value_usd) as assets_usd
from memberships m
join membership_lists l on m."index" = l."index" and m.as_of = l.as_of
    and m.source = l.source
where m.as_of <= $as_of and l.usable and m.market_value_usd is not null
group by m."index", m.as_of, m.source
order by m.as_of, m."index", m.source
