-- temporary `new_securities`: a number for each version of attributes not yet stored
create or replace temp table new_securities as
with fresh as (
    select distinct symbol, exchange, name, country, ipo_year, sector, industry,
           security_type, incorporation_country, cik
    from versions v
    where symbol in (select symbol from offered)
      and not exists (
        select 1 from known k
        where v.symbol = k.symbol
          and v.exchange is not distinct from k.exchange
          and v.name is not distinct from k.name
          and v.country is not distinct from k.country
          and v.ipo_year is not distinct from k.ipo_year
          and v.sector is not distinct from k.sector
          and v.industry is not distinct from k.industry
          and v.security_type is not distinct from k.security_type
          and v.incorporation_country is not distinct from k.incorporation_country
          and v.cik is not distinct from k.cik)),
numbered as (
    select symbol, row_number() over (order by symbol)
           + (select coalesce(max(symbol_id), -1) from known) as symbol_id
    from (select distinct symbol from fresh
          where symbol not in (select symbol from known)))
select (row_number() over (order by symbol, exchange, name, country, ipo_year, sector,
                           industry, security_type, incorporation_country, cik)
        + (select coalesce(max(security_id), -1) from known))::integer as security_id,
       coalesce(n.symbol_id, k.symbol_id)::integer as symbol_id,
       symbol, exchange, name, country, ipo_year, sector, industry, security_type,
       incorporation_country, cik
from fresh
left join numbered n using (symbol)
left join (select symbol, min(symbol_id) as symbol_id from known group by symbol) k
    using (symbol)
