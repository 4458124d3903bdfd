"""Valuations: what a segment costs by the statements known on a day."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon import ingest
from recon.errors import SnapshotMissing
from recon.exhibits import Answers, valuation
from recon.ingest import Options
from recon.reconstitution import History
from recon.sources import fundamentals
from recon.store import Store
from recon.studies import valuation as study
from tests.universe import SHARED

SIMFIN = SHARED / "fundamentals" / "simfin_annual_2020_2024.parquet"
DAY = date(2026, 11, 19)


def members(**changed: list) -> pd.DataFrame:
    """A profit maker of 100 and a loss maker of 50, half of which floats."""
    columns = {
        "R1000": [True, True],
        "R2000": [False, False],
        "sector": ["Technology", "Energy"],
        "total_market_cap_usd": [100.0, 50.0],
        "weight_usd": [100.0, 25.0],
        "revenue_usd": [50.0, 40.0],
        "operating_income_usd": [8.0, -2.0],
        "interest_expense_usd": [2.0, 1.0],
        "net_income_usd": [5.0, -4.0],
        "operating_cash_flow_usd": [7.0, -2.0],
        "capital_expenditure_usd": [2.0, 2.0],
        "dividends_paid_usd": [1.0, np.nan],
        "total_equity_usd": [20.0, 30.0],
        "total_debt_usd": [10.0, 10.0],
        "short_debt_usd": [1.0, 4.0],
    }
    return pd.DataFrame({**columns, **changed})


def of_large(rows: pd.DataFrame, ten_year: float = 0.01) -> pd.Series:
    table = study.baskets(rows, ten_year).set_index(["segment", "sector"])
    return table.loc[("R1000", "")]


def test_a_basket_holds_of_each_member_what_its_weight_is_of_the_company() -> None:
    found = of_large(members())
    assert found["covered_frac"] == 1
    assert found["price_to_earnings"] == pytest.approx(125 / (5 - 2))
    assert found["price_to_profits"] == pytest.approx(100 / 5)
    assert found["median_price_to_profits"] == pytest.approx(20)
    assert found["price_to_book"] == pytest.approx(125 / (20 + 15))
    assert found["price_to_sales"] == pytest.approx(125 / (50 + 20))
    assert found["free_cash_flow_yield_frac"] == pytest.approx((5 - 2) / 125)
    # who reports cash flow and no dividend pays none
    assert found["dividend_yield_frac"] == pytest.approx(1 / 125)
    assert found["earnings_yield_frac"] == pytest.approx(3 / 125)
    assert found["premium_frac"] == pytest.approx(3 / 125 - 0.01)
    assert found["loss_makers_frac"] == 0.5
    assert found["debt_to_equity"] == pytest.approx(15 / 35)
    assert found["interest_cover"] == pytest.approx((8 - 1) / (2 + 0.5))
    assert found["short_debt_frac"] == pytest.approx((1 + 2) / 15)


def test_the_ratio_of_one_company_is_its_own() -> None:
    found = of_large(members().iloc[:1])
    assert found["price_to_earnings"] == found["price_to_profits"] == 20
    assert found["price_to_book"] == 5 and found["price_to_sales"] == 2


def test_where_losses_prevail_there_is_no_price_to_earnings() -> None:
    found = of_large(members(net_income_usd=[1.0, -40.0]))
    assert np.isnan(found["price_to_earnings"])
    assert found["earnings_yield_frac"] == pytest.approx((1 - 20) / 125)


def test_less_than_half_known_is_not_known() -> None:
    found = of_large(members(net_income_usd=[np.nan, -4.0]))
    assert found["covered_frac"] == 0.2
    assert found[list(study.RATIOS)].isna().all()


def test_a_gap_is_one_ratio_over_another_and_its_place_in_the_past() -> None:
    days = pd.to_datetime(["2023-12-29", "2024-03-28", "2024-06-28"])
    rows = [
        (day, code, "", *[value] * len(study.GAPS))
        for day, small in zip(days, (8.0, 6.0, 7.0), strict=True)
        for code, value in (("R2000", small), ("R1000", 10.0), ("TOP50", 20.0))
    ]
    names = ["snapshot_date", "segment", "sector", *study.GAPS]
    found = study.gaps(pd.DataFrame(rows, columns=names))
    own = found[found["ratio"].eq("price_to_book") & found["against"].eq("R1000")]
    assert own["relative"].tolist() == [0.8, 0.6, 0.7]
    assert own["percentile_frac"].tolist() == [1, 0.5, pytest.approx(2 / 3)]
    mega = found[found["ratio"].eq("price_to_book") & found["against"].eq("TOP50")]
    assert mega["relative"].tolist() == [0.4, 0.3, 0.35]


def test_the_demo_market_is_valued_by_what_was_known(demo_store: Path) -> None:
    store = Store(demo_store)
    answers, history = Answers(store), History(store)
    none = pd.DataFrame({"key": [], "key_new": [], "changed_on": pd.to_datetime([])})
    rows = study.figures(store, DAY, history, none)
    known = rows["net_income_usd"].notna()
    assert known.mean() > 0.9
    told = store.statements(DAY, date(2025, 5, 19))
    assert (told["known_on"] <= pd.Timestamp(DAY)).all()
    assert set(told["period_end"].dt.year) == {2025}
    one = rows[known].iloc[0]
    own = told[told["symbol"].eq(one["symbol"].replace(".", ""))]
    own = own.set_index("measure")["value"]
    assert own["net_income_usd"] == one["net_income_usd"]
    question = valuation.ValuationQuestion(as_of=DAY)
    table = valuation.SEGMENTS.made(answers, question).table().set_index("segment")
    assert table.at["R2000", "loss_makers_frac"] > table.at["R1000", "loss_makers_frac"]
    assert "of small caps made a loss" in valuation.headline(answers, question)
    again = Answers(store).valuations(DAY)  # as kept
    pd.testing.assert_frame_equal(again, answers.valuations(DAY), check_dtype=False)


def test_without_statements_the_load_is_named(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text("symbol,price to book\nAAPL,40\n", "utf-8")
    ingest.fundamentals(tmp_path / "store", [path], Options(), DAY)
    store = Store(tmp_path / "store")
    assert len(store.fundamentals(DAY)) == 1
    with pytest.raises(SnapshotMissing, match="ingest fundamentals FILE"):
        study.figures(store, DAY, History(store), pd.DataFrame())


def test_statements_are_those_of_the_last_year_known_and_not_of_an_old_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "income.csv"
    path.write_text(
        "symbol,period_end,known_on,net income\n"
        "A,2022-12-31,2023-02-01,1\n"
        "A,2023-12-31,2024-02-01,2\n"
        "A,2022-12-31,2024-02-01,9\n"  # restated later: the year is older all the same
        "A,2024-12-31,2025-02-01,3\n"
        "B,2020-12-31,2021-02-01,5\n",
        "utf-8",
    )
    ingest.fundamentals(tmp_path / "store", [path], Options())
    store = Store(tmp_path / "store")
    found = store.statements(date(2024, 6, 28), date(2022, 12, 26))
    assert found[["symbol", "value"]].values.tolist() == [["A", 2.0]]
    assert store.fundamentals(date(2024, 6, 28)).empty  # no rule asks for statements


@pytest.mark.shared(SIMFIN)
def test_annual_statements_of_simfin_are_read() -> None:
    parsed = fundamentals.parse(pd.read_parquet(SIMFIN), SIMFIN.name)
    ibm = parsed.rows[parsed.rows["symbol"].eq("IBM")]
    year = ibm[ibm["period_end"].eq("2020-12-31")].set_index("measure")
    assert year["known_on"].unique().tolist() == [pd.Timestamp("2021-02-23")]
    values = year["value"]
    assert values["net_income_usd"] == 5_590e6
    assert values["interest_expense_usd"] == 1_288e6  # paid: positive here
    assert values["dividends_paid_usd"] == 5_797e6
    assert values["total_debt_usd"] == (7_116 + 54_217) * 1e6
    assert len(parsed.rows) > 130_000 and len(parsed.refused) < 100


def test_what_a_segment_made_is_its_multiple_times_its_earnings() -> None:
    """Small: from 20 to 15 times, +50%: earnings doubled. Large: 10 to 12, +20%."""

    def whole(small: float, large: float) -> pd.DataFrame:
        rows = {"segment": ["R2000", "R1000"], "sector": ["", ""]}
        none = dict.fromkeys(study.GAPS, np.nan)
        return pd.DataFrame({**rows, **none, "price_to_profits": [small, large]})

    found = study.drivers(whole(20, 10), whole(15, 12), 0.5, 0.2)
    row = found.set_index("ratio").loc["price_to_profits"]
    assert row["small_multiple_frac"] == pytest.approx(-0.25)
    assert row["small_figure_frac"] == pytest.approx(1.0)
    assert row["large_multiple_frac"] == pytest.approx(0.2)
    assert row["large_figure_frac"] == pytest.approx(0.0)
    assert row["relative_price_frac"] == pytest.approx(1.5 / 1.2 - 1)
    assert row["relative_multiple_frac"] == pytest.approx(0.75 / 1.2 - 1)
    assert row["relative_figure_frac"] == pytest.approx(1.0)
    unknown = found.set_index("ratio").loc["price_to_book"]
    assert unknown.filter(like="relative").isna().all()
