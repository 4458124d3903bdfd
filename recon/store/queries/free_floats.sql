-- one row per symbol and day its free float became known, on or before $as_of
select symbol, known_on, value as free_float_frac
from fundamentals
where known_on <= $as_of and measure = 'free_float_frac'
qualify row_number() over (
    partition by symbol, known_on order by period_end desc nulls last, source) = 1
order by known_on, symbol
