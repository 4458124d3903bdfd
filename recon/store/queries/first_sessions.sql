-- one row per symbol first listed between $since and $until
select symbol, min(first_date) as first_session
from securities
group by symbol
having min(first_date) between $since and $until
order by symbol
