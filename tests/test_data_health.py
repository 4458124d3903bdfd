"""What came, what was refused, and why."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from recon.exhibits import Question, exhibit
from recon.store import Store
from recon.studies import data_health
from tests import market

JUMP = "market cap jumped without its price; last shares x price stands in"
HELD = "day held back: Saturday 2024-05-11 is no New York session"


REFUSED = [
    ("2024-05-11", "BIG", HELD, '{"total_market_cap_usd": 9e12}'),
    ("2023-12-05", "AMAT", JUMP, '{"total_market_cap_usd": 3.5e13}'),
    ("2023-12-06", "TINY", JUMP, '{"close_usd": "n/a"}'),
    ("2023-12-07", None, "no symbol", "not a row"),
    (None, "NODAY", "no day", '{"total_market_cap_usd": "2"}'),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refused") / "store"
    market.take(folder, market.calm(market.sessions(1)))
    manifest = Store(folder).manifest()
    with duckdb.connect(folder / manifest.years[2024]) as con:
        con.executemany(
            "insert into quarantine values (?, ?, ?, ?, 1, 'a file', 1, 1)", REFUSED
        )
    return Store(folder, manifest)


LAST = date(2024, 12, 31)


def test_the_most_absurd_market_cap_comes_first_and_held_days_last(store):
    symbols = store.refusals(LAST)["symbol"].tolist()
    assert symbols[0] == "AMAT"
    assert symbols[-1] == "BIG"
    assert len(symbols) == 5


def test_what_was_not_offered_or_is_no_number_is_missing(store):
    rows = store.refusals(LAST)
    assert np.isnan(rows.set_index("symbol").at["TINY", "close_usd"])
    assert rows["total_market_cap_usd"].notna().sum() == 3


def test_matching_by_reason_and_by_symbol(store):
    assert len(store.refusals(LAST, JUMP)) == 2
    assert len(store.refusals(LAST, symbol="amat")) == 1
    assert len(store.refusals(LAST, HELD, "AMAT")) == 0
    assert len(store.refusals(LAST, row_limit=2)) == 2


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


def test_the_finding_names_the_most_absurd_cap(store):
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
    assert data_health.finding(days, lists, store.refused_alone(LAST).iloc[0]) == (
        "1 of 2 days published; 4 rows refused by themselves; the largest rejected "
        "value is AMAT at $35.0tn on 5 Dec 2023; 1 of 2 membership lists used."
    )
    assert lists["use"].tolist() == ["✕ not used", "✓ used"]


def test_reasons_are_counted_up_to_the_day(store):
    table = store.refusal_counts(date(2023, 12, 31)).set_index("reason")
    assert table.at[JUMP, "row_count"] == 2
    assert HELD not in table.index
    assert table.at["no day", "row_count"] == 1


def test_fundamentals_are_counted_by_year_and_use() -> None:
    day = pd.Timestamp("2024-03-01")
    columns = ["year", "source", "measure", "symbol_count", "first_date", "last_date"]
    rows = [
        (2024, "SEC filings", "book_value_usd", 7, day, day + pd.Timedelta(days=9)),
        (2024, "SEC filings", "revenue_usd", 5, day - pd.Timedelta(days=3), day),
        (2024, "SEC filings", "net_income_usd", 6, day, day),
        (2023, "a desk", "sales_growth_frac", 4, day, day),
    ]
    found = data_health.fundamentals(pd.DataFrame(rows, columns=columns))
    assert found.drop(columns=["first_date", "last_date"]).values.tolist() == [
        [2024, "SEC filings", 7, 0, 0, 6, 0],
        [2023, "a desk", 0, 4, 0, 0, 0],
    ]
    assert found["first_date"].tolist() == [day - pd.Timedelta(days=3), day]
    assert data_health.fundamentals(pd.DataFrame(columns=columns)).empty


@pytest.mark.parametrize(
    ("decided_by", "is_shown"),
    [
        pytest.param([None, None], False, id="nobody overruled the gate"),
        pytest.param([None, "Ana: checked"], True, id="somebody did"),
    ],
)
def test_the_ledger_has_room_for_notes_where_nobody_overruled(
    decided_by: list[str | None], is_shown: bool
) -> None:
    table = pd.DataFrame({"decided_by": pd.Series(decided_by, dtype="object")})
    columns = exhibit("data/ledger").columns
    assert callable(columns)
    made = columns(table, Question(as_of=date(2024, 4, 30)))
    assert made["decided_by"].is_more != is_shown
    assert made["decided_by"].text(None) == ""
    shown = sum(each.width or 0 for each in made.values() if not each.is_more)
    assert shown <= 975  # what a screen of 1280 has room for
