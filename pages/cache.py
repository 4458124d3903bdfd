"""What the pages load, each answer cached until the store changes.

An answer is shared by all visitors and is not to be written to. Its key holds the
store's folder and `stamp`, which every ingest changes.
"""

import atexit
import contextlib
import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import pandas as pd
import streamlit as st

from recon import reconstitution, schedule
from recon.charts import Figure, candidates
from recon.charts.accuracy import LIST_NAMES
from recon.errors import ReconError, SnapshotMissing
from recon.exhibits import headlines
from recon.export import ESTIMATED, PROJECTED, Provenance
from recon.store import Store
from recon.store.generations import MANIFEST, read_manifest
from recon.studies import accuracy, company, data_health
from recon.studies import break_points as drift
from recon.studies import candidates as facets

Answer = TypeVar("Answer")

REFUSED_LIMIT = 200_000
EARLIEST = date(1900, 1, 1)


def folder() -> str:
    """Return the store's folder: `RECON_STORE`, else ``store``."""
    return str(Path(os.environ.get("RECON_STORE") or "store").absolute())


def stamp() -> int:
    """Return a number that differs for every generation, a rebuilt store's too.

    A new generation is made ready beside the visitors, who are shown the one before
    for the second or two that takes: else all of them would wait for it.
    """
    where, newest = folder(), _newest(folder())
    with _LOCK:
        served = _SERVED.setdefault(where, newest)
        if newest == served:
            return served
        if not served or not newest or (where, served) in _EMPTY:
            _SERVED[where] = newest
            return newest
        if (where, newest) not in _READYING:
            _READYING.add((where, newest))
            threading.Thread(
                target=_make_ready, args=(where, newest), daemon=True
            ).start()
    return served


_LOCK = threading.Lock()
_SERVED: dict[str, int] = {}
_READYING: set[tuple[str, int]] = set()
_EMPTY: set[tuple[str, int]] = set()  # generations without a day: nobody looks at them
_ASKED: deque[date] = deque(maxlen=2)  # the days that visitors look at


def _newest(folder: str) -> int:
    try:
        return (Path(folder) / MANIFEST).stat().st_mtime_ns
    except OSError:
        return 0


def _make_ready(folder: str, stamp: int) -> None:
    """Project what every page shows first, then let the generation be served."""
    try:
        with contextlib.suppress(ReconError, IndexError):  # the page that asks says it
            last = _published_days(folder, stamp)[-1].date()
            for day in dict.fromkeys([*_ASKED, last]):
                _projection(folder, stamp, day)
                _adjusted(folder, stamp, day)
                _watched(folder, stamp, day)
                _refusal_counts(folder, stamp, day)
    finally:
        with _LOCK:
            _SERVED[folder] = stamp
            _READYING.discard((folder, stamp))


def is_newest() -> bool:
    """Tell whether visitors are shown the newest generation already."""
    return stamp() == _newest(folder())


def store() -> Store:
    """Return the store.

    Raises
    ------
    StoreMissing
        If the folder holds none.
    """
    return _store(folder(), stamp())


@st.cache_resource(max_entries=2, show_spinner=False)
def _store(folder: str, stamp: int) -> Store:
    return Store(Path(folder), read_manifest(Path(folder)))


def days() -> pd.DataFrame:
    """Return every offered day, see `Store.days`."""
    return _days(folder(), stamp())


@st.cache_resource(max_entries=4, show_spinner=False)
def _days(folder: str, stamp: int) -> pd.DataFrame:
    return _store(folder, stamp).days()


def published_days() -> pd.DatetimeIndex:
    """Return every published session, in order."""
    return _published_days(folder(), stamp())


@st.cache_resource(max_entries=4, show_spinner=False)
def _published_days(folder: str, stamp: int) -> pd.DatetimeIndex:
    days = _store(folder, stamp).published_days()
    if not len(days):
        _EMPTY.add((folder, stamp))
    return days


def day_on_or_before(as_of: date) -> date:
    """Return the last published session not after a day, as the store does."""
    days = published_days()
    at = int(days.searchsorted(pd.Timestamp(as_of), side="right"))
    return days[at - 1].date() if at else store().day_on_or_before(as_of)


def drawn(
    name: str, key: tuple[object, ...], theme: str, draw: Callable[[], Figure]
) -> Figure:
    """Return the figure that `draw` makes, drawn once for all who ask for the same.

    `key` holds whatever the drawing depends on beside the store and the theme.
    """
    return _drawn(name, folder(), stamp(), theme, key, draw)


