-- one row per row refused up to $as_of (or of no day) with its figures as offered: of one
-- reason and one symbol or, where those are empty, of all; at most $row_limit, those
-- refused alone first, largest market cap first
select snapshot_date, left(symbol, 40) as symbol, left(reason, 400) as reason,
       try_cast(figures->>'$.close_usd' as double) as close_usd, total_market_cap_usd,
       try_cast(figures->>'$.volume_shares' as double) as volume_shares,
       repeats, left(origin, 200) as origin, row_number, is_of_held_day
from (
    select snapshot_date, symbol, reason, repeats, origin, row_number, is_of_held_day,
           figures, try_cast(figures->>'$.total_market_cap_usd' as double)
               as total_market_cap_usd
    from (
        select snapshot_date, symbol, reason, repeats, origin, row_number,
               starts_with(reason, 'day held back') as is_of_held_day,
               case when json_valid(offered) then offered::json end as figures
        from quarantine
        where coalesce(snapshot_date <= $as_of, true)
          and (left(reason, 400) = $reason or $reason = '')
          and (upper(symbol) = $symbol or $symbol = '')))
order by is_of_held_day, total_market_cap_usd desc nulls last, snapshot_date desc, symbol,
         row_number
limit $row_limit
