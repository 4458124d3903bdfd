"""How lines are compared: with rank days, with the market, with the record."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from recon.studies import break_points

DAYS = [date(2024, 4, 29), date(2024, 4, 30), date(2024, 5, 1), date(2024, 5, 2)]


def lines(values: list[float], totals: list[float], days=DAYS) -> pd.DataFrame:
    """Return one line's sessions."""
    return pd.DataFrame(
        {
            "snapshot_date": pd.to_datetime(days).as_unit("us"),
            "rank": 1000,
            "break_point_usd": values,
            "band_low_usd": np.array(values) / 2,
            "band_high_usd": np.array(values) * 2,
            "total_market_cap_usd": totals,
            "company_count": 4000,
            "market_return_frac": np.array(totals) / np.roll(totals, 1) - 1,
        }
    )


def test_the_market_moves_the_rank_days_line() -> None:
    # Appendix E: the last break point times one plus the Russell 3000E's return
    table = break_points.market_adjusted(
        lines([1.7, 1.8, 1.9, 2.0], [90, 100, 110, 105]), [date(2024, 4, 30)]
    )
    moved = table["adjusted_break_point_usd"].tolist()
    assert moved == pytest.approx([np.nan, 1.8, 1.98, 1.89], nan_ok=True)
    assert table["base_date"].dt.date.tolist()[1:] == [date(2024, 4, 30)] * 3


def test_issues_and_listings_are_no_return() -> None:
    # the total doubles by new listings, while the members gain 1% and lose 2%
    table = lines([1.7, 1.8, 1.9, 2.0], [90, 100, 200, 210])
    table["market_return_frac"] = [np.nan, 0.5, 0.01, -0.02]
    found = break_points.market_adjusted(table, [date(2024, 4, 30)])
    moved = found["adjusted_break_point_usd"].tolist()
    assert moved == pytest.approx([np.nan, 1.8, 1.818, 1.78164], nan_ok=True)
    assert found["moved_by"].tolist()[1:] == ["return"] * 3


def test_a_session_whose_return_is_not_stored_goes_by_total_cap_and_says_so() -> None:
    table = lines([1.7, 1.8, 1.9, 2.0], [90, 100, 110, 105])
    table["market_return_frac"] = [np.nan, np.nan, 0.01, np.nan]
    found = break_points.market_adjusted(table, [date(2024, 4, 30)])
    moved = found["adjusted_break_point_usd"].tolist()
    assert moved == pytest.approx([np.nan, 1.8, 1.818, 1.89], nan_ok=True)
    assert found["moved_by"].tolist()[1:] == ["return", "return", "total market cap"]


def test_the_example_of_the_ground_rules() -> None:
    # $1.8bn and +2.05%: the product, which the document misprints as 1.804
    days = [date(2024, 4, 30), date(2024, 5, 31)]
    table = break_points.market_adjusted(
        lines([1.8e9, 1.8e9], [100, 102.05], days), [date(2024, 4, 30)]
    )
    assert table["adjusted_break_point_usd"].iloc[1] == pytest.approx(1.8369e9)


@pytest.mark.parametrize(
    ("rank_days", "base"),
    [
        pytest.param([], None, id="no rank day at all"),
        pytest.param([date(2024, 4, 26)], None, id="one before the first session"),
        pytest.param([date(2024, 5, 3)], None, id="one after the last session"),
        pytest.param(
            [date(2024, 4, 29), date(2024, 5, 1)], date(2024, 5, 1), id="the last one"
        ),
    ],
)
def test_the_last_rank_day_counts(rank_days: list[date], base: date | None) -> None:
    table = break_points.market_adjusted(lines([1, 2, 3, 4], [1, 1, 1, 1]), rank_days)
    assert break_points.standing(table, 1000).base_date == base


def test_a_rank_day_without_a_session_is_read_the_session_before() -> None:
    days = [date(2024, 4, 26), date(2024, 5, 1)]
    table = break_points.market_adjusted(
        lines([2, 3], [10, 20], days), [date(2024, 4, 30)]
    )
    last = break_points.standing(table, 1000)
    assert last.base_date == date(2024, 4, 26)
    assert (last.change_frac, last.against_market_frac) == (0.5, -0.25)