def told(name: str, key: tuple[object, ...], tell: Callable[[], Answer]) -> Answer:
    """Return what `tell` answers, asked once for all who ask the same.

    `key` holds whatever the answer depends on beside the store.
    """
    return _told(name, folder(), stamp(), key, tell)


@st.cache_resource(max_entries=256, show_spinner=False)
def _told(
    name: str,
    folder: str,
    stamp: int,
    key: tuple[object, ...],
    _tell: Callable[[], Answer],
) -> Answer:
    return _tell()


@st.cache_resource(max_entries=64, show_spinner=False)
def _drawn(
    name: str,
    folder: str,
    stamp: int,
    theme: str,
    key: tuple[object, ...],
    _draw: Callable[[], Figure],
) -> Figure:
    return _draw()


def projection(as_of: date) -> reconstitution.Projection:
    """Project the indexes as of a day."""
    if as_of not in _ASKED:
        _ASKED.append(as_of)
    return _projection(folder(), stamp(), as_of)


@st.cache_resource(max_entries=8, show_spinner="Projecting the indexes …")
def _projection(folder: str, stamp: int, as_of: date) -> reconstitution.Projection:
    return reconstitution.project(_store(folder, stamp), as_of)


def break_points(since: date, until: date) -> pd.DataFrame:
    """Return table `BreakPoints` between two days."""
    return _break_points(folder(), stamp(), since, until)


@st.cache_resource(max_entries=16, show_spinner=False)
def _break_points(folder: str, stamp: int, since: date, until: date) -> pd.DataFrame:
    return _store(folder, stamp).break_points(since, until)


def adjusted_break_points(as_of: date) -> pd.DataFrame:
    """Return every day's break points by `as_of`, moved with the market."""
    return _adjusted(folder(), stamp(), as_of)


@st.cache_resource(max_entries=8, show_spinner=False)
def _adjusted(folder: str, stamp: int, as_of: date) -> pd.DataFrame:
    events = [event.rank_day for event in schedule.reconstitutions()]
    lines = _break_points(folder, stamp, EARLIEST, as_of)
    return drift.market_adjusted(lines, events)


def histories(symbols: tuple[str, ...], since: date, until: date) -> pd.DataFrame:
    """Return `Store.histories` of some symbols."""
    return _histories(folder(), stamp(), symbols, since, until)


@st.cache_resource(max_entries=32, show_spinner=False)
def _histories(
    folder: str, stamp: int, symbols: tuple[str, ...], since: date, until: date
) -> pd.DataFrame:
    return _store(folder, stamp).histories(symbols, since, until)


def watched(as_of: date) -> pd.DataFrame:
    """Return `candidates.watch` of a day with trails."""
    return _watched(folder(), stamp(), as_of)


@st.cache_resource(max_entries=8, show_spinner="Measuring distances …")
def _watched(folder: str, stamp: int, as_of: date) -> pd.DataFrame:
    projected = _projection(folder, stamp, as_of)
    rows = facets.watch(projected.companies, projected.securities)
    rows = candidates.with_drawings(rows)
    sessions = _store(folder, stamp).published_days()
    span = sessions[sessions <= pd.Timestamp(as_of)][-facets.TRAIL_SESSIONS :]
    since, until = span[0].date(), span[-1].date()
    return facets.with_trails(
        rows,
        _store(folder, stamp).histories(rows["symbol"].tolist(), since, until),
        _break_points(folder, stamp, since, until),
    )


def scored_years(as_of: date) -> list[int]:
    """Return the June events that can be scored with what is known by a day."""
    return _scored_years(folder(), stamp(), as_of)


@st.cache_resource(max_entries=8, show_spinner=False)
def _scored_years(folder: str, stamp: int, as_of: date) -> list[int]:
    facts, found = _store(folder, stamp), []
    for year in accuracy.years_of(facts):
        event = schedule.reconstitution(year, "June")
        with contextlib.suppress(SnapshotMissing):
            outcome = accuracy.what_came(facts, event)
            if max(outcome.small_as_of, outcome.large_as_of) <= as_of:
                found.append(year)
    return found


def scored(year: int, as_of: date | None) -> accuracy.Scored:
    """Return `accuracy.score` of a year, projected on rank day or as of a day."""
    return _scored(folder(), stamp(), year, as_of)


