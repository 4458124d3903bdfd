-- temporary `repeated`: rows of one day and symbol in turn, one with a market cap first
create or replace temp table repeated as
select rowid as parsed_row,
       row_number() over (
           partition by snapshot_date, symbol
           order by total_market_cap_usd is null, row_number) as turn
from parsed
where reason is null
  and (snapshot_date, symbol) in (
    select (snapshot_date, symbol) from offered group by all having count(*) > 1)
