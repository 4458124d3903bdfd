-- filers with new rows, all their former names
create or replace temp table merged_filer_names as
select cik, name, since, until
from work.filer_names
where cik in (select cik from new_former_names)
union
select cik, name, since::date, until::date
from new_former_names
