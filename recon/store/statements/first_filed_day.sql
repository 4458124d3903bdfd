-- the first day on which a filer was stated to be something, or filed a form or a fact
select min(day) as first_day
from (
    select min(known_on)::date as day from new_filers
    union all
    select min(known_on)::date from new_symbols
    union all
    select min(filed_on)::date from new_forms
    union all
    select min(known_on)::date from new_facts
)
