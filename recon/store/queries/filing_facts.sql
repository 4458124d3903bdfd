-- one row per figure of some facts, filed on or before $as_of, in that order
select cik, fact, member, value, period_start, period_end, known_on, form, accession
from filing_facts
where known_on <= $as_of and list_contains($facts, fact)
    and (list_contains($ciks, cik) or len($ciks) = 0)
order by cik, fact, member, period_end, known_on, accession
