-- one row per symbol and measure of $measures: what was known last on or before $as_of
select symbol, measure, value, period_end, known_on, source
from fundamentals
where known_on <= $as_of and list_contains($measures, measure)
qualify row_number() over (
    partition by symbol, measure
    order by known_on desc, period_end desc nulls last, source) = 1
order by symbol, measure
