-- the counts and the total of days whose market caps were judged again
update work.days d
set with_cap_count = r.with_cap_count,
    carried_count = r.carried_count,
    quarantined_count = r.quarantined_count,
    total_market_cap_usd = r.total_market_cap_usd
from revised_days r
where d.snapshot_date = r.snapshot_date
