-- temporary `resolved`: the security of each version of a symbol's attributes, old or new
create or replace temp table resolved as
with every as (
    from known
    union all by name
    from new_securities)
select v.symbol, v.version_hash, min(k.security_id)::integer as security_id,
       min(k.symbol_id)::integer as symbol_id
from versions v
join every k
  on (v.symbol, v.exchange, v.name, v.country, v.ipo_year, v.sector, v.industry,
      v.security_type, v.incorporation_country, v.cik)
   = (k.symbol, k.exchange, k.name, k.country, k.ipo_year, k.sector, k.industry,
      k.security_type, k.incorporation_country, k.cik)
group by v.symbol, v.version_hash
