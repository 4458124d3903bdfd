"""Commands that ask providers: `recon ingest yahoo` and `recon ingest estimate`.

yfinance takes a second to load, so that it is loaded where it is called.
"""

import os
from datetime import datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from recon.commands import DEFAULT_STORE, StoreFolder, day_of, progress
from recon.commands.ingest import Accept, Replace, Wait, options_of, report

TODAY = "today"
CLOCK = "RECON_TODAY"  # pins the clock of the app, and of these commands
EVENING = time(20, 0, tzinfo=ZoneInfo("America/New_York"))
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
        report(live.today(store, options, day=expected, now=pinned()), show)


def estimate(
    since: Annotated[str, typer.Option(help="First session, YYYY-MM-DD.")],
    until: Annotated[
        str | None,
        typer.Option(help="Last session; the one before the store's first if none."),
    ] = None,
    symbols: Annotated[
        list[str] | None,
        typer.Option("--symbol", help="Only this symbol, spelt as in the store."),
    ] = None,
    largest: Annotated[
        int | None, typer.Option(help="Only so many, the largest by market cap.")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
    accept: Accept = None,
    replace: Replace = False,
    wait: Wait = 30.0,
) -> None:
    """History without an archive: closes times share counts from Yahoo, estimates.

    For the listings of the store's last day, two requests each; marked est. wherever
    they show, and days that the store has stay as they are.
    """
    from recon.ingest import estimates

    first = day_of(since, "since")
    assert first is not None
    with progress() as show:
        taken = estimates.estimate(
            store,
            options_of(accept, replace, wait, show),
            since=first,
            until=day_of(until, "until"),
            only=symbols or (),
            largest=largest,
            now=pinned(),
        )
        report(taken, show)


def pinned() -> datetime | None:
    """Return the evening of the day that the clock is pinned to, None if it is not."""
    day = day_of(os.environ.get(CLOCK) or None, CLOCK)
    return datetime.combine(day, EVENING) if day else None
