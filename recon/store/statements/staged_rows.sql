-- one row per offered row of the days in `wanted`, by day and symbol; missing is NaN
select snapshot_date, symbol_id, security_id, row_number,
       coalesce(close_usd, 'nan'::double) as close_usd,
       coalesce(total_market_cap_usd, 'nan'::double) as total_market_cap_usd,
       coalesce(volume_shares, 'nan'::double) as volume_shares,
       coalesce(shares_outstanding, 'nan'::double) as shares_outstanding,
       coalesce(close_change_frac, 'nan'::double) as close_change_frac,
       coalesce(available_shares, 'nan'::double) as available_shares
from offered
join resolved using (symbol, version_hash)
where snapshot_date in (select day from wanted)
order by snapshot_date, symbol_id
