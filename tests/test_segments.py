"""Segments: members of each day, what they made, and a gap that adds up."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon import ingest, reconstitution
from recon.errors import SourceUnreadable
from recon.ingest import Options
from recon.ingest.segment_lists import read as read_lists
from recon.reconstitution.segments import kept_by_hand
from recon.rules import segments
from recon.store import Store
from recon.studies import segments as study
from recon.studies.segments import catch_up, tracking
from tests import market
from tests.conftest import needs_real_years
from tests.universe import RULES, SHARED

DAYS = pd.to_datetime(["2024-04-22", "2024-04-23", "2024-04-24", "2024-04-25"])
KNOWN = dict.fromkeys(segments.BREADTH, False)


def quotes(*rows: tuple[int, int, float, float, float]) -> pd.DataFrame:
    """Session (0 to 3), symbol, close, market cap, the provider's change."""
    table = pd.DataFrame(
        rows,
        columns=[
            "snapshot_date",
            "symbol_id",
            "close_usd",
            "total_market_cap_usd",
            "close_change_frac",
        ],
    )
    return table.assign(snapshot_date=DAYS[table["snapshot_date"].to_numpy()])


def moved(rows: pd.DataFrame, renamed: segments.Renamed | None = None) -> list[float]:
    linked = segments.pairs(rows, renamed or {})
    return segments.returns(rows, linked, RULES).tolist()


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        pytest.param((10, 100, np.nan), (11, 110, 0.1), 0.1, id="as the provider says"),
        pytest.param((10, 100, np.nan), (11, 110, np.nan), 0.1, id="close to close"),
        pytest.param((10, 100, np.nan), (5, 101, 0.01), 0.01, id="a split is no loss"),
        pytest.param(
            (10, 100, np.nan), (5, 101, np.nan), 0.01, id="nor one nobody adjusted for"
        ),
        pytest.param((10, 100, 0.03), (10, 100, 0.03), 0, id="a repeated change"),
        pytest.param((10, 100, 0.1), (11, 110, 0.1), 0.1, id="the same change twice"),
        pytest.param((10, 100, np.nan), (10, 100, 3.0), np.nan, id="an absurd change"),
        pytest.param((10, 100, np.nan), (1, 10, -0.9), -0.9, id="a collapse borne out"),
    ],
)
def test_what_a_company_made(
    then: tuple[float, ...], now: tuple[float, ...], expected: float
) -> None:
    rows = quotes((0, 1, *then), (1, 1, *now))  # type: ignore[arg-type]
    assert moved(rows) == pytest.approx([expected], nan_ok=True)


def test_only_who_is_quoted_on_both_sessions_is_found_again() -> None:
    rows = quotes(
        (0, 1, 10, 100, np.nan),
        (0, 2, 10, 100, np.nan),
        (1, 1, 11, 110, 0.1),
        (1, 3, 10, 100, 0.5),
        (2, 1, 11, 110, 0.0),
        (2, 2, 5, 50, -0.5),
    )
    found = segments.pairs(rows, {})
    assert found.to_numpy().tolist() == [[0, 2], [2, 4]]


def test_a_changed_symbol_is_followed_on_its_day() -> None:
    rows = quotes((0, 1, 10, 100, np.nan), (1, 2, 12, 120, 0.2))
    renamed = {np.datetime64("2024-04-23", "D"): {2: 1}}
    assert moved(rows) == []
    assert moved(rows, renamed) == pytest.approx([0.2])


def members(*rows: tuple[int, str, float, float]) -> pd.DataFrame:
    """Session, sector, weight at the close before, return since."""
    table = pd.DataFrame(
        rows, columns=["snapshot_date", "sector", "weight_usd", "return_frac"]
    )
    days = DAYS[table["snapshot_date"].to_numpy()]
    return table.assign(
        snapshot_date=days, sector=table["sector"].astype("category"), **KNOWN
    )


