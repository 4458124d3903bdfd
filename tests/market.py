"""A tiny market whose companies' names say what happens to them.

Fifteen listings over the sessions of March to May 2024, written as the Nasdaq screener
has them. Closes move a little every session, so that no day repeats another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from recon import ingest, schedule
from recon.ingest import Taken
from recon.store import Store, generations

# fifteen listings are no market: they pass as a sample
Options = partial(ingest.Options, is_sample=True)
# the head of SimFin's annual statements
STATEMENTS = (
    "Ticker;SimFinId;Currency;Fiscal Year;Fiscal Period;Report Date;Publish Date;"
    "Revenue;Gross Profit;Operating Income (Loss);Interest Expense, Net;"
    "Net Income (Common);Total Equity;Short Term Debt;Long Term Debt;"
    "Net Cash from Operating Activities;Change in Fixed Assets & Intangibles;"
    "Dividends Paid"
)
ALWAYS = date.min, date.max
QUIET = Options(wait_seconds=5.0)
FIRST, LAST = date(2024, 3, 1), date(2024, 5, 31)


@dataclass(frozen=True)
class Listing:
    """One listing: close on the first session in USD, shares in millions."""

    symbol: str
    name: str
    close_usd: float
    shares_millions: float
    exchange: str = "NYSE"
    country: str = "United States"
    sector: str = "Industrials"


LISTINGS = (
    Listing("BIG", "Always Largest Inc. Common Stock", 400, 2000),
    Listing("SEC", "Always Second Corp. Common Stock", 300, 1500, "NASDAQ"),
    Listing("MID", "Always Middle Co. Common Stock", 100, 800),
    Listing("JUMP", "Cap Jumps Without Its Price Inc. Common Stock", 50, 900),
    Listing("GAPS", "Lacks Its Cap For Two Days Inc. Common Stock", 40, 1000),
    Listing("SPLT", "Splits Four For One Inc. Common Stock", 200, 300, "NASDAQ"),
    Listing("LATE", "Split Seen Late In Its Shares Inc. Common Stock", 120, 250),
    Listing("RNAM", "Old Name Holdings Common Stock", 60, 300, "NASDAQ"),
    Listing("ISSU", "Issues Shares And Stays Small Inc. Common Stock", 3, 5),
    Listing("NOCP", "Never Gives Its Cap Inc. Common Stock", 20, 0),
    Listing("TWO.A", "Two Classes Inc. Class A Common Stock", 30, 200),
    Listing("TWO.B", "Two Classes Inc. Class B Common Stock", 29, 100),
    Listing("FUND", "Some Index Trust ETF", 70, 50, "AMEX", "", ""),
    Listing("NEWC", "Listed On The Fifth Session Inc. Common Stock", 15, 400),
    Listing("SML", "Always Smallest Inc. Common Stock", 2, 60, "AMEX"),
)
COLUMNS = (
    "date",
    "symbol",
    "exchange",
    "name",
    "price",
    "volume",
    "market_cap",
    "country",
    "ipo_year",
    "sector",
    "industry",
)
SPLIT_ON, LATE_ON, JUMP_ON, GAP_ON, RENAME_ON, NEW_ON, ISSUE_ON = 6, 9, 8, 11, 10, 4, 7


def sessions(count: int, first: date = FIRST) -> list[date]:
    """Return `count` New York sessions from `first` on."""
    every = schedule.sessions()
    found = every[every >= pd.Timestamp(first)][:count]
    return [session.date() for session in found]


def calm(days: Sequence[date], listings: Iterable[Listing] = LISTINGS) -> pd.DataFrame:
    """Rows of a market in which nothing happens, one per day and listing."""
    rows = [
        _row(day, (day - FIRST).days, place, listing)
        for day in days
        for place, listing in enumerate(listings)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def eventful(count: int = 16) -> pd.DataFrame:
    """Rows of the first `count` sessions with a split, a jump, gaps, a newcomer."""
    days = sessions(count)
    table = calm(days).astype({"market_cap": float})
    turn = table["date"].map({day: n for n, day in enumerate(days)})
    price, cap, volume = "price", "market_cap", "volume"

    split = table["symbol"].eq("SPLT") & (turn >= SPLIT_ON)
    table.loc[split, price] /= 4
    table.loc[split, volume] *= 4
    late = table["symbol"].eq("LATE") & (turn >= LATE_ON)
    table.loc[late, price] /= 2
    table.loc[late, volume] *= 2
    table.loc[late & (turn == LATE_ON), cap] /= 2
    table.loc[table["symbol"].eq("JUMP") & turn.between(JUMP_ON, JUMP_ON + 1), cap] *= (
        500
    )
    gaps = table["symbol"].eq("GAPS") & turn.between(GAP_ON, GAP_ON + 1)
    table.loc[gaps, cap] = np.nan
    table.loc[table["symbol"].eq("ISSU") & (turn >= ISSUE_ON), cap] *= 4
    renamed = table["symbol"].eq("RNAM") & (turn >= RENAME_ON)
    table.loc[renamed, "name"] = "New Name Holdings Common Stock"
    return table[~(table["symbol"].eq("NEWC") & (turn < NEW_ON))].reset_index(drop=True)


def crowd(names: int, days: Sequence[date], seed: int = 7) -> pd.DataFrame:
    """Rows of a larger, nameless market."""
    draw = np.random.default_rng(seed)
    close = np.exp(draw.normal(3, 1, names)) * np.exp(
        np.cumsum(draw.normal(0, 0.01, (len(days), names)), axis=0)
    )
    shares = np.exp(draw.normal(18, 1.5, names))
    symbols = [f"N{n:04d}" for n in range(names)]
    table = pd.DataFrame(
        {
            "date": np.repeat(np.array(days, dtype="datetime64[D]"), names),
            "symbol": np.tile(symbols, len(days)),
            "exchange": "NYSE",
            "name": np.tile([f"{s} Inc. Common Stock" for s in symbols], len(days)),
            "price": close.round(2).clip(min=0.01).ravel(),
            "volume": draw.integers(1_000, 10_000_000, close.size),
            "market_cap": (close * shares).round().ravel(),
        }
    )
    rest = {"country": "United States", "ipo_year": 2001, "sector": "Industrials"}
    return table.assign(**rest, industry="Machinery")[list(COLUMNS)]


def on(table: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    """Rows of these days."""
    return table[pd.to_datetime(table["date"]).isin(pd.to_datetime(list(days)))]


def write(table: pd.DataFrame, path: Path) -> Path:
    """Write rows as the form that the file's name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        days = table.assign(date=pd.to_datetime(table["date"]))
        days.to_parquet(path, index=False)
    elif path.suffix == ".xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_csv(path, index=False)
    return path


