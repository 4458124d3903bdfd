-- filers whose rows are written anew
delete from work.filer_symbols where cik in (select cik from merged_filer_symbols)
