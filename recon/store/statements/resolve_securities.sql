-- temporary `resolved`: the security of each version of a symbol's attributes, old or new
create or replace temp table resolved as
with every as (
    select security_id, symbol_id, symbol, exchange, name, country, ipo_year, sector,
           industry, security_type, incorporation_country, cik
    from known
    union all by name
    select * from new_securities)
select v.symbol, v.version_hash, min(k.security_id)::integer as security_id,
       min(k.symbol_id)::integer as symbol_id
from versions v
join every k
  on v.symbol = k.symbol
 and v.exchange is not distinct from k.exchange
 and v.name is not distinct from k.name
 and v.country is not distinct from k.country
 and v.ipo_year is not distinct from k.ipo_year
 and v.sector is not distinct from k.sector
 and v.industry is not distinct from k.industry
 and v.security_type is not distinct from k.security_type
 and v.incorporation_country is not distinct from k.incorporation_country
 and v.cik is not distinct from k.cik
group by v.symbol, v.version_hash
