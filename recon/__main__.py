"""The command line: the same calls as the pages, on the same store.

Errors go to standard error as one sentence; the exit code is 0 only when what was
asked was done.
"""

import os
import sys

import typer

from recon.commands import daily, ingest, live, market, note, scores
from recon.errors import ReconError

app = typer.Typer(
    help="Russell US reconstitutions: break points, candidates, and where they drift.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
ingest.app.command("yahoo")(live.yahoo)
ingest.app.command("estimate")(live.estimate)
app.add_typer(ingest.app, name="ingest")
app.command()(ingest.demo)
app.command()(ingest.redraw)
app.command()(daily.daily)
app.command()(market.status)
app.command("break-points")(market.break_points)
app.command()(market.project)
app.command()(market.style)
app.command("backtest")(scores.score)
app.add_typer(note.app, name="note")


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
