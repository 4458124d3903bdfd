insert into work.filer_names by name
select * from merged_filer_names
order by cik
