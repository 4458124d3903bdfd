-- repeated rows but for the first of each day and symbol
insert into refused
select snapshot_date, symbol, 'another row of the same day has this symbol',
       json_object('close_usd', close_usd, 'total_market_cap_usd', total_market_cap_usd,
                   'volume_shares', volume_shares)::varchar as offered,
       count(*), $origin, min(row_number)
from parsed
join repeated on parsed.rowid = parsed_row
where turn > 1
group by snapshot_date, symbol, offered
