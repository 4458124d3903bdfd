-- filers with new rows, all their facts: of each period the first figure and every
-- one that differs from the one before
create or replace temp table merged_filing_facts as
with every as (
    select cik, fact, member, value, period_start, period_end, known_on, form, accession
    from work.filing_facts
    where cik in (select cik from new_facts)
    union all
    select cik, fact, coalesce(member, ''), value, period_start::date,
           period_end::date, known_on::date, form, coalesce(accession, '')
    from new_facts
)
select cik, fact, member, value, period_start, period_end, known_on, form, accession
from every
qualify value is distinct from lag(value) over (
    partition by cik, fact, member, period_start, period_end
    order by known_on, accession, value)
