"""The numbers of the methodology, era by era, and that they live in one place."""

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from recon import indexes
from recon.errors import BadRequest, RulesMissing
from recon.rulebook import ERAS, Rulebook, rulebook

RECON = Path(__file__).parents[1] / "recon"
RANKS = (50, 200, 500, 1000, 2000, 3000, 4000)


def bands_of(rules: Rulebook) -> list[float]:
    return [line.band_frac for line in rules.lines]


NO_BANDS = [0, 0, 0, 0, 0, 0, 0]
BANDS = [0, 0.025, 0.025, 0.025, 0.005, 0, 0]


@pytest.mark.parametrize(
    ("first", "last", "bands", "votes", "addtv", "months"),
    [
        pytest.param(
            date(1984, 1, 1),
            date(2007, 4, 30),
            NO_BANDS,
            0,
            110e3,
            (6,),
            id="before 2007 every cut is hard",
        ),
        pytest.param(
            date(2007, 5, 1),
            date(2017, 4, 30),
            BANDS,
            0,
            110e3,
            (6,),
            id="bands from the 2007 reconstitution",
        ),
        pytest.param(
            date(2017, 5, 1),
            date(2023, 3, 31),
            BANDS,
            0.05,
            110e3,
            (6,),
            id="voting rights from 2017",
        ),
        pytest.param(
            date(2023, 4, 1),
            date(2025, 3, 31),
            BANDS,
            0.05,
            110e3,
            (6,),
            id="the traded minimum of 2023",
        ),
        pytest.param(
            date(2025, 4, 1),
            date(2025, 12, 31),
            BANDS,
            0.05,
            140e3,
            (6,),
            id="the traded minimum of 2025",
        ),
        pytest.param(
            date(2026, 1, 1),
            date(2035, 12, 31),
            BANDS,
            0.05,
            175e3,
            (6, 12),
            id="June and December from 2026",
        ),
    ],
)
def test_each_era_from_its_first_to_its_last_day(
    first: date,
    last: date,
    bands: list[float],
    votes: float,
    addtv: float,
    months: tuple[int, ...],
) -> None:
    for day in (first, last):
        rules = rulebook(day)
        assert rules.effective == first
        assert bands_of(rules) == bands
        assert rules.min_voting_rights_frac == votes
        assert rules.extra_class_min_addtv_usd == addtv
        assert tuple(leg.month for leg in rules.legs) == months


@pytest.mark.parametrize("rules", ERAS, ids=lambda rules: str(rules.effective))
def test_what_never_changed(rules: Rulebook) -> None:
    assert tuple(line.rank for line in rules.lines) == RANKS
    assert (rules.universe_count, rules.broad_count, rules.large_count) == (
        4000,
        3000,
        1000,
    )
    assert (rules.min_close_usd, rules.average_close_days) == (1.0, 30)
    assert rules.min_total_market_cap_usd == 30e6
    assert rules.min_free_float_frac == 0.05
    assert rules.eligible_exchanges == ("CBOE", "NYSE", "AMEX", "ARCA", "NASDAQ")
    assert rules.pricing_vehicle_volume_years == 2
    assert rules.pricing_vehicle_volume_gap_frac == 0.2
    assert rules.pricing_vehicle_min_days == 100
    assert rules.extra_class_min_cap_usd == 30e6
    assert "GR" in rules.document


def test_eras_follow_each_other() -> None:
    days = [rules.effective for rules in ERAS]
    assert days == sorted(set(days))


def test_before_the_first_era_nothing_is_known() -> None:
    with pytest.raises(RulesMissing, match="the first era starts 1984-01-01"):
        rulebook(ERAS[0].effective - timedelta(days=1))


def test_a_line_is_found_by_its_rank() -> None:
    assert rulebook(date(2024, 4, 30)).line(2000).band_frac == 0.005


