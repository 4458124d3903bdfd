"""Commands that bring data in: `recon ingest`, `recon demo`, `recon redraw`."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace as changed
from datetime import date
from pathlib import Path
from typing import Annotated, Any

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
from recon.ingest import Options, Taken, rehearsal
from recon.ingest.holdings import ISHARES_BASE
from recon.jobs import description
from recon.jobs.runs import HELD_BACK, IN_PART, NOT_TAKEN
from recon.sources.fund_pages import FUNDS
from recon.sources.official_lists import Told
from recon.store.notation import CAP_UNITS, DAY_EXAMPLES, YEAR_FIRST, Notation

SAMPLE = "RECON_SAMPLE"  # days need not be as large as the market
SHOWN_DAYS, SHOWN_NOTE = 5, 2_000
NOTATION = ("dates", "decimal_comma", "rows_above")
Command = Callable[..., Iterable[Taken]]
Paths = Annotated[list[Path], typer.Argument(help="Files or folders.")]
OnePath = Annotated[Path, typer.Argument(help="A file.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(help="Publish this day (YYYY-MM-DD) against the gate."),
]
Replace = Annotated[bool, typer.Option(help="Let these days replace stored ones.")]
Mapping = Annotated[
    list[str] | None,
    typer.Option("--map", help="OURS=THEIRS, such as close_usd=Last."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would become of it; keep nothing.")
]
Reason = Annotated[
    str, typer.Option(help="Why you accept or replace days; the ledger keeps it.")
]
Dates = Annotated[
    str, typer.Option(help="Order of its dates: ymd, dmy (30.04.2024) or mdy.")
]
CapUnit = Annotated[str, typer.Option(help="Unit of its market caps: usd, mn or bn.")]
DecimalComma = Annotated[
    bool, typer.Option("--decimal-comma", help="It writes 1.234,5 for 1,234.5.")
]
RowsAbove = Annotated[int, typer.Option(help="Lines above its header.", min=0)]
Wait = Annotated[float, typer.Option(help="Seconds to wait for another ingest to end.")]
# options that several commands share: annotation and default
SHARED: dict[str, tuple[Any, Any]] = {
    "store": (StoreFolder, DEFAULT_STORE),
    "accept": (Accept, None),
    "replace": (Replace, False),
    "reason": (Reason, ""),
    "mapping": (Mapping, None),
    "dates": (Dates, YEAR_FIRST),
    "cap_unit": (CapUnit, "usd"),
    "decimal_comma": (DecimalComma, False),
    "rows_above": (RowsAbove, 0),
    "wait": (Wait, 30.0),
}


def takes(*shared: str) -> Callable[[Command], Callable[..., None]]:
    """Give a command the options of `SHARED` it names, besides store and wait.

    The command is called with ``store`` and ``options`` and returns what became of
    each file, which is reported as it comes.
    """
    names = ("store", *shared, "wait")

    def decorate(command: Command) -> Callable[..., None]:
        @functools.wraps(command)
        def run(**values: Any) -> None:
            store = values.pop("store")
            chosen = {name: values.pop(name) for name in names if name in values}
            with progress() as watch:
                options = options_of(watch, **chosen)
                report(command(store, options, **values), watch)

        own = list(inspect.signature(command).parameters.values())[2:]
        added = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=SHARED[name][0],
                default=SHARED[name][1],
            )
            for name in names
        ]
        parameters = [*own, *added]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorate


@takes("accept", "replace", "reason")
def ingest_listings(store: Path, options: Options, paths: Paths) -> Iterable[Taken]:
    """Tables of all listings by day, CSV or Parquet."""
    return ingest.listings(store, paths, options)


@takes("accept", "replace", "reason")
def ingest_archive(
    store: Path,
    options: Options,
    paths: Paths,
    nights: Annotated[
        bool,
        typer.Option(help="Folders are named after the UTC day of the night after."),
    ] = False,
) -> Iterable[Taken]:
    """Nasdaq screener archives: folders YYYY-MM-DD, or a local git clone."""
    options = changed(options, folders_are_nights=nights)
    return ingest.archive(store, paths, options)


@takes("mapping", *NOTATION, "cap_unit", "accept", "replace", "reason")
def ingest_vendor(
    store: Path, options: Options, paths: Paths, dry_run: DryRun = False
) -> Iterable[Taken]:
    """Any CSV, Parquet or XLSX with date, symbol, price and market cap."""
    if not dry_run:
        return ingest.vendor(store, paths, options)
    return tried(rehearsal.prices(store, path, options) for path in paths)


@takes()
def ingest_memberships(
    store: Path,
    options: Options,
    paths: Paths,
    index: Annotated[
        str | None, typer.Option(help="Index that a holdings file stands for.")
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--date", help="Day of a holdings file that does not say it."),
    ] = None,
) -> Iterable[Taken]:
    """iShares holdings (CSV, JSON), or tables of dated holdings (CSV, Parquet)."""
    if index is not None and index not in LISTED:
        raise BadRequest(f"There is no index '{index}'; choose {', '.join(LISTED)}.")
    return ingest.memberships(store, paths, options, index, day_of(day, "date"))


@takes()
def ingest_official(
    store: Path,
    options: Options,
    paths: Paths,
    index: Annotated[
        str | None, typer.Option(help="Index of the list, such as R2000.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="What it lists: addition, deletion or member.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="preliminary, update 1 to update 4, or final."),
    ] = None,
    posted: Annotated[
        str | None, typer.Option(help="Day it was posted, YYYY-MM-DD.")
    ] = None,
    effective: Annotated[
        str | None, typer.Option(help="Day it takes effect, YYYY-MM-DD.")
    ] = None,
) -> Iterable[Taken]:
    """FTSE Russell's additions, deletions and members: PDF, CSV, XLSX, Parquet."""
    told = Told(
        index=index,
        action=action,
        kind=kind,
        posted_on=day_of(posted, "posted"),
        effective_on=day_of(effective, "effective"),
    )
    return ingest.official(store, paths, options, told)


