-- one row per row as it was understood, in the order of the file, at most $row_limit
select row_number, snapshot_date, p.symbol, close_usd, total_market_cap_usd,
       volume_shares, exchange, name, reason
from (select * from parsed order by row_number limit $row_limit) p
left join versions using (symbol, version_hash)
order by row_number
