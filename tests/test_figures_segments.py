"""Figures of small against large caps."""

import numpy as np
import pytest

from recon import schedule
from recon.charts import segments as figures
from recon.studies.segments import catch_up
from tests.test_segments import DAYS, both, segment_days


def test_the_path_and_the_gap_are_drawn_with_their_finding() -> None:
    days = segment_days(*both(1, -0.1, 0.0, 0.0), *both(2, 0.0, 0.1, 0.0))
    path = catch_up.relative(days, DAYS[0].date())
    made = figures.relative(path, schedule.reconstitutions(), "light")
    assert made.layout.meta["title"] == (
        "Small caps are 18.2% behind large ones since 22 Apr 2024"
    )
    assert np.asarray(made.data[0].y).tolist() == pytest.approx([100, 90, 90 / 1.1])
    parts = catch_up.decompose(days, DAYS[0].date())
    bars = figures.gap(parts, "dark", since=DAYS[0].date())
    assert bars.data[0].x[0] == pytest.approx(-20)  # points
    assert sum(bars.data[0].x[1:]) == pytest.approx(-20)
    alone = figures.relative(path.head(1), (), "light")
    assert alone.layout.annotations[0].text == figures.NO_PATH