@takes()
def ingest_holdings(
    store: Path,
    options: Options,
    fund: Annotated[
        list[str] | None, typer.Option(help="Ticker of a fund; all eight if none.")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--date", help="Day, YYYY-MM-DD; the newest if none.")
    ] = None,
) -> Iterable[Taken]:
    """Fetch holdings of iShares' Russell funds: IWB IWM IWV IWC IWF IWD IWO IWN."""
    tickers, base = fund or list(FUNDS), os.environ.get(ISHARES_BASE)
    return ingest.fund_holdings(store, tickers, day_of(day, "date"), options, base)


@takes("mapping", *NOTATION)
def ingest_fundamentals(
    store: Path,
    options: Options,
    paths: Paths,
    known_on: Annotated[
        str | None, typer.Option(help="Day the values were known, YYYY-MM-DD.")
    ] = None,
    dry_run: DryRun = False,
) -> Iterable[Taken]:
    """Book value, growth or annual statements by company: CSV, Parquet or XLSX."""
    known = day_of(known_on, "known-on")
    if not dry_run:
        return ingest.fundamentals(store, paths, options, known)
    return tried(rehearsal.fundamentals(path, options, known) for path in paths)


def tried(rehearsals: Iterable[rehearsal.Rehearsal]) -> Iterable[Taken]:
    """Print the first rows of each file as understood, and yield what it would do."""
    for found in rehearsals:
        typer.echo(description.understood(found.first).to_string(index=False))
        for reason, rows in found.alone().itertuples(index=False):
            typer.echo(f"{formatting.count(rows, 'row')} refused: {reason}")
        words = f"{description.verdict(found)} A dry run: nothing was kept"
        yield changed(found.taken, published_days=0, note=words)


@takes("reason")
def ingest_refused(
    store: Path,
    options: Options,
    symbol: Annotated[str, typer.Argument(help="Ticker, as the Data page has it.")],
    day: Annotated[str, typer.Argument(help="Day of the refused row, YYYY-MM-DD.")],
) -> Iterable[Taken]:
    """Take a market cap that the gate refused as it was offered; say why."""
    of_day = day_of(day, "day")
    assert of_day is not None
    return ingest.believe(store, symbol.strip().upper(), of_day, options)


@takes("replace")
def ingest_assets(store: Path, options: Options, path: OnePath) -> Iterable[Taken]:
    """What funds held: CSV with fund, index, as_of, assets_usd and source.

    The rows are added to what you kept before; --replace drops that.
    """
    return [ingest.assets_file(store, path, options)]


