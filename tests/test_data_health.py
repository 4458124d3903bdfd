"""What came, what was refused, and why."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from recon.studies import data_health

JUMP = "market cap jumped without its price; last shares x price stands in"
HELD = "day held back: Saturday 2024-05-11 is no New York session"


@pytest.fixture
def rows():
    table = pd.DataFrame(
        [
            ("2024-05-11", "BIG", HELD, '{"total_market_cap_usd": 9e12}'),
            ("2023-12-05", "AMAT", JUMP, '{"total_market_cap_usd": 3.5e13}'),
            ("2023-12-06", "TINY", JUMP, '{"close_usd": "n/a"}'),
            ("2023-12-07", None, "no symbol", "not a row"),
        ],
        columns=["snapshot_date", "symbol", "reason", "offered"],
    )
    dates = pd.to_datetime(table["snapshot_date"])
    return data_health.refusals(table.assign(snapshot_date=dates))


def test_the_most_absurd_market_cap_comes_first_and_held_days_last(rows):
    assert rows["symbol"].tolist()[0] == "AMAT"
    assert rows["symbol"].tolist()[-1] == "BIG"


def test_what_was_not_offered_or_is_no_number_is_missing(rows):
    assert np.isnan(rows.set_index("symbol").at["TINY", "close_usd"])
    assert rows["total_market_cap_usd"].notna().sum() == 2


def test_matching_by_reason_and_by_symbol(rows):
    assert len(data_health.matching(rows, JUMP, "")) == 2
    assert len(data_health.matching(rows, None, " amat ")) == 1
    assert len(data_health.matching(rows, HELD, "AMAT")) == 0


def test_sources_count_what_is_used_and_what_is_not():
    days = pd.DataFrame(
        {
            "snapshot_date": pd.to_datetime(["2024-05-10", "2024-05-11"]),
            "status": ["published", "held back"],
            "source": "listings",
        }
    )
    lists = pd.DataFrame(
        {
            "index": "R2000",
            "as_of": pd.to_datetime(["2024-01-31", "2024-04-30"]),
            "source": "a fund",
            "usable": [True, False],
        }
    )
    table = data_health.sources(days, lists).set_index("kind")
    assert table.loc["Listings, days", ["used_count", "unused_count"]].tolist() == [
        1,
        1,
    ]
    assert table.at["Russell 2000 members, lists", "last_date"] == pd.Timestamp(
        2024, 4, 30
    )
    assert data_health.held_back(days)["snapshot_date"].tolist() == [days.iat[1, 0]]


def test_the_finding_names_the_most_absurd_cap(rows):
    days = pd.DataFrame({"status": ["published", "held back"]})
    lists = data_health.marked(
        pd.DataFrame(
            {
                "usable": [True, False],
                "as_of": pd.Timestamp(2024, 1, 31),
                "reason": None,
            }
        )
    )
    assert data_health.finding(days, lists, rows) == (
        "1 of 2 days published; 3 rows refused by themselves; the largest rejected "
        "value is AMAT at $35.0tn on 5 Dec 2023; 1 of 2 membership lists used."
    )
    assert lists["use"].tolist() == ["✕ not used", "✓ used"]


def test_reasons_are_counted_up_to_the_day(rows):
    early = data_health.until(
        rows.assign(repeats=1), "snapshot_date", date(2023, 12, 31)
    )
    table = data_health.counts(early).set_index("reason")
    assert table.at[JUMP, "row_count"] == 2
    assert HELD not in table.index
