-- temporary `refused`: rows that could not be understood, equal ones counted together
create or replace temp table refused as
select snapshot_date, symbol, reason, as_offered as offered, count(*) as repeats,
       $origin as origin, min(row_number) as row_number
from parsed
where reason is not null
group by all
