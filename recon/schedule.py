"""Reconstitution dates: the published ones, and the rules for the rest, to 2035.

Published rows come from `record`; where FTSE Russell has not announced a year, the
dates follow Ground Rules v7.0 4.2.3, 5.14, 6.9, 9.3 and Appendix F on real New York
Stock Exchange sessions. Source of the sessions: exchange_calendars, XNYS.
"""

from bisect import bisect_left
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import lru_cache

import exchange_calendars
import pandas as pd

from recon import record
from recon.errors import ScheduleMissing
from recon.rulebook import Leg, rulebook

FIRST_SESSION, LAST_SESSION = date(2006, 1, 3), date(2036, 1, 31)
LAST_YEAR = 2035
FRIDAY = 4


@dataclass(frozen=True, kw_only=True)
class Reconstitution:
    """One event. Dates are New York days; None where nothing was published."""

    year: int
    leg: str
    rank_day: date
    preliminary_list: date | None
    updates: tuple[date, ...]
    query_period_end: date | None
    lockdown_start: date | None
    implementation_close: date
    effective_open: date
    source: str
    confidence: str

    @property
    def name(self) -> str:
        """Such as ``December 2026``."""
        return f"{self.leg} {self.year}"

    def milestones(self) -> list[tuple[str, date]]:
        """Return label and day of each date that is known, in order of the calendar."""
        days = [
            ("Rank day", self.rank_day),
            ("Preliminary list", self.preliminary_list),
            *((f"Update {n}", day) for n, day in enumerate(self.updates, start=1)),
            ("Query period ends", self.query_period_end),
            ("Lock-down starts", self.lockdown_start),
            ("Implementation close", self.implementation_close),
            ("Effective open", self.effective_open),
        ]
        known = [(label, day) for label, day in days if day is not None]
        return sorted(known, key=lambda milestone: milestone[1])


@dataclass(frozen=True, kw_only=True)
class IpoWindow:
    """New listings from `first` to `rank_day` are judged, and added, together.

    `announced` is None where they join a reconstitution, whose lists name them.
    """

    first: date
    rank_day: date
    announced: date | None
    effective_open: date


@lru_cache(maxsize=1)
def sessions() -> pd.DatetimeIndex:
    """Return every New York Stock Exchange session from 2006 to January 2036."""
    return _calendar().sessions


def opens_at(day: date) -> datetime:
    """Return the moment at which a session opens; KeyError where `day` is none."""
    return _calendar().opens[pd.Timestamp(day)].to_pydatetime()


def closes_at(day: date) -> datetime:
    """Return the moment at which a session closes, at 13:00 on some days."""
    return _calendar().closes[pd.Timestamp(day)].to_pydatetime()


def is_session(day: date) -> bool:
    """Tell whether the New York Stock Exchange traded on `day`."""
    return pd.Timestamp(day) in sessions()


def session_on_or_before(day: date) -> date:
    """Return the last session not after `day`."""
    return _session(sessions().searchsorted(pd.Timestamp(day), side="right") - 1)


def session_before(day: date) -> date:
    """Return the last session before `day`."""
    return session_on_or_before(day - timedelta(days=1))


def sessions_in(first: date, last: date) -> pd.DatetimeIndex:
    """Return the sessions from `first` to `last`, both included."""
    every = sessions()
    return every[(every >= pd.Timestamp(first)) & (every <= pd.Timestamp(last))]


def session_after(day: date) -> date:
    """Return the first session after `day`."""
    return _session(sessions().searchsorted(pd.Timestamp(day), side="right"))


def sessions_between(first: date, last: date) -> int:
    """Count sessions after `first` up to and including `last`; negative if reversed."""
    low, high = sessions().searchsorted(
        [pd.Timestamp(first), pd.Timestamp(last)], side="right"
    )
    return int(high - low)


def reconstitutions() -> tuple[Reconstitution, ...]:
    """Return every event from 2007 to 2035, published or by rule, in order."""
    return _events()


def reconstitution(year: int, leg: str) -> Reconstitution:
    """Return one event, such as ``(2024, "June")``.

    Raises
    ------
    ScheduleMissing
        If there was or will be no such event between 2007 and 2035.
    """
    for event in _events():
        if (event.year, event.leg) == (year, leg):
            return event
    raise ScheduleMissing(
        f"There is no {leg} {year} reconstitution; the schedule holds June from 2007 "
        f"and December from 2026, to {LAST_YEAR}."
    )


def coming(today: date) -> Reconstitution:
    """Return the event under way or next: the first not yet effective on `today`.

    Raises
    ------
    ScheduleMissing
        If `today` is after the last event of the schedule.
    """
    for event in _events():
        if event.effective_open > today:
            return event
    raise ScheduleMissing(f"No reconstitution is scheduled after {today}.")


def last_implemented(as_of: date) -> Reconstitution | None:
    """Return the last event whose implementation close is on or before `as_of`."""
    done = [event for event in _events() if event.implementation_close <= as_of]
    return done[-1] if done else None