@st.cache_resource(max_entries=64, show_spinner=False)
def _scored(folder: str, stamp: int, year: int, as_of: date | None) -> accuracy.Scored:
    return accuracy.score(_store(folder, stamp), year, as_of)


def scorecard(scored: Sequence[accuracy.Scored]) -> pd.DataFrame:
    """Return one row a list and year, in words."""
    tables = [each.lists.assign(year=str(each.year)) for each in scored]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(what=table["list"].map(LIST_NAMES))


def line_errors(scored: Sequence[accuracy.Scored]) -> pd.DataFrame:
    """Return year and error_frac of the Russell 1000 line of each scored year."""
    tables = [each.break_points.assign(year=each.year) for each in scored]
    table = pd.concat(tables, ignore_index=True)
    lines = table.loc[table["index"] == "R1000", ["year", "error_frac"]]
    # no official record speaks of a synthetic market
    return lines.assign(error_frac=float("nan")) if store().is_demo else lines


def memberships(keys: tuple[str, ...], as_of: date) -> pd.DataFrame:
    """Return `company.membership_history` of some symbols."""
    return _memberships(folder(), stamp(), keys, as_of)


@st.cache_resource(max_entries=32, show_spinner=False)
def _memberships(
    folder: str, stamp: int, keys: tuple[str, ...], as_of: date
) -> pd.DataFrame:
    held = _store(folder, stamp).memberships_of(keys)
    lists = _store(folder, stamp).membership_lists()
    return company.membership_history(lists, held, as_of)


def ledger() -> pd.DataFrame:
    """Return `Store.ledger`."""
    return _ledger(folder(), stamp())


@st.cache_resource(max_entries=2, show_spinner=False)
def _ledger(folder: str, stamp: int) -> pd.DataFrame:
    return _store(folder, stamp).ledger()


def membership_lists() -> pd.DataFrame:
    """Return `Store.membership_lists`."""
    return _membership_lists(folder(), stamp())


@st.cache_resource(max_entries=2, show_spinner=False)
def _membership_lists(folder: str, stamp: int) -> pd.DataFrame:
    return _store(folder, stamp).membership_lists()


def refusal_counts(as_of: date) -> pd.DataFrame:
    """Return `data_health.counts` of what was refused up to a day."""
    return _refusal_counts(folder(), stamp(), as_of)


@st.cache_resource(max_entries=8, show_spinner=False)
def _refusal_counts(folder: str, stamp: int, as_of: date) -> pd.DataFrame:
    return data_health.counts(_refusals(folder, stamp, as_of))


def refusals(as_of: date) -> pd.DataFrame:
    """Return every row refused up to a day, see `data_health.refusals`."""
    return _refusals(folder(), stamp(), as_of)


@st.cache_resource(max_entries=4, show_spinner="Reading what was refused …")
def _refusals(folder: str, stamp: int, as_of: date) -> pd.DataFrame:
    rows = _store(folder, stamp).quarantine(row_limit=REFUSED_LIMIT)
    return data_health.refusals(data_health.until(rows, "snapshot_date", as_of))


def coverage(as_of: date, membership_statement: str) -> str:
    """Say how fresh and how complete the data are."""
    table = data_health.until(days(), "snapshot_date", as_of)
    day = table[table["snapshot_date"] == pd.Timestamp(as_of)].iloc[0]
    return headlines.coverage(day, table, membership_statement)


def provenance(
    title: str, as_of: date, filters: str = "none", mark: str = ""
) -> Provenance:
    """Say where a table or figure of this store is from, and what it is not."""
    return Provenance(
        title=title,
        as_of=as_of,
        source=told("source", (as_of,), lambda: _source(as_of)),
        filters=filters,
        mark=mark,
        is_demo=store().is_demo,
    )


def estimated(title: str, as_of: date, filters: str = "none") -> Provenance:
    """Say where a table or figure is from whose numbers rest on stand-ins."""
    return provenance(title, as_of, filters, ESTIMATED)


def projected(title: str, as_of: date, filters: str = "none") -> Provenance:
    """Say where a table or figure is from that is not official."""
    return provenance(title, as_of, filters, PROJECTED)


def _source(as_of: date) -> str:
    return headlines.source(days(), as_of)


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Take what is imported out of garbage collection, once: reruns are 4 times faster.

    Called at the end of the first visitor's run, when the lazy imports are done too.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else duckdb prints of leaked instances at exit
