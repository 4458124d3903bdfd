"""`recon daily`: one day's work after the New York close, and a timer for it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from recon.commands import (
    DEFAULT_STORE,
    StoreFolder,
    live,
    make_way,
    progress,
    timer,
)
from recon.commands.ingest import Wait, options_of, report
from recon.errors import BadRequest, ReconError
from recon.jobs import processes
from recon.store import Store

TITLE = "Daily load"


def daily(
    store: StoreFolder = DEFAULT_STORE,
    catch_up: Annotated[
        bool,
        typer.Option(help="Load a missed session, even if there is none today."),
    ] = False,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Then fetch profile and growth of names near a line."
        ),
    ] = False,
    freeze: Annotated[
        bool,
        typer.Option("--freeze", help="Then put the day's forecast on record."),
    ] = False,
    wait: Wait = 600.0,
    install: Annotated[
        bool, typer.Option("--install", help="Print and write a timer that runs this.")
    ] = False,
    uninstall: Annotated[
        bool, typer.Option("--uninstall", help="Print and remove that timer.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With both: print only.")
    ] = False,
    now: Annotated[
        str | None, typer.Option(hidden=True, help="Moment to take for now, ISO.")
    ] = None,
) -> None:
    """One day's work: the market from Yahoo, and index holdings when due.

    Run it after the New York close; without a session it says so. A second run fetches
    nothing again. Then the alerts of alerts.toml in the store's folder are sent. Exit
    code 0: done, or nothing to do; 1: refused, what was published before stays; 130:
    stopped.
    """
    if install or uninstall:
        if install:
            folder = Path(store).absolute()
            command = timer.command(folder, is_deep=deep, freezes=freeze)
            timer.install(command, is_dry=dry_run, say=typer.echo)
        else:
            timer.uninstall(is_dry=dry_run, say=typer.echo)
        return
    from recon.commands import alerts

    at = moment(now)
    failed: ReconError | None = None
    try:
        if _work(Path(store), at, catch_up, deep, wait) and freeze:
            _freeze(store, at)
    except ReconError as error:
        failed = error
    for line in alerts.after_daily(Path(store), at):
        typer.echo(line)
    if failed is not None:
        raise failed


def _freeze(store: Path, at: datetime) -> None:
    from recon.studies.forecast import frozen

    day = Store(store).day_on_or_before(at.date())
    entry = frozen.freeze(store, day, at)
    typer.echo(f"The forecast of {day} is on record: {entry['hash']}")


def _work(
    store: Path, now: datetime, catch_up: bool, is_deep: bool, wait: float
) -> bool:
    """Do the day's work; tell whether there was any."""
    from recon.ingest import daily as work  # loads yfinance

    make_way()
    reason = work.reason_to_rest(store, now, catches_up=catch_up, is_deep=is_deep)
    if reason and not processes.is_run():
        typer.echo(reason)
        return False
    chosen = {"--catch-up": catch_up, "--deep": is_deep}
    arguments = ["daily", *(name for name, is_on in chosen.items() if is_on)]
    with progress(processes.own(store, arguments, TITLE)) as watch:
        if reason:
            watch.say(reason)
            return False
        options = options_of(watch, wait=wait)
        report(work.one_day(store, options, now, is_deep=is_deep), watch)
    return True


def moment(text: str | None) -> datetime:
    """Return the moment a text names, or else the pinned one or now."""
    if text is None:
        return live.pinned() or datetime.now(UTC)
    try:
        named = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"--now is '{text}'; expected 2026-11-20T22:00Z.") from None
    return named if named.tzinfo else named.replace(tzinfo=UTC)
