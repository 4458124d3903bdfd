-- one row per store: how many entries were refused up to $as_of without their whole day,
-- and the one with the largest market cap as offered
select count(*) as row_count, max(cap) as total_market_cap_usd,
       left(arg_max(symbol, cap), 40) as symbol,
       arg_max(snapshot_date, cap) as snapshot_date
from (
    select symbol, snapshot_date,
           case when json_valid(offered)
                then try_cast(offered->>'$.total_market_cap_usd' as double) end as cap
    from quarantine
    where coalesce(snapshot_date <= $as_of, true)
      and not starts_with(reason, 'day held back'))
