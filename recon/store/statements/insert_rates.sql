insert into work.rates by name
select series, observed_on::date as observed_on, value, known_on::date as known_on, source
from new_rates
