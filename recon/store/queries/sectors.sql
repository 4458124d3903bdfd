-- one row per version of a security seen by $until, a symbol's in order of the day
select security_id, symbol_id, sector, industry
from securities
where first_date <= $until
order by symbol_id, first_date, security_id
