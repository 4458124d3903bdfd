delete from work.fund_assets
where $replace or (fund, "index", as_of) in (
    select (fund, "index", as_of::date) from new_assets)
