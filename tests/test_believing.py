"""A refused market cap taken as it was offered, by a person who says why."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from recon import ingest
from recon.errors import BadRequest
from recon.ingest.quality import CAP_REASONS, JUMPED
from recon.store import Store
from tests import market

DAYS = market.sessions(16)
ISSUE = DAYS[market.ISSUE_ON]  # four times the shares, not believed for five sessions
WORD = market.Options(wait_seconds=5.0, because="issue of 8 March, Ana")


@pytest.fixture(scope="module")
def believed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    """Return an eventful market before and after the issue is believed."""
    folder = tmp_path_factory.mktemp("believed")
    for name in ("before", "after"):
        market.take(folder / name, market.eventful())
    (taken,) = ingest.believe(folder / "after", "ISSU", ISSUE, WORD)
    assert (taken.offered, taken.accepted, taken.revised_days) == (1, 1, 5)
    return Store(folder / "before"), Store(folder / "after")


def caps(store: Store, symbol: str) -> pd.Series:
    rows = market.snapshots(store)
    rows = rows[rows["symbol"] == symbol].set_index("snapshot_date")
    return rows["total_market_cap_usd"]


def refused(store: Store) -> list[date]:
    rows = market.refusals(store)
    mine = rows["symbol"].eq("ISSU") & rows["reason"].eq(CAP_REASONS[JUMPED])
    return sorted(pd.to_datetime(rows.loc[mine, "snapshot_date"]).dt.date)


def test_the_cap_is_the_offered_one_from_that_day_and_other_names_stay(
    believed: tuple[Store, Store],
) -> None:
    before, after = believed
    table = market.eventful()
    offered = table[table["symbol"].eq("ISSU")].set_index("date")["market_cap"]
    assert caps(before, "ISSU")[pd.Timestamp(ISSUE)] < offered[ISSUE] / 3
    assert caps(after, "ISSU").tolist() == offered.tolist()
    assert refused(before) == DAYS[market.ISSUE_ON : market.ISSUE_ON + 5]
    assert refused(after) == []
    for name in ("BIG", "JUMP", "SPLT", "LATE", "GAPS"):
        pd.testing.assert_series_equal(caps(before, name), caps(after, name))


def test_lines_and_totals_of_the_day_follow(believed: tuple[Store, Store]) -> None:
    before, after = believed
    day = pd.Timestamp(ISSUE)
    issued = caps(after, "ISSU")[day]
    totals = [
        each.days().set_index("snapshot_date")["total_market_cap_usd"][day]
        for each in believed
    ]
    assert totals[1] - totals[0] == pytest.approx(issued - caps(before, "ISSU")[day])
    was, now = (each.break_points(ISSUE, ISSUE).iloc[0] for each in believed)
    # below $30mn it was not ranked
    assert now["company_count"] == was["company_count"] + 1
    gained = now["total_market_cap_usd"] - was["total_market_cap_usd"]
    assert gained == pytest.approx(issued)


def test_the_word_and_who_gave_it_are_kept(
    believed: tuple[Store, Store],
) -> None:
    after = believed[1]
    (row,) = after.believed_caps(*market.ALWAYS).to_dict("records")
    assert (row["snapshot_date"].date(), row["symbol"]) == (ISSUE, "ISSU")
    assert row["decided_by"].endswith(": issue of 8 March, Ana")
    entry = after.ledger().iloc[0]
    assert entry["decided_by"] == row["decided_by"]
    assert (entry["source"], entry["origin"]) == ("decision", f"ISSU of {ISSUE}")


def test_the_word_counts_where_the_day_is_loaded_again(
    believed: tuple[Store, Store], tmp_path: Path
) -> None:
    after = believed[1]
    expected = caps(after, "ISSU")
    path = market.write(market.eventful(), tmp_path / "again.csv")
    market.take(after.folder, path, options=market.Options(replace=True))
    pd.testing.assert_series_equal(caps(after, "ISSU"), expected)


def test_what_was_not_refused_cannot_be_believed(
    believed: tuple[Store, Store],
) -> None:
    told = r"no market cap of BIG on 12 Mar 2024; of that day it refused: ISSU\."
    with pytest.raises(BadRequest, match=told):
        ingest.believe(believed[0].folder, "BIG", ISSUE, WORD)