def test_the_figures_of_a_segment() -> None:
    held = members((1, "A", 60, 0.1), (1, "B", 30, -0.1), (1, "A", 10, 0.0))
    (row,) = segments.summaries(held).to_dict("records")
    assert row["sector"] == segments.WHOLE
    assert (row["members"], row["start_cap_usd"]) == (3, 100)
    assert row["cap_weighted_frac"] == pytest.approx(0.03)
    assert row["equal_weighted_frac"] == pytest.approx(0)
    assert row["median_frac"] == 0
    assert (row["advances"], row["declines"], row["beating"]) == (1, 1, 1)
    assert row["herfindahl"] == pytest.approx(0.36 + 0.09 + 0.01)
    assert (row["top5_frac"], row["top10_frac"]) == pytest.approx((1, 1))
    by_sector = segments.summaries(held, by_sector=True)
    assert by_sector[["sector", "members", "start_cap_usd"]].to_numpy().tolist() == [
        ["A", 2, 70],
        ["B", 1, 30],
    ]
    assert by_sector["cap_weighted_frac"].tolist() == pytest.approx([6 / 70, -0.1])


def test_one_name_is_its_segment_however_it_is_weighted() -> None:
    (row,) = segments.summaries(members((1, "A", 5, -0.07))).to_dict("records")
    weighted = [row[name] for name in study.MEASURES.values()]
    assert weighted == pytest.approx([-0.07] * 3)
    assert (row["herfindahl"], row["top5_frac"]) == pytest.approx((1, 1))


def test_the_median_of_an_even_number_lies_between_two() -> None:
    held = members((1, "A", 1, 0.1), (1, "A", 1, 0.2), (1, "A", 1, 0.4), (1, "A", 1, 0))
    assert segments.summaries(held)["median_frac"].tolist() == pytest.approx([0.15])


def test_breadth_is_known_of_nine_in_ten_sessions() -> None:
    rising = np.linspace(1, 2, 260)
    new = np.where(np.arange(260) < 230, np.nan, 1.0)
    found = segments.breadth(np.column_stack([rising, rising[::-1], new]))
    last = {name: flags[-1].tolist() for name, flags in found.items()}
    assert last == {
        "known_50": [True, True, False],
        "above_50": [True, False, False],
        "known_200": [True, True, False],
        "above_200": [True, False, False],
        "known_year": [True, True, False],
        "new_highs": [True, False, False],
        "new_lows": [False, True, False],
    }
    assert [found["known_50"][at, 0] for at in (43, 44)] == [False, True]
    assert [found["known_year"][at, 0] for at in (225, 226)] == [False, True]


def test_adjusted_levels_run_through_a_split_and_break_where_a_name_is_gone() -> None:
    rows = quotes(
        (0, 1, 10, 100, np.nan),
        (0, 2, 1, 10, np.nan),
        (1, 1, 5.5, 110, 0.1),
        (2, 1, 5.5, 110, 0.0),
        (2, 2, 1, 10, 0.0),
    )
    linked = segments.pairs(rows, {})
    levels, chain = segments.chained(rows, linked, np.array([0.1, 0.0]))
    assert chain.tolist() == [0, 1, 0, 0, 2]
    expected = [[1, 1, np.nan], [1.1, np.nan, np.nan], [1.1, np.nan, 1]]
    np.testing.assert_allclose(levels, expected)


def test_a_weight_tells_the_free_float_where_it_is_fine_enough() -> None:
    weight = np.array([0.4, 0.4, 0.1, 0.1, 0.0003, 0.0])
    cap = np.array([400.0, 400, 100, 200, 1, 50])
    found = segments.implied_floats(weight, cap, 1e-4, RULES)
    assert found.tolist() == pytest.approx([1, 1, 1, 0.5, np.nan, np.nan], nan_ok=True)


def segment_days(*rows: tuple[int, str, str, float, float]) -> pd.DataFrame:
    """Session, segment, sector, starting cap, return: the same by every measure."""
    table = pd.DataFrame(
        rows,
        columns=["day", "segment", "sector", "start_cap_usd", "cap_weighted_frac"],
    )
    return table.assign(
        snapshot_date=DAYS[table.pop("day").to_numpy()],
        members=2,
        equal_weighted_frac=table["cap_weighted_frac"],
        median_frac=table["cap_weighted_frac"],
    )


def both(day: int, small: float, large: float, top: float) -> list:
    """One session of both indexes, each half in sector A; B makes nothing."""
    rows = [(day, "R3000", "", 1100, 0.0), (day, "R3000", "A", 550, 0.0)]
    for code, cap, made in (("R2000", 100, small), ("R1000", 1000, large)):
        rows += [
            (day, code, "", cap, made),
            (day, code, "A", cap / 2, 2 * made),
            (day, code, "B", cap / 2, 0.0),
        ]
    return [*rows, (day, "TOP10", "", 400, top), (day, "TOP10", "A", 400, top)]


