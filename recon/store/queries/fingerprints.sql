-- one row per day on which facts of a kind became known, with a fingerprint of them:
-- another value of the same count shows
select 'fundamentals' as what, known_on, count(*) as row_count,
       bit_xor(hash(symbol, measure, value, period_end, source)) as fingerprint
from fundamentals
group by known_on
union all
select 'members', as_of, count(*),
       bit_xor(hash("index", symbol, weight_frac, held_shares, market_value_usd, source))
from memberships
group by as_of
union all
select 'official lists', posted_on, count(*),
       bit_xor(hash("index", action, event, kind, effective_on, symbol))
from official_lists join official_names using (list_id)
group by posted_on
order by what, known_on
