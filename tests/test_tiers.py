"""What a skipped test means on a developer's machine, and where CI=true."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sharing_out import GROUPS

PROJECT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow

TESTS = """
import pytest
from pathlib import Path

@pytest.mark.shared(Path("absent"))
def test_of_a_real_file(): pass

def test_without_a_browser():
    pytest.skip("no browser")

@pytest.mark.xfail
def test_of_a_known_fault():
    assert False
"""
CONFTEST = """
from pathlib import Path

import tests.conftest
from tests.conftest import pytest_runtest_makereport, pytest_runtest_setup

tests.conftest.SHARED = Path({shared!r})
"""


@pytest.mark.parametrize(
    ("ci", "has_shared", "outcome"),
    [
        pytest.param("", True, "2 skipped, 1 xfailed", id="a developer may skip"),
        pytest.param("true", True, "1 failed, 1 xfailed, 1 error", id="CI may not"),
        pytest.param(
            "true", False, "1 failed, 1 skipped, 1 xfailed", id="CI without ../shared"
        ),
    ],
)
def test_a_skipped_test_fails_where_ci_is_true(
    tmp_path: Path, ci: str, has_shared: bool, outcome: str
) -> None:
    shared = tmp_path if has_shared else tmp_path / "shared"
    (tmp_path / "conftest.py").write_text(CONFTEST.format(shared=str(shared)))
    (tmp_path / "test_one.py").write_text(TESTS)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path)),
            *("-c", str(PROJECT / "pyproject.toml"), str(tmp_path)),
        ],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    counts = re.sub(r", \d+ warnings?", "", done.stdout)
    assert f"{outcome} in " in counts, done.stdout


def test_every_file_that_is_kept_together_exists() -> None:
    assert [file for file in GROUPS if not (PROJECT / file).is_file()] == []
