-- one row per symbol ever in a Russell list on or before $as_of, with the last day seen
select symbol, max(as_of) as last_as_of
from memberships
where as_of <= $as_of
group by symbol
order by symbol
