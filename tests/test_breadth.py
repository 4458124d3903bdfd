"""How wide a move is, by hand-made days of one segment."""

import numpy as np
import pandas as pd
import pytest

from recon.charts import breadth as figures
from recon.studies import breadth

DAYS = pd.bdate_range("2024-01-02", periods=25)


def days_of(**last: float) -> pd.DataFrame:
    """Days of one segment: a tenth above its averages, but for the last one."""
    table = pd.DataFrame(
        {
            "snapshot_date": DAYS,
            "segment": "R2000",
            "sector": "",
            "members": 10,
            "cap_weighted_frac": 0.0,
            "equal_weighted_frac": 0.0,
            "advances": 4,
            "declines": 4,
            "beating": 5,
            "known_50": 10,
            "above_50": 1,
            "known_200": 4,
            "above_200": 4,
            "known_year": 5,
            "new_highs": 1,
            "new_lows": 0,
        }
    )
    for name, value in last.items():
        table.loc[24, name] = value
    return table


def test_a_measure_counts_those_of_whom_it_is_known() -> None:
    found = breadth.history(days_of(above_50=7, known_50=8), "R2000")
    assert found["above_50_frac"].iloc[-1] == pytest.approx(7 / 8)
    # known of four in ten only; of five in ten is enough
    assert found["above_200_frac"].isna().all()
    assert found["net_highs_frac"].tolist() == pytest.approx([0.2] * 25)
    assert found["advances_frac"].isna().sum() == 19
    assert found["advances_frac"].iloc[-1] == pytest.approx(0.5)
    assert found["equal_lead_frac"].isna().all()


def test_standing_sets_the_last_day_against_all_days() -> None:
    (row,) = breadth.standing(days_of(above_50=7)).to_dict("records")
    assert (row["name"], row["members"]) == ("Russell 2000", 10)
    assert row["above_50_frac"] == pytest.approx(0.7)
    assert row["above_50_frac_percentile"] == 1
    (low,) = breadth.standing(days_of(above_50=0)).to_dict("records")
    assert low["above_50_frac_percentile"] == pytest.approx(1 / 25)
    assert np.isnan(low["above_200_frac_percentile"])


def test_the_figure_says_what_is_not_known_yet() -> None:
    table = breadth.history(days_of(known_200=10), "R2000")
    made = figures.above(table, "light", name="Russell 2000")
    assert made.layout.meta["title"] == (
        "40.0% of the Russell 2000 stand above the average of 200 sessions"
    )
    young = table.assign(above_50_frac=np.nan, above_200_frac=np.nan)
    empty = figures.above(young, "dark", name="Russell 2000")
    assert [note.text for note in empty.layout.annotations] == [figures.NOT_YET]
