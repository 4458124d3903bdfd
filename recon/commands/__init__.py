"""The command line, a file for each group of commands; `recon.__main__` lists them.

What they share is here: options, reading a day, writing a table, showing progress.
Heavy libraries are imported where they are used, so that help and `status` are quick.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recon.errors import BadRequest, SourceUnreadable

if TYPE_CHECKING:
    import pandas as pd

    from recon.ingest import Counters
    from recon.jobs import runs

Show = Callable[[str, float], None]
DEFAULT_STORE = Path(__file__).resolve().parents[2] / "store"


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


def make_way() -> None:
    """Lower this process's priority: visitors of the app go first."""
    if hasattr(os, "nice"):
        os.nice(10)


def read_table(path: Path) -> "pd.DataFrame":
    """Read a CSV or Parquet file; SourceUnreadable if it is not one."""
    import pandas as pd

    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path)
    except ValueError as error:
        raise SourceUnreadable(
            f"{path} could not be read as a table: {error}"
        ) from None


def write(table: "pd.DataFrame", format_: Format, output: Path | None) -> None:
    """Write a table to the file, or to standard output without one."""
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
        text = as_text(texts)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


def as_text(table: "pd.DataFrame") -> str:
    """Return a table as a person reads it in a terminal."""
    buffer = io.StringIO()
    shown = table.astype(object).where(table.notna(), "")
    for name in table.select_dtypes("float").columns:
        form = "{:,.6f}" if name.endswith("_frac") else "{:,.2f}"
        shown[name] = table[name].map(form.format, na_action="ignore").fillna("")
    shown.to_string(buffer, index=False, max_colwidth=40)
    return buffer.getvalue() + "\n"


def day_of(text: str | None, option: str) -> date | None:
    """Parse an option's day; BadRequest if it is not one."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise BadRequest(
            f"--{option} is '{text}'; expected a day such as 2024-04-30."
        ) from None


def day_at(days: "pd.DatetimeIndex", at: int) -> str:
    """Return the day at a position as text, ``none`` if there are no days."""
    return str(days[at].date()) if len(days) else "none"


class Watch:
    """Where a command reports progress: a bar on a terminal, and the run's record.

    `message` collects what the command says, for the record of a finished run.
    """

    def __init__(self, bar: Show | None, recorder: "runs.Recorder | None") -> None:
        self._bar, self._recorder = bar, recorder

    def __call__(
        self, what: str, fraction: float, counters: "Counters | None" = None
    ) -> None:
        """Report the current step and the fraction of the work that is done."""
        if self._bar is not None:
            self._bar(what, fraction)
        if self._recorder is not None:
            self._recorder(what, fraction, counters)

    def note_request(self, request: Mapping[str, object]) -> None:
        """Record one request to a provider, see `runs.REQUEST_COLUMNS`."""
        if self._recorder is not None:
            self._recorder.note_request(request)

    def say(self, message: str) -> None:
        """Print a line and add it to the run's message."""
        typer.echo(message)
        if self._recorder is not None:
            self._recorder.message = "\n".join(
                filter(None, [self._recorder.message, message])
            )


@contextmanager
def progress(run: Path | None = None) -> Iterator[Watch]:
    """Show a progress bar on a terminal, and keep the record of a run.

    `run` is the folder of the run's record; without it `RECON_RUN` names the folder.
    """
    from recon.jobs import processes, runs

    named = os.environ.get(processes.RUN)
    folder = run or (Path(named) if named else None)
    with ExitStack() as stack:
        recorder = stack.enter_context(runs.recorded(folder)) if folder else None
        yield Watch(stack.enter_context(_bar()), recorder)


@contextmanager
def _bar() -> Iterator[Show | None]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def show(what: str, fraction: float) -> None:
            bar.update(task, description=what, completed=fraction)

        yield show
