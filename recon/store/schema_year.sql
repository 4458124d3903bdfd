-- The file of one calendar year: its snapshots, sorted by day and market cap, and what was refused.
create table if not exists snapshots (
    snapshot_date date not null,
    security_id integer not null,
    close_usd double,
    total_market_cap_usd double,
    volume_shares bigint,
    shares_outstanding double,
    available_shares double,
    carried_sessions smallint not null,
    source varchar not null,
    close_change_frac double
);
-- a file of an earlier version of the program lacks it
alter table snapshots add column if not exists close_change_frac double;
create table if not exists quarantine (
    snapshot_date date,
    symbol varchar,
    reason varchar not null,
    offered varchar not null,
    repeats bigint not null,
    origin varchar not null,
    row_number bigint,
    ingest_id integer not null
);
create table if not exists quote_details (
    snapshot_date date not null,
    security_id integer not null,
    implied_shares double,
    class_shares double,
    book_value_per_share double,
    price_to_book_ratio double,
    forward_price_to_earnings_ratio double,
    forward_eps double,
    average_volume_shares double,
    quote_exchange varchar,
    quote_type varchar,
    reporting_currency varchar,
    first_trade_date date
);
-- what was offered where `snapshots` has a market cap that stands in for it
create table if not exists offered_caps (
    snapshot_date date not null,
    security_id integer not null,
    total_market_cap_usd double
);
