-- one row per session and line of the ranking between $since and $until
select snapshot_date, rank, break_point_usd, band_low_usd, band_high_usd,
       total_market_cap_usd, company_count, market_return_frac
from break_points
where snapshot_date between $since and $until
order by snapshot_date, rank
