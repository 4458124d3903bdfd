"""What changed between two days, and why by the rules."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from recon.errors import BadRequest, SnapshotMissing
from recon.exhibits import Answers, changes
from recon.store import Store
from recon.studies.changes import Changes, lines, odds, recomputing, summary, words
from recon.studies.changes.pairing import pair
from recon.studies.changes.recomputing import HELD, Day, Recomputed
from tests.conftest import needs_real_years
from tests.universe import RULES, missing_as_none

# ten companies that no list holds go by rank: four are large, eight in the broad index
CAPS = [100, 90, 80, 70, 60, 50, 40, 30, 20, 10]
FOURTH, FIFTH = 3, 4


def day(caps: dict[int, float], held: dict[int, str]) -> Day:
    """A day of the ten companies with some caps and indexes of its own."""
    cap = [caps.get(at, value) for at, value in enumerate(CAPS)]
    index = [held.get(at) for at in range(len(CAPS))]
    return Day(
        cap_usd=np.array(cap, dtype=float),
        current_index=pd.Series(index, dtype=object),
        rules=RULES,
        unseen_count=0,
    )


def causes(now: dict[int, float], prices: dict[int, float]) -> list[str]:
    """Causes of what became of the fourth and the fifth company."""
    ratio = np.array([prices.get(at, 1.0) for at in range(len(CAPS))])
    symbols = pd.Series([f"C{at}" for at in range(len(CAPS))])
    both = Recomputed(day({}, {}), day(now, {}), symbols, ratio)
    return both.causes(np.array([FOURTH, FIFTH]), [(HELD,), (HELD,)])


@pytest.mark.parametrize(
    ("now", "prices", "expected"),
    [
        pytest.param(
            {FIFTH: 75},
            {FIFTH: 1.25},
            ["rivals", "price"],
            id="a price that rises passes the one above, which is overtaken",
        ),
        pytest.param(
            {FIFTH: 75}, {}, ["rivals", "shares"], id="shares issued at the same price"
        ),
        pytest.param(
            {FIFTH: 72},
            {FIFTH: 1.1},
            ["rivals", "price and shares"],
            id="price and shares, either too little alone",
        ),
        pytest.param(
            {FOURTH: 62, FIFTH: 65},
            {FOURTH: 62 / 70, FIFTH: 65 / 60},
            ["price and rivals", "price and rivals"],
            id="one falls and the other rises, either too little alone",
        ),
        pytest.param(
            {FOURTH: 55, FIFTH: 75},
            {FOURTH: 55 / 70, FIFTH: 75 / 60},
            ["price and rivals", "price and rivals"],
            id="one falls and the other rises, either enough alone",
        ),
    ],
)
def test_a_cause_is_what_undoes_the_change(
    now: dict[int, float], prices: dict[int, float], expected: list[str]
) -> None:
    assert causes(now, prices) == expected


def test_a_member_that_the_band_holds_owes_it_to_the_lists() -> None:
    # of 1,450 in all the band reaches 72.5 past the fourth's 1,240: the fifth, at
    # 1,300, is inside, and is large only where a list has it
    large = {0: 1000.0}
    both = Recomputed(
        day(large, {}),
        day(large, {FIFTH: "R1000"}),
        pd.Series([f"C{at}" for at in range(len(CAPS))]),
        np.ones(len(CAPS)),
    )
    assert both.causes(np.array([FIFTH]), [(HELD,)]) == ["rules or lists"]


def test_sides_of_a_band_are_told_by_its_edges_and_its_line() -> None:
    found = [
        recomputing.side(cap, rank, 4, 5.0, 9.0)
        for cap, rank in ((10, 1), (9, 3), (5, 6), (4.9, 7))
    ]
    assert [recomputing.SIDE_WORDS[each] for each in found] == [
        "above the band",
        "in the band, above the line",
        "in the band, below the line",
        "below the band",
    ]
    hard = [recomputing.side(1, rank, 8, np.nan, np.nan) for rank in (8, 9, 0)]
    assert hard == [recomputing.ABOVE, recomputing.BELOW, recomputing.BELOW]


class _Listed:
    """A projection of which only the listings and the ranked companies count."""

    def __init__(self, rows: list[tuple[int, str, int, int]]) -> None:
        columns = ["symbol_id", "key", "company_id", "security_id"]
        table = pd.DataFrame(rows, columns=columns)
        vehicles = table.drop_duplicates("company_id").set_index("company_id")
        self.securities = table.assign(
            is_common=True,
            vehicle_id=table["company_id"].map(vehicles["security_id"]),
        )
        self.companies = vehicles.reset_index()


def test_a_company_is_followed_by_its_listing_then_its_new_symbol() -> None:
    then = _Listed(
        [(1, "A", 10, 1), (2, "B", 11, 2), (3, "OLD", 12, 3), (4, "D", 13, 4)]
    )
    now = _Listed(
        [(2, "B", 20, 5), (1, "A", 21, 6), (9, "NEW", 22, 7), (8, "E", 23, 8)]
    )
    changed = pd.DataFrame({"key": ["OLD"], "key_new": ["NEW"]})
    found = pair(then, now, changed)  # type: ignore[arg-type]
    assert sorted(zip(found["id_then"], found["id_now"], strict=True)) == [
        (-1, 23),
        (10, 21),
        (11, 20),
        (12, 22),
        (13, -1),
    ]
    places = found.set_index("id_then")[["at_then", "at_now"]]
    assert places.loc[10].tolist() == [0, 1] and places.loc[13].tolist() == [3, -1]


LIST_ROWS = [
    # kind, symbol, list, before, after, cause
    ("joins list", "AAA", "R1000", "R2000 #900", "R1000 #800", "price"),
    ("joins list", "AAA", "MIDCAP", "R2000 #900", "R1000 #800", "price"),
    ("leaves list", "AAA", "R2000", "R2000 #900", "R1000 #800", "price"),
    ("leaves list", "AAA", "R2500", "R2000 #900", "R1000 #800", "price"),
    ("leaves list", "AAA", "MICRO", "R2000 #900", "R1000 #800", "price"),
    ("joins list", "BBB", "TOP50", "R1000 #51", "R1000 #50", "rivals"),
    ("crosses", "CCC", "R1000 / R2000", "above the band", "below", "price"),
]


@pytest.fixture
def rows() -> pd.DataFrame:
    names = ["kind", "symbol", "list", "before", "after", "cause"]
    table = pd.DataFrame(LIST_ROWS, columns=names)
    return table.assign(company=table["symbol"] + " Inc.", why="")


def test_a_company_stands_once_with_all_lists_that_it_joins_and_leaves(
    rows: pd.DataFrame,
) -> None:
    found = summary.by_company(rows)
    columns = ["name", "kind", "joins_short", "leaves_short", "leaves", "list"]
    assert found[columns].to_numpy().tolist() == [
        [
            "AAA  AAA Inc.",
            "moves lists",
            "R1000, Midcap",
            "R2000, R2500 +1",
            "R2000, R2500, Microcap",
            "R1000",
        ],
        ["BBB  BBB Inc.", "moves lists", "Top 50", "", "", "Top 50"],
        ["CCC  CCC Inc.", "crosses", "", "", "", "R1000 / R2000"],
    ]


def test_a_sentence_counts_names_and_says_what_moved_most(rows: pd.DataFrame) -> None:
    moved = pd.DataFrame(
        {"rank": [1000], "change_frac": 0.02, "after_usd": 4.7e9, "market_frac": -0.01}
    )
    found = Changes(
        then=date(2024, 4, 26),
        now=date(2024, 4, 29),
        rows=rows,
        lines=moved,
        event="June 2024",
    )
    assert summary.sentence(found) == (
        "Since 26 Apr 2024, 1 name joins the projected Russell 1000 and 0 leave it; "
        "0 names join the projected Russell 2000 and 1 leaves it; price moved most of "
        "them, 1. The Russell 1000/2000 line moved +2.00% to $4.70bn, the market "
        "−1.00%. June 2024 was implemented meanwhile."
    )
    counts = summary.by_list(rows).set_index("list")
    assert counts.loc[["R1000", "R2000", "Top 50"], ["joins", "leaves"]].to_numpy(
    ).tolist() == [[1, 0], [0, 1], [1, 0]]  # fmt: skip
    assert counts.loc["R1000", "joining"] == "AAA"


# ---- on the demo market and on the real years --------------------------------

DEMO = date(2026, 4, 29)


@pytest.fixture(scope="module")
def demo(demo_answers: Answers) -> Answers:
    return demo_answers


def asked(as_of: date, **given: object) -> changes.DaysQuestion:
    return changes.DaysQuestion(as_of=as_of, **given)


def test_the_day_to_compare_with_is_a_session_of_the_store(demo: Answers) -> None:
    bases = [
        changes.base_day(demo, asked(DEMO, against=against))
        for against in ("session before", "week before", "rank day")
    ]
    assert bases == [date(2026, 4, 28), date(2026, 4, 22), date(2025, 4, 30)]
    own = asked(DEMO, since=date(2026, 4, 26))  # a Sunday
    assert changes.base_day(demo, own) == date(2026, 4, 24)
    assert own.link()["against"] == ["another day"]
    with pytest.raises(BadRequest, match="not before 29 Apr 2026"):
        changes.base_day(demo, asked(DEMO, since=DEMO))
    with pytest.raises(SnapshotMissing, match="the store begins on"):
        changes.base_day(demo, asked(demo.first_day()))


def test_lists_that_change_are_the_difference_of_two_projections(demo: Answers) -> None:
    then, now = (demo.as_if_ranked(day) for day in (date(2026, 4, 22), DEMO))
    found = demo.changes(date(2026, 4, 22), DEMO).rows
    for code in ("R1000", "R2000"):
        sides = []
        for each in (then, now):
            on = each.securities["projected_index"].eq(code)
            sides.append(
                set(each.securities.loc[on & each.securities["is_common"], "symbol"])
            )
        own = found[found["list"] == code]
        joined = set(own.loc[own["kind"] == words.JOINS, "symbol"])
        left = set(own.loc[own["kind"] == words.LEAVES, "symbol"])
        assert joined <= sides[1] - sides[0] and left <= sides[0] - sides[1]
        assert joined | left
    lists = found[found["kind"].isin([words.JOINS, words.LEAVES])]
    assert lists["cause"].ne("").all() and found["kind"].isin(words.KINDS).all()


def test_a_line_moves_with_the_market_and_with_the_rest(demo: Answers) -> None:
    table = lines.moves(demo.store, date(2026, 4, 22), DEMO)
    whole = (1 + table["market_frac"]) * (1 + table["rest_frac"]) - 1
    pd.testing.assert_series_equal(whole, table["change_frac"], check_names=False)
    stored = demo.break_points(date(2026, 4, 23), DEMO)
    daily = stored.drop_duplicates("snapshot_date")["market_return_frac"]
    assert table["market_frac"].unique() == pytest.approx([(1 + daily).prod() - 1])


def test_two_days_of_one_event_differ_by_what_left_the_listings(demo: Answers) -> None:
    found = demo.changes(date(2026, 5, 20), date(2026, 6, 10)).rows
    moved = found[found["kind"].isin([words.JOINS, words.LEAVES])]
    assert set(moved["cause"]) <= {words.LISTING}
    assert not found["kind"].isin([words.CROSSES]).any()


@pytest.fixture(scope="module")
def real(real_years: Store) -> Answers:
    return Answers(real_years)


@needs_real_years
def test_the_day_before_a_rank_day_changes_as_the_record_of_it_shows(
    real: Answers,
) -> None:
    found = real.changes(date(2024, 4, 26), date(2024, 4, 29)).rows
    large = found[found["list"].eq("R1000")]
    said = [
        missing_as_none(row)
        for row in large[["kind", "symbol", "before", "after", "cause"]].to_numpy()
    ]
    assert said == [
        ["joins list", "FTAI", "R2000 #773", "R1000 #764", "price"],
        ["joins list", "TNDM", "R2000 #1,416", "R1000 #1,394", "price"],
        ["leaves list", "AMBP", "R1000 #1,388", "R2000 #1,407", "price and rivals"],
    ]
    # 25 shares became one, and the close passed a dollar
    bakkt = found[found["symbol"].eq("BKKT") & found["list"].eq("R3000E")]
    assert bakkt["why"].str.startswith("no longer: close $0.3997 below $1.00").all()
    assert bakkt["cause"].tolist() == ["price"]


def test_odds_that_moved_by_ten_points_are_told_by_the_state_that_moved_most() -> None:
    def forecast(rows: list[tuple[str, float, float, float]]) -> SimpleNamespace:
        table = pd.DataFrame(rows, columns=["key", "p_r1000", "p_r2000", "p_out"])
        named = table.assign(p_micro=0.0, symbol=table["key"], company="Inc.")
        return SimpleNamespace(companies=named.assign(total_market_cap_usd=1e9))

    then = forecast([("UP", 0.3, 0.7, 0), ("SAME", 0.5, 0.5, 0), ("OUT", 0, 0.5, 0.5)])
    now = forecast([("UP", 0.45, 0.5, 0.05), ("SAME", 0.59, 0.41, 0), ("NEW", 1, 0, 0)])
    found = odds.moved(then, now)  # type: ignore[arg-type]
    columns = ["kind", "symbol", "list", "before", "after", "why"]
    assert found[columns].to_numpy().tolist() == [
        ["odds", "UP", "R2000", "70%", "50%", "−20 points"]
    ]
