-- one row per filer, fact, fiscal year and figure of it, in the order they were filed
select cik, fact, period_end, value, known_on
from filing_facts
where member = '' and list_contains($ciks, cik) and list_contains($facts, fact)
    and (period_start is null
         or date_diff('day', period_start, period_end) between 349 and 384)
order by cik, fact, period_end, known_on, accession
