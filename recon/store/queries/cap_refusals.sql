-- one row per session and symbol between $since and $until refused for one of $reasons
select distinct snapshot_date, symbol, reason
from quarantine
where snapshot_date between $since and $until
  and reason in (select unnest($reasons))
order by snapshot_date, symbol, reason
