"""Commands that fetch from Yahoo: `recon ingest yahoo` and `recon ingest estimate`.

yfinance takes a second to import, so it is imported where it is used.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from recon.commands import day_of
from recon.commands.ingest import takes
from recon.errors import BadRequest
from recon.ingest import Options, Taken

TODAY = "today"
CLOCK = "RECON_TODAY"  # pins the clock of the app, and of these commands
EVENING = time(20, 0, tzinfo=ZoneInfo("America/New_York"))
ExpectedDay = Annotated[
    str, typer.Option("--date", help="today, or the session expected (YYYY-MM-DD).")
]


@takes("accept", "replace", "reason")
def yahoo(
    store: Path,
    options: Options,
    day: ExpectedDay = TODAY,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Then fetch profile, growth and statements of names near a line.",
        ),
    ] = False,
    near: Annotated[
        str, typer.Option(help="How near to its line a name must be for --deep.")
    ] = "10%",
    symbols: Annotated[
        list[str] | None,
        typer.Option("--symbol", help="For --deep: this name, near a line or not."),
    ] = None,
) -> Iterator[Taken]:
    """Today's whole market from Yahoo Finance, once the New York close is final."""
    from recon.ingest import live, profiles

    near_frac = fraction(near)
    expected = None if day == TODAY else day_of(day, "date")
    yield from live.today(store, options, day=expected, now=pinned())
    if deep:
        yield from profiles.fetch_profiles(
            store, options, near_frac=near_frac, only=symbols or (), now=pinned()
        )


@takes("accept", "replace", "reason")
def estimate(
    store: Path,
    options: Options,
    since: Annotated[str, typer.Option(help="First session, YYYY-MM-DD.")],
    until: Annotated[
        str | None,
        typer.Option(help="Last session; the one before the store's first if none."),
    ] = None,
    symbols: Annotated[
        list[str] | None,
        typer.Option("--symbol", help="Only this symbol, spelled as in the store."),
    ] = None,
    largest: Annotated[
        int | None,
        typer.Option(help="Only this many listings, the largest by market cap."),
    ] = None,
) -> Iterable[Taken]:
    """History without an archive: closes times share counts from Yahoo, estimates.

    For the listings of the store's last day, two requests each; marked est. wherever
    they show. Days that the store has stay as they are.
    """
    from recon.ingest import estimates

    first = day_of(since, "since")
    assert first is not None
    return estimates.estimate(
        store,
        options,
        since=first,
        until=day_of(until, "until"),
        only=symbols or (),
        largest=largest,
        now=pinned(),
    )


def fraction(text: str) -> float:
    """Read a fraction such as ``10%`` or ``0.1``; BadRequest if it is not one."""
    try:
        return float(text.rstrip("% ")) / (100 if "%" in text else 1)
    except ValueError:
        raise BadRequest(f"--near is '{text}'; expected a value such as 10%.") from None


def pinned() -> datetime | None:
    """Return the evening of the day the clock is pinned to, None if it is not."""
    day = day_of(os.environ.get(CLOCK) or None, CLOCK)
    return datetime.combine(day, EVENING) if day else None
