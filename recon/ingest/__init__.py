"""Sources through the quality gate into a new generation: all that writes to a store.

Every function ingests one kind of source and returns what became of each file. Content
that is in the store already changes nothing.
"""

from pathlib import Path

from recon import reconstitution
from recon.ingest.archives import archive
from recon.ingest.assets import ASSET_COLUMNS, assets, assets_file
from recon.ingest.believing import believe
from recon.ingest.demo_market import demo_market, remove_demo
from recon.ingest.filings import filings
from recon.ingest.fundamentals import fundamental_rows, fundamentals
from recon.ingest.holdings import fund_holdings, memberships
from recon.ingest.listings import listings, vendor
from recon.ingest.official import official
from recon.ingest.options import Counters, NoteRequest, Options, Progress
from recon.ingest.outcome import Taken
from recon.ingest.rates import fetch_rates, rates
from recon.ingest.segment_lists import segment_lists
from recon.store import Store
from recon.store.writer import open_writer

__all__ = [
    "ASSET_COLUMNS",
    "Counters",
    "NoteRequest",
    "Options",
    "Progress",
    "Taken",
    "archive",
    "assets",
    "assets_file",
    "believe",
    "demo_market",
    "filings",
    "fund_holdings",
    "fundamental_rows",
    "fundamentals",
    "fetch_rates",
    "listings",
    "memberships",
    "official",
    "rates",
    "redraw",
    "remove_demo",
    "segment_lists",
    "vendor",
]


def redraw(folder: Path, wait_seconds: float = 30.0) -> None:
    """Draw lines and segments of every stored day anew, as after a rule changed."""
    market = Store(folder).manifest().market
    with open_writer(folder, market, wait_seconds) as writer:
        writer.redraw(reconstitution.draw)
