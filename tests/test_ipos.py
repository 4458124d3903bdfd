"""New listings of a quarter: its dates, and where their size would put them."""

from datetime import date

import pandas as pd
import pytest

from recon import schedule
from recon.schedule import IpoWindow
from recon.studies.candidates import ipos

LINES = pd.Series({1000: 5e9, 2000: 1e9, 3000: 150e6, 4000: 40e6})


@pytest.mark.parametrize(
    ("day", "window"),
    [
        pytest.param(
            date(2026, 11, 21),
            IpoWindow(
                first=date(2026, 11, 2),
                rank_day=date(2027, 1, 29),
                announced=date(2027, 2, 19),
                effective_open=date(2027, 3, 22),
            ),
            id="the window after October's is added after the third Friday of March",
        ),
        pytest.param(
            date(2026, 7, 31),
            IpoWindow(
                first=date(2026, 5, 1),
                rank_day=date(2026, 7, 31),
                announced=date(2026, 8, 21),
                effective_open=date(2026, 9, 21),
            ),
            id="its rank day is in the window",
        ),
        pytest.param(
            date(2026, 8, 3),
            IpoWindow(
                first=date(2026, 8, 3),
                rank_day=date(2026, 10, 30),
                announced=None,
                effective_open=date(2026, 12, 14),
            ),
            id="new listings of August to October join the December event",
        ),
        pytest.param(date(2024, 11, 29), None, id="not known before 2026"),
    ],
)
def test_a_day_lies_in_the_window_of_a_quarter(day, window):
    assert schedule.ipo_window(day) == window


@pytest.mark.parametrize(
    ("day", "since"),
    [
        pytest.param("2024-04-30", "2023-04-29", id="the rank day ends the year"),
        pytest.param("2024-05-01", "2024-05-01", id="the day after begins the next"),
        pytest.param("2026-07-31", "2026-05-01", id="a quarter's window, once known"),
    ],
)
def test_since_when_new_listings_wait(day, since):
    assert ipos.since_when(date.fromisoformat(day)) == date.fromisoformat(since)


def listed(symbol, cap, **changed):
    return {
        "symbol": symbol,
        "company": f"{symbol} Inc.",
        "company_id": symbol,
        "is_common": True,
        "ipo_year": 2026.0,
        "total_market_cap_usd": cap,
        "eligible": True,
        "ineligible_reason": None,
        **changed,
    }


def found(*listings, day=date(2026, 9, 15)):
    securities = pd.DataFrame(listings)
    arrivals = pd.DataFrame(
        {"symbol": securities["symbol"], "first_session": pd.Timestamp(2026, 9, 1)}
    )
    return ipos.new_listings(securities, arrivals, LINES, day)


def test_a_new_listing_joins_the_index_whose_smallest_member_it_equals():
    rows = found(
        listed("BIG", 5e9),
        listed("SMALL", 4.9e9),
        listed("EDGE", 150e6),
        listed("MICRO", 149e6),
        listed("LAST", 40e6),
        listed("TINY", 39e6),
    ).rows
    assert rows[["symbol", "then", "line"]].fillna("none").to_numpy().tolist() == [
        ["BIG", "R1000", 1000],
        ["SMALL", "R2000", 3000],
        ["EDGE", "R2000", 3000],
        ["MICRO", "MICRO", 4000],
        ["LAST", "MICRO", 4000],
        ["TINY", "none", 4000],
    ]
    assert rows["distance_frac"].iloc[-1] == pytest.approx(39 / 40 - 1)


def test_what_is_no_ipo_of_the_window_is_counted_and_what_fails_a_screen_stays_out():
    shell = listed("SHELL", 9e9, eligible=False, ineligible_reason="blank check")
    renamed = listed("META", 9e11, ipo_year=2012.0)
    warrant = listed("WAR", 1e9, is_common=False)
    answer = found(listed("NEW", 2e9), shell, renamed, warrant)
    assert answer.rows["symbol"].tolist() == ["NEW", "SHELL"]
    assert answer.rows["then"].fillna("none").tolist() == ["R2000", "none"]
    assert answer.other_count == 1
    assert ipos.finding(answer.rows) == "2 new listings: 1 for the Russell 2000"
    assert ipos.window_words(answer) == (
        "window 3 Aug 2026 to 30 Oct 2026, effective 14 Dec 2026"
    )


def test_where_the_quarter_is_not_known_the_days_since_the_last_rank_day_count():
    answer = found(listed("NEW", 1e6, ipo_year=2024.0), day=date(2024, 11, 29))
    assert answer.since == date(2024, 5, 1)
    assert ipos.finding(answer.rows) == "1 new listing: none large enough"
    assert ipos.window_words(answer).startswith("listed since 1 May 2024")
