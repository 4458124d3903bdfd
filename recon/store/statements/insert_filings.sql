insert into work.filings by name
select * from merged_filings
order by cik, filed_on
