-- one row per security of the lists of $since to $until
select "index", as_of, symbol, weight_frac, source
from memberships
where as_of between $since and $until
order by as_of, "index", source, symbol
