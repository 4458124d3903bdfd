"""The style that companies hold now, read from lists of the style indexes' members.

A company in one list is all of that style. In both, its two weights say how it is
split: halves of an index weigh about alike, so the part of value is its weight in the
value list over the sum of the two (est.).
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon import formatting
from recon.indexes import STYLE_INDEXES
from recon.reconstitution.facts import Facts

VALUE, GROWTH = "V", "G"
COLUMNS = ["key", "base_index", "value_weight_frac"]


@dataclass(frozen=True, kw_only=True)
class Held:
    """Styles by list: key, base_index, value_weight_frac; and which lists they are."""

    table: pd.DataFrame
    statement: str


def held(facts: Facts, since: date, until: date) -> Held:
    """Return the styles of the last lists of value and of growth between two days.

    An index of which only one half is listed says nothing.
    """
    lists = facts.membership_lists()
    lists = lists[
        lists["index"].isin(STYLE_INDEXES)
        & lists["usable"]
        & lists["as_of"].between(pd.Timestamp(since), pd.Timestamp(until))
    ]
    found, words = [], []
    members = facts.members(since, until) if len(lists) else None
    for parent in dict.fromkeys(index.parent for index in STYLE_INDEXES.values()):
        last = _last(lists, parent)
        if members is None or len(last) < 2:
            continue
        halves = {side: _members(members, row) for side, row in last.items()}
        found.append(_split(halves, parent))
        days = sorted({row["as_of"] for row in last.values()})
        said = " and ".join(formatting.day(day) for day in days)
        words.append(f"{formatting.index_name(parent)} by lists of {said}")
    table = pd.concat(found) if found else pd.DataFrame(columns=COLUMNS)
    return Held(table=table.reset_index(drop=True), statement="; ".join(words))


def _last(lists: pd.DataFrame, parent: str) -> dict[str, dict]:
    """Return the newest list of each half of an index, by side."""
    newest = lists.sort_values("as_of").drop_duplicates("index", keep="last")
    rows = {row["index"]: row for row in newest.to_dict("records")}
    sides = {code: code[-1] for code, i in STYLE_INDEXES.items() if i.parent == parent}
    return {side: rows[code] for code, side in sides.items() if code in rows}


def _members(members: pd.DataFrame, row: dict) -> pd.Series:
    same = (
        members["index"].eq(row["index"])
        & members["as_of"].eq(row["as_of"])
        & members["source"].eq(row["source"])
    )
    listed = members[same].drop_duplicates("symbol").set_index("symbol")
    return listed["weight_frac"].astype(float)


def _split(halves: dict[str, pd.Series], parent: str) -> pd.DataFrame:
    value, growth = halves[VALUE], halves[GROWTH]
    both = pd.DataFrame({VALUE: value, GROWTH: growth})
    in_value = both.index.isin(value.index)
    in_growth = both.index.isin(growth.index)
    part = both[VALUE] / (both[VALUE] + both[GROWTH])
    part = part.mask(in_value & ~in_growth, 1.0).mask(in_growth & ~in_value, 0.0)
    table = pd.DataFrame(
        {"key": both.index, "base_index": parent, "value_weight_frac": part.to_numpy()}
    )
    return table.dropna(subset="value_weight_frac")
