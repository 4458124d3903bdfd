-- filers whose rows are written anew
delete from work.filer_names where cik in (select cik from merged_filer_names)
