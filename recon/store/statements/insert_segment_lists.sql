insert into work.segment_lists by name
select segment, "by", value, since::date as since, until::date as until, source
from new_segment_lists
