insert into work.filing_facts by name
select * from merged_filing_facts
order by cik, fact, member, period_end, known_on
