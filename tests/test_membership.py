"""Ground Rules v7.0, 6.10.2: who is a member, who will be; and what is known of it."""

from collections.abc import Callable, Mapping
from datetime import date

import pandas as pd
import pytest

from recon.rules import bands, membership
from tests.universe import RULES, companies, ranked

DAY, ERA = date(2024, 4, 30), date(2023, 6, 23)
# cut at ranks 4 and 8 of 100, the band from 75 to 85: one company at each place
CAPS = {
    "far above": (40, 20, 12, 8, 7, 5, 3, 2, 2, 1),
    "in the band above": (40, 20, 17, 3, 5, 5, 4, 3, 2, 1),
    "in the band below": (40, 20, 12, 8, 4, 4, 4, 4, 3, 1),
}
PLACES = {"far above": 1, "in the band above": 3, "in the band below": 5}


def projected(caps: tuple[int, ...], place: int, current: str | None) -> pd.Series:
    """What becomes of the company ranked `place` where only it has an index."""
    held = [current if n == place else None for n in range(1, len(caps) + 1)]
    table = ranked(companies(caps, current=held))
    found = table.pipe(bands.place, RULES).pipe(membership.project, RULES)
    return found.iloc[place - 1]


@pytest.mark.parametrize(
    ("where", "place", "current", "expected"),
    [
        pytest.param(
            "in the band above",
            3,
            None,
            ("R1000", "addition", False),
            id="a new entrant in the band above the line goes by the raw line",
        ),
        pytest.param(
            "in the band below",
            5,
            None,
            ("R2000", "addition", False),
            id="a new entrant in the band below the line goes by the raw line",
        ),
        pytest.param(
            "in the band above",
            3,
            "MICRO",
            ("R1000", "addition", False),
            id="a Microcap-only name above the line is new to the Russell 3000",
        ),
        pytest.param(
            "in the band below",
            5,
            "MICRO",
            ("R2000", "addition", False),
            id="a Microcap-only name below the line is new to the Russell 3000",
        ),
        pytest.param(
            "in the band above",
            3,
            "R2000",
            ("R2000", "stays", True),
            id="a Russell 2000 member in the band above the line is held",
        ),
        pytest.param(
            "in the band above",
            3,
            "R1000",
            ("R1000", "stays", False),
            id="a Russell 1000 member above the line needs no band",
        ),
        pytest.param(
            "in the band below",
            5,
            "R1000",
            ("R1000", "stays", True),
            id="a Russell 1000 member in the band below the line is held",
        ),
        pytest.param(
            "in the band below",
            5,
            "R2000",
            ("R2000", "stays", False),
            id="a Russell 2000 member below the line needs no band",
        ),
        pytest.param(
            "far above",
            1,
            "R2000",
            ("R1000", "migration up", False),
            id="a Russell 2000 member above the band goes up",
        ),
        pytest.param(
            "far above",
            6,
            "R1000",
            ("R2000", "migration down", False),
            id="a Russell 1000 member below the band goes down",
        ),
        pytest.param(
            "far above",
            8,
            None,
            ("R2000", "addition", False),
            id="the last rank of the Russell 3000 is inside it",
        ),
        pytest.param(
            "far above",
            9,
            "R2000",
            ("MICRO", "deletion", False),
            id="a Russell 2000 member past the hard cut leaves the Russell 3000",
        ),
        pytest.param(
            "far above",
            9,
            "R1000",
            ("MICRO", "deletion", False),
            id="a Russell 1000 member past the hard cut leaves the Russell 3000",
        ),
        pytest.param(
            "far above",
            9,
            None,
            ("MICRO", "none", False),
            id="entering the Microcap alone is no move of the Russell 3000",
        ),
        pytest.param(
            "far above",
            10,
            "MICRO",
            ("MICRO", "stays", False),
            id="the last rank of the universe stays in the Microcap",
        ),
    ],
)
def test_where_a_company_goes(
    where: str,
    place: int,
    current: str | None,
    expected: tuple[str, str, bool],
) -> None:
    row = projected(CAPS[where], place, current)
    found = (row["projected_index"], row["move"], bool(row["is_held_by_band"]))
    assert found == expected


def test_a_member_held_in_the_band_past_the_hard_cut_leaves_all_the_same() -> None:
    """The band at 1,000 keeps an index, not a place among the largest 3,000."""
    caps = (990, 2, 2, 2, 1, 1, 1, 1, 0.5, 0.5)
    row = projected(caps, 9, "R1000")
    assert (row["projected_index"], row["move"]) == ("MICRO", "deletion")
    assert not row["is_held_by_band"]


