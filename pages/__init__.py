"""What the pages share: the store, the day, cached answers, and how things are shown.

The only place with Streamlit's caches and with today's date.
"""

import atexit
import gc
import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from pages.showing import (
    answer,
    first_line,
    refused,
    show,
    small_print,
    table_frame,
    theme,
    toolbar,
)
from recon import (
    drift,
    export,
    facets,
    health,
    reasons,
    reconstitution,
    schedule,
    sentences,
    wording,
)
from recon.charts.candidates import bar as distance_bar
from recon.export import Provenance
from recon.reconstitution import FIRST_DAY
from recon.store import Store

__all__ = [
    "adjusted_break_points",
    "answer",
    "base_projection",
    "break_points",
    "coverage",
    "day_span",
    "days",
    "head",
    "histories",
    "ledger",
    "membership_lists",
    "memberships",
    "pick_as_of",
    "projection",
    "provenance",
    "refusal_counts",
    "refusals",
    "refused",
    "settle",
    "show",
    "small_print",
    "store",
    "table_frame",
    "theme",
    "today",
    "toolbar",
    "watched",
]

REFUSED_LIMIT = 200_000
NEW_YORK = ZoneInfo("America/New_York")
SOURCES = {
    "demo": "demo market",
    "listings": "daily US listings",
    "archive": "Nasdaq screener archive",
    "vendor": "vendor file",
}


def today() -> date:
    """Return the day of `RECON_TODAY`, else today in New York."""
    given = os.environ.get("RECON_TODAY")
    return date.fromisoformat(given) if given else datetime.now(NEW_YORK).date()


def store() -> Store:
    """Return the store of `RECON_STORE`, else of the folder `store`."""
    return _store(str(Path(os.environ.get("RECON_STORE") or "store").absolute()))


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(folder: str) -> Store:
    return Store(Path(folder))


def days() -> pd.DataFrame:
    """Return every offered day, see `Store.days`; shared, not to be written to."""
    return _days(str(store().folder), store().generation)


@st.cache_resource(max_entries=4, show_spinner=False)
def _days(folder: str, generation: int) -> pd.DataFrame:
    return _store(folder).days()


def projection(as_of: date) -> reconstitution.Projection:
    """Project the indexes as of a day; shared, not to be written to."""
    return _projection(str(store().folder), store().generation, as_of)


@st.cache_resource(max_entries=8, show_spinner="Projecting the indexes …")
def _projection(folder: str, generation: int, as_of: date) -> reconstitution.Projection:
    return reconstitution.project(_store(folder), as_of)


def break_points(since: date, until: date) -> pd.DataFrame:
    """Return table `BreakPoints` between two days; shared, not to be written to."""
    return _break_points(str(store().folder), store().generation, since, until)


@st.cache_resource(max_entries=16, show_spinner=False)
def _break_points(
    folder: str, generation: int, since: date, until: date
) -> pd.DataFrame:
    return _store(folder).break_points(since, until)


def adjusted_break_points(as_of: date) -> pd.DataFrame:
    """Return every day's break points by `as_of`, moved with the market; shared."""
    return _adjusted(str(store().folder), store().generation, as_of)


@st.cache_resource(max_entries=8, show_spinner=False)
def _adjusted(folder: str, generation: int, as_of: date) -> pd.DataFrame:
    events = [event.rank_day for event in schedule.reconstitutions()]
    return drift.market_adjusted(break_points(FIRST_DAY, as_of), events)


def base_projection(as_of: date, rank_day: date | None) -> reconstitution.Projection:
    """Project the last rank day, or `as_of` where the store does not reach back."""
    is_held = rank_day is not None and rank_day >= day_span()[0]
    return projection(rank_day if is_held and rank_day else as_of)


def coverage(as_of: date, membership_statement: str) -> str:
    """Say how fresh and how complete the data are."""
    table = days()
    day = table[table["snapshot_date"] == pd.Timestamp(as_of)].iloc[0]
    return sentences.coverage(day, table, membership_statement)


def histories(symbols: tuple[str, ...], since: date, until: date) -> pd.DataFrame:
    """Return `Store.histories` of some symbols; shared, not to be written to."""
    return _histories(str(store().folder), store().generation, symbols, since, until)


@st.cache_resource(max_entries=32, show_spinner=False)
def _histories(
    folder: str, generation: int, symbols: tuple[str, ...], since: date, until: date
) -> pd.DataFrame:
    return _store(folder).histories(symbols, since, until)


def watched(as_of: date) -> pd.DataFrame:
    """Return `facets.watch` of a day with trails; shared, not to be written to."""
    return _watched(str(store().folder), store().generation, as_of)


