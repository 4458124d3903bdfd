"""Rates: FRED's files into the store, and what segments made when rates changed."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon import ingest
from recon.charts import rates as figures
from recon.errors import SourceUnreadable
from recon.ingest import Options
from recon.sources import rates as source
from recon.store import Store
from recon.studies import rates

CSV = "observation_date,DGS10,CPIAUCSL,GDP\n2024-05-01,4.6,313.2,1\n2024-05-02,.,,1\n"
DAYS = pd.bdate_range("2023-01-02", periods=300)


def test_a_file_of_fred_is_read_and_a_month_is_known_later() -> None:
    found = source.parse(CSV, "fred.csv")
    assert found.to_dict("records") == [
        {
            "series": "DGS10",
            "observed_on": pd.Timestamp("2024-05-01"),
            "value": 4.6,
            "known_on": pd.Timestamp("2024-05-01"),
        },
        {
            "series": "CPI",
            "observed_on": pd.Timestamp("2024-05-01"),
            "value": 313.2,
            "known_on": pd.Timestamp("2024-06-15"),
        },
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("day,DGS10\n2024-05-01,4", "expected a day", id="no day"),
        pytest.param("date,GDP\n2024-05-01,4", "expected a day", id="no series"),
        pytest.param("date,DGS10\nsoon,4", "row 1 has no day", id="a day that is none"),
    ],
)
def test_what_is_no_file_of_fred_is_refused(text: str, words: str) -> None:
    with pytest.raises(SourceUnreadable, match=words):
        source.parse(text, "fred.csv")


def test_rates_are_stored_once_and_known_from_their_day(tmp_path: Path) -> None:
    path, folder = tmp_path / "fred.csv", tmp_path / "store"
    path.write_text(CSV, "utf-8")
    (taken,) = ingest.rates(folder, [path], Options())
    assert (taken.offered, taken.note) == (2, "DGS10, CPI")
    (again,) = ingest.rates(folder, [path], Options())
    assert again.accepted == 0
    store = Store(folder)
    assert store.rates(date(2024, 6, 14))["series"].tolist() == ["DGS10"]
    path.write_text(CSV.replace("4.6", "4.7"), "utf-8")
    ingest.rates(folder, [path], Options())
    assert store.rates(date(2024, 6, 15))["value"].tolist() == [313.2, 4.7]


def yields(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {"series": "DGS10", "observed_on": DAYS, "known_on": DAYS, "value": values}
    )


def market(moved: np.ndarray, small: np.ndarray) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "snapshot_date": DAYS,
                "segment": code,
                "sector": "",
                "cap_weighted_frac": made,
            }
        )
        for code, made in (("R1000", moved), ("R2000", small))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def known() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Large caps lose 4 % for each point, small caps 6 %, and nothing else moves."""
    steps = np.random.default_rng(5).normal(0, 0.05, len(DAYS))
    days = market(np.expm1(-0.04 * steps), np.expm1(-0.06 * steps))
    return days, yields(4 + np.cumsum(steps))


def test_a_sensitivity_is_found_again(
    known: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    found = rates.sensitivities(*known).set_index(["segment", "factor"])
    assert set(found.index.get_level_values("factor")) == {"ten_year"}
    large, small = found.loc[("R1000", "ten_year")], found.loc[("R2000", "ten_year")]
    assert large["per_point_frac"] == pytest.approx(-0.04, abs=5e-4)
    assert small["per_point_frac"] == pytest.approx(-0.06, abs=5e-4)
    assert large["low_frac"] <= large["per_point_frac"] <= large["high_frac"]
    assert large["spans"] == len(DAYS) - rates.SPAN_SESSIONS
    fall = rates.if_rates_fall(found.reset_index())
    assert fall["segment"].tolist() == ["R2000", "R1000", rates.SMALL_LARGE]
    assert fall["gain_frac"].tolist() == pytest.approx([0.06, 0.04, 0.02], abs=1e-3)
    assert (fall["low_frac"] <= fall["gain_frac"]).all()
    made = figures.if_rates_fall(fall, "light")
    assert made.layout.meta["title"].startswith("Russell 2000 gained most")
    path = rates.rolling(*known, "R1000")
    assert len(path) == len(DAYS) - rates.SPAN_SESSIONS - rates.ROLLING + 1
    assert path["per_point_frac"].to_numpy() == pytest.approx(-0.04, abs=5e-4)
    assert figures.rolling(path, "dark", name="R1000").layout.meta["title"] == (
        "R1000: +4.0% with a 10-year yield 100 bp lower"
    )
    empty = figures.rolling(path.head(0), "light", name="R1000")
    assert [note.text for note in empty.layout.annotations] == [figures.TOO_SHORT]


def test_an_old_figure_does_not_stand_for_today() -> None:
    rates_known = yields(np.arange(300.0)).iloc[:150]
    found = rates.changes(rates_known, DAYS)["ten_year"]
    assert found.iloc[5:150].eq(rates.SPAN_SESSIONS).all()
    assert found.iloc[156:].isna().all()


def test_a_surprise_of_inflation_is_the_change_of_its_yearly_rate() -> None:
    months = pd.date_range("2022-01-01", periods=14, freq="MS")
    value = [100.0] * 12 + [103.0, 102.0]
    table = pd.DataFrame(
        {"series": "CPI", "observed_on": months, "known_on": months, "value": value}
    )
    found = rates.inflation(table)
    assert found["yearly_frac"].tolist() == pytest.approx([0.02])
    assert found["surprise_frac"].tolist() == pytest.approx([-0.01])
    # a month that was never published leaves the next without a surprise
    assert rates.inflation(table.drop(12)).empty


def test_what_a_company_makes_with_a_point_more_is_found_again() -> None:
    """A stock that loses 2% whenever the yield rises by a tenth of a point."""
    rng = np.random.default_rng(7)
    up = rng.choice([-0.1, 0.1], len(DAYS))
    change = np.where(up > 0, -0.02, 0.02)

    class Facts:
        """The days, prices and rates of one listing."""

        def published_days(self) -> pd.DatetimeIndex:
            return DAYS

        def price_changes(self, since: date, until: date, ids: list) -> pd.DataFrame:
            return pd.DataFrame(
                {
                    "snapshot_date": DAYS,
                    "close_usd": 50.0,  # a provider's change stands above it
                    "close_change_frac": change,
                }
            )

        def rates(self, as_of: date) -> pd.DataFrame:
            return pd.DataFrame(
                {
                    "series": "DGS10",
                    "observed_on": DAYS,
                    "value": 4 + np.cumsum(up),
                }
            )

    found = rates.of_company(Facts(), 1, DAYS[-1].date())  # type: ignore[arg-type]
    row = found.set_index("factor").loc["ten_year"]
    assert row["per_point_frac"] == pytest.approx(-0.2, abs=0.005)
    assert row["low_frac"] < row["per_point_frac"] < row["high_frac"]
    assert row["spans"] == len(DAYS) - rates.SPAN_SESSIONS and row["r_squared"] > 0.99
