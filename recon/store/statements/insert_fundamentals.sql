insert into work.fundamentals by name
select symbol, measure, value, period_end::date as period_end,
       known_on::date as known_on, source
from new_rows
order by known_on, measure, symbol
