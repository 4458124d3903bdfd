-- filers of which anything came in
select cik from new_filers
union
select cik from new_symbols
union
select cik from new_facts
order by cik
