"""What other programs import: `from recon import Store, project, …`."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import recon
from recon import Store, break_points, project, rulebook, schedule


def test_a_notebook_does_what_a_page_does(demo_store: Path) -> None:
    facts, day = Store(demo_store), date(2026, 5, 20)
    projection = project(facts, day)
    assert projection.event == schedule.coming(day)
    assert projection.rules == rulebook.rulebook(projection.snapshot_date)
    lines = break_points(facts, day, day)
    stored = facts.break_points(day, day)
    pd.testing.assert_frame_equal(lines, stored, check_dtype=False)


def test_importing_recon_imports_nothing_of_it() -> None:
    command = "import sys, recon; print([n for n in sys.modules if n[:6] == 'recon.'])"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", recon.__all__)
def test_a_public_name_is_documented(name: str) -> None:
    assert (getattr(recon, name).__doc__ or "").strip()
    assert f"`{name}`" in Path("README.md").read_text("utf-8")


def test_a_name_that_there_is_not_is_told() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = recon.nothing
