delete from work.rates
where (series, observed_on) in (select (series, observed_on::date) from new_rates)
