insert into work.break_points by name
select * replace (snapshot_date::date as snapshot_date)
from new_break_points
order by snapshot_date, rank
