-- one row per store: how much of filings is kept, and the days it spans
select (select count(distinct cik) from filers) as filer_count,
       (select count(*) from filings) as filing_count,
       (select count(*) from filing_facts) as fact_count,
       (select count(distinct cik) from filing_facts) as reporting_count,
       (select min(known_on) from filing_facts) as first_day,
       (select max(known_on) from filing_facts) as last_day
