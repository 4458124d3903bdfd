-- one row per fund and day on or before $as_of that a reader kept
select fund, "index", as_of, assets_usd, source, kept_at
from fund_assets
where as_of <= $as_of
order by fund, "index", as_of
