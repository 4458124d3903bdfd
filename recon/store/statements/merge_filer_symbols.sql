-- filers with new rows, all their symbols: the days they were first and last stated
create or replace temp table merged_filer_symbols as
with every as (
    select cik, symbol, exchange, known_on, seen_on
    from work.filer_symbols
    where cik in (select cik from new_symbols)
    union all
    select cik, symbol, exchange, known_on::date, known_on::date
    from new_symbols
)
select cik, symbol, max_by(exchange, seen_on) as exchange,
       min(known_on) as known_on, max(seen_on) as seen_on
from every
group by cik, symbol
