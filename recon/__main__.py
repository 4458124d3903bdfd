"""The command line: the same calls as the pages, on the same store.

Errors go to standard error as one sentence, and the exit code is 0 only if the command
did what was asked.
"""

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperCommand

from recon.commands import make_way
from recon.errors import ReconError

Settings = dict[str, Any]
# name -> (function in recon.commands, help, settings of its options if any);
# a group is a table of its own
INGEST = {
    "listings": (
        "ingest.ingest_listings",
        "Tables of all listings by day, CSV or Parquet.",
    ),
    "archive": (
        "ingest.ingest_archive",
        "Nasdaq screener archives: folders YYYY-MM-DD, or a local git clone.",
    ),
    "vendor": (
        "ingest.ingest_vendor",
        "Any CSV, Parquet or XLSX with date, symbol, price and market cap.",
    ),
    "memberships": (
        "ingest.ingest_memberships",
        "iShares holdings (CSV, JSON), or tables of dated holdings (CSV, Parquet).",
    ),
    "holdings": (
        "ingest.ingest_holdings",
        "Fetch holdings of iShares' Russell funds: IWB IWM IWV IWC IWF IWD IWO IWN.",
    ),
    "fundamentals": (
        "ingest.ingest_fundamentals",
        "Book value, growth and analysts by company: CSV, Parquet or XLSX.",
    ),
    "yahoo": (
        "live.yahoo",
        "Today's whole market from Yahoo Finance, once the New York close is final.",
    ),
    "estimate": (
        "live.estimate",
        "History without an archive: closes times share counts from Yahoo, estimates.",
    ),
}
NOTE = {
    "preview": (
        "note.preview",
        "Write the reconstitution preview of a day: lines, moves, names, accuracy.",
    ),
    "export": (
        "note.export",
        "Write a saved note, made anew for --as-of, or as it was kept without it.",
    ),
}
COMMANDS: dict[str, tuple[Any, ...]] = {
    "demo": (
        "ingest.demo",
        "Build the demo market, synthetic and marked so, in an empty store.",
    ),
    "redraw": (
        "ingest.redraw",
        "Draw all stored break points anew, as after the rules have changed.",
    ),
    "daily": (
        "daily.daily",
        "One day's work: the market from Yahoo, and index holdings when due.",
    ),
    "status": (
        "status.status",
        "What the store holds: days, sources, memberships, refusals.",
    ),
    "break-points": (
        "market.break_points",
        "Break point and band edges of every index, session by session.",
    ),
    "project": (
        "market.project",
        "Every listed security of the day with rank, index now, index projected, move.",
    ),
    "exhibits": (
        "exhibits.listed",
        "Every chart and table that the pages show, with what it can be asked.",
    ),
    "exhibit": (
        "exhibits.make",
        "Write one chart or table, with the numbers of its page.",
        {"ignore_unknown_options": True, "allow_extra_args": True},
    ),
    "style": (
        "market.style",
        "Value and growth of every listing, by the rules, as if ranked on a day.",
    ),
    "backtest": (
        "scores.score",
        "Score the projections of past June events against what came.",
    ),
}


def loaded(name: str, function: str, settings: Settings | None = None) -> Any:
    """Import a function of `recon.commands` and return it as a command."""
    module, function_name = function.split(".")
    commands = importlib.import_module(f"recon.commands.{module}")
    alone = typer.Typer(add_completion=False)
    alone.command(name, context_settings=settings)(getattr(commands, function_name))
    return typer.main.get_command(alone)


def group(help_: str, table: Mapping[str, tuple[Any, ...]]) -> typer.Typer:
    """Return a table's commands; each is imported when it is called."""
    commands = typer.Typer(
        help=help_,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for name, (function, sentence, *settings) in table.items():
        lazy = _lazy(function, *settings)
        commands.command(name, help=sentence, cls=lazy)(_called_elsewhere)
    return commands


def _lazy(function: str, settings: Settings | None = None) -> type[TyperCommand]:
    class LazyCommand(TyperCommand):
        def make_context(self, *arguments: Any, **options: Any) -> Any:
            command = loaded(str(self.name), function, settings)
            return command.make_context(*arguments, **options)

    return LazyCommand


def _called_elsewhere() -> None:
    """Stand for a function that is not imported yet."""


app = group(
    "Russell US reconstitutions: break points, candidates, and where they drift.",
    COMMANDS,
)
app.add_typer(
    group("Bring data in: listings, archives, vendor files, memberships.", INGEST),
    name="ingest",
    callback=make_way,
)
app.add_typer(
    group("Research notes: slides, documents, workbooks, web pages.", NOTE), name="note"
)


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
            if message := error.format_message():
                print(f"recon: {message}", file=sys.stderr)
            return int(error.exit_code)
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
