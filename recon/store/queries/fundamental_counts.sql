-- one row per measure, source and day on which it became known, newest day first
select measure, source, known_on, count(*) as symbol_count
from fundamentals
group by measure, source, known_on
order by known_on desc, source, measure
