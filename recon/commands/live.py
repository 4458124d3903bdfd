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
from recon.errors import BadRequest

TODAY = "today"
CLOCK = "RECON_TODAY"  # pins the clock of the app, and of these commands
EVENING = time(20, 0, tzinfo=ZoneInfo("America/New_York"))
DayAsked = Annotated[
    str, typer.Option("--date", help="today, or the session expected (YYYY-MM-DD).")
]


def yahoo(
    store: StoreFolder = DEFAULT_STORE,
    day: DayAsked = TODAY,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Then ask for profile, growth and statements of names near a line.",
        ),
    ] = False,
    near: Annotated[
        str, typer.Option(help="How near to its line a name must be for --deep.")
    ] = "10%",
    symbols: Annotated[
        list[str] | None,
        typer.Option("--symbol", help="For --deep: this name, near a line or not."),
    ] = None,
    accept: Accept = None,
    replace: Replace = False,
    wait: Wait = 30.0,
) -> None:
    """Today's whole market from Yahoo Finance, once the New York close is final."""
    from recon.ingest import live, profiles

    near_frac = _fraction(near)
    with progress() as show:
        options = options_of(accept, replace, wait, show)
        expected = None if day == TODAY else day_of(day, "date")
        report(live.today(store, options, day=expected, now=pinned()), show)
        if deep:
            asked = profiles.fetch_profiles(
                store, options, near_frac=near_frac, only=symbols or (), now=pinned()
            )
            report(asked, show)


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


def _fraction(text: str) -> float:
    """Read a share such as ``10%`` or ``0.1``; BadRequest where it is none."""
    try:
        return float(text.rstrip("% ")) / (100 if "%" in text else 1)
    except ValueError:
        raise BadRequest(f"--near is '{text}'; expected such as 10%.") from None


def pinned() -> datetime | None:
    """Return the evening of the day that the clock is pinned to, None if it is not."""
    day = day_of(os.environ.get(CLOCK) or None, CLOCK)
    return datetime.combine(day, EVENING) if day else None
