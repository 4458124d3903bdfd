-- filers with new rows, all their filings, each once; what one source does not say of
-- a filing another may
create or replace temp table merged_filings as
with every as (
    select cik, form, filed_on, period_end, items, accession
    from work.filings
    where cik in (select cik from new_forms)
    union all
    select cik, form, filed_on::date, period_end::date, items, accession
    from new_forms
)
select cik, form, min(filed_on) as filed_on, max(period_end) as period_end,
       max(items) as items, accession
from every
group by cik, form, accession
