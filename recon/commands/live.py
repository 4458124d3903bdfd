"""Commands that ask providers: `recon ingest yahoo` and `recon ingest estimate`.

yfinance takes a second to load, so that it is loaded where it is called.
"""

from typing import Annotated

import typer

from recon.commands import DEFAULT_STORE, StoreFolder, day_of, progress
from recon.commands.ingest import Accept, Replace, Wait, options_of, report

TODAY = "today"
DayAsked = Annotated[
    str, typer.Option("--date", help="today, or the session expected (YYYY-MM-DD).")
]


def yahoo(
    store: StoreFolder = DEFAULT_STORE,
    day: DayAsked = TODAY,
    accept: Accept = None,
    replace: Replace = False,
    wait: Wait = 30.0,
) -> None:
    """Today's whole market from Yahoo Finance, once the New York close is final."""
    from recon.ingest import live

    with progress() as show:
        options = options_of(accept, replace, wait, show)
        expected = None if day == TODAY else day_of(day, "date")
        report(live.today(store, options, day=expected), show)
