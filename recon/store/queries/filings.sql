-- one row per filing of some forms, filed on or before $as_of, oldest first
select cik, form, filed_on, period_end, items, accession
from filings
where filed_on <= $as_of and list_contains($forms, form)
order by filed_on, cik, accession
