-- one row per list that held one of $symbols, written without punctuation
select "index", as_of, symbol, weight_frac, source
from memberships
where symbol in (select unnest($symbols))
order by as_of, "index", source