def test_indexes_are_cut_at_lines_of_the_rulebook() -> None:
    edges = {0, *RANKS}
    for entry in indexes.INDEXES.values():
        assert {entry.first_rank - 1, entry.last_rank, entry.line_rank} <= edges
    assert tuple(indexes.LINE_NAMES) == RANKS


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("TOP50", 1, 50),
        ("TOP200", 1, 200),
        ("TOP500", 1, 500),
        ("MIDCAP", 201, 1000),
        ("R1000", 1, 1000),
        ("R2500", 501, 3000),
        ("R2000", 1001, 3000),
        ("R3000", 1, 3000),
        ("MICRO", 2001, 4000),
        ("R3000E", 1, 4000),
    ],
)
def test_the_ranks_of_an_index(code: str, first: int, last: int) -> None:
    entry = indexes.index(code)
    assert (entry.first_rank, entry.last_rank) == (first, last)


def test_an_index_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(BadRequest, match="'R500'; choose one of TOP50, TOP200"):
        indexes.index("R500")


# where such numbers are something else: what the indexes are, how the gate judges
# rows, what providers give, how the demo market is made
ELSEWHERE = {"rulebook.py", "indexes.py", "quality.py"}
FOLDERS = {"sources", "store", "ingest"}
# widths, minima and shares of the rules, as fractions and in dollars
METHOD_NUMBERS = {0.025, 0.005, 30e6, 110e3, 140e3, 175e3, *RANKS[3:]}
# what reads like one and is none: units, counts of rows, quantiles of draws
NOT_THE_RULES = re.compile(
    r"limit|rows|chunk|timeout|pixels|height|days|size|step|quantile|draws"
)


def numbers_of(path: Path) -> list[str]:
    """Numbers of the methodology that stand in a module, with their lines."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    found = []
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, int | float)
            and not isinstance(node.value, bool)
            and node.value in METHOD_NUMBERS
            and not NOT_THE_RULES.search(lines[node.lineno - 1].lower())
        ):
            found.append(f"{path.name}:{node.lineno}: {lines[node.lineno - 1].strip()}")
    return found


def test_no_number_of_the_methodology_stands_outside_the_rulebook() -> None:
    modules = [
        path
        for path in sorted(RECON.rglob("*.py"))
        if path.name not in ELSEWHERE and not FOLDERS & set(path.parts)
    ]
    assert len(modules) > 10
    assert [line for path in modules for line in numbers_of(path)] == []


def test_the_search_for_numbers_finds_them(tmp_path: Path) -> None:
    module = tmp_path / "wrong.py"
    module.write_text("large = rank <= 1000\nlow = edge - 0.025\nfine = 7\n", "utf-8")
    assert numbers_of(module) == [
        "wrong.py:1: large = rank <= 1000",
        "wrong.py:2: low = edge - 0.025",
    ]


# what is worth showing, and how much is kept: no judgment on facts
OF_THE_ANSWER = {
    *("CERTAIN_FRAC", "CROWDED_DAYS", "INTERVAL_FRAC", "LEAST_FRAC", "MANY_TIMES"),
    *("MOST_FANS", "MOST_KEPT", "NAMED_USD", "NEAR_FRAC", "NOTED_FRAC"),
    *("PLACEBO_FRAC", "SMALLEST_LEFT_FRAC", "SMALLEST_USD", "UNDECIDED_FRAC"),
}
JUDGMENT = re.compile(
    r"^(\w+_)?(FRAC|DAYS|YEARS|TIMES|FACTOR|USD|COVERED)$|^(LEAST|MOST|ENOUGH)_"
)


def judgments_of(path: Path) -> set[str]:
    """Names of a module's own that stand for a number by which facts are judged."""
    return {
        target.id
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and JUDGMENT.search(target.id)
    }


@pytest.mark.parametrize("folder", ["rules", "reconstitution", "studies", "alerts"])
def test_what_facts_are_judged_by_stands_among_the_heuristics(folder: str) -> None:
    found = {
        f"{path.name}: {name}"
        for path in (RECON / folder).rglob("*.py")
        for name in judgments_of(path) - OF_THE_ANSWER
    }
    assert found == set()
