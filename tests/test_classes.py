"""The gate where a provider turns from a whole company to the one class it lists."""

from pathlib import Path

import pandas as pd
import pytest

from recon.ingest.quality import CAP_REASONS, CLASS, STEADY_SESSIONS
from recon.store import Store
from tests import market

DAYS = market.sessions(STEADY_SESSIONS + 20)
TURN = STEADY_SESSIONS + 5
ONE = market.Listing("ONE", "One Class Listed Inc. Class A Common Stock", 50, 1000)
THIRD = market.Listing("TWO.C", "Two Classes Inc. Class C Common Stock", 30, 3)
LISTINGS = (*market.LISTINGS, ONE, THIRD)
TRUST = "Real Estate Investment Trusts"


def rows_of(
    part: float = 0.5, turn: int = TURN, symbol: str = "ONE", **texts: str
) -> pd.DataFrame:
    """Calm days; from `turn` on the cap of a symbol is that part of itself."""
    rows = market.calm(DAYS, LISTINGS).astype({"market_cap": float})
    is_it = rows["symbol"].eq(symbol)
    for column, text in texts.items():
        rows.loc[is_it, column] = text
    rows.loc[is_it & rows["date"].isin(DAYS[turn:]), "market_cap"] *= part
    return rows


def story(folder: Path, rows: pd.DataFrame, symbol: str = "ONE") -> pd.DataFrame:
    market.take(folder / "store", rows)
    table = market.snapshots(Store(folder / "store"))
    return table[table["symbol"] == symbol].reset_index(drop=True)


def shares_millions(found: pd.DataFrame) -> list[float]:
    count = found["total_market_cap_usd"] / found["close_usd"] / 1e6
    return count.round(3).tolist()


def test_the_company_keeps_its_share_count_and_the_fall_is_refused_once(
    tmp_path: Path,
) -> None:
    found = story(tmp_path, rows_of())
    assert shares_millions(found) == [1000.0] * len(DAYS)
    after = len(DAYS) - TURN
    assert found["carried_sessions"].tolist() == [0] * TURN + list(range(1, after + 1))
    refused = Store(tmp_path / "store").quarantine()
    assert refused["reason"].tolist() == [CAP_REASONS[CLASS]]
    assert refused["snapshot_date"].dt.date.tolist() == [DAYS[TURN]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "is_kept"),
    [
        pytest.param({"part": 0.76}, False, id="it fell by less than a quarter"),
        pytest.param({"part": 0.74}, True, id="it fell by more than a quarter"),
        pytest.param(
            {"turn": STEADY_SESSIONS - 45},
            False,
            id="the count had been seen for less than a month",
        ),
        pytest.param(
            {"turn": STEADY_SESSIONS - 35},
            True,
            id="the count had been seen for more than a month",
        ),
        pytest.param(
            {"name": "One Class Listed Inc. Common Stock"},
            False,
            id="no class in its name",
        ),
        pytest.param(
            {"symbol": "TWO.A"}, False, id="its other class is listed beside it"
        ),
        pytest.param({"industry": TRUST}, False, id="a property trust"),
        pytest.param({"industry": "Blank Checks"}, False, id="a shell"),
    ],
)
def test_a_fall_is_one_to_a_class_only_where_that_explains_it(
    tmp_path: Path, changes: dict[str, object], is_kept: bool
) -> None:
    symbol = str(changes.get("symbol", "ONE"))
    part = float(str(changes.get("part", 0.5)))
    shares = 200.0 if symbol == "TWO.A" else 1000.0
    found = story(tmp_path, rows_of(**({"part": part} | changes)), symbol)
    last = shares_millions(found)[-1]
    assert last == pytest.approx(shares if is_kept else shares * part, rel=1e-3)


@pytest.mark.parametrize(
    ("turn", "symbol", "sessions_carried"),
    [
        pytest.param(
            TURN, "SML", len(DAYS) - TURN, id="it had been steady for a quarter"
        ),
        pytest.param(15, "SML", 5, id="it had been seen for less than a month"),
        pytest.param(TURN, "TWO.C", 5, id="a class beside another comes to its own"),
    ],
)
def test_a_small_company_loses_two_thirds_of_its_shares_only_if_they_were_unsteady(
    tmp_path: Path, turn: int, symbol: str, sessions_carried: int
) -> None:
    found = story(tmp_path, rows_of(0.3, turn, symbol), symbol)
    assert found["carried_sessions"].max() == sessions_carried


def test_a_shell_whose_units_are_listed_is_believed_to_have_redeemed(
    tmp_path: Path,
) -> None:
    rows = rows_of()
    units = rows[rows["symbol"] == "ONE"].assign(
        symbol="ONEU", name="One Class Listed Inc. Units", market_cap=0
    )
    found = story(tmp_path, pd.concat([rows, units]))
    assert shares_millions(found)[-1] == pytest.approx(500)


def test_the_provider_is_believed_again_when_it_counts_all_shares(
    tmp_path: Path,
) -> None:
    rows = rows_of()
    back = rows["symbol"].eq("ONE") & rows["date"].isin(DAYS[-3:])
    rows.loc[back, "market_cap"] *= 1.05 / 0.5
    found = story(tmp_path, rows)
    assert found["carried_sessions"].tolist()[-3:] == [0, 0, 0]
    assert shares_millions(found)[-1] == pytest.approx(1050)


def test_a_count_that_was_still_moving_is_put_right(tmp_path: Path) -> None:
    rows = rows_of()
    early = rows["symbol"].eq("ONE") & rows["date"].isin(DAYS[: TURN - 30])
    rows.loc[early, "market_cap"] *= 0.8
    assert shares_millions(story(tmp_path, rows))[-1] == pytest.approx(500)


def test_a_split_of_a_carried_company_splits_its_shares(tmp_path: Path) -> None:
    rows = rows_of()
    rows["volume"] = rows["volume"].astype(float)
    split = rows["symbol"].eq("ONE") & rows["date"].isin(DAYS[TURN + 5 :])
    rows.loc[split, "price"] *= 10
    rows.loc[split, "volume"] /= 10
    counts = shares_millions(story(tmp_path, rows))
    assert counts[TURN + 4] == 1000
    assert counts[TURN + 5] == pytest.approx(100, rel=0.03)
    assert len(set(counts[TURN + 5 :])) == 1


@pytest.mark.slow
def test_day_by_day_is_the_same_as_in_one_go(tmp_path: Path) -> None:
    rows = rows_of()
    alone = DAYS[TURN - 1 : TURN + 7]  # until the turn is believed, and after
    for days in (DAYS[: TURN - 1], *([day] for day in alone), DAYS[TURN + 7 :]):
        market.take(tmp_path / "daily", rows[rows["date"].isin(days)])
    market.take(tmp_path / "whole", rows)
    pd.testing.assert_frame_equal(
        market.snapshots(Store(tmp_path / "daily")),
        market.snapshots(Store(tmp_path / "whole")),
    )
