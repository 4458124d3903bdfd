-- one row per list with market values on or before $as_of: what its fund held in shares
select "index", as_of, source, sum(market_value_usd) as assets_usd
from memberships
where as_of <= $as_of and market_value_usd is not null
group by "index", as_of, source
order by as_of, "index", source
