-- one row per session, segment and sector ('' for all) between $since and $until
select snapshot_date, segment, sector, members, start_cap_usd, cap_weighted_frac,
       equal_weighted_frac, median_frac, advances, declines, beating, known_50, above_50,
       known_200, above_200, known_year, new_highs, new_lows, top5_frac, top10_frac,
       herfindahl
from segment_days
where snapshot_date between $since and $until
order by snapshot_date, segment, sector
