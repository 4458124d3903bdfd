"""Prices around an event: returns, groups, matches, placebos, and what is said of them.

Listings of the tables are named by the numbers of their columns, days by their place
among the sessions from 1 May 2024 on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon import __main__ as command_line
from recon import schedule
from recon.errors import BadRequest
from recon.exhibits import Answers
from recon.rulebook import HEURISTICS
from recon.store import Store
from recon.store.kept import Kept
from recon.studies import events
from recon.studies.events import (
    curves,
    inference,
    keeping,
    matching,
    measures,
    names,
    returns,
    summary,
    windows,
)
from recon.studies.events.measures import Spans
from tests.conftest import YEARS, needs_real_years

SESSIONS = schedule.sessions()
DAYS = SESSIONS[SESSIONS >= "2024-05-01"][:80]
JUNE_2024 = schedule.reconstitution(2024, "June")
# one name of a small market may be half of it
ALONE = replace(HEURISTICS, off_day_frac=1.0, least_sessions=2, past_sessions=4)
Rows = Sequence[tuple[float | None, float | None, float | None]]


def paths_of(*listings: Rows, volume: float = 100.0) -> returns.Paths:
    """Paths of listings, each given as close, change and market cap by session.

    A session without a close has no quote.
    """
    table = [
        (DAYS[at], number, close, cap, volume, change)
        for number, rows in enumerate(listings)
        for at, (close, change, cap) in enumerate(rows)
        if close is not None
    ]
    names_ = ["snapshot_date", "symbol_id", "close_usd", "total_market_cap_usd"]
    names_ += ["volume_shares", "close_change_frac"]
    count = max(map(len, listings))
    return returns.measured(
        pd.DataFrame(table, columns=names_),
        DAYS[:count],
        np.arange(len(listings)),
        ALONE,
    )


def flat(close: float, count: int, cap: float = 1e9) -> Rows:
    """A listing that does not move."""
    return [(close, 0.0, cap)] * count


# ---- returns -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "wealth", "reasons"),
    [
        pytest.param(
            [(100, 0, 1e9), (25.5, 0.02, 1.02e9)], 1.02, [], id="a split on the day"
        ),
        pytest.param(
            [(100, 0, 1e9), (99, 0.01, 0.99e9)], 1.01, [], id="a dividend goes in"
        ),
        pytest.param(
            [(10, 0, 1e9), (10, 0.06, 1e9), (11, 0.1, 1.1e9)],
            1.10,
            [returns.STALE],
            id="a repeated close is no move, whatever its change says",
        ),
        pytest.param(
            [(10, 0, 1e9), (None, None, None), (12, 0.05, 1.2e9)],
            1.2,
            [returns.GAP],
            id="over a session without a quote close to close counts",
        ),
        pytest.param(
            [(10, 0, 1e9), (10.5, None, 1.05e9)],
            1.05,
            [returns.GAP],
            id="without a change close to close counts",
        ),
        pytest.param(
            [(10, 0, 1e9), (10.1, 0.9, 1.01e9)],
            1.9,
            [returns.UNTOLD],
            id="a change that nothing bears out is set aside",
        ),
        pytest.param(
            [(1, 0, 1e8), (7, -0.3, None)], 0.7, [], id="a reverse split without a cap"
        ),
        pytest.param(
            [(10, 0, 1e9), (None, None, None), (2, 0.0, 1e9)],
            1.0,
            [returns.GAP],
            id="a split over a gap shows in the market cap",
        ),
        pytest.param(
            [(10, 0, None), (None, None, None), (2, 0.0, None)],
            0.2,
            [returns.GAP, returns.UNTOLD],
            id="without a market cap a fall to a fifth over a gap may be a split",
        ),
    ],
)
def test_a_return_is_the_providers_change_where_it_is_borne_out(
    rows: Rows, wealth: float, reasons: list[str]
) -> None:
    paths = paths_of(rows)
    assert paths.wealth[-1, 0] == pytest.approx(wealth)
    assert sorted(paths.faults["reason"]) == sorted(reasons)
    assert paths.is_untold.any() == (returns.UNTOLD in reasons)


def test_where_many_disagree_the_changes_are_another_sessions() -> None:
    table = pd.DataFrame(
        {
            "snapshot_date": np.repeat(DAYS[:2], 3),
            "symbol_id": [0, 1, 2] * 2,
            "close_usd": [10, 10, 10, 11, 12, 9.0],
            "total_market_cap_usd": [1e9, 1e9, 1e9, 1.1e9, 1.2e9, 0.9e9],
            "volume_shares": 1.0,
            "close_change_frac": [0, 0, 0, 0.03, 0.03, 0.03],
        }
    )
    strict = returns.measured(table, DAYS[:2], np.arange(3))
    assert strict.wealth[1].tolist() == pytest.approx([1.1, 1.2, 0.9])
    assert set(strict.faults["reason"]) == {returns.OFF_DAY}


def test_a_dead_name_keeps_the_value_of_its_last_trade() -> None:
    paths = paths_of([(10, 0, 1e9), (12, 0.2, 1.2e9)], flat(5, 4))
    assert paths.wealth[:, 0].tolist() == pytest.approx([1, 1.2, 1.2, 1.2])
    assert paths.last_quoted.tolist() == [1, 3]
    assert paths.place(DAYS[2].date()) == 2
    with pytest.raises(KeyError, match="no path"):
        paths.columns(np.array([7]))


class Renamed:
    """Facts of two symbols, of which the second takes the first's place."""

    def published_days(self) -> pd.DatetimeIndex:
        return DAYS[:4]

    def price_changes(
        self, since: date, until: date, symbol_ids: np.ndarray
    ) -> pd.DataFrame:
        days = [DAYS[0], DAYS[1], DAYS[2], DAYS[3]]
        table = pd.DataFrame(
            {
                "snapshot_date": days,
                "symbol_id": [3, 3, 9, 9],
                "close_usd": [10.0, 11.0, 12.1, 13.31],
                "total_market_cap_usd": 1e9,
                "volume_shares": 1.0,
                "close_change_frac": 0.1,
            }
        )
        return table[table["symbol_id"].isin(symbol_ids)]


