-- one row per security among the offered rows: the texts that tell its share class
select distinct r.security_id, v.symbol, v.name, v.industry, v.security_type, v.cik
from resolved r
join versions v using (symbol, version_hash)
order by r.security_id
