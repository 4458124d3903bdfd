"""Filters over a day's rows, with the count beside each choice.

A *facet* is one filter: a column (or two) whose values are its choices. Nothing chosen
in a facet lets everything through; several choices of one facet widen it, facets
narrow each other. A count beside a choice is the number of rows that it would show
under all other facets as they stand.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon import formatting

HELD = "held by the band"
CHANGES = ("migration up", "migration down", "addition", "deletion", HELD)
MOVE_WORDS = {change: formatting.move(change) for change in CHANGES} | {HELD: "● held"}
NOT_KNOWN = "not known"
INELIGIBLE = "n/a: ineligible"
# for finding one's way, not numbers of the methodology
CAP_EDGES_USD = (300e6, 1e9, 3e9, 10e9)
CAP_RANGES = (
    "under $300mn",
    "$300mn to $1bn",
    "$1bn to $3bn",
    "$3bn to $10bn",
    "$10bn and over",
)
DISTANCE_EDGES_FRAC = (0.02, 0.05, 0.10, 0.25)
ODDS_EDGES_FRAC = (0.10, 0.30, 0.70, 0.90)
ODDS_RANGES = (
    "under 10%",
    "10 to 30%",
    "30 to 70%",
    "70 to 90%",
    "90% and over",
)
DISTANCE_RANGES = ("within 2%", "2 to 5%", "5 to 10%", "10 to 25%", "over 25%")


# what analysts call a group, over the labels of providers
GROUPS = {
    "Biotech": r"biotech.*: (?:pharma|biolog|commercial|in vitro)|medicinal chem"
    r"|^biotechnology$|biotechnology$",
    "Banks": r"\bbanks?\b|savings institutions",
    "Software": r"^(?!retail).*software|edp services|information technology services",
    "Semiconductors": r"semiconductor",
    "REITs": r"real estate investment trust|^reit",
    "Insurers": r"insur",
    "Oil and gas": r"\boil\b|oilfield|natural gas",
}


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One filter: `name` goes into links, `title` on the screen.

    A row counts for every value found in `columns`. `order` fixes the order of the
    choices; without it the most frequent comes first. One that `is_searched` has more
    choices than a screen: a page shows those that are searched for, or belong to what
    is chosen in the facet `within`.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    order: tuple[str, ...] = ()
    is_searched: bool = False
    within: str = ""


FACETS: tuple[Facet, ...] = (
    Facet(
        name="index",
        title="Index affected",
        columns=("current_index", "projected_index"),
        order=("R1000", "R2000", "MICRO"),
    ),
    Facet(name="move", title="Move", columns=("change",), order=CHANGES),
    Facet(name="sector", title="Sector", columns=("sector",)),
    Facet(
        name="group", title="Group of industries", columns=("group",), order=(*GROUPS,)
    ),
    Facet(
        name="industry",
        title="Industry",
        columns=("industry",),
        is_searched=True,
        within="sector",
    ),
    Facet(name="exchange", title="Exchange", columns=("exchange",)),
    Facet(
        name="cap",
        title="Market cap",
        columns=("cap_range",),
        order=(*CAP_RANGES, NOT_KNOWN),
    ),
    Facet(
        name="distance",
        title="Distance to the line",
        columns=("distance_range",),
        order=(*DISTANCE_RANGES, INELIGIBLE, NOT_KNOWN),
    ),
    Facet(
        name="odds",
        title="Odds of a move",
        columns=("odds_range",),
        order=(*ODDS_RANGES, NOT_KNOWN),
    ),
)
SIDES = ("growth", "mostly growth", "mostly value", "value", NOT_KNOWN)
STYLE_FACETS: tuple[Facet, ...] = (
    Facet(
        name="shift",
        title="Shift of style",
        columns=("shift",),
        order=("to growth", "to value", "new", "stays", NOT_KNOWN),
    ),
    Facet(name="side", title="Style now", columns=("side",), order=SIDES),
    *(
        facet
        for facet in FACETS
        if facet.name in ("sector", "group", "industry", "cap")
    ),
)


Chosen = Mapping[str, Collection[str]]


def choices(rows: pd.DataFrame, facet: Facet) -> list[str]:
    """Return the choices of a facet: every value that a row has, in its order."""
    values = _values(rows, facet)
    found = pd.concat(values).value_counts()
    if facet.order:
        return [value for value in facet.order if value in found.index]
    by_count = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return sorted(
        (value for value, _ in by_count), key=lambda value: value == NOT_KNOWN
    )


def searched(rows: pd.DataFrame, facet: Facet, chosen: Chosen, words: str) -> list[str]:
    """Return the choices of a searched facet that a page shows, in their order.

    Those that hold the `words`; without words those of what is chosen in the facet
    `within`. What is on is always among them.
    """
    every, on = choices(rows, facet), chosen.get(facet.name, ())
    if words.strip():
        wanted = {each for each in every if words.strip().lower() in each.lower()}
    elif chosen.get(facet.within):
        inside = rows[_passes(rows, _facet(facet.within), chosen)]
        wanted = set(choices(inside, facet))
    else:
        wanted = set()
    return [each for each in every if each in wanted or each in on]


def groups(industries: pd.Series) -> pd.Series:
    """Return the group of `GROUPS` that each industry is in; missing for most.

    >>> groups(pd.Series(["Major Banks", "Investment Bankers", "Savings Institutions"]))
    0    Banks
    1      NaN
    2    Banks
    dtype: str
    """
    found = pd.Series(pd.NA, index=industries.index, dtype="str")
    for name, words in GROUPS.items():
        is_in = industries.astype("str").str.contains(words, case=False, na=False)
        found = found.mask(found.isna() & is_in, name)
    return found


def filtered(
    rows: pd.DataFrame,
    chosen: Chosen,
    besides: str | None = None,
    among: Sequence[Facet] = FACETS,
) -> pd.DataFrame:
    """Return the rows that every facet lets through, leaving out facet `besides`."""
    keep = np.ones(len(rows), dtype=bool)
    for facet in among:
        if facet.name != besides:
            keep &= _passes(rows, facet, chosen)
    return rows[keep]


def counts(
    rows: pd.DataFrame,
    facet: Facet,
    chosen: Chosen,
    among: Sequence[Facet] = FACETS,
) -> dict[str, int]:
    """Return for each value of a facet the rows it would show, others as they stand."""
    under_others = _values(filtered(rows, chosen, facet.name, among), facet)
    distinct = pd.DataFrame(dict(enumerate(under_others)))
    per_value = distinct.melt(ignore_index=False)["value"].rename("value")
    once = per_value.reset_index().drop_duplicates()["value"].value_counts()
    return {str(value): int(count) for value, count in once.items()}


def key(facet: Facet, choice: str) -> str:
    """Return the name of a choice in a link, such as ``sector_health-care``."""
    slug = re.sub(r"[^a-z0-9]+", "-", choice.lower()).strip("-")
    return f"{facet.name}_{slug}"


def label(choice: str) -> str:
    """Return a choice as it reads on the screen.

    >>> label("migration up"), label("R1000"), label("Energy")
    ('▲ up', 'Russell 1000', 'Energy')
    """
    words = MOVE_WORDS | formatting.SHIFT_WORDS | formatting.INDEX_NAMES
    return words.get(choice, choice)


def statement(
    chosen: Chosen, marked_count: int = 0, among: Sequence[Facet] = FACETS
) -> str:
    """Say in words what is on, such as ``Sector: Energy or Utilities``.

    `marked_count` names are chosen one by one besides, as in a chart.
    """
    parts = [
        f"{facet.title}: {' or '.join(map(label, chosen[facet.name]))}"
        for facet in among
        if chosen.get(facet.name)
    ]
    if marked_count:
        parts.append(f"{formatting.count(marked_count, 'name')} chosen in the chart")
    return "; ".join(parts)


def _facet(name: str) -> Facet:
    return next(facet for facet in FACETS if facet.name == name)


def _values(rows: pd.DataFrame, facet: Facet) -> list[pd.Series]:
    """Values of each column; one of several may be missing, the only one may not."""
    if len(facet.columns) > 1:
        return [rows[column] for column in facet.columns]
    return [rows[facet.columns[0]].fillna(NOT_KNOWN)]


def _passes(rows: pd.DataFrame, facet: Facet, chosen: Chosen) -> np.ndarray:
    wanted = list(chosen.get(facet.name, ()))
    if not wanted:
        return np.ones(len(rows), dtype=bool)
    hits = [values.isin(wanted).to_numpy() for values in _values(rows, facet)]
    return np.logical_or.reduce(hits)


def ranges(
    values: pd.Series, edges: tuple[float, ...], names: tuple[str, ...]
) -> np.ndarray:
    """Name the range that each value is in; a value on an edge is in the upper one."""
    at = np.searchsorted(edges, values.to_numpy(float), side="right")
    return np.where(values.isna(), NOT_KNOWN, np.array(names)[np.minimum(at, 4)])
