"""Few names: their weight, their part of a gain, and the band they widen."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from recon import reconstitution
from recon.charts import concentration as figures
from recon.store import Store
from recon.studies import concentration
from tests.test_segments import segment_days


def year(top: float, index: float) -> pd.DataFrame:
    """Two sessions of the Russell 1000 and its ten largest, four tenths of it."""
    rows = []
    for day in (1, 2):
        rows += [
            (day, "R1000", "", 1000, index),
            (day, "TOP10", "", 400, top),
            (day, "MAG7", "", 400, 0.0),
        ]
    return segment_days(*rows)


def test_the_ten_and_the_rest_make_the_index() -> None:
    found = concentration.gains(year(0.10, 0.06)).set_index("name")
    ten, seven = found.loc["Ten largest"], found.loc["Magnificent 7"]
    assert ten["index_frac"] == pytest.approx(1.06**2 - 1)
    # each day the ten add 4 of 6 points, and so they do of the whole
    assert ten["share_frac"] == pytest.approx(4 / 6)
    assert ten["part_frac"] == pytest.approx(ten["index_frac"] * 4 / 6)
    rest = 0.02 / 0.6
    assert ten["rest_frac"] == pytest.approx((1 + rest) ** 2 - 1)
    assert seven["part_frac"] == 0


def test_of_a_year_of_nothing_no_part_is_told() -> None:
    found = concentration.gains(year(0.01, 0.004))
    assert found["share_frac"].isna().all()


def test_as_many_equal_names_as_are_as_concentrated() -> None:
    days = year(0.1, 0.1).assign(herfindahl=0.05, top5_frac=0.2, top10_frac=0.3)
    found = concentration.history(days, "R1000")
    assert found["effective_number"].tolist() == pytest.approx([20, 20])
    made = figures.weight(found, "light", name="Russell 1000")
    assert made.layout.meta["title"] == "Ten names are 30.0% of the Russell 1000"
    bars = figures.gains(concentration.gains(year(0.10, 0.06)).head(1), "dark")
    assert bars.layout.meta["title"] == "The ten largest made 67% of what 2024 brought"


@pytest.fixture(scope="module")
def projection(demo_store: object) -> reconstitution.Projection:
    return reconstitution.project_as_if(Store(demo_store), date(2026, 4, 30))  # type: ignore[arg-type]


def test_the_more_the_ten_are_the_wider_the_band(
    projection: reconstitution.Projection,
) -> None:
    found = concentration.band_widths(projection, (0.1, 0.5))
    line = projection.break_points.set_index("rank").loc[1000]
    now = found.iloc[0]
    assert now["band_low_usd"] == pytest.approx(line["band_low_usd"])
    assert now["band_high_usd"] == pytest.approx(line["band_high_usd"])
    assert found["break_point_usd"].nunique() == 1
    assert found["width_usd"].iloc[1] < found["width_usd"].iloc[2]


def test_the_order_of_the_largest_is_set_against_the_day_before(
    projection: reconstitution.Projection,
) -> None:
    companies = projection.companies
    swapped = companies.assign(rank=companies["rank"].replace({1: 12, 12: 1}))
    found = concentration.largest([projection, replace(projection, companies=swapped)])
    first, then = found.head(10), found.tail(10)
    assert first["rank_before"].isna().all() and not first["is_new"].any()
    assert then["rank_before"].tolist() == [12, *range(2, 11)]
    assert then["is_new"].tolist() == [True] + [False] * 9
    total = companies.set_index("rank")["total_market_cap_usd"]
    assert then["total_usd"].iloc[0] == pytest.approx(total.loc[2:10].sum() + total[12])
    assert isinstance(found, pd.DataFrame) and np.isfinite(then["total_usd"]).all()
