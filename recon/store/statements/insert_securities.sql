-- new versions of securities, with the first and last of their new days
insert into work.securities by name
select n.*, s.first_date, s.last_date
from new_securities n
join (select security_id, min(snapshot_date) as first_date,
             max(snapshot_date) as last_date
      from new_snapshots group by security_id) s using (security_id)
order by security_id
