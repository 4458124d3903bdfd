-- what the same source said of the same day before
delete from work.fundamentals f
using new_rows n
where f.symbol = n.symbol
  and f.measure = n.measure
  and f.known_on = n.known_on::date
  and f.source = n.source
  and f.period_end is not distinct from n.period_end::date