def test_a_changed_symbol_is_followed() -> None:
    renamed = pd.DataFrame(
        {"symbol_id": [3], "symbol_id_new": [9], "changed_on": [DAYS[2]]}
    )
    span = (DAYS[0].date(), DAYS[3].date())
    paths = returns.read(Renamed(), *span, np.array([3]), renamed)
    assert paths.ids.tolist() == [3]
    assert paths.wealth[:, 0].tolist() == pytest.approx([1, 1.1, 1.21, 1.331])
    alone = returns.read(Renamed(), *span, np.array([3]))
    assert alone.last_quoted.tolist() == [1]


# ---- measures ------------------------------------------------------------------------


def test_the_benchmark_weighs_by_market_cap_and_is_held() -> None:
    paths = paths_of(
        [(10, 0, 1e9), (11, 0.1, 1.1e9), (11, 0.0, 1.1e9)],
        [(10, 0, 3e9), (10, 0.0, 3e9), (12, 0.2, 3.6e9)],
    )
    market = measures.benchmark(paths, np.array([0, 1]), np.array([1e9, 3e9]), 0)
    # 1.1 + 3, then 1.1 + 3.6 of 4
    assert (market / market[0]).tolist() == pytest.approx([1, 4.1 / 4, 4.7 / 4])


def test_a_takeover_in_the_window_is_measured_to_its_last_trade() -> None:
    pinned = [(20, 0.0, 1e9), (26, 0.3, 1.3e9)] + flat(26, 11, 1.3e9)
    market = [(10, 0.0, 1e9)] + flat(10, 11) + [(10, 0.0, 1e9), (12, 0.2, 1.2e9)] * 2
    paths = paths_of(pinned, market)
    index = measures.benchmark(paths, np.array([1]), np.array([1e9]), 0)
    found = measures.abnormal(paths, np.array([0]), index, 0, 15)
    assert found.to_dict("records") == [
        {
            "return_frac": pytest.approx(0.3),
            "benchmark_frac": pytest.approx(0.0),
            "car_frac": pytest.approx(0.3),
            "is_ended": True,
        }
    ]
    words = measures.endings(paths, np.array([0, 1]), 15)
    assert words == [measures.TAKEN_OVER, ""]