@pytest.mark.parametrize(
    ("now", "then", "move"),
    [
        (None, None, "none"),
        (None, "MICRO", "none"),
        (None, "R2000", "addition"),
        (None, "R1000", "addition"),
        ("MICRO", None, "none"),
        ("MICRO", "MICRO", "stays"),
        ("MICRO", "R2000", "addition"),
        ("MICRO", "R1000", "addition"),
        ("R2000", None, "deletion"),
        ("R2000", "MICRO", "deletion"),
        ("R2000", "R2000", "stays"),
        ("R2000", "R1000", "migration up"),
        ("R1000", None, "deletion"),
        ("R1000", "MICRO", "deletion"),
        ("R1000", "R2000", "migration down"),
        ("R1000", "R1000", "stays"),
    ],
)
def test_the_name_of_every_move(now: str | None, then: str | None, move: str) -> None:
    current = pd.Series([now], dtype="str")
    projected_index = pd.Series([then], dtype="str")
    assert membership.moves(current, projected_index).tolist() == [move]


def era_start(day: date) -> date:
    return ERA if day >= ERA else date(2022, 6, 24)


def known(
    *lists: tuple[str, str, str, str] | tuple[str, str, str, str, bool],
    as_of: date = DAY,
    caps_on: Callable[[date], Mapping[str, float]] = lambda day: {},
) -> membership.Known:
    """What is known from lists given as index, day, source, symbols (and usable)."""
    found = [
        membership.MemberList(
            index=index,
            as_of=date.fromisoformat(day),
            source=source,
            security_count=len(symbols.split()),
            usable=usable[0] if usable else True,
            keys=frozenset(symbols.split()),
        )
        for index, day, source, symbols, *usable in lists
    ]
    return membership.known(found, as_of, era_start, caps_on)


def of_index(found: membership.Known) -> dict[str, list[str]]:
    by_index: dict[str, list[str]] = {}
    for key, code in sorted(found.index_by_key.items()):
        by_index.setdefault(code, []).append(key)
    return by_index


def test_a_list_of_the_russell_1000_is_taken_as_it_stands() -> None:
    found = known(
        ("R1000", "2024-03-28", "fund", "AA BB"),
        ("R2000", "2024-04-30", "fund", "CC DD"),
        ("R3000", "2024-04-30", "fund", "AA CC DD EE"),
    )
    assert of_index(found) == {"R1000": ["AA", "BB"], "R2000": ["CC", "DD"]}
    assert found.statement == "R1000 of 28 Mar 2024 (fund); R2000 of 30 Apr 2024 (fund)"
    assert (found.as_of, found.is_stale) == (date(2024, 3, 28), False)


def test_without_one_it_is_the_russell_3000_less_the_russell_2000_of_the_era() -> None:
    found = known(
        ("R3000", "2024-01-31", "fund", "AA BB CC DD"),
        ("R2000", "2023-12-29", "fund", "CC LEFT"),
        ("R2000", "2024-04-30", "fund", "DD"),
    )
    # CC was in the Russell 2000 once in this era: it cannot be in the Russell 1000
    assert of_index(found) == {"R1000": ["AA", "BB"], "R2000": ["DD"]}
    assert "R1000 as R3000 of 31 Jan 2024 less R2000" in found.statement
    assert not found.is_stale


def test_lists_of_an_earlier_era_count_only_where_the_era_has_none_and_are_stale() -> (
    None
):
    found = known(
        ("R1000", "2023-05-31", "fund", "AA"), ("R2000", "2023-05-31", "fund", "OLD")
    )
    assert of_index(found) == {"R1000": ["AA"], "R2000": ["OLD"]}
    assert found.is_stale
    assert found.as_of == date(2023, 5, 31)


MAY, JULY = "2023-05-31", "2023-07-31"


def test_where_one_index_has_a_new_list_the_other_is_what_is_left_of_both() -> None:
    found = known(
        ("R1000", MAY, "fund", "BIG DOWN"),
        ("R2000", MAY, "fund", "UP SML"),
        ("R2000", JULY, "fund", "DOWN SML"),
    )
    assert of_index(found) == {"R1000": ["BIG", "UP"], "R2000": ["DOWN", "SML"]}
    assert not found.is_stale and found.as_of == date(2023, 7, 31)
    assert "R1000 as the members of 31 May 2023 less R2000 of 31 Jul" in found.statement
    other = known(
        ("R1000", MAY, "fund", "BIG DOWN"),
        ("R2000", MAY, "fund", "UP SML"),
        ("R1000", JULY, "fund", "BIG UP"),
    )
    assert of_index(other) == of_index(found)


