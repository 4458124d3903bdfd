"""The command line: what it lists, what it imports, how it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from recon.__main__ import COMMANDS, INGEST, NOTE, OFFICIAL, loaded, main, summary
from recon.commands import Watch
from recon.commands.ingest import report
from recon.ingest import Taken

# each takes a tenth of a second or more to import
HEAVY = {
    "curl_cffi",
    "docx",
    "duckdb",
    "exchange_calendars",
    "kaleido",
    "numpy",
    "openpyxl",
    "pandas",
    "pandera",
    "plotly",
    "pptx",
    "pyarrow",
    "scipy",
    "streamlit",
    "yfinance",
}
ENTRIES = {
    **COMMANDS,
    **{f"ingest {name}": entry for name, entry in INGEST.items()},
    **{f"official {name}": entry for name, entry in OFFICIAL.items()},
    **{f"note {name}": entry for name, entry in NOTE.items()},
}
RUN = """
import sys
from recon.__main__ import main
code = main()
print(*{name.split(".")[0] for name in sys.modules}, file=sys.stderr)
sys.exit(code)
"""


def imported_by(*arguments: str) -> set[str]:
    """Run the command line in a process of its own; return the packages it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["ingest", "--help"]], ids=str)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported_by(*arguments) & HEAVY == set()


def test_status_imports_what_reads_a_store_and_no_more(demo_store: Path) -> None:
    heavy = imported_by("status", "--store", str(demo_store)) & HEAVY
    assert heavy - {"pyarrow"} == {"duckdb", "numpy", "pandas"}


def test_the_demo_command_succeeds_and_says_which_day_is_broken_on_purpose(
    demo_taken: list[Taken], capsys: pytest.CaptureFixture[str]
) -> None:
    report(demo_taken, Watch(None, None))  # ends the command with its exit code else
    words = "2025-10-01 is broken on purpose and held back: "
    (line,) = [line for line in capsys.readouterr().out.splitlines() if words in line]
    assert line.startswith("demo market 2025: ")


@pytest.mark.parametrize("name", ENTRIES)
def test_the_list_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    function = ENTRIES[name]
    command = loaded(name, function)
    assert command.help.split("\n\n")[0].replace("\n", " ") == summary(function)


def test_a_mistyped_command_is_refused_with_the_nearest_one(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["recon", "statsu"])
    assert main() == 2
    said = "recon: No such command 'statsu'. Did you mean 'status'?\n"
    assert capsys.readouterr().err == said


def test_without_a_command_the_help_is_shown(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["recon"])
    assert main() == 2
    printed = capsys.readouterr()
    assert all(name in printed.out for name in [*COMMANDS, "ingest", "note"])
    assert printed.err == ""
