-- filers whose rows are written anew
delete from work.filings where cik in (select cik from merged_filings)
