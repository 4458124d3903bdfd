"""The checks of test.py: lint, types and three tiers of tests."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from launcher.environment import (
    DEV_REQUIREMENTS,
    PROJECT,
    REQUIREMENTS,
    prepare,
    say,
)
from launcher.serving import stop
from tests.browser import chrome

Command = list[str]
LINT = [["ruff", "check", "."], ["ruff", "format", "--check", "."]]
TYPES = [["mypy"]]
# Three workers for two cores, for browsers and servers are waited for much of the time;
# tests/sharing_out.py says which tests stay together.
TESTS = ["pytest", "-n", "3", "-rfE"]
# A worker's small sums are slower where threads wait for each other.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
TIERS = {
    "--fast": "not slow and not browser and not shared and not long",
    "--offline": "not shared and not long",
    "--shared": "shared and not long",
    "--long": "long",
}
EVERY_DAY = "not long"
USAGE = """\
usage: python3 test.py [--fast | --offline | --shared] [argument of pytest ...]

Without arguments: lint (ruff), types (mypy), then the tests (pytest) but for the long
ones. All three run even if one fails. A tier takes the place of the tests:
  --fast      what one runs at every edit: under a minute; loads no market, opens
              no browser
  --offline   all that need nothing but this checkout, in a browser too if there is one
  --shared    those on the real files of ../shared, which skip where it is absent
  --long      wide walks and long runs that are otherwise left out: twenty kills, every
              page on four real years, millions of rows; before a release

With arguments of pytest, only pytest runs, for instance:
  python3 test.py -k bands                the tests with 'bands' in their name
  python3 test.py --fast -x               the fast tests, up to the first failure
  python3 test.py tests/test_bands.py     one file

With CI=true in the environment a test that cannot run fails, for want of a browser for
instance, unless it needs ../shared and there is none.
"""


def main(arguments: Sequence[str]) -> int:
    """Run the checks and report which failed."""
    if set(arguments) & {"-h", "--help"}:
        say(USAGE)
        return 0
    tier = [word for word in arguments if word in TIERS]
    rest = [word for word in arguments if word not in TIERS]
    marks = [] if rest and not tier else ["-m", TIERS[tier[0]] if tier else EVERY_DAY]
    python = prepare([REQUIREMENTS, DEV_REQUIREMENTS])
    if chrome.find() is None:
        say(f"The browser tests do not run: {chrome.missing()}")
    checks = {} if rest else {"lint": LINT, "types": TYPES}
    checks["tests"] = [[*TESTS, *marks, *rest]]
    failed = [name for name, commands in checks.items() if not passes(python, commands)]
    if failed:
        say(f"test.py: FAILED: {', '.join(failed)}")
        return 1
    say(f"test.py: all well: {', '.join(checks)}")
    return 0


def passes(python: Path, commands: Sequence[Command]) -> bool:
    """Run every command, even after one that fails; return whether all passed."""
    codes = []
    for command in commands:
        say("$ " + " ".join(command))
        codes.append(run([str(python), "-m", *command]))
    return not any(codes)


def run(command: Command) -> int:
    """Run a command to its end and return its exit code."""
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **ONE_THREAD},
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The command was interrupted too, and may have servers to end.
        process.wait(timeout=30)
        raise
    finally:
        stop(process)