def take(
    folder: Path, *tables: pd.DataFrame | Path, options: ingest.Options = QUIET
) -> list[Taken]:
    """Ingest tables or files as listings into the store of a folder."""
    files = [
        table
        if isinstance(table, Path)
        else write(table, folder.parent / f"{_stem(table)}.parquet")
        for table in tables
    ]
    return ingest.listings(folder, files, options)


def forget_marks(folder: Path) -> None:
    """Make a store as an earlier version wrote it: without records and marks."""
    manifest = generations.read_manifest(folder)
    generations.write_manifest(folder, manifest.model_copy(update={"marks": {}}))


def snapshots(store: Store) -> pd.DataFrame:
    """Every stored quote with its symbol and name in place of numbers."""
    quotes = store.quotes(*ALWAYS)
    securities = store.securities(*ALWAYS).drop(columns="symbol_id")
    table = quotes.merge(securities, on="security_id", validate="many_to_one")
    return (
        table.drop(columns="security_id")
        .sort_values(["snapshot_date", "symbol"])
        .reset_index(drop=True)
    )


def lines(store: Store) -> pd.DataFrame:
    """Every stored break point."""
    return store.break_points(*ALWAYS)


def refusals(store: Store) -> pd.DataFrame:
    """Every refused row, without the file and the place in it."""
    told = ["snapshot_date", "symbol", "reason", "offered", "repeats"]
    table = store.quarantine(row_limit=10_000_000)
    return table[told].sort_values(told, ignore_index=True)


def day_table(store: Store) -> pd.DataFrame:
    """Every offered day, without the number of its ingest."""
    return store.days().drop(columns="ingest_id")


def content(store: Store) -> dict[str, pd.DataFrame]:
    """Every table of a store as values, but for the moment of ingest."""
    refused = store.quarantine(row_limit=10_000_000)
    tables = {
        "days": store.days(),
        "securities": store.securities(*ALWAYS),
        "quotes": store.quotes(*ALWAYS),
        "break_points": store.break_points(*ALWAYS),
        "membership_lists": store.membership_lists(),
        "members": store.members(*ALWAYS),
        "ledger": store.ledger().drop(columns="finished_at"),
        "quarantine": refused.sort_values(list(refused), ignore_index=True),
        "quarantine_counts": store.quarantine_counts(),
    }
    quotes = tables["quotes"].sort_values(
        ["snapshot_date", "security_id"], ignore_index=True
    )
    return {**tables, "quotes": quotes}


def assert_same(left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame]) -> None:
    """Compare the contents of two stores, table by table."""
    assert list(left) == list(right)
    for name, table in left.items():
        pd.testing.assert_frame_equal(table, right[name], obj=name)


def _row(day: date, turn: int, place: int, listing: Listing) -> tuple[object, ...]:
    close = round(listing.close_usd * (1 + 0.01 * np.sin(turn / 3 + place)), 2)
    cap = round(close * listing.shares_millions * 1e6) or None
    volume = 100_000 + 1_000 * (place + 1) + 37 * turn
    return (
        day,
        listing.symbol,
        listing.exchange,
        listing.name,
        close,
        volume,
        cap,
        listing.country or None,
        2001,
        listing.sector or None,
        "Machinery" if listing.sector else None,
    )


def _stem(table: pd.DataFrame) -> str:
    days = table["date"].astype("str")
    return f"{days.min()} {days.max()}" if len(table) else "none"