def test_levels_begin_at_100_and_compound() -> None:
    days = segment_days(*both(1, 0.1, 0.0, 0.0), *both(2, 0.1, 0.0, 0.0))
    found = study.levels(days, DAYS[0].date(), ["R2000", "A"])
    assert found["segment"].tolist() == ["R2000", "A"] * 3
    small = found[found["segment"] == "R2000"]
    assert small["cap_weighted"].tolist() == pytest.approx([100, 110, 121])
    assert small["snapshot_date"].tolist() == list(DAYS[:3])


def test_a_gap_falls_apart_to_the_last_basis_point() -> None:
    days = segment_days(
        *both(1, 0.02, 0.01, 0.015), *both(2, -0.03, 0.02, 0.03), 
        *both(3, 0.0, 0.0, 0.0),
    )  # fmt: skip
    found = catch_up.decompose(days, DAYS[0].date())
    small, large = 1.02 * 0.97 - 1, 1.01 * 1.02 - 1
    assert (found.small_frac, found.large_frac) == pytest.approx((small, large))
    assert found.parts.sum() == pytest.approx(small - large, abs=1e-12)
    assert found.daily[list(catch_up.PARTS)].iloc[-1].sum() == pytest.approx(
        small - large, abs=1e-12
    )
    assert found.recon_since is None
    assert found.parts[[catch_up.SMALL_CAME, catch_up.LARGE_CAME]].tolist() == [0, 0]


def test_the_parts_of_one_day_by_hand() -> None:
    """The ten largest are 40 % of large caps and all of sector A's 400."""
    found = catch_up.decompose(segment_days(*both(1, 0.05, 0.05, 0.1)), DAYS[0].date())
    rest = (0.05 - 0.4 * 0.1) / 0.6
    # the rest holds 100 of A and 500 of B: A made (50 - 40) / 100, B nothing
    mix = 0.5 * (0.1 - rest) + 0.5 * (0 - rest)
    assert found.parts[catch_up.CONCENTRATION] == pytest.approx(-0.4 * (0.1 - rest))
    assert found.parts[catch_up.MIX] == pytest.approx(mix)
    assert found.parts[catch_up.SIZE] == pytest.approx(0.05 - rest - mix)
    assert found.gap_frac == pytest.approx(0)


def test_who_came_and_left_is_the_index_less_what_it_held_before() -> None:
    rows = both(1, 0.02, 0.01, 0.01)
    before = [
        (day, f"{code}_BEFORE", sector, cap, made - 0.005 if code == "R2000" else made)
        for day, code, sector, cap, made in rows
        if code != "R3000"
    ]
    found = catch_up.decompose(segment_days(*rows, *before), DAYS[0].date())
    assert found.parts[catch_up.SMALL_CAME] == pytest.approx(0.005)
    assert found.parts[catch_up.LARGE_CAME] == pytest.approx(0)
    assert found.parts.sum() == pytest.approx(0.01)
    assert found.recon_since == DAYS[1].date()


def test_a_lost_share_asks_for_a_gain_on_large_caps() -> None:
    days = segment_days(
        (1, "R2000", "", 100, 0.0), (1, "R1000", "", 900, 0.0),
    )  # fmt: skip
    found = catch_up.shares(days, DAYS[1].date()).set_index("measured_on")
    row = found.loc["June 2014"]
    assert row["share_frac"] == pytest.approx(2045 / 23122)
    assert row["share_now_frac"] == pytest.approx(0.1)
    # 100 grown by it against 900 is the share of 2014
    small = 100 * (1 + row["needed_frac"])
    assert small / (small + 900) == pytest.approx(row["share_frac"])


def test_tracking_is_measured_from_the_last_session_of_the_year_before() -> None:
    days = pd.to_datetime(["2023-12-28", "2023-12-29", "2024-01-02", "2024-12-31"])
    levels = pd.DataFrame(
        {
            "snapshot_date": days,
            "segment": "R2000",
            "cap_weighted": [100, 110, 111, 121],
        }
    )
    offered = pd.DataFrame(
        {"date": days, "symbol": "IWM", "close": [200.0, 210, 215, 252]}
    )
    found = tracking.by_year(levels, tracking.followers(offered))
    assert found["year"].tolist() == [2023, 2024]
    assert found["segment_frac"].tolist() == pytest.approx([0.1, 0.1])
    assert found["follower_frac"].tolist() == pytest.approx([0.05, 0.2])
    assert found["with_dividends"].tolist() == [False, False]


