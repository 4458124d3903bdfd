-- one row per entry of the segments that a reader keeps in place of those on record
select segment, "by", value, since, until, source
from segment_lists
order by segment, "by", value, since