def test_later_sessions_change_nothing_earlier() -> None:
    whole = lines([1, 2, 3, 4], [10, 11, 12, 13])
    days = [date(2024, 4, 30), date(2024, 5, 2)]
    early = break_points.market_adjusted(whole.head(3), days)
    pd.testing.assert_frame_equal(
        early, break_points.market_adjusted(whole, days).head(3)
    )


def official(year: int, rank_day: str, value: float) -> dict:
    return {
        "year": year,
        "rank_day": pd.Timestamp(rank_day),
        "break_point_usd": value,
        "source": "press",
        "confidence": "sourced",
    }


def test_our_line_is_set_beside_the_official_one_of_the_same_day() -> None:
    record = pd.DataFrame(
        [official(2023, "2023-04-28", 4.0), official(2024, "2024-04-30", 5.0)]
    )
    table = break_points.against_official(lines([4, 5.5, 6, 7], [1] * 4), record, 1000)
    assert table["year"].tolist() == [2024, 2023]
    assert table["error_frac"].tolist() == pytest.approx([0.1, np.nan], nan_ok=True)
    assert table["yearly_change_frac"].iloc[0] == pytest.approx(0.25)


def test_an_official_value_is_known_from_its_preliminary_list_on() -> None:
    record = pd.DataFrame([official(2024, "2024-04-30", 4.6e9)])
    assert len(break_points.official_known(record, date(2024, 5, 23))) == 0
    assert len(break_points.official_known(record, date(2024, 5, 24))) == 1


def company(symbol: str, rank: int, cap: float, move: str, now: str, then: str) -> dict:
    return {
        "symbol_id": ord(symbol),
        "symbol": symbol,
        "company": symbol,
        "rank": rank,
        "total_market_cap_usd": cap,
        "cumulative_cap_frac": rank / 10,
        "move": move,
        "current_index": now,
        "projected_index": then,
    }


def test_the_largest_are_compared_with_their_order_of_another_day() -> None:
    rest = ("stays", "R1000", "R1000")
    now = pd.DataFrame([company("A", 1, 30, *rest), company("B", 2, 20, *rest)])
    then = pd.DataFrame([company("B", 1, 25, *rest), company("C", 2, 20, *rest)])
    table = break_points.leaders(now, then)
    assert table["rank_change"].tolist() == pytest.approx([np.nan, -1], nan_ok=True)
    assert table["cap_change_frac"].iloc[1] == pytest.approx(-0.2)
    assert table["total_frac"].tolist() == pytest.approx([0.1, 0.1])


def test_a_migration_leaves_one_index_and_joins_the_other() -> None:
    companies = pd.DataFrame(
        [
            company("A", 1, 9, "migration up", "R2000", "R1000"),
            company("B", 2, 8, "addition", None, "R2000"),
            company("C", 3, 7, "migration down", "R1000", "R2000"),
            company("D", 4, 6, "deletion", "R2000", None),
            company("E", 5, 5, "migration up", "R2000", "R1000"),
        ]
    )
    table = break_points.move_balance(companies).set_index("index")
    assert table.loc["R1000"].tolist() == [0, 2, 1, 0, 1]
    assert table.loc["R2000"].tolist() == [1, 1, 2, 1, -1]


def test_a_line_breaks_where_sessions_are_missing() -> None:
    sessions = pd.DatetimeIndex(pd.bdate_range("2024-04-22", "2024-05-10"))
    days = [date(2024, 4, 22), date(2024, 4, 23), date(2024, 4, 25), date(2024, 5, 1)]
    table = break_points.with_gaps(lines([1, 2, 3, 4], [1] * 4, days), sessions)
    values = table["break_point_usd"].tolist()
    # one session missing is bridged, three are not
    assert values == pytest.approx([1, 2, 3, np.nan, 4], nan_ok=True)
