"""Commands that bring data in: `recon ingest`, `recon demo`, `recon redraw`."""

import dataclasses
import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from recon import formatting, ingest
from recon.commands import (
    DEFAULT_STORE,
    StoreFolder,
    Watch,
    day_of,
    make_way,
    progress,
)
from recon.errors import BadRequest
from recon.indexes import LISTED
from recon.ingest.holdings import ISHARES_BASE
from recon.sources.fund_pages import FUNDS

Paths = Annotated[list[Path], typer.Argument(help="Files or folders.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(help="Publish this day (YYYY-MM-DD) against the gate."),
]
Replace = Annotated[
    bool, typer.Option(help="Let these days take the place of stored ones.")
]
Wait = Annotated[float, typer.Option(help="Seconds to wait for another ingest to end.")]


def ingest_listings(
    paths: Paths,
    store: StoreFolder = DEFAULT_STORE,
    accept: Accept = None,
    replace: Replace = False,
    wait: Wait = 30.0,
) -> None:
    """Tables of all listings by day, CSV or Parquet."""
    with progress() as show:
        options = options_of(accept, replace, wait, show)
        report(ingest.listings(store, paths, options), show)


def ingest_archive(
    paths: Paths,
    store: StoreFolder = DEFAULT_STORE,
    nights: Annotated[
        bool,
        typer.Option(help="Folders are named after the UTC day of the night after."),
    ] = False,
    accept: Accept = None,
    replace: Replace = False,
    wait: Wait = 30.0,
) -> None:
    """Nasdaq screener archives: folders YYYY-MM-DD, or a local git clone."""
    with progress() as show:
        options = options_of(accept, replace, wait, show)
        options = dataclasses.replace(options, folders_are_nights=nights)
        report(ingest.archive(store, paths, options), show)


def ingest_vendor(
    paths: Paths,
    store: StoreFolder = DEFAULT_STORE,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", help="OURS=THEIRS, such as close_usd=Last."),
    ] = None,
    accept: Accept = None,
    replace: Replace = False,
    wait: Wait = 30.0,
) -> None:
    """Any CSV, Parquet or XLSX with date, symbol, price and market cap."""
    with progress() as show:
        options = options_of(accept, replace, wait, show, map_)
        report(ingest.vendor(store, paths, options), show)


def ingest_memberships(
    paths: Paths,
    store: StoreFolder = DEFAULT_STORE,
    index: Annotated[
        str | None, typer.Option(help="Index that a holdings file stands for.")
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--date", help="Day of a holdings file that does not say it."),
    ] = None,
    wait: Wait = 30.0,
) -> None:
    """iShares holdings (CSV, JSON), or tables of dated holdings (CSV, Parquet)."""
    if index is not None and index not in LISTED:
        raise BadRequest(f"There is no index '{index}'; choose {', '.join(LISTED)}.")
    with progress() as show:
        options = options_of(None, False, wait, show)
        as_of = day_of(day, "date")
        report(ingest.memberships(store, paths, options, index, as_of), show)


def ingest_holdings(
    store: StoreFolder = DEFAULT_STORE,
    fund: Annotated[
        list[str] | None, typer.Option(help="Ticker of a fund; all eight if none.")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--date", help="Day, YYYY-MM-DD; the newest if none.")
    ] = None,
    wait: Wait = 30.0,
) -> None:
    """Ask iShares for what its Russell funds hold: IWB IWM IWV IWC IWF IWD IWO IWN."""
    with progress() as show:
        options = options_of(None, False, wait, show)
        as_of = day_of(day, "date")
        tickers = fund or list(FUNDS)
        base = os.environ.get(ISHARES_BASE)
        report(ingest.fund_holdings(store, tickers, as_of, options, base), show)


def ingest_fundamentals(
    paths: Paths,
    store: StoreFolder = DEFAULT_STORE,
    known_on: Annotated[
        str | None,
        typer.Option(help="Day on which the values were known, YYYY-MM-DD."),
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", help="OURS=THEIRS, such as price_to_book_ratio=PBR."),
    ] = None,
    wait: Wait = 30.0,
) -> None:
    """Book value, growth and analysts by company: CSV, Parquet or XLSX."""
    day = day_of(known_on, "known-on")
    with progress() as show:
        options = options_of(None, False, wait, show, map_)
        report(ingest.fundamentals(store, paths, options, day), show)


def demo(
    store: StoreFolder = DEFAULT_STORE,
    wait: Wait = 30.0,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take it out again instead.")
    ] = False,
) -> None:
    """Build the demo market, synthetic and marked so, in an empty store."""
    make_way()
    with progress() as show:
        options = options_of(None, False, wait, show)
        if remove:
            report(ingest.remove_demo(store, wait), show)
        else:
            report(ingest.demo_market(store, options), show)


def redraw(store: StoreFolder = DEFAULT_STORE) -> None:
    """Draw all stored break points anew, as after the rules have changed."""
    ingest.redraw(store)


def options_of(
    accept: list[str] | None,
    replace: bool,
    wait: float,
    show: Watch,
    mapping: list[str] | None = None,
) -> ingest.Options:
    """Return the options that an ingest takes."""
    pairs = [text.split("=", 1) for text in mapping or []]
    wrong = [pair for pair in pairs if len(pair) != 2]
    if wrong:
        raise BadRequest(
            f"--map takes OURS=THEIRS, such as close_usd=Last; got {wrong}."
        )
    days = frozenset(day_of(text, "accept") or date.min for text in accept or [])
    return ingest.Options(
        accept=days,
        replace=replace,
        wait_seconds=wait,
        mapping={ours: theirs for ours, theirs in pairs},
        progress=show,
        note_request=show.note_request,
    )


def report(taken: list[ingest.Taken], show: Watch) -> None:
    """Say what became of each file, a line each."""
    for file in taken:
        parts = []
        if file.offered:
            parts = [
                f"{formatting.count(file.offered, 'row')} offered, "
                f"{file.accepted:,} accepted, "
                f"{file.quarantined:,} quarantined"
            ]
        if file.published_days:
            days = formatting.count(file.published_days, "day")
            parts.append(f"{days} published")
        parts += [f"held back {day}: {reason}" for day, reason in file.held_back]
        words = "; ".join([*parts, *([file.note] if file.note else [])])
        show.say(f"{file.origin}: {words or 'no rows'}")
