"""Check recon: python3 test.py

Uses the environment of start.py plus requirements-dev.txt, and like start.py only
syntax that Python 2.7 can parse.
"""

import os
import subprocess
import sys

import start

DEV_REQUIREMENTS = os.path.join(start.PROJECT, "requirements-dev.txt")
LINT = [["ruff", "check", "."], ["ruff", "format", "--check", "."]]
TYPES = [["mypy"]]
# Two workers for two cores; a browser test stays with its file on one of them.
TESTS = ["pytest", "-n", "2", "--dist", "loadgroup", "-rfE"]
USAGE = """\
usage: python3 test.py [argument of pytest ...]

Without arguments: lint (ruff), types (mypy), then every test (pytest), in a
browser too where there is Chrome or Chromium. All three run even if one fails.

With arguments, only pytest runs and gets them, for instance:
  python3 test.py -k bands                the tests with 'bands' in their name
  python3 test.py -m "not browser"        all but the browser tests
  python3 test.py tests/test_start.py -x  one file, up to its first failure

With CI=true in the environment a missing browser is a failure, not a skip.
"""


def main(arguments):
    """Run the checks and say which failed."""
    if arguments in (["-h"], ["--help"]):
        start.say(USAGE)
        return 0
    python = start.prepare([start.REQUIREMENTS, DEV_REQUIREMENTS])
    from tests.browser import chrome

    if chrome.find() is None:
        start.say("The browser tests do not run: {}".format(chrome.missing()))
    checks = [("tests", [TESTS + arguments])]
    if not arguments:
        checks = [("lint", LINT), ("types", TYPES)] + checks
    failed = [name for name, commands in checks if not passes(python, commands)]
    if failed:
        start.say("test.py: FAILED: {}".format(", ".join(failed)))
        return 1
    start.say("test.py: all well: {}".format(", ".join(name for name, _ in checks)))
    return 0


def passes(python, commands):
    """Run every command, also after one that fails; return whether all passed."""
    codes = []
    for command in commands:
        start.say("$ " + " ".join(command))
        codes.append(run([python, "-m"] + command))
    return not any(codes)


def run(command):
    """Run a command to its end and return its exit code."""
    process = subprocess.Popen(command, cwd=start.PROJECT, stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The command was interrupted too, and may have servers to end.
        process.wait(timeout=30)
        raise
    finally:
        start.stop(process)


if __name__ == "__main__":
    sys.exit(start.run_command(main, sys.argv[1:]))