def test_what_is_left_of_older_lists_keeps_the_day_of_its_names() -> None:
    """Symbols changed since that day are to be followed, and dead names known."""
    found = known(
        ("R1000", "2022-08-31", "fund", "BIG"),
        ("R2000", MAY, "fund", "UP SML"),
        ("R2000", JULY, "fund", "SML"),
    )
    assert (found.as_of, found.named_on) == (date(2023, 7, 31), date(2022, 8, 31))
    plain = known(("R1000", JULY, "fund", "BIG"), ("R2000", JULY, "fund", "SML"))
    assert plain.as_of == plain.named_on == date(2023, 7, 31)


def test_a_name_that_the_newest_list_of_the_russell_1000_lacks_is_still_in_it() -> None:
    """Between two events nobody leaves but for good; a list may be cut short."""
    lists = [
        ("R1000", "2022-06-30", "fund", "LAST"),
        ("R1000", "2023-11-22", "fund", "AA ZTS"),
        ("R1000", "2024-04-30", "cut at 1,000", "AA NEW"),
        ("R2000", "2024-04-30", "fund", "BB"),
    ]
    assert of_index(known(*lists)) == {"R1000": ["AA", "NEW", "ZTS"], "R2000": ["BB"]}
    # and after the event, where its lists are what is left
    cut = ("R1000", "2023-02-28", "cut", "CC")
    after = known(lists[0], cut, ("R2000", JULY, "fund", "BB"))
    assert of_index(after)["R1000"] == ["CC", "LAST"]


def test_a_small_name_that_left_the_russell_2000_has_left_the_russell_3000() -> None:
    lists = [
        ("R1000", MAY, "fund", "BIG DOWN"),
        ("R2000", MAY, "fund", "UP SML MID TINY"),
        ("R2000", JULY, "fund", "DOWN SML MID"),
    ]
    caps = {"UP": 9e9, "DOWN": 3e9, "MID": 1e9, "SML": 5e8, "TINY": 9e7}
    found = known(*lists, caps_on=lambda day: caps)
    assert of_index(found) == {"R1000": ["BIG", "UP"], "R2000": ["DOWN", "MID", "SML"]}
    # at the median exactly it stays; without a market cap it is taken for large
    even = known(*lists, caps_on=lambda day: caps | {"TINY": 1e9})
    assert "TINY" in even.index_by_key
    unknown = {key: cap for key, cap in caps.items() if key != "TINY"}
    assert "TINY" in known(*lists, caps_on=lambda day: unknown).index_by_key


def test_of_two_lists_of_an_era_the_newer_decides_for_its_names() -> None:
    lists = [("R1000", "2023-11-22", "fund", "AA XX"), ("R2000", JULY, "fund", "BB XX")]
    assert of_index(known(*lists)) == {"R1000": ["AA", "XX"], "R2000": ["BB"]}
    lists[1] = ("R2000", "2024-03-28", "fund", "BB XX")
    found = known(*lists)
    assert of_index(found) == {"R1000": ["AA"], "R2000": ["BB", "XX"]}
    assert "R1000 of 22 Nov 2023 (fund) not used for the names" in found.statement


def names(first: int, last: int) -> str:
    """Keys of 2 letters each, as many as asked for."""
    return " ".join(
        f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(first, last)
    )


@pytest.mark.parametrize(
    ("day", "keys", "why"),
    [
        pytest.param("2023-06-30", names(1, 101), "still shows", id="the old members"),
        pytest.param("2023-06-30", names(0, 110), "at once", id="both sides"),
        pytest.param("2023-06-30", names(10, 110), "", id="one name in ten changed"),
        pytest.param("2023-07-07", names(0, 110), "at once", id="two weeks after"),
        pytest.param("2023-07-08", names(0, 110), "", id="later"),
    ],
)
def test_a_list_of_soon_after_an_event_must_show_what_came_of_it(
    day: str, keys: str, why: str
) -> None:
    found = known(
        ("R1000", MAY, "fund", "ZZ"),
        ("R2000", MAY, "fund", names(0, 100)),
        ("R2000", day, "fund", keys),
    )
    assert (why in found.statement) and ("not used" in found.statement) == bool(why)
    assert found.is_stale == bool(why)


def test_the_newest_way_to_a_stale_russell_1000_is_taken() -> None:
    found = known(
        ("R1000", "2022-08-31", "fund", "AA"),
        ("R3000", "2023-03-31", "fund", "AA BB CC"),
        ("R2000", "2023-03-31", "fund", "CC"),
    )
    assert of_index(found) == {"R1000": ["AA", "BB"], "R2000": ["CC"]}
    assert found.is_stale


def test_the_day_the_funds_trade_begins_the_era() -> None:
    found = known(
        ("R1000", "2023-06-23", "fund", "AA"), ("R2000", "2023-06-23", "fund", "BB")
    )
    assert not found.is_stale
    before = known(
        ("R1000", "2023-06-22", "fund", "AA"), ("R2000", "2023-06-23", "fund", "BB")
    )
    assert "R1000 as the members of 22 Jun 2023 less R2000" in before.statement


