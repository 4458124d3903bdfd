insert into work.fund_assets by name
select fund, "index", as_of::date as as_of, assets_usd, source, $kept_at as kept_at
from new_assets
