-- one row per security among the offered rows: the texts of its class and its places
select distinct r.security_id, v.symbol, v.name, v.industry, v.security_type, v.cik,
       v.exchange, v.country, v.incorporation_country
from resolved r
join versions v using (symbol, version_hash)
order by r.security_id
