"""The sentences that answer a page's question."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from recon.exhibits import headlines
from recon.studies.break_points import Standing

STANDING = Standing(
    rank=1000,
    snapshot_date=date(2024, 5, 2),
    break_point_usd=4.8e9,
    band_low_usd=2.7e9,
    band_high_usd=7.3e9,
    base_date=date(2024, 4, 30),
    base_break_point_usd=4.7e9,
    change_frac=0.021,
    adjusted_break_point_usd=4.8e9,
    against_market_frac=0.0,
)
MOVERS = [
    ("migration up", 900),
    ("migration down", 1400),
    ("addition", 2500),
    ("deletion", 3100),
    ("deletion", np.nan),
]


@pytest.mark.parametrize(
    ("count", "leaving"),
    [
        pytest.param(5, "2 deletions (1 ineligible)", id="one unranked"),
        pytest.param(4, "1 deletion", id="all ranked"),
    ],
)
def test_the_overview_counts_members_no_longer_ranked(count: int, leaving: str) -> None:
    movers = pd.DataFrame(MOVERS[:count], columns=["move", "rank"])
    assert headlines.overview_answer(STANDING, movers) == (
        "The Russell 1000/2000 line stands at $4.8bn, 2.1% above the rank day of "
        "30 Apr 2024; on that ranking 1 company would move up to the Russell 1000 and "
        "1 down to the Russell 2000, and the Russell 3000 would have 1 addition and "
        f"{leaving}."
    )
