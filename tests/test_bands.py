"""Ground Rules v7.0, 6.10.2 and 6.11: break points, and the band round each."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.rulebook import Line, Rulebook, rulebook
from recon.rules import bands, membership
from tests.universe import (
    RANK_DAY,
    RULES,
    UNIVERSE,
    companies,
    missing_as_none,
    ranked,
)

RULES_2024 = rulebook(RANK_DAY)
# Ground Rules v7.0, 6.11: rank, index now, cap and cumulative cap in USD mn, index then
OFFICIAL = (
    (995, "R1000", 2_115, 154_000, "R1000"),
    (996, "R2000", 2_105, 156_105, "R1000"),
    (997, "R1000", 2_100, 158_205, "R1000"),
    (998, "R2000", 2_011, 160_216, "R2000"),
    (999, "R2000", 2_010, 162_226, "R2000"),
    (1000, "R2000", 2_000, 164_226, "R2000"),
    (1001, "R1000", 1_995, 166_221, "R1000"),
    (1002, "R2000", 1_950, 168_171, "R2000"),
    (1003, "R2000", 1_923, 170_094, "R2000"),
)
OFFICIAL_TOTAL = 182_500
HELD = [998, 999, 1000, 1001]
MN = 1e6


def one_line(rank: int, band_frac: float, universe_count: int = 4000) -> Rulebook:
    """Rules that cut once, with everything inside the Russell 3000."""
    return replace(
        RULES_2024,
        lines=(Line(rank=rank, band_frac=band_frac),),
        large_count=rank,
        broad_count=universe_count,
        universe_count=universe_count,
    )


def projected(table: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    return ranked(table, rules).pipe(bands.place, rules).pipe(membership.project, rules)


def answer(table: pd.DataFrame) -> list[tuple[object, ...]]:
    columns = ["symbol", "projected_index", "is_held_by_band"]
    return list(table[columns].itertuples(index=False, name=None))


def test_the_official_nine_companies_go_where_the_ground_rules_send_them() -> None:
    """The example's caps are not those of a real ranking: 994 companies above a cap
    of 2,115 cannot add up to 151,885. So the ranking is given, as it is printed.
    """
    others = (154_000 - 2_115) / 994
    rest = (OFFICIAL_TOTAL - 170_094) / 997
    caps = [others] * 994 + [row[2] for row in OFFICIAL] + [rest] * 997
    current = ["R1000"] * 994 + [row[1] for row in OFFICIAL] + ["R2000"] * 997
    running = np.cumsum(caps)
    running[994:1003] = [row[3] for row in OFFICIAL]
    running[-1] = OFFICIAL_TOTAL
    printed = companies(np.array(caps) * MN, current=current).assign(
        rank=range(1, 2001),
        cumulative_cap_usd=running * MN,
        cumulative_cap_frac=running / OFFICIAL_TOTAL,
    )

    table = printed.pipe(bands.place, RULES_2024).pipe(membership.project, RULES_2024)

    nine = table[table["rank"].between(995, 1003)]
    percent = (nine["cumulative_cap_frac"] * 100).round(2).tolist()
    assert percent == [84.38, 85.54, 86.69, 87.79, 88.89, 89.99, 91.08, 92.15, 93.2]
    assert nine["projected_index"].tolist() == [row[4] for row in OFFICIAL]
    moved = {996: "migration up"}
    assert nine["move"].tolist() == [moved.get(row[0], "stays") for row in OFFICIAL]
    assert nine.loc[nine["is_held_by_band"], "rank"].tolist() == HELD


def test_the_official_nine_companies_ranked_from_their_caps() -> None:
    """The same caps and cumulative caps with 54 companies above in place of 994."""
    above = [(154_000 - 2_115) - 53 * 2_200] + [2_200] * 53
    below = [1_700] * 7 + [OFFICIAL_TOTAL - 170_094 - 7 * 1_700]
    caps = above + [row[2] for row in OFFICIAL] + below
    current = ["R1000"] * 54 + [row[1] for row in OFFICIAL] + ["R2000"] * 8
    rules = one_line(60, 0.025)
    table = companies(np.array(caps) * MN, current=current).sample(
        frac=1, random_state=3
    )

    found = projected(table, rules)

    nine = found.iloc[54:63]
    assert (nine["cumulative_cap_usd"] / MN).tolist() == [row[3] for row in OFFICIAL]
    assert found["cumulative_cap_usd"].iloc[-1] == OFFICIAL_TOTAL * MN
    assert nine["projected_index"].tolist() == [row[4] for row in OFFICIAL]
    assert (nine.loc[nine["is_held_by_band"], "rank"] + 940).tolist() == HELD
    line = bands.draw(found, rules).iloc[0]
    # 87.49 to 92.49 percent: from rank 998 to rank 1002
    assert line[["break_point_usd", "band_low_usd", "band_high_usd"]].tolist() == [
        2_000 * MN,
        1_950 * MN,
        2_011 * MN,
    ]


# cut at rank 2 of 1,000: the line is at 925, the band from 900 to 950
EDGES = {"FIRST": 900, "LINE": 25, "ON": 25, "OUT": 25, "LAST": 25}


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        pytest.param(
            {"FIRST": "R2000"},
            ("R2000", True),
            id="a member whose cumulative cap is the lower edge exactly is held below",
        ),
        pytest.param(
            {"ON": "R1000"},
            ("R1000", True),
            id="a member whose cumulative cap is the upper edge exactly is held above",
        ),
        pytest.param(
            {"OUT": "R1000"},
            ("R2000", False),
            id="a member past the upper edge goes down",
        ),
        pytest.param(
            {"LINE": "R2000"},
            ("R2000", True),
            id="a member on the line itself keeps the lower index",
        ),
        pytest.param(
            {"LINE": "R1000"},
            ("R1000", False),
            id="a member on the line that is already above needs no band",
        ),
    ],
)
def test_edges_of_the_band(current: dict[str, str], expected: tuple[str, bool]) -> None:
    table = companies(
        list(EDGES.values()),
        symbols=["A FIRST", "B LINE", "C ON", "D OUT", "E LAST"],
        current=[current.get(name) for name in EDGES],
    )
    (name,) = current
    found = projected(table, one_line(2, 0.025))
    row = found[found["symbol"].str.endswith(name)].iloc[0]
    assert (row["projected_index"], bool(row["is_held_by_band"])) == expected


def test_equal_caps_go_by_symbol_and_the_line_falls_between_them() -> None:
    table = companies([10, 10, 10, 10], symbols=["D", "B", "C", "A"])
    found = projected(table, one_line(2, 0))
    assert answer(found) == [
        ("A", "R1000", False),
        ("B", "R1000", False),
        ("C", "R2000", False),
        ("D", "R2000", False),
    ]


def test_the_universe_of_a_dozen_goes_where_its_names_say() -> None:
    dozen = [c for c in UNIVERSE if c.close_usd >= 1]
    table = companies(
        [c.cap_bn * 1e9 for c in dozen],
        symbols=[c.symbol for c in dozen],
        current=[c.now for c in dozen],
    )
    found = projected(table, RULES)
    assert found["symbol"].tolist() == [c.symbol for c in dozen]
    assert missing_as_none(found["projected_index"]) == [c.then for c in dozen]
    assert found["move"].tolist() == [c.move for c in dozen]
    held = found.loc[found["is_held_by_band"], "symbol"].tolist()
    assert held == ["HELD", "KEPT"]


@pytest.mark.parametrize(
    ("count", "known"),
    [
        pytest.param(0, [], id="no company, no lines"),
        pytest.param(49, [], id="49 companies have no Top 50 line"),
        pytest.param(50, [50], id="50 companies have their Top 50 line at the last"),
        pytest.param(999, [50, 200, 500], id="fewer than 1,000"),
        pytest.param(1000, [50, 200, 500, 1000], id="exactly 1,000"),
        pytest.param(2999, [50, 200, 500, 1000, 2000], id="fewer than 3,000"),
        pytest.param(3999, [50, 200, 500, 1000, 2000, 3000], id="fewer than 4,000"),
        pytest.param(4000, [50, 200, 500, 1000, 2000, 3000, 4000], id="exactly 4,000"),
    ],
)
def test_a_line_beyond_the_last_company_is_not_known(
    count: int, known: list[int]
) -> None:
    table = ranked(companies(np.arange(count, 0, -1)), RULES_2024)
    lines = bands.draw(table, RULES_2024)
    if not count:
        assert lines.empty
        return
    drawn = lines[lines["break_point_usd"].notna()]
    assert drawn["rank"].tolist() == known
    assert drawn["break_point_usd"].tolist() == [count - rank + 1 for rank in known]
    assert lines["company_count"].eq(count).all()
    assert lines["total_market_cap_usd"].eq(count * (count + 1) / 2).all()


def test_fewer_companies_than_the_line_are_all_in_the_large_index() -> None:
    table = companies([3, 2, 1], current=["R2000", None, "R1000"])
    found = projected(table, RULES_2024)
    assert answer(found) == [
        ("C0000", "R1000", False),
        ("C0001", "R1000", False),
        ("C0002", "R1000", False),
    ]


def test_companies_beyond_the_universe_count_for_nothing() -> None:
    """Ground Rules v7.0, 6.11: percentiles are of the Russell 3000E."""
    caps = np.arange(4_500, 0, -1)
    all_of_them = ranked(companies(caps), RULES_2024)
    inside = ranked(companies(caps[:4000]), RULES_2024)
    pd.testing.assert_frame_equal(
        bands.draw(all_of_them, RULES_2024), bands.draw(inside, RULES_2024)
    )
    beyond = all_of_them[4000:]
    assert beyond["cumulative_cap_frac"].isna().all()
    sides = bands.place(all_of_them, RULES_2024)[4000:]
    assert sides.filter(like="side_").eq("below").all(axis=None)


def test_before_2007_there_is_no_band_and_members_go_by_rank() -> None:
    rules = rulebook(date(2006, 5, 31))
    caps = np.arange(1_200, 0, -1)
    current = ["R2000"] * 1000 + ["R1000"] * 200
    found = projected(companies(caps, current=current), rules)
    assert found["projected_index"].tolist() == ["R1000"] * 1000 + ["R2000"] * 200
    assert not found["is_held_by_band"].any()
    lines = bands.draw(found, rules)
    assert lines[["band_low_usd", "band_high_usd"]].isna().all(axis=None)


def test_from_2007_the_same_members_are_held() -> None:
    rules = rulebook(date(2007, 5, 31))
    caps = [1_000] * 1_000 + [999] * 1_000
    current = ["R2000"] * 1_000 + ["R1000"] * 1_000
    found = projected(companies(caps, current=current), rules)
    # 2.5 percent of 1,999,000 is 49.975: 49 companies of 1,000 above, 50 of 999 below
    held = found.loc[found["is_held_by_band"], "rank"]
    assert held.tolist() == list(range(951, 1_001)) + list(range(1_001, 1_051))


@pytest.mark.parametrize(
    ("rank", "half_width"),
    [
        pytest.param(50, 0, id="the Top 50 is a hard cut"),
        pytest.param(200, 0.025, id="the Top 200 has a band of 2.5 points"),
        pytest.param(500, 0.025, id="the Top 500 has a band of 2.5 points"),
        pytest.param(1000, 0.025, id="the Russell 1000 has a band of 2.5 points"),
        pytest.param(2000, 0.005, id="the Microcap has a band of 0.5 points"),
        pytest.param(3000, 0, id="the Russell 3000 is a hard cut"),
        pytest.param(4000, 0, id="the Russell 3000E is a hard cut"),
    ],
)
def test_each_line_has_its_own_band(rank: int, half_width: float) -> None:
    caps = [4_500 - n for n in range(4_400)]
    table = ranked(companies(caps), RULES_2024)
    line = bands.draw(table, RULES_2024).set_index("rank").loc[rank]
    running, total = np.cumsum(caps[:4000]), sum(caps[:4000])
    assert line["break_point_usd"] == caps[rank - 1]
    side = bands.place(table, RULES_2024)[f"side_{rank}"]
    if half_width == 0:
        assert np.isnan(line["band_low_usd"]) and np.isnan(line["band_high_usd"])
        assert side.tolist() == ["above"] * rank + ["below"] * (4_400 - rank)
        return
    points = running * 1000 / total
    near = abs(points - points[rank - 1]) <= half_width * 1000
    inside = np.array(caps[:4000])[near]
    assert line["band_high_usd"] == inside.max()
    assert line["band_low_usd"] == inside.min()
    assert side[:4000].eq("inside").tolist() == near.tolist()


def test_one_session_or_many_give_the_same() -> None:
    days = [date(2024, 4, 29), date(2024, 4, 30), date(2024, 5, 1)]
    tables = [
        companies(np.random.default_rng(n).integers(1, 99, 40 + n), day=day)
        for n, day in enumerate(days)
    ]
    together = pd.concat(tables).sample(frac=1, random_state=1)
    season = ranked(together, RULES)
    one_by_one = [ranked(table, RULES) for table in tables]
    pd.testing.assert_frame_equal(season, pd.concat(one_by_one, ignore_index=True))
    pd.testing.assert_frame_equal(
        bands.draw(season, RULES),
        pd.concat([bands.draw(t, RULES) for t in one_by_one], ignore_index=True),
    )


HOLDINGS = st.sampled_from([None, "R1000", "R2000", "MICRO"])
MARKETS = st.lists(
    st.tuples(st.integers(1, 10**6) | st.integers(1, 4), HOLDINGS),
    min_size=1,
    max_size=40,
)


def naive(
    caps: list[int], current: list[str | None], rules: Rulebook, width: Fraction
) -> list[tuple[int, str | None]]:
    """Ground Rules v7.0, 6.10.2 and 6.11 word by word, in exact fractions."""
    order = sorted(range(len(caps)), key=lambda n: (-caps[n], n))
    universe = order[: rules.universe_count]
    total = sum(caps[n] for n in universe)
    percentile: dict[int, Fraction] = {}
    running = 0
    for n in universe:
        running += caps[n]
        percentile[n] = Fraction(running, total)
    found = []
    for place, n in enumerate(order, start=1):
        large = place <= rules.large_count
        if (
            n in percentile
            and current[n] in ("R1000", "R2000")
            and len(universe) >= rules.large_count
        ):
            line = percentile[universe[rules.large_count - 1]]
            if percentile[n] < line - width:
                large = True
            elif percentile[n] > line + width:
                large = False
            else:
                large = current[n] == "R1000"
        if place > rules.universe_count:
            found.append((n, None))
        elif place > rules.broad_count:
            found.append((n, "MICRO"))
        else:
            found.append((n, "R1000" if large else "R2000"))
    return found


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    market=MARKETS,
    permille=st.sampled_from([0, 5, 25, 100]),
    large=st.integers(1, 12),
    small=st.integers(1, 12),
    micro=st.integers(0, 12),
)
def test_any_market_is_cut_as_the_rules_read(
    market: list[tuple[int, str | None]],
    permille: int,
    large: int,
    small: int,
    micro: int,
) -> None:
    caps = [cap for cap, _ in market]
    current = [index for _, index in market]
    rules = replace(
        RULES_2024,
        lines=(
            Line(rank=large, band_frac=permille / 1000),
            Line(rank=large + small, band_frac=0),
        ),
        large_count=large,
        broad_count=large + small,
        universe_count=large + small + micro,
    )
    if permille == 0:  # a hard cut knows no members
        current = [None] * len(caps)
    found = projected(companies(caps, current=current), rules)
    shown = (
        found["projected_index"]
        .astype(object)
        .where(found["projected_index"].notna(), None)
    )
    assert list(zip(found["company_id"], shown, strict=True)) == naive(
        caps, current, rules, Fraction(permille, 1000)
    )
