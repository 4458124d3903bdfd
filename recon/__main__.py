"""The command line: the same calls as the pages, on the same store.

Errors go to standard error as one sentence, and the exit code is 0 only if the command
did what was asked.
"""

import ast
import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from recon.commands import make_way
from recon.errors import ReconError

# name -> function in recon.commands; a group is a table of its own
INGEST = {
    "listings": "ingest.ingest_listings",
    "archive": "ingest.ingest_archive",
    "vendor": "ingest.ingest_vendor",
    "memberships": "ingest.ingest_memberships",
    "holdings": "ingest.ingest_holdings",
    "official": "ingest.ingest_official",
    "fundamentals": "ingest.ingest_fundamentals",
    "filings": "filings.filings",
    "assets": "ingest.ingest_assets",
    "rates": "ingest.ingest_rates",
    "segments": "ingest.ingest_segments",
    "refused": "ingest.ingest_refused",
    "yahoo": "live.yahoo",
    "estimate": "live.estimate",
}
OFFICIAL = {"board": "official.board"}
NOTE = {"preview": "note.preview", "export": "note.export"}
COMMANDS = {
    "demo": "ingest.demo",
    "redraw": "ingest.redraw",
    "daily": "daily.daily",
    "status": "status.status",
    "check": "check.check",
    "break-points": "market.break_points",
    "project": "market.project",
    "changes": "changes.changes",
    "exhibits": "exhibits.listed",
    "exhibit": "exhibits.make",
    "style": "market.style",
    "calendar": "calendar.calendar",
    "alert": "alerts.alert",
    "demand": "demand.demand",
    "backtest": "scores.score",
    "forecast": "forecast.forecast",
    "calibration": "forecast.calibration",
    "freeze": "forecast.freeze",
    "events": "events.events",
    "segments": "segments.segments",
}
# only the exhibit knows its parameters
SETTINGS = {"exhibit": {"ignore_unknown_options": True, "allow_extra_args": True}}


def loaded(name: str, function: str) -> Any:
    """Import a function of `recon.commands` and return it as a command."""
    module, function_name = function.split(".")
    commands = importlib.import_module(f"recon.commands.{module}")
    alone = typer.Typer(add_completion=False)
    command = alone.command(name, context_settings=SETTINGS.get(name))
    command(getattr(commands, function_name))
    return typer.main.get_command(alone)


def group(help_: str, table: Mapping[str, str]) -> typer.Typer:
    """Return a table's commands; each is imported when it is called."""
    commands = typer.Typer(
        help=help_,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for name, function in table.items():
        lazy = commands.command(name, help=summary(function), cls=_lazy(function))
        lazy(lambda: None)
    return commands


def summary(function: str) -> str:
    """Read the first line of a command's docstring without importing it."""
    module, name = function.split(".")
    text = (Path(__file__).parent / "commands" / f"{module}.py").read_text("utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    raise LookupError(f"There is no command {function}.")


def _lazy(function: str) -> type[TyperCommand]:
    class LazyCommand(TyperCommand):
        def make_context(self, *arguments: Any, **options: Any) -> Any:
            command = loaded(str(self.name), function)
            return command.make_context(*arguments, **options)

    return LazyCommand


app = group(
    "Russell US reconstitutions: breakpoints, candidates, and where they drift.",
    COMMANDS,
)
app.add_typer(
    group("Bring data in: listings, archives, vendor files, memberships.", INGEST),
    name="ingest",
    callback=make_way,
)
app.add_typer(
    group("Official lists of an event beside ours.", OFFICIAL), name="official"
)
app.add_typer(
    group("Research notes: slides, documents, workbooks, web pages.", NOTE), name="note"
)


def main() -> int:
    """Run the command line; return the exit code."""
    try:
        code = app(standalone_mode=False)
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
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
