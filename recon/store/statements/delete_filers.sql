-- filers whose rows are written anew
delete from work.filers where cik in (select cik from merged_filers)
