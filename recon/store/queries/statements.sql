-- one row per symbol and measure of $measures: of the last fiscal year that was known on
-- or before $as_of and ends after $ends_after
select symbol, measure, value, period_end, known_on, source
from fundamentals
where known_on <= $as_of and period_end > $ends_after
    and list_contains($measures, measure)
qualify row_number() over (
    partition by symbol, measure
    order by period_end desc, known_on desc, source) = 1
order by symbol, measure
