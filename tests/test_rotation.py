"""Sectors that lead, small against large inside each, and what an event tilts."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from recon.charts import rotation as figures
from recon.studies import rotation
from tests.test_segments import DAYS, segment_days

SESSIONS = pd.bdate_range("2024-01-02", periods=160)


def sectors(gaining: np.ndarray) -> pd.DataFrame:
    """The Russell 3000, of which one sector moves and the other half stands."""
    parts = []
    for sector, moved in (
        ("", gaining / 2),
        ("Energy", gaining),
        ("Tech", 0 * gaining),
    ):
        parts.append(
            pd.DataFrame(
                {
                    "snapshot_date": SESSIONS,
                    "segment": "R3000",
                    "sector": sector,
                    "cap_weighted_frac": moved,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def test_a_sector_that_turns_up_leads_and_the_other_lags() -> None:
    turn = np.where(np.arange(160) < 140, 0.0005, 0.002 + np.arange(160) * 1e-5)
    found = rotation.relative(sectors(turn))
    last = found[found["snapshot_date"] == SESSIONS[-1]].set_index("sector")
    assert last["quadrant"].to_dict() == {
        "Energy": rotation.LEADING,
        "Tech": rotation.LAGGING,
    }
    assert last["strength"].sum() == pytest.approx(200, abs=0.2)
    made = figures.relative(found, "light")
    assert made.layout.meta["title"] == "Leading: Energy"
    empty = figures.relative(found.head(0), "dark")
    assert [note.text for note in empty.layout.annotations] == [figures.TOO_SHORT]


def test_small_against_large_is_compounded_inside_each_sector() -> None:
    days = segment_days(
        *((day, "R2000", sector, cap, 0.1) for day in (1, 2)
          for sector, cap in (("", 100), ("A", 100))),
        *((day, "R1000", sector, cap, made) for day in (1, 2)
          for sector, cap, made in (("", 1000, 0.0), ("A", 250, 0.05), ("B", 750, 0))),
    )  # fmt: skip
    found = rotation.inside_sectors(days, DAYS[0]).set_index("sector")
    row = found.loc["A"]
    assert row["small_frac"] == pytest.approx(0.21)
    assert row["large_frac"] == pytest.approx(0.1025)
    assert row["lead_frac"] == pytest.approx(1.21 / 1.1025 - 1)
    assert (row["small_weight_frac"], row["large_weight_frac"]) == (1, 0.25)
    assert np.isnan(found.loc["B", "lead_frac"])


def event() -> SimpleNamespace:
    """Four companies: the second and the third change places."""
    companies = pd.DataFrame(
        {
            "sector": ["Technology", None, "Technology", "Energy"],
            "total_market_cap_usd": [60.0, 20, 15, 5],
            "current_index": ["R1000", "R2000", "R1000", "R2000"],
            "projected_index": ["R1000", "R1000", "R2000", "R2000"],
        }
    )
    return SimpleNamespace(companies=companies, snapshot_date=DAYS[0])


def test_what_an_event_tilts_is_weight_by_the_rules_less_weight_now() -> None:
    found = rotation.tilt(event())  # type: ignore[arg-type]
    rows = found.set_index(["index", "sector"])["change_frac"]
    assert rows["R1000", "Technology"] == pytest.approx(60 / 80 - 1)
    assert rows["R1000", "not known"] == pytest.approx(20 / 80)
    assert rows["R2000", "Technology"] == pytest.approx(15 / 20)
    assert rows["R2000", "not known"] == pytest.approx(-20 / 25)
    made = figures.tilt(found, "light")
    assert made.layout.meta["title"] == "Most weight of the R2000 goes to Technology"


def test_a_statement_holds_where_the_part_grows() -> None:
    found = rotation.statements([event()])  # type: ignore[list-item]
    assert found["change_frac"].tolist() == pytest.approx([0.05, -0.25, 0.75])
    assert found["holds"].tolist() == ["yes", "no", "yes"]
