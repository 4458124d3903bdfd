"""What a table of a note shows, in one line that can stand as its title."""

from collections.abc import Mapping

import pandas as pd

from recon import formatting
from recon.charts.accuracy import LIST_NAMES, SHORT_NAMES
from recon.indexes import INDEXES, LINE_NAMES
from recon.studies import candidates

Parameters = Mapping[str, list[str]]
MOVE = next(facet for facet in candidates.FACETS if facet.name == "move")
WORDS = {
    "migration up": "would move up to the Russell 1000",
    "migration down": "would move down to the Russell 2000",
    "addition": "would join the Russell 3000",
    "deletion": "would leave the Russell 3000",
    candidates.HELD: "are held by the band",
}


def lines(table: pd.DataFrame, parameters: Parameters) -> str:
    """Say where the two lines stand that most names meet."""
    value = table.set_index("line")["break_point_usd"]
    upper, lower = (LINE_NAMES[INDEXES[code].line_rank] for code in ("R1000", "R3000"))
    said = [
        f"{name} at {formatting.usd(value.get(name), 2)}" for name in (upper, lower)
    ]
    return f"The lines: {', '.join(said)}"


def moves(table: pd.DataFrame, parameters: Parameters) -> str:
    """Count the moves of all indexes."""
    large = table.set_index("index").loc["R1000"]
    counts = (
        (large["joins"], "up"),
        (large["leaves"], "down"),
        (table["addition"].sum(), "in"),
        (table["deletion"].sum(), "out"),
    )
    said = ", ".join(f"{formatting.number(count)} {word}" for count, word in counts)
    return f"Projected moves: {said}"


def official(table: pd.DataFrame, parameters: Parameters) -> str:
    """Say how far our line was off the official one."""
    known = table["error_frac"].dropna().abs()
    if known.empty:
        return "The line on record; ours of those days is not known"
    worst = formatting.percent(known.max())
    return f"Our line was off the official one by at most {worst}"


def names(table: pd.DataFrame, parameters: Parameters) -> str:
    """Count the names, and say how they move where all move alike."""
    count = formatting.count(len(table), "name")
    on = [
        change
        for change in candidates.CHANGES
        if "true" in map(str.lower, parameters.get(candidates.key(MOVE, change), []))
    ]
    if len(on) == 1:
        words = WORDS[on[0]]
        return f"{count} {words.replace('are', 'is') if len(table) == 1 else words}"
    return f"{count} would move or {'is' if len(table) == 1 else 'are'} held"


def scores(table: pd.DataFrame, parameters: Parameters) -> str:
    """Say how well the last scored event was projected."""
    year = table["year"].max()
    f1 = table[table["year"] == year].set_index("what")["f1"]
    said = [
        f"{formatting.percent(f1[LIST_NAMES[name]])} {words}"
        for name, words in SHORT_NAMES.items()
        if f1.get(LIST_NAMES[name], 0) > 0
    ]
    return f"June {year}: F1 of {', '.join(said)}"


def misjudged(table: pd.DataFrame, parameters: Parameters) -> str:
    """Count what was missed and falsely called."""
    return formatting.count(len(table), "row") + " missed or falsely called, by cause"
