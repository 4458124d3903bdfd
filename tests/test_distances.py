"""How far a company stands from the line that would change its index."""

from dataclasses import replace

import pandas as pd
import pytest

from recon.rulebook import Rulebook
from recon.rules import bands, distances, membership
from tests.universe import RULES, companies, ranked

COLUMNS = [
    "nearest_line",
    "line_cap_usd",
    "distance_to_break_point_usd",
    "distance_to_break_point_frac",
    "distance_ranks",
    "distance_cumulative_frac",
    "crossing_close_usd",
]


def measured(
    caps: list[float], current: dict[int, str], rules: Rulebook = RULES
) -> pd.DataFrame:
    """Distances by rank, where some ranks are members of an index."""
    held = [current.get(n) for n in range(1, len(caps) + 1)]
    table = ranked(companies(caps, current=held), rules).assign(close_usd=10.0)
    placed = table.pipe(bands.place, rules).pipe(membership.project, rules)
    found = distances.measure(placed, bands.draw(table, rules), rules)
    return found.set_index("rank")[COLUMNS]


# cut at ranks 4 and 8; cumulative 40 60 72 80 85 | 89 92.5 95.5 98 100: the band,
# 75 to 85, is from 8 to 5
LADDER = [40, 20, 12, 8, 5, 4, 3.5, 3, 2.5, 2]


@pytest.mark.parametrize(
    ("place", "current", "expected"),
    [
        pytest.param(
            4,
            None,
            (4, 8, 0, 0, 0, 0, 10),
            id="a newcomer exactly on the line is at 0 in every unit",
        ),
        pytest.param(
            3,
            None,
            (4, 8, 4, 0.5, 1, 0.08, 20 / 3),
            id="a newcomer above the line has positive distances",
        ),
        pytest.param(
            5,
            None,
            (8, 3, 2, 2 / 3, 3, 0.105, 6),
            id="a newcomer to the Russell 2000 is measured to the line it has crossed",
        ),
        pytest.param(
            6,
            None,
            (8, 3, 1, 1 / 3, 2, 0.065, 7.5),
            id="near the line above it too, a newcomer to the Russell 2000 is so",
        ),
        pytest.param(
            8,
            None,
            (8, 3, 0, 0, 0, 0, 10),
            id="the last company of the Russell 3000 is on its line",
        ),
        pytest.param(
            9,
            None,
            (8, 3, -0.5, -1 / 6, -1, -0.025, 12),
            id="a newcomer past the hard cut has negative distances",
        ),
        pytest.param(
            9,
            "MICRO",
            (8, 3, -0.5, -1 / 6, -1, -0.025, 12),
            id="a Microcap-only name is measured to the cuts like a newcomer",
        ),
        pytest.param(
            5,
            "R2000",
            (4, 8, -3, -0.375, -1, -0.05, 16),
            id="a Russell 2000 member is measured to the upper edge of the band",
        ),
        pytest.param(
            4,
            "R1000",
            (4, 5, 3, 0.6, 1, 0.05, 6.25),
            id="a Russell 1000 member is measured to the lower edge of the band",
        ),
        pytest.param(
            5,
            "R1000",
            (4, 5, 0, 0, 0, 0, 10),
            id="a Russell 1000 member on the lower edge is at 0",
        ),
        pytest.param(
            6,
            "R1000",
            (4, 5, -1, -0.2, -1, -0.04, 12.5),
            id="a Russell 1000 member below the band has negative distances",
        ),
    ],
)
def test_the_distance_of_one_company(
    place: int, current: str | None, expected: tuple[float, ...]
) -> None:
    found = measured(LADDER, {place: current} if current else {}).loc[place]
    assert found.tolist() == pytest.approx(expected, abs=1e-9)


def test_each_move_names_the_line_that_decides_it() -> None:
    current = {1: "R1000", 2: "R2000", 4: "R2000", 5: "R1000", 7: "R1000", 9: "R2000"}
    held = [current.get(n) for n in range(1, 11)]
    table = ranked(companies(LADDER, current=held)).assign(close_usd=10.0)
    placed = table.pipe(bands.place, RULES).pipe(membership.project, RULES)
    found = distances.measure(placed, bands.draw(table, RULES), RULES)
    real = found.replace({"nearest_line": {4: 1000, 8: 3000}})
    named = real.assign(line=distances.line_names(real)).set_index("rank")
    assert named["line"].to_dict() == {
        1: "Russell 1000 band, lower edge",
        2: "Russell 1000 band, upper edge",  # moves up
        3: "Russell 1000 line",  # joins the Russell 1000
        4: "Russell 1000 band, upper edge",  # held below it
        5: "Russell 1000 band, lower edge",  # held above it
        6: "Russell 3000 line",  # joins the Russell 2000
        7: "Russell 1000 band, lower edge",  # moves down
        8: "Russell 3000 line",
        9: "Russell 3000 line",  # leaves
        10: "Russell 3000 line",
    }


def test_a_company_as_large_as_the_line_is_on_it_whatever_its_rank() -> None:
    tied = [40, 20, 12, 8, 5, 4, 3.5, 3, 3, 1.5]
    found = measured(tied, {}).loc[9]
    assert found.tolist() == [8, 3, 0, 0, 0, 0, 10]


def test_without_a_band_members_are_measured_to_the_cut_itself() -> None:
    rules = replace(
        RULES, lines=tuple(replace(line, band_frac=0) for line in RULES.lines)
    )
    found = measured(LADDER, {4: "R1000", 5: "R2000"}, rules)
    assert found.loc[4].tolist() == [4, 8, 0, 0, 0, 0, 10]
    assert found.loc[5].tolist() == pytest.approx([4, 8, -3, -0.375, -1, -0.05, 16])


def test_a_line_that_is_not_known_gives_no_distance() -> None:
    """Six companies: there is no 8th, and 4 and 5 are measured to the 4th alone."""
    found = measured(LADDER[:6], {})
    assert found["nearest_line"].tolist() == [4] * 6
    few = measured(LADDER[:3], {})
    assert few.drop(columns="nearest_line").isna().all(axis=None)


def test_at_the_crossing_close_the_company_stands_on_the_line() -> None:
    """Others unchanged: at that close its cap is the line's, and above it moves."""
    before = measured(LADDER, {}).loc[9]
    factor = before["crossing_close_usd"] / 10
    assert LADDER[8] * factor == pytest.approx(before["line_cap_usd"])
    above = LADDER[:8] + [LADDER[8] * factor * 1.001] + LADDER[9:]
    table = ranked(companies(above))
    placed = table.pipe(bands.place, RULES).pipe(membership.project, RULES)
    moved = placed.set_index("symbol").loc["C0008", "projected_index"]
    assert moved == "R2000"