def test_a_name_that_falls_below_a_dollar_before_its_end_has_failed() -> None:
    falling = [(4, 0.0, 1e8), (2, -0.5, 5e7), (0.8, -0.6, 2e7)]
    jumping = [(4, 0.0, 1e8), (6, 0.5, 1.5e8), (3, -0.5, 7.5e7)]
    paths = paths_of(falling, jumping, flat(5, 6))
    words = measures.endings(paths, np.array([0, 1]), 5)
    assert words == [measures.FAILED, measures.ENDED]


def test_what_is_not_known_of_a_window_is_missing() -> None:
    late = [(None, None, None)] * 8 + flat(10, 4)
    untold = flat(10, 4) + [(10.1, 0.9, 1.01e9)] + flat(10.1, 7)
    paths = paths_of(late, untold)
    both = np.array([0, 1])
    assert np.isnan(measures.over(paths, both, 0, 11)).all()
    assert measures.over(paths, both, 8, 11).tolist() == [0, 0]


def test_the_volume_multiple_counts_value_so_that_a_split_changes_nothing() -> None:
    split = flat(100, 4) + [(10, 0.0, 1e9)]
    paths = paths_of(split, flat(50, 5))
    paths.value_usd[4] = [
        10 * 5_000,
        np.nan,
    ]  # five times the shares' worth of 100 x 100
    spans = Spans(rank_row=3, close_row=4, windows={})
    found = measures.volume_multiples(paths, np.array([0, 1]), spans, ALONE)
    assert found[0] == pytest.approx(5) and np.isnan(found[1]), "missing volume"


def test_the_half_spread_is_rolls() -> None:
    # up and down by the same again and again: each return is minus the one before
    closes = [10 * (1.01 if at % 2 else 1.0) for at in range(9)]
    bouncing = [
        (c, c / p - 1, c * 1e8) for c, p in zip(closes, [10, *closes], strict=False)
    ]
    trend = [(10 * 1.01**at, 0.01, 1e9 * 1.01**at) for at in range(9)]
    paths = paths_of(bouncing, trend)
    numbers = replace(ALONE, past_sessions=8)
    found = measures.trading_costs(paths, np.array([0, 1]), 8, numbers)
    moves = np.diff(np.log(closes))
    covariance = np.mean(moves[1:] * moves[:-1]) - moves[1:].mean() * moves[:-1].mean()
    assert found["half_spread_frac"].tolist() == pytest.approx(
        [(-covariance) ** 0.5, 0], abs=1e-8
    )
    assert found["half_spread_frac"][0] == pytest.approx(0.01, rel=0.02)
    assert found["impact_frac"].tolist() == pytest.approx(
        [0.05**0.5 * moves.std(ddof=1), 0.0], abs=1e-12
    )


# ---- matches and groups --------------------------------------------------------------


def people(rows: Sequence[tuple[float, float | None, str | None]]) -> pd.DataFrame:
    columns = ["total_market_cap_usd", "past_return_frac", "sector"]
    return pd.DataFrame(rows, columns=columns)


