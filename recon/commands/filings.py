"""`recon ingest filings`: what companies file with the SEC."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from recon import ingest
from recon.commands import day_of
from recon.commands.ingest import takes
from recon.commands.live import fraction, pinned
from recon.errors import BadRequest
from recon.ingest import Options, Taken, live_filings


@takes()
def filings(
    store: Path,
    options: Options,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files, archives or folders.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Fetch from EDGAR what was filed since.")
    ] = False,
    contact: Annotated[
        str, typer.Option(help="For --live, once: your name and e-mail address.")
    ] = "",
    since: Annotated[
        str | None, typer.Option(help="Leave out what was filed before, YYYY-MM-DD.")
    ] = None,
    near: Annotated[
        str | None,
        typer.Option(help="For --live: only names so near to a line, such as 10%."),
    ] = None,
    known_on: Annotated[
        str | None,
        typer.Option(help="Day of lists of tickers and filers, YYYY-MM-DD."),
    ] = None,
) -> Iterable[Taken]:
    """What companies file with the SEC: EDGAR's bulk archives, folders, or --live.

    submissions.zip, companyfacts.zip, company_tickers.json, quarters of the Financial
    Statement Data Sets, daily indexes, tables of facts; a killed load goes on.
    """
    first, day = day_of(since, "since"), day_of(known_on, "known-on")
    if bool(paths) == live:
        raise BadRequest("Name files, archives or folders, or say --live: one of both.")
    if paths:
        return ingest.filings(store, paths, options, first, day)
    asking = live_filings.Asking(
        contact=contact,
        since=first,
        near_frac=None if near is None else fraction(near),
        base=os.environ.get(live_filings.SEC_BASE),
        now=pinned(),
    )
    return live_filings.fetch_filings(store, options, asking)
