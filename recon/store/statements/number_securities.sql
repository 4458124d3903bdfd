-- temporary `new_securities`: a number for each version of attributes not yet stored
create or replace temp table new_securities as
with fresh as (
    select symbol, exchange, name, country, ipo_year, sector, industry, security_type,
           incorporation_country, cik
    from versions
    where symbol in (select symbol from offered)
    except
    select symbol, exchange, name, country, ipo_year, sector, industry, security_type,
           incorporation_country, cik
    from known),
numbered as (
    select symbol, row_number() over (order by symbol)
           + (select coalesce(max(symbol_id), -1) from known) as symbol_id
    from (select distinct symbol from fresh
          where symbol not in (select symbol from known)))
select (row_number() over (order by symbol, exchange, name, country, ipo_year, sector,
                           industry, security_type, incorporation_country, cik)
        + (select coalesce(max(security_id), -1) from known))::integer as security_id,
       coalesce(n.symbol_id, k.symbol_id)::integer as symbol_id, fresh.*
from fresh
left join numbered n using (symbol)
left join (select symbol, min(symbol_id) as symbol_id from known group by symbol) k
    using (symbol)
