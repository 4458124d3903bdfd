"""Scores: the counting on small cases, changed symbols, the real years as floors."""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from recon import schedule
from recon.__main__ import main
from recon.errors import BadRequest, SnapshotMissing
from recon.reconstitution import Projection, project
from recon.rules import bands, listings, membership, ranking, symbol_changes
from recon.store import Store
from recon.store.kept import Kept
from recon.studies import accuracy
from recon.studies.accuracy import counting, keeping, official
from recon.studies.accuracy.outcome import (
    Outcome,
    WithLists,
    check_changed,
    outcome_of,
    read_lists,
)
from tests.conftest import BEFORE_AFTER, needs_real_years
from tests.universe import RANK_DAY, RULES, Tables

JUNE_2024 = schedule.reconstitution(2024, "June")


# ---- counting ---------------------------------------------------------------


def listing(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Projected securities of (key, company, index now, index projected)."""
    table = pd.DataFrame(rows, columns=["key", "company", "now", "then"])
    ids = np.arange(len(table))
    company_id, _ = pd.factorize(table["company"])
    vehicle = pd.Series(ids).groupby(company_id).transform("min")
    return pd.DataFrame(
        {
            "security_id": ids,
            "key": table["key"],
            "symbol": table["key"],
            "name": table["company"],
            "company_id": company_id,
            "pricing_vehicle": vehicle,
            "current_index": table["now"].replace("", pd.NA).astype("str"),
            "projected_index": table["then"].replace("", pd.NA).astype("str"),
            "total_market_cap_usd": 1e9,
        }
    )


def counted(
    securities: pd.DataFrame,
    outcome: dict[str, str],
    *,
    after: set[str] | None = None,
    changed: dict[str, str] | None = None,
    members: dict[str, str] | None = None,
) -> pd.DataFrame:
    listed = set(securities["key"]) if after is None else after
    seen = counting.Seen(
        after=frozenset(listed), came=frozenset(listed), symbol_then=changed or {}
    )
    return counting.units(securities, members or {}, outcome, seen)


def f1(rows: pd.DataFrame) -> dict[str, tuple[int, int, int]]:
    table = counting.tally(rows).set_index("list")
    return {
        name: (int(row["projected"]), int(row["actual"]), int(row["hits"]))
        for name, row in table.iterrows()
    }


MARKET = listing(
    ("STAY", "Stay", "R1000", "R1000"),
    ("UP", "Up", "R2000", "R1000"),
    ("DOWN", "Down", "R1000", "R2000"),
    ("ADD", "Add", "", "R2000"),
    ("OUT", "Out", "R2000", ""),
)
CAME = {"STAY": "R1000", "UP": "R1000", "DOWN": "R2000", "ADD": "R2000"}


def test_what_came_as_projected_is_all_hits() -> None:
    assert f1(counted(MARKET, CAME)) == {
        "up": (1, 1, 1),
        "down": (1, 1, 1),
        "additions_r2000": (1, 1, 1),
        "deletions_r2000": (1, 1, 1),
        "r1000": (2, 2, 2),
        "r2000": (2, 2, 2),
    }


def test_a_move_that_did_not_come_is_a_false_call_and_costs_precision() -> None:
    table = counting.tally(counted(MARKET, CAME | {"UP": "R2000"})).set_index("list")
    assert table.loc["up", ["projected", "actual", "hits"]].tolist() == [1, 0, 0]
    assert table.loc["up", "precision"] == 0
    assert np.isnan(table.loc["up", "recall"])


def test_a_company_taken_over_is_set_apart_on_both_sides() -> None:
    rows = counted(MARKET, CAME, after={"STAY", "UP", "DOWN", "ADD"})
    assert rows.loc["OUT", "note"] == counting.GONE
    assert f1(rows)["deletions_r2000"] == (0, 0, 0)


def test_without_a_session_afterwards_nobody_is_called_gone() -> None:
    seen = counting.Seen(after=None, came=frozenset(), symbol_then={})
    rows = counting.units(MARKET, {}, CAME, seen)
    assert rows["note"].isna().all()


def test_a_company_with_a_new_symbol_is_one_company() -> None:
    came = {key: index for key, index in CAME.items() if key != "STAY"}
    listed = {"NEW", "UP", "DOWN", "ADD", "OUT"}
    rows = counted(
        MARKET, came | {"NEW": "R1000"}, after=listed, changed={"STAY": "NEW"}
    )
    assert f1(rows)["r1000"] == (2, 2, 2)


def test_the_classes_of_a_company_are_counted_once() -> None:
    twins = listing(
        ("TWA", "Twin", "R1000", "R1000"), ("TWB", "Twin", "R1000", "R1000")
    )
    assert f1(counted(twins, {"TWA": "R1000", "TWB": "R1000"}))["r1000"] == (1, 1, 1)


def test_a_class_that_the_listings_lack_is_counted_with_its_company() -> None:
    rows = counted(MARKET, CAME | {"STAYB": "R1000"})
    assert rows.loc["STAYB", "note"] == counting.CLASS


def test_of_two_classes_that_the_listings_lack_one_is_counted() -> None:
    members = {"LGFA": "R1000", "LGFB": "R1000"}
    came = CAME | {"LGFA": "R2000", "LGFB": "R2000"}
    rows = counted(MARKET, came, members=members)
    assert rows.loc["LGFB", "note"] == counting.CLASS
    assert f1(rows)["down"] == (1, 2, 1)


@pytest.mark.parametrize("key", ["ADDV", "ADDWV"])
def test_a_company_that_trades_when_issued_is_one_company(key: str) -> None:
    came = {key if name == "ADD" else name: index for name, index in CAME.items()}
    assert f1(counted(MARKET, came))["additions_r2000"] == (1, 1, 1)


def test_a_company_listed_after_rank_day_is_set_apart() -> None:
    listed = {*MARKET["key"], "IPO"}
    rows = counted(MARKET, CAME | {"IPO": "R2000"}, after=listed)
    assert rows.loc["IPO", "note"] == counting.CAME
    assert f1(rows)["r2000"] == (2, 2, 2)


def test_a_member_that_the_listings_never_show_is_a_miss() -> None:
    rows = counted(MARKET, CAME | {"VOID": "R1000"}, members={"VOID": "R1000"})
    assert f1(rows)["r1000"] == (2, 3, 2)


def test_what_is_not_in_the_listings_is_not_projected_to_leave() -> None:
    rows = counted(MARKET, CAME | {"VOID": "R2000"}, members={"VOID": "R2000"})
    assert f1(rows)["deletions_r2000"] == (1, 1, 1)


def test_a_dwarf_in_a_subtracted_russell_1000_is_set_apart() -> None:
    rows = counted(MARKET, CAME | {"ADD": "R1000"})
    assert counting.in_doubt(rows, 5e9, True).loc["ADD", "note"] == counting.DOUBT
    assert counting.in_doubt(rows, 5e9, False)["note"].isna().all()
    assert counting.in_doubt(rows, 3e9, True)["note"].isna().all()


# ---- lists ------------------------------------------------------------------


def holdings(index: str, day: str, *keys: str) -> pd.DataFrame:
    return pd.DataFrame({"index": index, "as_of": day, "ticker": list(keys)})


def test_lists_are_read_from_sets_and_from_holdings() -> None:
    sets = pd.DataFrame(
        {
            "year": [2023, 2024, 2024],
            "side": ["after", "after", "before"],
            "index": "R1000",
            "as_of": "2024-07-31",
            "ticker_key": ["OLD", "A", "B"],
        }
    )
    assert read_lists(sets, "after", 2024)["key"].tolist() == ["A"]
    assert read_lists(holdings("R1000", "2024-07-31", "brk.b"), "after")[
        "key"
    ].tolist() == ["BRKB"]


def test_a_table_that_is_no_list_is_refused() -> None:
    with pytest.raises(BadRequest, match="index, as_of and ticker_key"):
        read_lists(pd.DataFrame({"price": [1.0]}), "after")


def test_what_came_is_read_from_the_first_settled_lists() -> None:
    lists = read_lists(
        pd.concat(
            [
                holdings("R2000", "2024-06-28", "LEAVING", "S"),
                holdings("R2000", "2024-07-31", "S"),
                holdings("R3000", "2024-08-15", "S", "L", "LEAVING"),
            ]
        ),
        "after",
    )
    found = outcome_of(lists, JUNE_2024)
    assert found.index_by_key == {"L": "R1000", "S": "R2000"}
    assert found.is_subtracted
    assert (found.small_as_of, found.large_as_of) == (
        date(2024, 7, 31),
        date(2024, 8, 15),
    )


def test_without_a_list_afterwards_the_year_is_refused() -> None:
    early = read_lists(holdings("R1000", "2024-05-31", "L"), "after")
    with pytest.raises(SnapshotMissing, match="June 2024"):
        outcome_of(early, JUNE_2024)


def test_lists_by_hand_join_those_of_the_store_and_know_no_later_day() -> None:
    later = holdings("R1000", "2024-05-31", "NEWS")
    given = WithLists(Tables(), read_lists(later, "before"))
    plain, joined = (project(f, RANK_DAY, RULES) for f in (Tables(), given))
    assert dict(plain.membership.index_by_key) == dict(joined.membership.index_by_key)
    now = read_lists(holdings("R1000", "2024-04-30", "NEWS", "MORE"), "before")
    known = project(WithLists(Tables(), now), RANK_DAY, RULES).membership
    assert known.index_by_key["NEWS"] == "R1000"


class Listless(Tables):
    """The universe without a single list of members."""

    def membership_lists(self) -> pd.DataFrame:
        return super().membership_lists().head(0)

    def members(self, since: date, until: date) -> pd.DataFrame:
        return super().members(since, until).head(0)


@pytest.mark.parametrize("as_of", ["2024-05-01", "2024-05-31", "2024-07-31"])
def test_a_list_of_after_rank_day_is_no_input_of_rank_day(as_of: str) -> None:
    lists = read_lists(holdings("R1000", as_of, "L"), "before")
    known = project(WithLists(Listless(), lists), RANK_DAY, RULES).membership
    assert known.as_of is None and not known.index_by_key


def test_lists_of_two_events_are_no_outcome() -> None:
    lists = read_lists(
        pd.concat(
            [
                holdings("R1000", "2024-11-22", "AA", "BB"),
                holdings("R2000", "2024-07-31", "BB", "CC"),
            ]
        ),
        "after",
    )
    with pytest.raises(SnapshotMissing, match="share 1 names"):
        outcome_of(lists, JUNE_2024)


@pytest.mark.parametrize(("kept", "is_refused"), [(95, False), (96, True), (100, True)])
def test_lists_that_show_no_event_are_no_outcome(kept: int, is_refused: bool) -> None:
    came = {f"N{n}": "R2000" for n in range(100 - kept, 200 - kept)}
    before = {f"N{n}": "R2000" for n in range(100)}
    found = Outcome(
        index_by_key=came,
        large_as_of=date(2024, 7, 31),
        small_as_of=date(2024, 7, 31),
        is_subtracted=False,
        statement="",
    )
    if not is_refused:
        check_changed(found, before, JUNE_2024)
        return
    with pytest.raises(SnapshotMissing, match="still holds"):
        check_changed(found, before, JUNE_2024)


def test_a_year_of_which_no_member_is_known_is_refused() -> None:
    with pytest.raises(SnapshotMissing, match="name a file with --before"):
        accuracy.score(Listless(), 2024)


# ---- changed symbols --------------------------------------------------------


def pair(**changes: object) -> pd.DataFrame:
    row = {
        "symbol_id": 1,
        "symbol_id_new": 2,
        "first_new": 5,
        "close_usd": 100.0,
        "close_usd_new": 102.0,
        "shares": 1e6,
        "shares_new": 1e6,
        "name": "Facebook Inc.",
        "name_new": "Meta Platforms Inc.",
    }
    return pd.DataFrame([row | changes])


@pytest.mark.parametrize(
    ("changes", "is_one"),
    [
        pytest.param({}, True, id="same shares, near close"),
        pytest.param({"shares_new": 1.01e6}, False, id="other shares, other name"),
        pytest.param({"close_usd_new": 130.0}, False, id="same shares, far close"),
        pytest.param(
            {"name_new": "Facebook Holdings", "shares_new": np.nan},
            True,
            id="name begins alike, shares not known",
        ),
        pytest.param(
            {
                "name_new": "Facebook Two",
                "close_usd_new": 55.0,
                "shares_new": 1.01e6,
            },
            True,
            id="name begins alike, halved by a spin-off",
        ),
        pytest.param(
            {"name_new": "Facebook Two", "close_usd_new": 55.0, "shares_new": 9e6},
            False,
            id="name begins alike, neither close nor shares",
        ),
    ],
)
def test_two_symbols_are_one_company(changes: dict[str, object], is_one: bool) -> None:
    assert len(symbol_changes.match(pair(**changes))) == int(is_one)


def test_a_symbol_silent_for_long_begins_anew() -> None:
    sessions = np.array([date(2024, 1, 1) + timedelta(n) for n in range(30)])
    sessions = sessions.astype("datetime64[D]")
    quoted = pd.DataFrame(
        {"symbol_id": 1, "snapshot_date": sessions[[0, 1, 2, 20, 21]]}
    )
    found = symbol_changes.runs(quoted, sessions)
    assert found[["first", "last"]].to_numpy().tolist() == [[0, 2], [20, 21]]


def test_only_what_begins_within_three_sessions_is_a_neighbour() -> None:
    ended = pd.DataFrame({"symbol_id": [1], "first": [0], "last": [4]})
    begun = pd.DataFrame(
        {"symbol_id": [2, 3, 4], "first": [5, 7, 8], "last": [9, 9, 9]}
    )
    found = symbol_changes.neighbours(ended, begun)
    assert sorted(found["symbol_id_new"]) == [2, 3]


def test_units_of_a_shell_are_found_by_symbol_and_first_word() -> None:
    names = {
        "SLAM": "Slam Corp. Class A Ordinary Share",
        "SLAMU": "Slam Corp. Unit",
        "BLU": "BELLUS Health Inc. Common Shares",
        "BL": "BlackLine Inc. Common Stock",
    }
    table = pd.DataFrame({"symbol": list(names), "name": list(names.values())})
    blank = dict.fromkeys(
        ["industry", "security_type"], pd.Series([None] * 4, dtype="str")
    )
    table = table.assign(symbol_id=[1, 2, 3, 4], **blank)
    found = listings.units_of(listings.describe(table))["unit_id"]
    assert found.tolist() == [2, -1, -1, -1]
    lettered = table.assign(symbol=["SLM", "SLMAU", "BLU", "BL"])
    found = listings.units_of(listings.describe(lettered))["unit_id"]
    assert found.tolist() == [2, -1, -1, -1]


# ---- members without a market cap -------------------------------------------


@pytest.mark.parametrize(
    ("keys", "priced", "count"),
    [
        pytest.param({"VZ", "T"}, {"T"}, 1, id="one that the listings lack"),
        pytest.param({"LEN", "LENB"}, {"LEN"}, 0, id="a class of one with a cap"),
        pytest.param({"BFA", "BFB"}, set(), 1, id="two classes of one company"),
        pytest.param({"VZ", "1"}, {"V"}, 1, id="no class letter; no symbol"),
    ],
)
def test_members_without_a_cap_are_counted_as_companies(
    keys: set[str], priced: set[str], count: int
) -> None:
    known = membership.Known(
        index_by_key=dict.fromkeys(keys, "R1000"),
        statement="",
        as_of=RANK_DAY,
        named_on=RANK_DAY,
        is_stale=False,
        ever_in_era=frozenset(),
    )
    assert len(membership.unseen(known, priced)) == count


def test_an_unseen_member_is_projected_to_stay() -> None:
    members = {"VZ": "R1000", "GONE": "R1000"}
    seen = counting.Seen(after=None, came=frozenset(), symbol_then={})
    rows = counting.units(MARKET, members, members, seen, frozenset({"VZ"}))
    assert rows.loc[["VZ", "GONE"], "projected"].tolist() == ["R1000", ""]


def test_an_unseen_member_takes_a_place_behind_the_middle() -> None:
    table = pd.DataFrame(
        {
            "snapshot_date": pd.Timestamp(RANK_DAY),
            "symbol_order": range(10),
            "total_market_cap_usd": [30.0, 20, 10, 9, 8, 7, 6, 5, 3, 2],
        }
    )
    found = ranking.rank(ranking.arrange(table), RULES, 1)
    assert found["rank"].tolist() == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    assert found["cumulative_cap_usd"].iloc[[1, 2]].tolist() == [50, 70]
    lines = bands.draw(found, RULES).set_index("rank")["break_point_usd"]
    assert lines[[2, 4, 8, 10]].tolist() == [20, 10, 6, 3]


# ---- the provider's own additions and deletions -----------------------------

STATED = {
    "effective_date": "2024-06-28",
    "index": "R3000",
    "action": ["addition", "addition", "addition", "deletion", "deletion"],
    "ticker": ["ADD", "ELSE", "NOWHERE", "OUT", "STAY"],
}


def test_official_changes_are_counted_beside_the_holdings() -> None:
    securities = pd.concat(
        [MARKET, listing(("ELSE", "Else", "", "")).assign(company_id=9)]
    )
    everything = frozenset(securities["key"])
    seen = counting.Seen(after=everything, came=everything, symbol_then={})
    rows = counting.units(securities, {}, CAME | {"OUT": "R2000"}, seen)
    stated = official.read_official(pd.DataFrame(STATED))
    counts, errors = official.against(rows, securities, stated, JUNE_2024, seen)
    table = counts.set_index("list")[["projected", "actual", "hits"]]
    assert table.T.to_dict("list") == {
        "additions_r3000": [1, 3, 1],
        "holdings_additions_r3000": [1, 3, 1],
        "deletions_r3000": [1, 2, 1],
        "holdings_deletions_r3000": [0, 2, 0],
    }
    missed = errors[errors["list"] == "additions_r3000"]
    assert missed["symbol"].tolist() == ["ELSE", "NOWHERE"]


def test_an_official_addition_listed_after_rank_day_is_not_asked_for() -> None:
    seen = counting.Seen(after=None, came=frozenset({"NOWHERE"}), symbol_then={})
    rows = counting.units(MARKET, {}, CAME, seen)
    stated = official.read_official(pd.DataFrame(STATED))
    _, errors = official.against(rows, MARKET, stated, JUNE_2024, seen)
    assert "NOWHERE" not in set(errors["symbol"])


def test_official_changes_of_another_year_say_nothing() -> None:
    stated = official.read_official(
        pd.DataFrame(STATED | {"effective_date": "2023-06-23"})
    )
    seen = counting.Seen(after=None, came=frozenset(), symbol_then={})
    rows = counting.units(MARKET, {}, CAME, seen)
    counts, errors = official.against(rows, MARKET, stated, JUNE_2024, seen)
    assert counts.empty
    assert errors.empty


@pytest.mark.parametrize(
    ("table", "said"),
    [
        pytest.param({"ticker": ["A"]}, "action is missing", id="columns missing"),
        pytest.param(STATED | {"index": "R1000"}, "No row", id="of another index"),
    ],
)
def test_a_table_without_official_changes_is_refused(
    table: dict[str, object], said: str
) -> None:
    with pytest.raises(BadRequest, match=said):
        official.read_official(pd.DataFrame(table))


def test_official_changes_are_no_list_of_members() -> None:
    with pytest.raises(BadRequest, match="--official"):
        accuracy.read_lists(pd.DataFrame(STATED), "after", 2024)


# ---- the command and the real years -----------------------------------------

# what is reached, less a little: raise them when the rules get better
FLOORS = {
    "up": 0.966,
    "down": 0.94,
    "additions_r2000": 0.848,
    "deletions_r2000": 0.947,
    "r1000": 0.985,
    "r2000": 0.972,
}


@pytest.fixture(scope="module")
def after() -> pd.DataFrame:
    return pd.read_parquet(BEFORE_AFTER)


@needs_real_years
def test_the_real_years_reach_their_floors(
    real_years: Store, after: pd.DataFrame
) -> None:
    years = [
        accuracy.score(real_years, year, after=after) for year in range(2021, 2025)
    ]
    table = pd.concat([each.lists for each in years])
    reached = table.groupby("list")["f1"].mean()
    assert {
        name: reached[name] for name in FLOORS if reached[name] < FLOORS[name]
    } == {}
    errors = pd.concat([each.errors for each in years])
    assert errors["cause"].isin(accuracy.causes.TAXONOMY).all()
    lines = pd.concat([each.break_points for each in years])
    assert lines.loc[lines["index"] == "R1000", "error_frac"].abs().max() < 0.0125


@needs_real_years
def test_lists_of_the_future_do_not_change_what_was_projected(
    real_years: Store, after: pd.DataFrame
) -> None:
    plain = accuracy.score(real_years, 2024, after=after)
    told = accuracy.score(
        real_years, 2024, before=after.assign(side="before"), after=after
    )
    said = [each.lists["projected"].tolist() for each in (plain, told)]
    assert said[0] == said[1]


@needs_real_years
def test_a_past_event_is_scored_once(real_years: Store) -> None:
    plain = accuracy.score(real_years, 2022)
    kept_in = Kept(real_years)
    keeping.scored(kept_in, 2022, None)

    def never(day: date) -> Projection:
        raise AssertionError(f"{day} is projected again")

    again = keeping.scored(kept_in, 2022, None, never)
    assert (again.as_of, again.statement) == (plain.as_of, plain.statement)
    for name in keeping.TABLES:
        own, kept = getattr(plain, name), getattr(again, name)
        pd.testing.assert_frame_equal(kept, own, check_dtype=False)


@needs_real_years
def test_a_day_after_the_implementation_is_refused(real_years: Store) -> None:
    with pytest.raises(BadRequest, match="after the implementation of June 2024"):
        accuracy.score(real_years, 2024, date(2024, 7, 1))


@needs_real_years
@pytest.mark.parametrize(
    ("year", "day"), [(2021, date(2021, 6, 21)), (2024, date(2024, 6, 20))]
)
def test_between_rank_day_and_implementation_an_event_scores_as_on_rank_day(
    real_years: Store, year: int, day: date
) -> None:
    """But for the few names that have left the listings, which are called no more."""
    then, later = (
        accuracy.score(real_years, year, as_of).lists.set_index("list")["f1"]
        for as_of in (None, day)
    )
    assert (later - then).abs().max() < 0.003


@needs_real_years
def test_a_year_that_is_not_there_is_refused_and_the_others_are_scored(
    real_years: Store,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ["recon", "backtest", "--store", str(real_years.folder), "--format", "json"]
    monkeypatch.setattr("sys.argv", [*words, "--year", "2019", "--year", "2024"])
    assert main() == 1
    said = capsys.readouterr()
    assert "2019 cannot be scored" in said.err
    (year,) = json.loads(said.out)["years"]
    assert [line["list"] for line in year["lists"]] == list(counting.LISTS)
    assert set(year["lists"][0]) == {
        "list", "projected", "actual", "hits", "precision", "recall", "f1",
        "missed", "false",
    }  # fmt: skip
