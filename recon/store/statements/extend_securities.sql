-- the first and last day of securities that were there before
update work.securities k
set first_date = least(k.first_date, s.first_date),
    last_date = greatest(k.last_date, s.last_date)
from (select security_id, min(snapshot_date) as first_date,
             max(snapshot_date) as last_date
      from new_snapshots group by security_id) s
where k.security_id = s.security_id
  and (s.first_date < k.first_date or s.last_date > k.last_date)
