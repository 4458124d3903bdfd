-- filers whose rows are written anew
delete from work.filing_facts where cik in (select cik from merged_filing_facts)