def test_matches_are_alike_in_sector_size_and_past_return() -> None:
    pool = people(
        [
            (1e9, 0.1, "Energy"),
            (1.1e9, 0.5, "Energy"),
            (3e9, 0.1, "Energy"),  # more than twice as large
            (1e9, 0.1, "Finance"),
            (1.2e9, None, "Energy"),  # its past is not known
            (2.2e9, 0.1, None),
        ]
    )
    asking = people(
        [
            (1e9, 0.1, "Energy"),
            (1e9, 0.45, "Energy"),
            (1e9, None, "Energy"),  # by size alone
            (2e9, 0.1, None),
            (1e9, 0.1, "Utilities"),
        ]
    )
    found = matching.matches(asking, pool)
    assert found.tolist() == [
        [0, 1, -1],
        [1, 0, -1],
        [0, 1, 4],
        [5, -1, -1],
        [-1, -1, -1],
    ]


def company(now: str, came: str, **more: object) -> dict[str, object]:
    usual = {
        "projected": came,
        "is_held_by_band": False,
        "ipo_year": 1999.0,
        "shift": None,
        "note": None,
    }
    return {"now": now, "came": came, **usual, **more}


GROUPED = pd.DataFrame(
    [
        company("", "R2000"),
        company("", "R2000", ipo_year=2024.0),
        company("", "R1000", ipo_year=2024.0),
        company("R2000", ""),
        company("R2000", "R1000"),
        company("R1000", "R2000"),
        company("R1000", "R1000", is_held_by_band=True),
        company("R2000", "R2000", shift="to value"),
        company("R2000", "", note="no longer listed afterwards"),
        company("R2000", "R1000", note="share class, counted with its company"),
        company("", ""),
    ]
)


@pytest.mark.parametrize(
    ("group", "came", "projected"),
    [
        ("additions", [0, 1], [0, 1]),
        ("deletions", [3], [3, 8]),
        ("up", [4], [4]),
        ("down", [5], [5]),
        ("held", [6], [6]),
        ("ipo", [1, 2], [1, 2]),
        ("style", [7], [7]),
    ],
)
def test_a_group_counts_companies_once(
    group: str, came: list[int], projected: list[int]
) -> None:
    """A name in two indexes by two classes is one company; a takeover was projected."""
    for basis, wanted in (("came", came), ("projected", projected)):
        is_in = names.in_group(GROUPED, group, basis, 2024)
        assert np.flatnonzero(is_in).tolist() == wanted
    assert np.flatnonzero(names.staying(GROUPED)).tolist() == [6, 7, 10]
    assert np.flatnonzero(names.staying(GROUPED, "R2000")).tolist() == [7]


class Posted:
    """Facts with two official lists of June 2024, the second newer."""

    def official_names(self, as_of: date) -> pd.DataFrame:
        rows = [
            (1, "R3000", "addition", "NEW"),
            (1, "R3000", "addition", "DROPPED"),
            (2, "R3000", "addition", "NEW"),
            (2, "R3000", "addition", "BIG"),
            (3, "R3000", "deletion", "OLD"),
            (4, "R1000", "addition", "RISES"),
        ]
        columns = ["list_id", "index", "action", "key"]
        table = pd.DataFrame(rows, columns=columns).assign(event="June 2024")
        return table.assign(posted_on=pd.Timestamp(as_of))


def test_official_lists_say_where_each_company_goes() -> None:
    rows = [
        # key, now, came, projected
        ("NEW", "", "", ""),
        ("BIG", "", "R1000", ""),
        ("DROPPED", "", "", "R2000"),
        ("OLD", "R2000", "", "R2000"),
        ("RISES", "R2000", "R1000", "R2000"),
        ("STAYS", "R1000", "R1000", "R1000"),
    ]
    table = pd.DataFrame(rows, columns=["key", "now", "came", "projected"])
    then = names.by_official_lists(Posted(), JUNE_2024, table)
    assert then.tolist() == ["R2000", "R1000", "", "", "R1000", "R1000"]
    none = names.by_official_lists(
        Posted(), schedule.reconstitution(2023, "June"), table
    )
    assert none.isna().all()


# ---- windows and inference -----------------------------------------------------------


