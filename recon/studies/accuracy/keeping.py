"""Scores kept with the store: a past event is scored once, a day added leaves it."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from recon import schedule
from recon.rulebook import HEURISTICS
from recon.store.kept import Kept, Tables
from recon.studies import accuracy
from recon.studies.accuracy import Scored

TABLES = ("lists", "errors", "apart", "break_points")


def scored(kept: Kept, year: int, as_of: date | None, project_on: Any = None) -> Scored:
    """Return `accuracy.score` of a year, as kept or worked out and kept.

    Raises
    ------
    SnapshotMissing, BadRequest
        As `accuracy.score` does.
    """
    event = schedule.reconstitution(year, "June")
    end = event.implementation_close + timedelta(days=HEURISTICS.large_within_days)

    def make() -> Tables:
        found = accuracy.score(kept.store, year, as_of, project_on=project_on)
        words = {"as_of": [found.as_of.isoformat()], "statement": [found.statement]}
        own = {each: getattr(found, each) for each in TABLES}
        return {**own, "about": pd.DataFrame(words)}

    name = f"score-{year}-{as_of or 'rank-day'}"
    tables = kept.tables(name, kept.key(end), [*TABLES, "about"], make)
    about = tables["about"].iloc[0]
    return Scored(
        year=year,
        as_of=date.fromisoformat(about["as_of"]),
        event=event,
        statement=about["statement"],
        **{each: tables[each] for each in TABLES},
    )
