-- one row per year, source and measure that became known on or before $as_of: of how
-- many symbols, and the first and last day
select year(known_on) as year, source, measure, count(distinct symbol) as symbol_count,
       min(known_on) as first_date, max(known_on) as last_date
from fundamentals
where known_on <= $as_of
group by year(known_on), source, measure
order by year desc, source, measure
