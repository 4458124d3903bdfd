-- one row per filer, fact, fiscal year, country and figure, filed on or before $as_of;
-- the country is empty for the whole
select cik, fact, replace(member, 'Geographical=', '') as place, period_end, value,
       known_on
from filing_facts
where known_on <= $as_of
    and fact in ('revenue_usd', 'long_lived_assets_usd')
    and (member = '' or starts_with(member, 'Geographical='))
    and (period_start is null
         or date_diff('day', period_start, period_end) between 349 and 384)
    and cik in (select cik from filing_facts where starts_with(member, 'Geographical='))
order by cik, fact, period_end, known_on, place
