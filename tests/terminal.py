"""The command line as a person uses it, without a process of its own."""

import io
from contextlib import redirect_stderr, redirect_stdout

import typer

from recon.__main__ import app


def run(*arguments: str) -> tuple[int, str]:
    """Run `recon` with these arguments; return its exit code and what it printed."""
    printed, code = io.StringIO(), 0
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            code = app(list(arguments), standalone_mode=False) or 0
        except typer.Exit as done:
            code = done.exit_code
    return code, printed.getvalue()
