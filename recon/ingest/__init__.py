"""Sources to quality to a new generation of the store; the only writer's callers.

Every function takes one kind of source in, asks the gate day by day, and returns what
became of each file. Content that is already in the store changes nothing.
"""

from collections.abc import Sequence
from pathlib import Path

from recon import reconstitution
from recon.ingest.archives import archive
from recon.ingest.days import Counters, NoteRequest, Options, Progress, Taken
from recon.ingest.demo_market import demo_market, remove_demo
from recon.ingest.fundamentals import fundamental_rows, fundamentals
from recon.ingest.holdings import fund_holdings, memberships
from recon.ingest.tables import tables
from recon.store import Store
from recon.store.writer import open_writer

__all__ = [
    "Counters",
    "NoteRequest",
    "Options",
    "Progress",
    "Taken",
    "archive",
    "demo_market",
    "fund_holdings",
    "fundamental_rows",
    "fundamentals",
    "listings",
    "memberships",
    "redraw",
    "remove_demo",
    "vendor",
]


def listings(folder: Path, paths: Sequence[Path], options: Options) -> list[Taken]:
    """Ingest tables of all listings by day, CSV or Parquet, one generation a file."""
    return tables(folder, paths, options, "listings")


def vendor(folder: Path, paths: Sequence[Path], options: Options) -> list[Taken]:
    """Ingest any CSV, Parquet or XLSX with date, symbol, price and market cap."""
    return tables(folder, paths, options, "vendor")


def redraw(folder: Path, wait_seconds: float = 30.0) -> None:
    """Draw the break points of every stored day anew, as after a rule changed."""
    market = Store(folder).manifest().market
    with open_writer(folder, market, wait_seconds) as writer:
        writer.redraw(reconstitution.break_points)
