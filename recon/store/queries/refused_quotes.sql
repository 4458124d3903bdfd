-- one row per refused quote of the sessions between $since and $until, days held back left out
select q.snapshot_date, q.symbol, q.reason, q.offered
from quarantine q
join days d on d.snapshot_date = q.snapshot_date and d.status = 'published'
where q.snapshot_date between $since and $until and q.symbol is not null
order by q.symbol, q.snapshot_date
