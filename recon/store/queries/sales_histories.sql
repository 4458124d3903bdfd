-- one row per symbol and period: sales per share as known last on or before $as_of
select symbol, period_end, value as sales_per_share_usd, known_on, source
from fundamentals
where known_on <= $as_of and measure = 'sales_per_share_usd' and period_end is not null
qualify row_number() over (
    partition by symbol, period_end order by known_on desc, source) = 1
order by symbol, period_end
