insert into work.filer_symbols by name
select * from merged_filer_symbols
order by cik
