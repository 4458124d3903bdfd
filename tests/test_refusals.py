"""Refused rows, laid out."""

import numpy as np
import pandas as pd
import pytest

from recon import refusals

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
    return refusals.unpacked(table.assign(snapshot_date=dates))


def test_the_most_absurd_market_cap_comes_first_and_held_days_last(rows):
    assert rows["symbol"].tolist()[0] == "AMAT"
    assert rows["symbol"].tolist()[-1] == "BIG"


def test_what_was_not_offered_or_is_no_number_is_missing(rows):
    assert np.isnan(rows.set_index("symbol").at["TINY", "close_usd"])
    assert rows["total_market_cap_usd"].notna().sum() == 2


def test_matching_by_reason_and_by_symbol(rows):
    assert len(refusals.matching(rows, JUMP, "")) == 2
    assert len(refusals.matching(rows, None, " amat ")) == 1
    assert len(refusals.matching(rows, HELD, "AMAT")) == 0