def test_a_later_list_is_ignored_and_one_of_the_day_is_not() -> None:
    found = known(
        ("R1000", "2024-04-30", "fund", "TODAY"),
        ("R1000", "2024-05-01", "fund", "TOMORROW"),
        ("R2000", "2024-04-29", "fund", "YESTERDAY"),
        ("R2000", "2024-06-28", "fund", "AFTER"),
    )
    assert of_index(found) == {"R1000": ["TODAY"], "R2000": ["YESTERDAY"]}


def test_a_list_that_was_judged_unusable_is_ignored() -> None:
    found = known(
        ("R1000", "2024-04-30", "fund", "HALF", False),
        ("R1000", "2024-03-28", "fund", "WHOLE"),
        ("R2000", "2024-04-30", "fund", "CC"),
    )
    assert of_index(found) == {"R1000": ["WHOLE"], "R2000": ["CC"]}


def test_of_two_lists_of_one_day_the_fuller_one_is_taken() -> None:
    found = known(
        ("R1000", "2024-04-30", "full", "AA BB CC"),
        ("R1000", "2024-04-30", "sampled", "AA"),
        ("R2000", "2024-04-30", "fund", "DD"),
    )
    assert of_index(found) == {"R1000": ["AA", "BB", "CC"], "R2000": ["DD"]}
    assert "R1000 of 30 Apr 2024 (full)" in found.statement


def test_the_microcap_is_what_neither_other_index_holds() -> None:
    found = known(
        ("R1000", "2024-04-30", "fund", "AA"),
        ("R2000", "2024-04-30", "fund", "BB CC"),
        ("MICRO", "2024-04-30", "fund", "CC DD"),
    )
    assert of_index(found) == {"R1000": ["AA"], "R2000": ["BB", "CC"], "MICRO": ["DD"]}


def test_a_symbol_in_two_lists_has_one_index() -> None:
    found = known(
        ("R1000", "2024-04-30", "fund", "AA BOTH"),
        ("R2000", "2024-04-30", "fund", "BB BOTH"),
    )
    assert of_index(found) == {"R1000": ["AA", "BOTH"], "R2000": ["BB"]}


def test_without_any_list_nothing_is_known() -> None:
    found = known()
    assert of_index(found) == {}
    assert found.statement == "no membership list is known on the day"
    assert (found.as_of, found.is_stale) == (None, True)


@pytest.mark.parametrize(
    ("ranked_on", "day", "holds"),
    [
        pytest.param("2024-04-30", "2024-04-30", True, id="on the rank day itself"),
        pytest.param("2024-04-23", "2024-06-28", True, id="a week before it"),
        pytest.param("2024-04-22", "2024-06-28", False, id="before a gap"),
        pytest.param("2024-06-03", "2024-06-28", True, id="the first day stored"),
        pytest.param("2024-06-03", "2024-06-02", False, id="not yet"),
        pytest.param("2024-04-30", "2025-07-04", True, id="430 days later"),
        pytest.param("2024-04-30", "2025-07-05", False, id="out of date"),
    ],
)
def test_how_long_a_verdict_holds(ranked_on: str, day: str, holds: bool) -> None:
    days = [date.fromisoformat(each) for each in (ranked_on, day)]
    assert membership.tells(date(2024, 4, 30), *days, RULES) == holds


@pytest.mark.parametrize(
    ("cap_bn", "ipo_year", "is_late", "is_judged"),
    [
        pytest.param(1.5, 2010, False, True, id="half as large again as the line"),
        pytest.param(1.49, 2010, False, False, id="nearer to the line"),
        pytest.param(1.5, 2024, False, True, id="new, but not far above the line"),
        pytest.param(3.0, 2023, False, False, id="new and far above: lock-ups end"),
        pytest.param(3.0, 2022, False, True, id="public for two years"),
        pytest.param(3.0, None, False, False, id="may be new"),
        pytest.param(2.9, 2010, True, False, id="late, and not far above"),
        pytest.param(3.0, 2010, True, True, id="late, and far above"),
        pytest.param(3.0, None, True, False, id="late, and may be new"),
    ],
)
def test_who_was_clearly_large_enough_to_be_chosen(
    cap_bn: float, ipo_year: int | None, is_late: bool, is_judged: bool
) -> None:
    table = companies([cap_bn * 1e9]).assign(ipo_year=ipo_year)
    found = membership.clearly_large(table, 1e9, RULES, rank_year=2024, is_late=is_late)
    assert found.tolist() == [is_judged]