@takes()
def ingest_segments(store: Path, options: Options, path: OnePath) -> Iterable[Taken]:
    """Themes and the Magnificent 7 as you keep them: CSV, as `segments --lists` writes.

    Columns: segment, by (industry, symbol, not symbol), value, since, until, source.
    They take the place of the lists before, and every day is drawn anew.
    """
    return [ingest.segment_lists(store, path, options)]


@takes()
def ingest_rates(
    store: Path,
    options: Options,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="CSV files; from FRED if none.")
    ] = None,
) -> Iterable[Taken]:
    """Yields, credit spreads and consumer prices: FRED's CSV, or live from FRED."""
    if paths:
        return ingest.rates(store, paths, options)
    return ingest.fetch_rates(store, options, os.environ.get(FRED_BASE))


FRED_BASE = "RECON_FRED_BASE"  # a server that stands in for FRED's


@takes()
def demo(
    store: Path,
    options: Options,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove it again instead.")
    ] = False,
) -> Iterable[Taken]:
    """Build the demo market, synthetic and marked so, in an empty store."""
    make_way()
    if remove:
        return ingest.remove_demo(store, options.wait_seconds)
    return ingest.demo_market(store, options)


def redraw(store: StoreFolder = DEFAULT_STORE) -> None:
    """Draw all stored lines and segments anew, as after the rules have changed."""
    ingest.redraw(store)


def options_of(
    watch: Watch,
    *,
    wait: float,
    accept: list[str] | None = None,
    replace: bool = False,
    reason: str = "",
    mapping: list[str] | None = None,
    dates: str = YEAR_FIRST,
    cap_unit: str = "usd",
    decimal_comma: bool = False,
    rows_above: int = 0,
) -> Options:
    """Return the options of an ingest from those of a command."""
    pairs = [text.split("=", 1) for text in mapping or []]
    wrong = [pair for pair in pairs if len(pair) != 2]
    if wrong:
        raise BadRequest(
            f"--map takes OURS=THEIRS, such as close_usd=Last; got {wrong}."
        )
    for name, given, known in (
        ("dates", dates, DAY_EXAMPLES),
        ("cap-unit", cap_unit, CAP_UNITS),
    ):
        if given not in known:
            raise BadRequest(f"--{name} takes {', '.join(known)}; got '{given}'.")
    days = frozenset(day_of(text, "accept") or date.min for text in accept or [])
    return Options(
        accept=days,
        replace=replace,
        because=" ".join(reason.split()),
        wait_seconds=wait,
        is_sample=bool(os.environ.get(SAMPLE)),
        mapping={ours: theirs for ours, theirs in pairs},
        notation=Notation(
            day_order=dates,
            cap_unit=cap_unit,
            decimal_comma=decimal_comma,
            rows_above=rows_above,
        ),
        progress=watch,
        note_request=watch.note_request,
    )


def report(taken: Iterable[Taken], watch: Watch) -> None:
    """Say what became of each file, one line each.

    Exits with code 1 where all was refused or held back, with `IN_PART` where some was.
    """
    files = []
    for file in taken:
        files.append(file)
        if file.refusal:
            watch.say(f"{file.origin}: {NOT_TAKEN}: {file.refusal}")
            continue
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
        held = file.held_back
        parts += [f"{HELD_BACK} {day}: {reason}" for day, reason in held[:SHOWN_DAYS]]
        if len(held) > SHOWN_DAYS:
            parts.append(f"{len(held) - SHOWN_DAYS:,} more days {HELD_BACK}, see Data")
        note = file.note
        if len(note) > SHOWN_NOTE:
            note = f"{note[:SHOWN_NOTE]} …, the ledger has it whole"
        words = "; ".join([*parts, *([note] if note else [])])
        watch.say(f"{file.origin}: {words or 'no rows'}")
    if code := exit_code(files):
        raise typer.Exit(code)


def exit_code(files: Sequence[Taken]) -> int:
    """Return 0 if all was taken or known, 1 if nothing was, `IN_PART` if some was."""
    fell_short = [
        bool(file.refusal or file.held_back or (file.offered and not file.accepted))
        and not (file.known_days and not file.held_back)
        for file in files
    ]
    if not any(fell_short):
        return 0
    is_some = any(
        file.accepted or file.known_days or not short
        for file, short in zip(files, fell_short, strict=True)
    )
    return IN_PART if is_some else 1
