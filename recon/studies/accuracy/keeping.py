"""Scores kept with the store: a past event is scored once, a day added leaves it."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from recon import schedule
from recon.rulebook import HEURISTICS
from recon.store import Store, kept
from recon.studies import accuracy
from recon.studies.accuracy import Scored

TABLES = ("lists", "errors", "apart", "break_points")


def scored(
    store: Store, year: int, as_of: date | None, project_on: Any = None
) -> Scored:
    """Return `accuracy.score` of a year, as kept or worked out and kept.

    Raises
    ------
    SnapshotMissing, BadRequest
        As `accuracy.score` does.
    """
    event = schedule.reconstitution(year, "June")
    end = event.implementation_close + timedelta(days=HEURISTICS.large_within_days)
    name = f"score-{year}-{as_of or 'rank-day'}"
    key = kept.key_of(kept.read_until(store, end))
    tables = kept.read(store.folder, name, key)
    if tables is not None and {*TABLES, "about"} <= set(tables):
        about = tables["about"].iloc[0]
        return Scored(
            year=year,
            as_of=date.fromisoformat(about["as_of"]),
            event=event,
            statement=about["statement"],
            **{each: tables[each] for each in TABLES},
        )
    found = accuracy.score(store, year, as_of, project_on=project_on)
    tables = {each: getattr(found, each) for each in TABLES}
    words = {"as_of": [found.as_of.isoformat()], "statement": [found.statement]}
    kept.keep(store.folder, name, key, {**tables, "about": pd.DataFrame(words)})
    return found