def test_windows_run_from_close_to_close_of_the_schedule() -> None:
    spans = {window: windows.days(JUNE_2024, window) for window in windows.WINDOWS}
    assert spans == {
        "rank_day_to_preliminary": (date(2024, 4, 30), date(2024, 5, 24)),
        "preliminary_to_implementation": (date(2024, 5, 24), date(2024, 6, 28)),
        "implementation_plus_5": (date(2024, 6, 28), date(2024, 7, 8)),
        "implementation_plus_20": (date(2024, 6, 28), date(2024, 7, 29)),
        "implementation_plus_60": (date(2024, 6, 28), date(2024, 9, 24)),
    }
    unlisted = replace(JUNE_2024, preliminary_list=None)
    assert windows.days(unlisted, "rank_day_to_preliminary") is None


def test_an_interval_draws_whole_clusters() -> None:
    values = np.array([0.0, 0.0, 1.0, 1.0])
    # of two clusters both, or twice the one or the other: the ends are a fourth each
    assert inference.interval(values, np.array(["a", "a", "b", "b"])) == (0.0, 1.0)
    # every draw of clusters that are alike has the same mean
    assert inference.interval(values, np.array(["a", "b", "a", "b"])) == (0.5, 0.5)
    assert np.isnan(inference.interval(values, np.array(["a"] * 4))).all()


@pytest.mark.parametrize(
    ("mean", "p"),
    [
        pytest.param(-1.0, 0.1, id="further out than all 19: 2 of 20"),
        pytest.param(0.5, 0.2, id="one as far out"),
        pytest.param(9.0, 1.0, id="in the middle"),
    ],
)
def test_a_placebo_p_counts_how_many_are_as_far_out(mean: float, p: float) -> None:
    assert inference.placebo_p(mean, np.arange(19.0)) == pytest.approx(p)
    assert np.isnan(inference.placebo_p(mean, np.arange(5.0)))


def test_pooled_placebos_weigh_as_the_events_do() -> None:
    drawn = inference.pooled_placebos([np.zeros(9), np.full(9, 0.3)], [100, 50])
    assert len(drawn) == HEURISTICS.bootstrap_draws
    assert set(drawn.round(12)) == {0.1}
    assert not len(inference.pooled_placebos([np.zeros(9), np.zeros(2)], [1, 1]))


def test_p_values_are_corrected_for_their_number() -> None:
    found = inference.adjusted(pd.Series([0.01, 0.04, np.nan, 0.9]))
    # Holm: 3 x .01, then 2 x .04, then .9
    assert found.dropna().tolist() == pytest.approx([0.03, 0.08, 0.9])
    assert np.isnan(found[2])


# ---- words ---------------------------------------------------------------------------

ROW = pd.Series(
    {
        "year": "all",
        "event": "June",
        "group": "additions",
        "window": "preliminary_to_implementation",
        "n": 960,
        "mean_car_frac": -0.05,
        "ci_low_frac": -0.11,
        "ci_high_frac": 0.02,
        "p_placebo": 0.21,
        "p_adjusted": 1.0,
    }
)
HEAD = (
    "Additions lost 5.0% from list to close against the Russell 2000 companies that "
    "stayed (960 names, all June events stored; 95% interval −11.0% to +2.0%), "
)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, HEAD + "not different from placebo (p .21)."),
        (
            {"p_placebo": 0.02},
            HEAD + "beyond placebo (p .02), but not once corrected for 25 comparisons "
            "(p 1).",
        ),
        (
            {"p_placebo": 0.001, "p_adjusted": 0.03},
            HEAD + "beyond placebo (p < .01, p .03 corrected).",
        ),
        ({"p_placebo": np.nan}, HEAD + "without a placebo to set it against."),
        ({"n": 0}, "Additions: nothing is known list to close."),
    ],
)
def test_a_finding_says_what_is_there_and_what_is_not(
    changed: dict[str, float], words: str
) -> None:
    assert curves.finding(pd.Series({**ROW, **changed}), 25) == words


