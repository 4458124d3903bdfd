-- The core file of a generation: everything that is not one row per session and security.
create table if not exists securities (
    security_id integer primary key,
    symbol_id integer not null,
    symbol varchar not null,
    exchange varchar,
    name varchar,
    country varchar,
    ipo_year smallint,
    sector varchar,
    industry varchar,
    security_type varchar,
    incorporation_country varchar,
    cik varchar,
    first_date date not null,
    last_date date not null
);
create table if not exists memberships (
    "index" varchar not null,
    as_of date not null,
    symbol varchar not null,
    weight_frac double,
    source varchar not null,
    held_shares double,
    market_value_usd double
);
-- a file of an earlier version of the program lacks them
alter table memberships add column if not exists held_shares double;
alter table memberships add column if not exists market_value_usd double;
create table if not exists membership_lists (
    "index" varchar not null,
    as_of date not null,
    source varchar not null,
    security_count integer not null,
    usable boolean not null,
    reason varchar,
    primary key ("index", as_of, source)
);
create table if not exists days (
    snapshot_date date primary key,
    status varchar not null,
    reason varchar,
    security_count integer not null,
    with_cap_count integer not null,
    carried_count integer not null,
    quarantined_count integer not null,
    total_market_cap_usd double not null,
    source varchar not null,
    decided_by varchar,
    ingest_id integer not null
);
create table if not exists break_points (
    snapshot_date date not null,
    rank integer not null,
    break_point_usd double,
    band_low_usd double,
    band_high_usd double,
    total_market_cap_usd double not null,
    company_count integer not null,
    market_return_frac double,
    primary key (snapshot_date, rank)
);
alter table break_points add column if not exists market_return_frac double;
create table if not exists ledger (
    ingest_id integer primary key,
    source varchar not null,
    origin varchar not null,
    digest varchar not null,
    offered_count bigint not null,
    accepted_count bigint not null,
    quarantined_count bigint not null,
    note varchar,
    decided_by varchar,
    finished_at timestamp not null
);
-- market caps that the gate refused and a person believes, as they were offered
create table if not exists believed_caps (
    snapshot_date date not null,
    symbol varchar not null,
    decided_by varchar not null,
    ingest_id integer not null,
    primary key (snapshot_date, symbol)
);
create table if not exists official_lists (
    list_id integer primary key,
    "index" varchar not null,
    action varchar not null,
    event varchar not null,
    kind varchar not null,
    posted_on date not null,
    effective_on date not null,
    security_count integer not null,
    origin varchar not null,
    digest varchar not null,
    ingest_id integer not null
);
create table if not exists official_names (
    list_id integer not null,
    symbol varchar not null,
    key varchar not null,
    name varchar,
    industry varchar
);
create table if not exists fundamentals (
    symbol varchar not null,
    measure varchar not null,
    value double not null,
    period_end date,
    known_on date not null,
    source varchar not null
);
create table if not exists segment_days (
    snapshot_date date not null,
    segment varchar not null,
    sector varchar not null,
    members integer not null,
    start_cap_usd double not null,
    cap_weighted_frac double not null,
    equal_weighted_frac double not null,
    median_frac double not null,
    advances integer not null,
    declines integer not null,
    beating integer not null,
    known_50 integer not null,
    above_50 integer not null,
    known_200 integer not null,
    above_200 integer not null,
    known_year integer not null,
    new_highs integer not null,
    new_lows integer not null,
    top5_frac double not null,
    top10_frac double not null,
    herfindahl double not null
);
-- what a reader keeps of a fund's assets, beside the record and the lists of holdings
create table if not exists fund_assets (
    fund varchar not null,
    "index" varchar not null,
    as_of date not null,
    assets_usd double not null,
    source varchar not null,
    kept_at timestamp not null
);
-- forecasts on record: never changed, each with the hash of the one before
create table if not exists forecasts (
    entry_id integer primary key,
    frozen_at timestamp not null,
    as_of date not null,
    rank_day date not null,
    program_version varchar not null,
    data_fingerprint varchar not null,
    content varchar not null,
    previous_hash varchar not null,
    hash varchar not null
);
-- how good odds were, as last worked out: one row at most
create table if not exists calibrations (
    kept_at timestamp not null,
    program_version varchar not null,
    data_fingerprint varchar not null,
    content varchar not null
);
-- yields, spreads and consumer prices, in the unit of their source
create table if not exists rates (
    series varchar not null,
    observed_on date not null,
    value double not null,
    known_on date not null,
    source varchar not null
);
-- segments kept by hand in place of those on record
create table if not exists segment_lists (
    segment varchar not null,
    "by" varchar not null,
    value varchar not null,
    since date not null,
    until date not null,
    source varchar not null
);
-- who files with the SEC, a row a change; countries by ISO 3166
create table if not exists filers (
    cik bigint not null,
    known_on date not null,
    name varchar,
    entity_type varchar,
    sic integer,
    incorporated_in varchar,
    based_in varchar,
    accession varchar
);
create table if not exists filer_names (
    cik bigint not null,
    name varchar not null,
    since date,
    until date
);
-- symbols as membership lists write them: first and last day a filer was stated so
create table if not exists filer_symbols (
    cik bigint not null,
    symbol varchar not null,
    exchange varchar,
    known_on date not null,
    seen_on date not null
);
create table if not exists filings (
    cik bigint not null,
    form varchar not null,
    filed_on date not null,
    period_end date,
    items varchar,
    accession varchar not null
);
-- facts of reports; a restatement is a row of its own, an unchanged figure is not
create table if not exists filing_facts (
    cik bigint not null,
    fact varchar not null,
    member varchar not null,
    value double not null,
    period_start date,
    period_end date not null,
    known_on date not null,
    form varchar,
    accession varchar not null
);
