-- one row per security of the session $as_of: what its provider gave beside the quote
select security_id, implied_shares, class_shares, book_value_per_share,
       price_to_book_ratio, forward_price_to_earnings_ratio, forward_eps,
       average_volume_shares, quote_exchange, quote_type, reporting_currency,
       first_trade_date
from quote_details
where snapshot_date = $as_of
order by security_id
