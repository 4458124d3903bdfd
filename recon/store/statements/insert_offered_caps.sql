-- market caps as offered between $first and $last where others stand in for them
insert into work.offered_caps by name
select snapshot_date, security_id, total_market_cap_usd
from new_offered_caps
where snapshot_date between $first and $last
order by snapshot_date, security_id