def next_implemented(as_of: date) -> Reconstitution:
    """Return the first event whose implementation close is after `as_of`.

    Raises
    ------
    ScheduleMissing
        If `as_of` is after the last event of the schedule.
    """
    for event in _events():
        if event.implementation_close > as_of:
            return event
    raise ScheduleMissing(f"No reconstitution is scheduled after {as_of}.")


def last_rank_day(as_of: date) -> date | None:
    """Return the last rank day on or before `as_of`, if the schedule holds one."""
    days = [event.rank_day for event in _events() if event.rank_day <= as_of]
    return days[-1] if days else None


def coming_rank_day(as_of: date) -> date:
    """Return the first rank day after `as_of`.

    Raises
    ------
    ScheduleMissing
        If the schedule holds none.
    """
    days = [event.rank_day for event in _events() if event.rank_day > as_of]
    if not days:
        raise ScheduleMissing(f"No rank day is scheduled after {as_of}.")
    return days[0]


def ipo_window(as_of: date) -> IpoWindow | None:
    """Return the window of new listings that holds a day; None where none is known.

    Source: Ground Rules v7.0, 4.3, 6.8 and 6.9.
    """
    ends = _ipo_windows_end()
    position = bisect_left([rank_day for rank_day, *_ in ends], as_of)
    if not 0 < position < len(ends):
        return None
    rank_day, announced, effective_open = ends[position]
    return IpoWindow(
        first=session_after(ends[position - 1][0]),
        rank_day=rank_day,
        announced=announced,
        effective_open=effective_open,
    )


@lru_cache(maxsize=1)
def _ipo_windows_end() -> list[tuple[date, date | None, date]]:
    """Return rank day, announcement and effective open of each window, in order."""
    found: list[tuple[date, date | None, date]] = []
    for year in range(FIRST_SESSION.year, LAST_YEAR + 1):
        for quarter in rulebook(date(year, 1, 31)).ipo_quarters:
            added = _nth_friday(year, quarter.month, quarter.friday)
            announced = added - timedelta(weeks=quarter.announced_weeks)
            rank_day = _last_session(year, quarter.rank_month)
            found.append((rank_day, announced, session_after(added)))
    first = min(rank_day for rank_day, *_ in found)
    found += [
        (event.rank_day, None, event.effective_open)
        for event in _events()
        if event.rank_day > first
    ]
    return sorted(found)


@lru_cache(maxsize=1)
def _calendar() -> exchange_calendars.ExchangeCalendar:
    return exchange_calendars.get_calendar(
        "XNYS", start=FIRST_SESSION.isoformat(), end=LAST_SESSION.isoformat()
    )


@lru_cache(maxsize=1)
def _events() -> tuple[Reconstitution, ...]:
    published = {
        (event.year, event.leg): event
        for event in map(_published, record.schedule().to_dict("records"))
    }
    last_year = max(year for year, _ in published)
    for year in range(last_year, LAST_YEAR + 1):
        for leg in rulebook(date(year, 1, 1)).legs:
            published.setdefault((year, leg.name), _by_rule(year, leg))
    return tuple(sorted(published.values(), key=lambda event: event.rank_day))


def _published(row: dict[str, str]) -> Reconstitution:
    def day(column: str) -> date | None:
        return date.fromisoformat(row[column]) if row[column] else None

    updates = [text for text in row["update_dates"].split(";") if text]
    values = {
        field.name: day(field.name)
        for field in fields(Reconstitution)
        if field.name in row
        and field.name not in ("year", "leg", "source", "confidence")
    }
    return Reconstitution(
        **values,  # type: ignore[arg-type]
        year=int(row["year"]),
        leg=row["leg"],
        updates=tuple(map(date.fromisoformat, updates)),
        source=row["source"],
        confidence=row["confidence"],
    )


def _by_rule(year: int, leg: Leg) -> Reconstitution:
    implementation = _nth_friday(year, leg.month, leg.implementation_friday)
    preliminary = implementation - timedelta(weeks=leg.preliminary_weeks)
    updates = [
        preliminary + timedelta(weeks=n) for n in range(1, leg.preliminary_weeks)
    ]
    query_period_end = preliminary + timedelta(weeks=leg.query_weeks)
    return Reconstitution(
        year=year,
        leg=leg.name,
        rank_day=_last_session(year, leg.rank_month),
        preliminary_list=preliminary,
        # an update due on a closed Friday came the day before in June 2026
        updates=tuple(map(session_on_or_before, updates)),
        query_period_end=query_period_end,
        lockdown_start=query_period_end + timedelta(days=3),
        implementation_close=session_on_or_before(implementation),
        effective_open=session_after(implementation),
        source="Ground Rules v7.0 4.2.3, 5.14, 9.3, Appendix F",
        confidence="by rule",
    )


def _last_session(year: int, month: int) -> date:
    return session_on_or_before(date(year, month + 1, 1) - timedelta(days=1))


def _nth_friday(year: int, month: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(FRIDAY - first.weekday()) % 7, weeks=n - 1)


def _session(position: int) -> date:
    return sessions()[position].date()