@st.cache_resource(max_entries=8, show_spinner="Measuring distances …")
def _watched(folder: str, generation: int, as_of: date) -> pd.DataFrame:
    projected = projection(as_of)
    rows = facets.watch(projected.companies, projected.securities)
    rows = rows.assign(bar=rows["distance_to_break_point_frac"].map(distance_bar))
    sessions = _store(folder).published_days()
    span = sessions[sessions <= pd.Timestamp(as_of)][-facets.TRAIL_SESSIONS :]
    since, until = span[0].date(), span[-1].date()
    return facets.with_trails(
        rows,
        _store(folder).histories(rows["symbol"].tolist(), since, until),
        break_points(since, until),
    )


def memberships(keys: tuple[str, ...], as_of: date) -> pd.DataFrame:
    """Return `reasons.membership_history` of some symbols; not to be written to."""
    return _memberships(str(store().folder), store().generation, keys, as_of)


@st.cache_resource(max_entries=32, show_spinner=False)
def _memberships(
    folder: str, generation: int, keys: tuple[str, ...], as_of: date
) -> pd.DataFrame:
    held = _store(folder).memberships_of(keys)
    lists = _store(folder).membership_lists()
    return reasons.membership_history(lists, held, as_of)


def ledger() -> pd.DataFrame:
    """Return `Store.ledger`; shared, not to be written to."""
    return _ledger(str(store().folder), store().generation)


@st.cache_resource(max_entries=2, show_spinner=False)
def _ledger(folder: str, generation: int) -> pd.DataFrame:
    return _store(folder).ledger()


def membership_lists() -> pd.DataFrame:
    """Return `Store.membership_lists`; shared, not to be written to."""
    return _membership_lists(str(store().folder), store().generation)


@st.cache_resource(max_entries=2, show_spinner=False)
def _membership_lists(folder: str, generation: int) -> pd.DataFrame:
    return _store(folder).membership_lists()


def refusal_counts() -> pd.DataFrame:
    """Return `Store.quarantine_counts`; shared, not to be written to."""
    return _refusal_counts(str(store().folder), store().generation)


@st.cache_resource(max_entries=2, show_spinner=False)
def _refusal_counts(folder: str, generation: int) -> pd.DataFrame:
    return _store(folder).quarantine_counts()


def refusals() -> pd.DataFrame:
    """Return every refused row, see `health.refusals`; shared, not to be written."""
    return _refusals(str(store().folder), store().generation)


@st.cache_resource(max_entries=2, show_spinner="Reading what was refused …")
def _refusals(folder: str, generation: int) -> pd.DataFrame:
    return health.refusals(_store(folder).quarantine(row_limit=REFUSED_LIMIT))


def day_span() -> tuple[date, date]:
    """Return the first and the last published day that is not after today.

    Raises
    ------
    SnapshotMissing
        If the store holds none.
    """
    last = store().day_on_or_before(today())
    return store().published_days()[0].date(), last


def pick_as_of() -> date:
    """Let the reader choose the day, in the sidebar and in the link; a session."""
    first, last = day_span()
    picked = st.sidebar.date_input(
        "As of",
        value=last,
        min_value=first,
        max_value=last,
        key="as_of",
        bind="query-params",
        format="YYYY-MM-DD",
        help="The day the pages speak of; nothing known later is used.",
    )
    return store().day_on_or_before(picked or last)


def provenance(title: str, as_of: date, filters: str = "none") -> Provenance:
    """Say where a table or figure of this store is from."""
    table = days()
    of_day = table.loc[table["snapshot_date"] == pd.Timestamp(as_of), "source"]
    source = SOURCES.get(of_day.iloc[0], of_day.iloc[0]) if len(of_day) else "store"
    return Provenance(
        title=title,
        as_of=as_of,
        source=source,
        filters=filters,
        is_demo=store().is_demo,
    )


def head(title: str, as_of: date) -> None:
    """Show the first line: title, day, source, and what to beware of."""
    last = day_span()[1]
    age = schedule.sessions_between(last, today())
    badges = [f":blue-badge[{export.DEMO}]"] if store().is_demo else []
    if as_of < last:
        badges.append(f":gray-badge[latest day is {wording.day(last)}]")
    elif age > 1:
        badges.append(f":orange-badge[data is {age:,} sessions old]")
    first_line(title, provenance(title, as_of), badges)


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Take what is imported out of garbage collection, once: reruns are 4 times faster.

    Called at the end of the first visitor's run, when the lazy imports are done too.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else duckdb prints of leaked instances at exit
