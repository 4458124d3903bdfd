"""The official record: what FTSE Russell published, with the source of every figure.

Official break points are printed to 0.1 billion dollars.
"""

from functools import lru_cache
from importlib.resources import files

import pandas as pd

# how sure a date or a figure is, as a page says it
CONFIDENCE = {
    "sourced": "official",
    "derived": "derived",
    "second-hand": "via secondary source",
    "by rule": "by rule",
    "uncertain": "uncertain",
}


@lru_cache(maxsize=1)
def schedule() -> pd.DataFrame:
    """One row per published reconstitution; dates as text, empty where not published.

    Columns: year, leg, rank_day, preliminary_list, update_dates (``;`` between),
    query_period_end, lockdown_start, implementation_close, effective_open, source,
    confidence.
    """
    return _read("schedule.csv").fillna("")


@lru_cache(maxsize=1)
def break_points() -> pd.DataFrame:
    """One row per official size mark, money in US dollars.

    Columns: year, rank_day (datetime, missing before 2007), measure, value_usd,
    source, confidence.
    """
    table = _read("break_points.csv").astype({"year": int})
    return table.assign(
        rank_day=pd.to_datetime(table["rank_day"]),
        value_usd=(table["value_usd_bn"].astype(float) * 1e9).round(),
    ).drop(columns="value_usd_bn")


def official_break_points() -> pd.DataFrame:
    """One row per year with a published Russell 1000/2000 break point.

    Columns: year, rank_day, break_point_usd, source, confidence.
    """
    table = break_points()
    table = table[table["measure"] == "r1000_r2000_breakpoint"]
    return table.rename(columns={"value_usd": "break_point_usd"}).drop(
        columns="measure"
    )


@lru_cache(maxsize=1)
def forecasts() -> pd.DataFrame:
    """One row per public forecast of a size mark: year, desk, value_usd, official_usd.

    Also published, measure and source; official_usd is missing where not published.
    """
    table = _read("forecasts.csv").astype({"year": int})
    official = break_points()[["year", "measure", "value_usd"]]
    official = official.drop_duplicates(["year", "measure"])
    joined = table.merge(
        official.rename(columns={"value_usd": "official_usd"}),
        on=["year", "measure"],
        how="left",
        validate="many_to_one",
    )
    return joined.assign(
        value_usd=(joined["value_usd_bn"].astype(float) * 1e9).round()
    ).drop(columns="value_usd_bn")


@lru_cache(maxsize=1)
def segment_lists() -> pd.DataFrame:
    """One row per entry of a list of companies that is kept by hand: MAG7 and themes.

    Columns: segment; by, which is industry, symbol, or not symbol for one left out;
    value; since and until, the days an entry holds; source.
    """
    table = _read("segments.csv")
    ends = {"since": pd.Timestamp(1900, 1, 1), "until": pd.Timestamp(2200, 1, 1)}
    days = {name: pd.to_datetime(table[name]).fillna(end) for name, end in ends.items()}
    return table.assign(**days)


@lru_cache(maxsize=1)
def sectors() -> pd.DataFrame:
    """One row per sector of the Nasdaq classification until early 2022: what it is now.

    Columns: was, industry (missing: every other one of the sector), sector. Most
    companies of each row were given that sector when the classification changed.
    """
    return _read("sectors.csv")


@lru_cache(maxsize=1)
def size_caps() -> pd.DataFrame:
    """One row per June of which the caps of both indexes are published.

    Columns: year, r1000_usd, r2000_usd (available shares), source.
    """
    table = _read("size_caps.csv").astype({"year": int})
    usd = {
        f"{name}_usd": table[f"{name}_usd_bn"].astype(float) * 1e9
        for name in ("r1000", "r2000")
    }
    return table.assign(**usd)[["year", *usd, "source"]]


@lru_cache(maxsize=1)
def fund_assets() -> pd.DataFrame:
    """One row per fund and day on record: what it held, US dollars.

    Columns: fund, index (that it tracks), as_of (datetime), assets_usd, source,
    confidence.
    """
    table = _read("fund_assets.csv")
    return table.assign(
        as_of=pd.to_datetime(table["as_of"]),
        assets_usd=(table["assets_usd_bn"].astype(float) * 1e9).round(),
    ).drop(columns="assets_usd_bn")


@lru_cache(maxsize=1)
def tracking_multiples() -> pd.DataFrame:
    """One row per index: all that tracks it over what its listed funds hold.

    Columns: index, low, base, high, source, confidence.
    """
    return _read("tracking_multiples.csv").astype(
        {"low": float, "base": float, "high": float}
    )


@lru_cache(maxsize=1)
def closing_auctions() -> pd.DataFrame:
    """One row per implementation day with a published closing cross.

    Columns: year, leg, nasdaq_shares, nasdaq_usd, nasdaq_seconds, nyse_usd, both_usd,
    source, confidence; missing where not published.
    """
    table = _read("closing_auctions.csv").astype({"year": int})
    money = {
        f"{name}_usd": (table[f"{name}_usd_bn"].astype(float) * 1e9).round()
        for name in ("nasdaq", "nyse", "both")
    }
    plain = {name: table[name].astype(float) for name in ("nasdaq_shares", SECONDS)}
    return table.assign(**money, **plain)[AUCTION_COLUMNS]


SECONDS = "nasdaq_seconds"
AUCTION_COLUMNS = [
    *("year", "leg", "nasdaq_shares", "nasdaq_usd", SECONDS),
    *("nyse_usd", "both_usd", "source", "confidence"),
]


def _read(name: str) -> pd.DataFrame:
    with files(__name__).joinpath(name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str)
