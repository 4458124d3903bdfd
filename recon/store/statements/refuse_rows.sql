-- offered rows that the gate refuses (`judged`), each with a reason of its own
insert into refused
select snapshot_date, symbol, judged.reason,
       json_object('close_usd', close_usd, 'total_market_cap_usd', total_market_cap_usd,
                   'volume_shares', volume_shares)::varchar,
       1, $origin, row_number
from judged
join offered using (row_number)
