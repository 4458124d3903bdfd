-- one row per version of a security's attributes seen between $since and $until
select security_id, symbol_id, symbol, exchange, name, country, ipo_year, sector,
       industry, security_type, incorporation_country, cik
from securities
where first_date <= $until and last_date >= $since
order by security_id
