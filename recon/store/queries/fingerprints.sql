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
union all
select 'filings', known_on, count(*), bit_xor(hash(word, cik, told))
from (
    select known_on, 'filer' as word, cik,
           concat_ws('|', sic, entity_type, incorporated_in, based_in, name) as told
    from filers
    union all
    select known_on, 'symbol', cik, symbol
    from filer_symbols
    union all
    select filed_on, 'form', cik, concat_ws('|', form, items, accession)
    from filings
    union all
    select known_on, 'fact', cik, concat_ws('|', fact, member, value, period_end)
    from filing_facts
)
group by known_on
order by what, known_on
