"""Studies built on accuracy and kept with the store: a past event is studied once.

The key of a kept study holds what it was read from: the days, lists and fundamentals up
to the end of what it looks at, and the program's own text. A day added later leaves it.
"""

from datetime import date, timedelta

import pandas as pd

from recon import schedule
from recon.rulebook import HEURISTICS
from recon.schedule import Reconstitution
from recon.store import Store
from recon.store.kept import Kept, Tables
from recon.studies import events
from recon.studies.events import Studied, windows
from recon.studies.events.names import ProjectOn

TABLES = (
    *("people", "members", "effects", "curves", "placebos", "faults"),
    *("stayers", "matches", "symbols"),
)


def studied(kept: Kept, event: Reconstitution, project_on: ProjectOn) -> Studied:
    """Return `events.study` of an event, as kept or worked out and kept.

    Raises
    ------
    SnapshotMissing
        If what came of the event is not in the data.
    """

    def make() -> Tables:
        found = events.study(kept.store, event, project_on)
        own = {each: getattr(found, each) for each in TABLES}
        return {**own, "about": pd.DataFrame({"statement": [found.statement]})}

    key = _key(kept, event, _last_day(kept.store, event))
    tables = kept.tables(_name(event), key, [*TABLES, "about"], make)
    return Studied(
        event=event,
        statement=tables["about"]["statement"].iloc[0],
        **{each: tables[each] for each in TABLES},
    )


def afterwards(kept: Kept, study: Studied) -> pd.DataFrame:
    """Return `events.afterwards` of a study, as kept or worked out and kept."""
    return kept.table(
        f"{_name(study.event)}-later",
        _key(kept, study.event, _end(study.event, windows.LATER)),
        lambda: events.afterwards(kept.store, study),
    )


def _name(event: Reconstitution) -> str:
    return f"event-{event.leg.lower()}-{event.year}"


def _key(kept: Kept, event: Reconstitution, end: date) -> str:
    """Return the key of a study of an event to a day."""
    after = event.implementation_close + timedelta(HEURISTICS.large_within_days)
    return kept.key(end, event, lists_until=max(end, after))


def _last_day(store: Store, event: Reconstitution) -> date:
    """Return the last day that a study looks at.

    Without a quiet season before the event its placebos are of the one after.
    """
    end = _end(event, windows.WINDOWS)
    past = schedule.reconstitutions()
    at = past.index(event)
    begun = store.published_days()[0].date()
    if at and past[at - 1].implementation_close < begun and at + 1 < len(past):
        return max(end, past[at + 1].rank_day)
    return end


def _end(event: Reconstitution, of: tuple[str, ...]) -> date:
    every = schedule.sessions()
    spans = [windows.days(event, window) for window in of]
    last = max(span[1] for span in spans if span)
    at = every.searchsorted(pd.Timestamp(last)) + events.MARGIN_SESSIONS
    return every[at].date()
