"""Studies built on accuracy and kept with the store: a past event is studied once.

The key of a kept study holds what it was read from: the days, lists and fundamentals up
to the end of what it looks at, and the program's own text. A day added later leaves it.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd

from recon import schedule
from recon.rulebook import HEURISTICS
from recon.schedule import Reconstitution
from recon.store import Store, kept
from recon.studies import events
from recon.studies.events import Studied, windows
from recon.studies.events.names import ProjectOn

TABLES = (
    *("people", "members", "effects", "curves", "placebos", "faults"),
    *("stayers", "matches", "symbols"),
)


def studied(store: Store, event: Reconstitution, project_on: ProjectOn) -> Studied:
    """Return `events.study` of an event, as kept or worked out and kept.

    Raises
    ------
    SnapshotMissing
        If what came of the event is not in the data.
    """
    name = f"event-{event.leg.lower()}-{event.year}"
    key = kept.key_of(_read(store, event, _last_day(store, event)))
    tables = kept.read(store.folder, name, key)
    if tables is not None and {*TABLES, "about"} <= set(tables):
        about = tables["about"].iloc[0]
        return Studied(
            event=event,
            statement=about["statement"],
            **{each: tables[each] for each in TABLES},
        )
    found = events.study(store, event, project_on)
    tables = {each: getattr(found, each) for each in TABLES}
    about = pd.DataFrame({"statement": [found.statement]})
    kept.keep(store.folder, name, key, {**tables, "about": about})
    return found


def afterwards(store: Store, study: Studied) -> pd.DataFrame:
    """Return `events.afterwards` of a study, as kept or worked out and kept."""
    event = study.event
    name = f"event-{event.leg.lower()}-{event.year}-later"
    key = kept.key_of(_read(store, event, _end(event, windows.LATER)))
    tables = kept.read(store.folder, name, key)
    if tables is not None and "effects" in tables:
        return tables["effects"]
    effects = events.afterwards(store, study)
    kept.keep(store.folder, name, key, {"effects": effects})
    return effects


def _read(store: Store, event: Reconstitution, end: date) -> Iterator[object]:
    """Give all that a study of an event to a day is made of, for its key."""
    yield event
    after = event.implementation_close + timedelta(HEURISTICS.large_within_days)
    yield from kept.read_until(store, end, max(end, after))


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
