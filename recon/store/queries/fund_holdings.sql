-- one row per security of the usable lists of $since to $until that have weights or shares
select m."index", m.as_of, m.source, m.symbol, m.weight_frac, m.held_shares
from memberships m
join membership_lists l on m."index" = l."index" and m.as_of = l.as_of
    and m.source = l.source
where m.as_of between $since and $until and l.usable
  and (m.weight_frac is not null or m.held_shares is not null)
order by m.as_of, m."index", m.source, m.symbol
