-- details of the new rows that are published in this file
insert into work.quote_details by name
with known_symbols as (
    select symbol, min(security_id)::integer as security_id from resolved group by symbol)
select d.* exclude (symbol), k.security_id
from new_details d
join known_symbols k using (symbol)
where exists (
    select 1 from new_snapshots s
    where s.snapshot_date = d.snapshot_date and s.security_id = k.security_id)
order by snapshot_date, security_id
