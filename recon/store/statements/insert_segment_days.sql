insert into work.segment_days by name
select * replace (snapshot_date::date as snapshot_date)
from new_segment_days
order by snapshot_date, segment, sector
