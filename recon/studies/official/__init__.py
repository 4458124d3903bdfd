"""Official lists beside ours and what came, each difference with a cause of accuracy.

Three ways to see one event: ours, as its rank day decided it; the official lists posted
so far; and the members after the event. A company is one row of a list, whatever its
share classes; decision 0051.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon import formatting, schedule
from recon.errors import SnapshotMissing
from recon.reconstitution import Facts, Projection
from recon.schedule import Reconstitution
from recon.store import Store
from recon.studies import accuracy
from recon.studies.accuracy import counting, outcome
from recon.studies.official import comparing, posted
from recon.studies.official.comparing import COLUMNS
from recon.vocabulary import NOT_KNOWN

__all__ = ["Board", "board", "event_on", "events"]

NOTHING_AFTER = counting.Seen(after=None, came=frozenset(), symbol_then={})


@dataclass(frozen=True, kw_only=True)
class Board:
    """One event three ways, as known on a day.

    `rows` has the columns of `comparing.COLUMNS`, one row a list and company that at
    least one of the three has; `lists` one row a list, see `comparing.by_list`;
    `drift` one row an official list and what it changed of the one before; `counts`
    one row an index, see `comparing.counts`. `stated` says which official lists count,
    `came` which lists of members show what came; each is empty where there is none.
    """

    event: Reconstitution
    as_of: date
    rows: pd.DataFrame
    lists: pd.DataFrame
    drift: pd.DataFrame
    counts: pd.DataFrame
    stated: str
    came: str
    due: tuple[str, date] | None


def events(facts: Facts, as_of: date) -> list[Reconstitution]:
    """Return the events whose rank day lies between the first session and a day."""
    days = facts.published_days()
    first = days[0].date() if len(days) else as_of
    return [
        event
        for event in schedule.reconstitutions()
        if first <= event.rank_day <= as_of
    ]


def event_on(facts: Facts, as_of: date, name: str = "") -> Reconstitution:
    """Return the event of a name such as ``June 2024``; without one the last decided.

    Raises
    ------
    SnapshotMissing
        If no rank day of the store's days is on or before the day, or none of the name.
    """
    known = events(facts, as_of)
    found = [event for event in known if not name or event.name == name]
    if not found:
        has = ", ".join(event.name for event in known) or "none"
        raise SnapshotMissing(
            f"No event{f' {name}' if name else ''} has its rank day between the "
            f"store's first session and {formatting.day(as_of)}; there is {has}. "
            "Choose a later day, or load earlier listings."
        )
    return found[-1]


def board(
    facts: Store,
    event: Reconstitution,
    as_of: date,
    ranked: Projection,
    decided: Projection,
) -> Board:
    """Set ours beside the official lists and beside what came, as known on a day.

    `ranked` is the projection of the event's rank day, `decided` that of the day, or
    of the implementation close where the day is later.
    """
    names = posted.of_event(facts.official_names(as_of), event)
    newest = posted.newest(names)
    after, came = _after(facts, event, as_of, ranked)
    seen = accuracy.seen_after(facts, ranked, after) if after else NOTHING_AFTER
    units = counting.units(
        ranked.securities,
        ranked.membership.index_by_key,
        after.index_by_key if after else {},
        seen,
        ranked.unseen,
    )
    lines, rules = ranked.break_points, ranked.rules
    if after:
        line = lines.set_index("rank")["break_point_usd"][rules.large_count]
        units = counting.in_doubt(units, float(line), after.is_subtracted)
    companies = comparing.companies(units, newest, ranked, decided, seen)
    rows = comparing.rows(companies, newest, is_known=after is not None)
    rows = comparing.with_causes(rows, lines, event.year, rules)
    return Board(
        event=event,
        as_of=as_of,
        rows=rows[COLUMNS],
        lists=comparing.by_list(rows),
        drift=posted.drift(names),
        counts=comparing.counts(companies, newest, decided, after is not None),
        stated=posted.statement(newest),
        came=came,
        due=posted.due(event, as_of),
    )


def _after(
    facts: Facts, event: Reconstitution, as_of: date, ranked: Projection
) -> tuple[outcome.Outcome | None, str]:
    """Return membership after the event as far as it is known on a day, and how."""
    if as_of < event.implementation_close:
        return None, ""
    try:
        found = accuracy.what_came(facts, event)
        outcome.check_changed(found, ranked.membership.index_by_key, event)
    except SnapshotMissing as error:
        return None, str(error)
    if max(found.small_as_of, found.large_as_of) > as_of:
        day = formatting.day(max(found.small_as_of, found.large_as_of))
        return None, f"What came is {NOT_KNOWN} on the day: its lists are of {day}."
    return found, found.statement
