-- one row per filer and symbol that was stated on or before $as_of
select cik, symbol, exchange, known_on, seen_on
from filer_symbols
where known_on <= $as_of
order by symbol, known_on, cik
