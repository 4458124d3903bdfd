"""The command line: the same calls as the pages, on the same store.

Errors go to standard error as one sentence; the exit code is 0 only when what was
asked was done.
"""

import dataclasses
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from recon import backtest, ingest, reconstitution
from recon.errors import BadRequest, ReconError, SourceUnreadable
from recon.indexes import INDEXES
from recon.store import Store

DEFAULT_STORE = Path(__file__).resolve().parent.parent / "store"

app = typer.Typer(
    help="Russell US reconstitutions: break points, candidates, and where they drift.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
ingest_app = typer.Typer(
    help="Bring data in: listings, archives, vendor files, memberships.",
    no_args_is_help=True,
)
app.add_typer(ingest_app, name="ingest")


class Format(StrEnum):
    """How a table is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


StoreFolder = Annotated[
    Path,
    typer.Option("--store", envvar="RECON_STORE", help="Folder of the store."),
]
FormatChoice = Annotated[Format, typer.Option("--format", help="How to write it.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="File to write instead.")
]
Paths = Annotated[list[Path], typer.Argument(help="Files or folders.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(help="Publish this day (YYYY-MM-DD) against the gate."),
]
Replace = Annotated[
    bool, typer.Option(help="Let these days take the place of stored ones.")
]
Wait = Annotated[float, typer.Option(help="Seconds to wait for another ingest to end.")]


@ingest_app.callback()
def make_way() -> None:
    """Bring data in: listings, archives, vendor files, memberships."""
    if hasattr(os, "nice"):
        os.nice(10)  # visitors of the app go before


@ingest_app.command("listings")
def ingest_listings(
    paths: Paths,
    store: StoreFolder = DEFAULT_STORE,
    accept: Accept = None,
    replace: Replace = False,
    wait: Wait = 30.0,
) -> None:
    """Tables of all listings by day, CSV or Parquet."""
    with _progress() as show:
        options = _options(accept, replace, wait, show)
        _report(ingest.listings(store, paths, options))


@ingest_app.command("archive")
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
    with _progress() as show:
        options = _options(accept, replace, wait, show)
        options = dataclasses.replace(options, folders_are_nights=nights)
        _report(ingest.archive(store, paths, options))


@ingest_app.command("vendor")
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
    with _progress() as show:
        options = _options(accept, replace, wait, show, map_)
        _report(ingest.vendor(store, paths, options))


@ingest_app.command("memberships")
def ingest_memberships(
    paths: Paths,
    store: StoreFolder = DEFAULT_STORE,
    index: Annotated[
        str | None, typer.Option(help="Index that a holdings CSV stands for.")
    ] = None,
    wait: Wait = 30.0,
) -> None:
    """iShares holdings CSV, or tables of dated holdings (CSV, Parquet)."""
    if index is not None and index not in INDEXES:
        raise BadRequest(f"There is no index '{index}'; choose {', '.join(INDEXES)}.")
    with _progress() as show:
        options = _options(None, False, wait, show)
        _report(ingest.memberships(store, paths, options, index))


@app.command()
def demo(store: StoreFolder = DEFAULT_STORE, wait: Wait = 30.0) -> None:
    """Build the demo market, synthetic and marked so, in an empty store."""
    with _progress() as show:
        _report(ingest.demo_market(store, _options(None, False, wait, show)))


@app.command()
def redraw(store: StoreFolder = DEFAULT_STORE) -> None:
    """Draw all stored break points anew, as after the rules have changed."""
    ingest.redraw(store)


@app.command()
def status(
    store: StoreFolder = DEFAULT_STORE,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """What the store holds: days, sources, memberships, refusals."""
    facts = Store(store)
    days = facts.days()
    published = facts.published_days()
    lists = facts.membership_lists()
    counts = facts.quarantine_counts()
    rows = {
        "store": str(store),
        "market": facts.manifest().market,
        "generation": str(facts.generation),
        "first_day": _day_text(published, 0),
        "last_day": _day_text(published, -1),
        "published_days": str(len(published)),
        "held_back_days": str(int((days["status"] != "published").sum())),
        "quarantined_rows": str(int(counts["row_count"].sum())),
        "membership_lists": str(len(lists)),
        "last_membership": str(lists["as_of"].max().date()) if len(lists) else "none",
        "sources": ", ".join(sorted(days["source"].unique())),
    }
    table = pd.DataFrame({"what": list(rows), "value": list(rows.values())})
    _write(table, format_, output)


@app.command("break-points")
def break_points(
    store: StoreFolder = DEFAULT_STORE,
    since: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD.")] = None,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Break point and band edges of every index, session by session.

    Columns: snapshot_date, index, break_point_usd, band_low_usd, band_high_usd, rank
    (the rank the line is drawn at). MICRO is the Microcap's upper line at 2,000.
    """
    facts = Store(store)
    last = facts.day_on_or_before(_day(until, "until") or date.max)
    lines = facts.break_points(_day(since, "since") or date(1, 1, 1), last)
    if lines.empty:
        raise BadRequest(
            f"No published session lies between {since} and {until or last}; the store "
            f"holds {_day_text(facts.published_days(), 0)} to {last}."
        )
    names = pd.DataFrame(
        {"rank": entry.line_rank, "index": code} for code, entry in INDEXES.items()
    )
    columns = ["snapshot_date", "index", *LINE_COLUMNS, "rank"]
    table = lines.merge(names, on="rank", validate="many_to_many")
    table["order"] = table["index"].map({code: n for n, code in enumerate(INDEXES)})
    table = table.sort_values(["snapshot_date", "order"], ignore_index=True)
    _write(table[columns], format_, output)


LINE_COLUMNS = ["break_point_usd", "band_low_usd", "band_high_usd"]
PROJECTED_COLUMNS = [
    "symbol",
    "name",
    "company",
    "rank",
    "total_market_cap_usd",
    "cumulative_cap_frac",
    "current_index",
    "projected_index",
    "move",
    "eligible",
    "ineligible_reason",
    "close_usd",
    "exchange",
    "sector",
    "industry",
    "country",
    "snapshot_date",
]


@app.command()
def project(
    as_of: Annotated[str, typer.Option("--as-of", help="Day, YYYY-MM-DD.")],
    store: StoreFolder = DEFAULT_STORE,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """Every listed security of the day with rank, index now, index projected, move.

    One row a security; the classes of one company share rank and index. Columns:
    symbol, name, company, rank, total_market_cap_usd, cumulative_cap_frac,
    current_index, projected_index (R1000, R2000, MICRO or nothing), move, eligible,
    ineligible_reason, close_usd, exchange, sector, industry, country, snapshot_date.
    """
    day = _day(as_of, "as-of")
    if day is None:
        raise BadRequest("--as-of needs a day, such as 2024-04-30.")
    projection = reconstitution.project(Store(store), day)
    table = projection.securities.sort_values(["rank", "symbol"], ignore_index=True)
    table = table.assign(rank=table["rank"].astype("Int64"))
    _write(table[PROJECTED_COLUMNS], format_, output)


class ScoreFormat(StrEnum):
    """How scores are written."""

    TABLE = "table"
    JSON = "json"


@app.command("backtest")
def backtest_(
    store: StoreFolder = DEFAULT_STORE,
    year: Annotated[
        list[int] | None, typer.Option(help="June event; all else.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Project as of an earlier day.")
    ] = None,
    before: Annotated[
        Path | None, typer.Option(help="Lists known before, beside the store's.")
    ] = None,
    after: Annotated[
        Path | None, typer.Option(help="Lists of what came, instead of the store's.")
    ] = None,
    format_: Annotated[
        ScoreFormat, typer.Option("--format", help="How to write it.")
    ] = ScoreFormat.TABLE,
) -> None:
    """Score the projections of past June events against what came.

    Lists: up (R2000 to R1000), down, additions_r2000 (from outside), deletions_r2000
    (to nowhere), r1000 and r2000 (whole). Files of lists are CSV or Parquet with index,
    as_of and ticker, or year, side, index, as_of, ticker_key.
    """
    facts, day = Store(store), _day(as_of, "as-of")
    years = year or ([day.year] if day else backtest.years_of(facts))
    given = {
        "before": None if before is None else _table(before),
        "after": None if after is None else _table(after),
    }
    scored, refused = [], []
    for each in years:
        try:
            scored.append(backtest.score(facts, each, day, **given))
        except ReconError as error:
            refused.append(str(error))
    if format_ is ScoreFormat.JSON:
        sys.stdout.write(json.dumps(backtest.as_json(scored), indent=1) + "\n")
    elif scored:
        sys.stdout.write(_as_table(backtest.as_table(scored)))
    if refused or not scored:
        raise BadRequest(" ".join(refused) or "The store holds no June event to score.")


def _table(path: Path) -> pd.DataFrame:
    """Read a table of lists."""
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path)
    except ValueError as error:
        raise SourceUnreadable(
            f"{path} could not be read as a table: {error}"
        ) from None


def _write(table: pd.DataFrame, format_: Format, output: Path | None) -> None:
    """Write a table to the file or to standard output in the form asked for."""
    if format_ is Format.PARQUET:
        if output is None:
            raise BadRequest("Parquet is not text; name a file with -o FILE.")
        table.to_parquet(output, index=False)
        return
    days = table.select_dtypes("datetime").columns
    texts = table.assign(**{day: table[day].dt.strftime("%Y-%m-%d") for day in days})
    if format_ is Format.CSV:
        text = texts.to_csv(index=False)
    elif format_ is Format.JSON:
        text = texts.to_json(orient="records", double_precision=15) + "\n"
    else:
        text = _as_table(texts)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


def _as_table(table: pd.DataFrame) -> str:
    buffer = io.StringIO()
    shown = table.astype(object).where(table.notna(), "")
    for name in table.select_dtypes("float").columns:
        form = "{:,.6f}" if name.endswith("_frac") else "{:,.2f}"
        shown[name] = [form.format(v) if pd.notna(v) else "" for v in table[name]]
    shown.to_string(buffer, index=False, max_colwidth=40)
    return buffer.getvalue() + "\n"


def _options(
    accept: list[str] | None,
    replace: bool,
    wait: float,
    show: ingest.Progress,
    mapping: list[str] | None = None,
) -> ingest.Options:
    pairs = [text.split("=", 1) for text in mapping or []]
    wrong = [pair for pair in pairs if len(pair) != 2]
    if wrong:
        raise BadRequest(
            f"--map takes OURS=THEIRS, such as close_usd=Last; got {wrong}."
        )
    days = frozenset(_day(text, "accept") or date.min for text in accept or [])
    return ingest.Options(
        accept=days,
        replace=replace,
        wait_seconds=wait,
        mapping={ours: theirs for ours, theirs in pairs},
        progress=show,
    )


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise BadRequest(
            f"--{option} is '{text}'; expected a day such as 2024-04-30."
        ) from None


def _day_text(days: pd.DatetimeIndex, at: int) -> str:
    return str(days[at].date()) if len(days) else "none"


@contextmanager
def _progress() -> Iterator[ingest.Progress]:
    """Show a bar on standard error, where somebody watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what, fraction: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def show(what: str, fraction: float) -> None:
            bar.update(task, description=what, completed=fraction)

        yield show


def _report(taken: list[ingest.Taken]) -> None:
    for file in taken:
        parts = [
            f"{file.origin}: {file.offered:,} rows offered, "
            f"{file.accepted:,} accepted, {file.quarantined:,} quarantined"
        ]
        if file.published_days:
            parts.append(f"{file.published_days:,} days published")
        parts += [f"held back {day}: {reason}" for day, reason in file.held_back]
        typer.echo("; ".join([*parts, *([file.note] if file.note else [])]))


def main() -> int:
    """Run the command line; return the exit code."""
    try:
        app(standalone_mode=False)
    except ReconError as error:
        print(f"recon: {error}", file=sys.stderr)
        return 1
    except typer.Exit as done:
        return done.exit_code
    except typer.Abort:
        print("recon: stopped; what was published before stays.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"recon: {error.strerror or error}: {error.filename}", file=sys.stderr)
        return 1
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            print(f"recon: {error.format_message()}", file=sys.stderr)
            return int(error.exit_code)
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