# ---- a store -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--group", "new", "choose one of additions, deletions, up"),
        ("--window", "june", "choose one of rank_day_to_preliminary"),
        ("--year", "2019", "There is no event of 2019 to study"),
    ],
)
def test_the_command_says_what_can_be_asked(
    demo_store: Path, option: str, value: str, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        command_line.app(
            ["events", "--store", str(demo_store), option, value],
            standalone_mode=False,
        )


@pytest.fixture(scope="module")
def june_2023(real_years: Store) -> events.Studied:
    return Answers(real_years).studied(2023, "June")


COLUMNS = (
    "year event group window n mean_car_frac median_car_frac ci_low_frac ci_high_frac "
    "p_placebo share_positive_frac implementation_volume_multiple"
).split()


@needs_real_years
def test_a_day_added_later_changes_nothing_of_a_past_event(
    real_years: Store, june_2023: events.Studied
) -> None:
    before = summary.summary([june_2023], as_of=date(2023, 12, 29))
    pd.testing.assert_frame_equal(before, summary.summary([june_2023]))
    assert list(before)[: len(COLUMNS)] == COLUMNS
    early = summary.summary([june_2023], as_of=date(2023, 7, 31))
    over = early[early["n"] > 0]["window"].unique()
    assert list(over) == [*windows.WINDOWS[:-1]], "60 sessions are not over"
    # what is kept is what was worked out, and its key knows no later day
    event = june_2023.event
    again = keeping.studied(Kept(real_years), event, project_on=None)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(again.effects, june_2023.effects)


@needs_real_years
@pytest.mark.shared(YEARS[2])
def test_one_event_is_what_the_listings_say_worked_out_by_hand(
    june_2023: events.Studied,
) -> None:
    """Additions of June 2023 from list to close, from the listings' own changes."""
    window = "preliminary_to_implementation"
    members = june_2023.members
    additions = members[
        (members["basis"] == "came") & (members["group"] == "additions")
    ]
    effects = june_2023.effects.set_index(["window", "symbol_id"]).loc[window]
    people = june_2023.people.set_index("symbol_id")
    listings = pd.read_parquet(
        YEARS[2], columns=["date", "symbol", "pct_change", "market_cap"]
    )
    listings["date"] = pd.to_datetime(listings["date"])
    inside = listings["date"].between("2023-05-22", "2023-06-23")
    grown = (
        1
        + listings[inside]
        .drop_duplicates(["date", "symbol"])
        .pivot(index="date", columns="symbol", values="pct_change")
        / 100
    )
    assert len(grown) == 23  # sessions after 19 May up to 23 June 2023
    own = grown.prod(min_count=23) - 1
    keys = june_2023.symbols.set_index("symbol_id")["key"]
    stayers = june_2023.stayers
    caps = pd.Series(
        stayers["total_market_cap_usd"].to_numpy(), keys[stayers["symbol_id"]]
    ).dropna()
    by_key = own.rename(lambda symbol: symbol.replace("/", "")).dropna()
    shared = caps.index.intersection(by_key.index)
    assert len(shared) > 0.99 * len(caps) and by_key[shared].index.is_unique
    benchmark = np.average(by_key[shared], weights=caps[shared])
    symbols = people.loc[additions["symbol_id"], "symbol"]
    by_hand = own.reindex(symbols).to_numpy()
    ours = effects.loc[additions["symbol_id"]]
    assert ours["return_frac"].to_numpy() == pytest.approx(by_hand, abs=1e-5)
    assert ours["benchmark_frac"].to_numpy() == pytest.approx(benchmark, abs=2e-4)
    row = summary.summary([june_2023]).set_index(["group", "window"])
    row = row.loc[("additions", window)]
    assert row["n"] == len(by_hand) == 272
    assert row["mean_car_frac"] == pytest.approx(by_hand.mean() - benchmark, abs=2e-4)
    assert row["mean_car_frac"] == pytest.approx(0.0374, abs=5e-5)
