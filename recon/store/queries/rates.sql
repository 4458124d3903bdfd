-- one row per series and day, as known on $as_of
select series, observed_on, value, known_on, source
from rates
where known_on <= $as_of
order by series, observed_on