@pytest.fixture(scope="module")
def demo(demo_store: object) -> Store:
    return Store(demo_store)  # type: ignore[arg-type]


def test_a_day_added_is_the_day_drawn_among_all_others(demo: Store) -> None:
    """No day knows the future, and none needs more than the days before it."""
    days = demo.published_days()
    stored = demo.segment_days(days[0].date(), days[-1].date())
    for day in (days[1], days[-40], days[-1]):
        alone = reconstitution.draw(demo, day.date(), day.date())["segment_days"]
        among = stored[stored["snapshot_date"] == day].reset_index(drop=True)
        assert len(alone) > 30
        pd.testing.assert_frame_equal(alone, among, check_dtype=False)


def test_the_sizes_are_parts_of_each_other(demo: Store) -> None:
    day = demo.published_days()[-1].date()
    rows = demo.segment_days(day, day)
    count = rows[rows["sector"] == ""].set_index("segment")["members"]
    assert count["TOP10"] == 10 and count["TOP50"] == 50
    assert count["TOP200"] + count["MIDCAP"] == count["R1000"]
    assert count["R1000"] + count["R2000"] == count["R3000"]
    cap = rows[rows["sector"] != ""].groupby("segment")["start_cap_usd"].sum()
    whole = rows[rows["sector"] == ""].set_index("segment")["start_cap_usd"]
    assert cap["R2000"] == pytest.approx(whole["R2000"], rel=1e-12)


def test_the_first_session_of_a_store_has_made_nothing_yet(demo: Store) -> None:
    first = demo.published_days()[0].date()
    assert demo.segment_days(first, first).empty


ENTRY = {
    "segment": "Mine", "by": "symbol", "value": "BIG", "since": "2024-01-02",
    "until": "", "source": "our own choice",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"segment": "R2000"}, "row 1 names no segment", id="a size"),
        pytest.param({"segment": "Energy"}, "row 1 names no segment", id="a sector"),
        pytest.param({"by": "name"}, "is by none of industry", id="by something else"),
        pytest.param({"since": "soon"}, "has a day that is none", id="no day"),
        pytest.param({"source": ""}, "has no source", id="no source"),
    ],
)
def test_a_list_kept_by_hand_is_checked_row_by_row(
    changed: dict[str, str], words: str
) -> None:
    with pytest.raises(SourceUnreadable, match=words):
        read_lists(pd.DataFrame([{**ENTRY, **changed}]), "mine.csv")


def test_lists_of_the_store_take_the_place_of_those_on_record(tmp_path: Path) -> None:
    folder, path = tmp_path / "store", tmp_path / "mine.csv"
    market.take(folder, market.eventful())
    facts = Store(folder)
    assert "MAG7" in set(kept_by_hand(facts)["segment"])
    pd.DataFrame([ENTRY]).to_csv(path, index=False)
    assert ingest.segment_lists(folder, path, Options()).accepted == 1
    kept = kept_by_hand(facts)
    assert kept["segment"].tolist() == ["Mine"]
    assert kept["until"].tolist() == [pd.Timestamp("2200-01-01")]
    assert ingest.segment_lists(folder, path, Options()).accepted == 0


FUNDS = SHARED / "market" / "etf_ohlcv.parquet"
# points a year between a segment and its fund's closes: decision 0057
NEAR = {"IWB": 0.012, "IWR": 0.012, "IWM": 0.032}


@needs_real_years
@pytest.mark.shared(FUNDS)
def test_the_real_years_come_near_the_closes_of_funds(real_years: Store) -> None:
    days = real_years.published_days()
    first, last = days[0].date(), days[-1].date()
    levels = study.levels(real_years.segment_days(first, last), first)
    prices = tracking.followers(pd.read_parquet(FUNDS))
    found = tracking.by_year(levels, prices)
    largest = found.groupby("follower")["difference_frac"].agg(
        lambda own: own.abs().max()
    )
    assert set(NEAR) <= set(largest.index)
    assert {fund: largest[fund] < NEAR[fund] for fund in NEAR} == dict.fromkeys(
        NEAR, True
    )
    parts = catch_up.decompose(real_years.segment_days(first, last), first)
    assert parts.parts.sum() == pytest.approx(parts.gap_frac, abs=1e-12)
