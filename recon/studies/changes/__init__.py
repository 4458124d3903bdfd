"""What changed between two days: lists, lines, names at a line, listings, data.

Each day is projected as it stands on that day, so that two days of one event compare
what rank day decided and what has left the listings since (decision 0028).
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon.reconstitution import Projection
from recon.reconstitution.changed_symbols import find_changes
from recon.store import Store
from recon.studies.changes import lines, listings, lists
from recon.studies.changes.pairing import pair
from recon.studies.changes.words import COLUMNS, KINDS

__all__ = ["Changes", "Side", "between"]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two days: its event as projected, and as if ranked on the day.

    The two are one before a rank day; after it the event stands as it was decided, and
    only `ranked` has the day's own listings and lines.
    """

    day: date
    projection: Projection
    ranked: Projection


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What changed from one day to another.

    `rows` has the columns of `words.COLUMNS`, one row a change, those of lists first;
    `lines` one row a line, see `lines.moves`; `event` names the reconstitution that
    was implemented between the two days, empty where none was.
    """

    then: date
    now: date
    rows: pd.DataFrame
    lines: pd.DataFrame
    event: str


def between(facts: Store, then: Side, now: Side) -> Changes:
    """Compare two published days, `then` before `now`.

    Every name that enters or leaves a projected list carries its cause, found by the
    rules with one thing changed at a time, see `causes`.
    """
    changed = _changed_symbols(facts, then, now)
    paired = pair(then.projection, now.projection, changed)
    moved = lines.moves(facts, then.day, now.day)
    parts = [
        lists.changes(facts, then.projection, now.projection, paired),
        listings.changes(then, now, changed),
        listings.refused(facts, then.day, now.ranked),
        lines.as_rows(moved),
    ]
    rows = pd.concat(parts, ignore_index=True)
    place = {kind: at for at, kind in enumerate(KINDS)}
    rows = rows.assign(place=rows["kind"].map(place))
    rows = rows.sort_values(
        ["place", "size_usd"], ascending=[True, False], kind="stable", ignore_index=True
    )
    events = [each.projection.event for each in (then, now)]
    return Changes(
        then=then.day,
        now=now.day,
        rows=rows[COLUMNS],
        lines=moved,
        event="" if events[0] == events[1] else events[0].name,
    )


def _changed_symbols(facts: Store, then: Side, now: Side) -> pd.DataFrame:
    """Return the symbols of the earlier day that another has taken the place of."""
    listed = then.ranked.securities
    keys = frozenset(listed.loc[listed["is_common"], "key"].dropna())
    return find_changes(facts, then.day, now.day, keys)
