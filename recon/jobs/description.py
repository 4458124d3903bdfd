"""Runs described: progress, how one ended, the last ones, and what one would do."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from recon import formatting
from recon.fundamental_measures import MEASURES
from recon.ingest.rehearsal import Rehearsal
from recon.jobs.runs import HELD_BACK, NOT_TAKEN, Run, State
from recon.sources.column_names import LABELS

MINUTE, HOUR, DAY = 60, 3600, 86_400
ALL, PART, NOTHING = "all", "part", "nothing"
SHOWN_DAYS = 5  # days held back that are told one by one
# the others read as they are recorded
ENDED = {State.CANCELLED: "canceled", State.PART: "taken in part"}
SHORT = re.compile(f"{NOT_TAKEN}|{HELD_BACK}")
RUN_COLUMNS = ("started_at", "title", "state", "took", "requests", "message", "command")


def progress(run: Run) -> str:
    """Describe progress: ``slices 12 of 60 · 2,900 rows · 13 requests``."""
    counters = run.counters
    parts = [run.what]
    if counters.slices:
        parts.append(f"slices {counters.slices_done:,} of {counters.slices:,}")
    if counters.rows:
        parts.append(formatting.count(counters.rows, "row"))
    if counters.requests:
        parts.append(formatting.count(counters.requests, "request"))
    if counters.retries:
        parts.append(f"{counters.retries:,} repeated")
    if counters.seconds_left is not None:
        parts.append(f"about {duration(counters.seconds_left)} left")
    return " · ".join(parts)


def ending(run: Run, now: datetime) -> str:
    """Say how a run ended, and when: ``Demo market: done 3 min ago.``."""
    since = (now - (run.ended_at or run.started_at)).total_seconds()
    when = f"{duration(since)} ago" if run.ended_at else "without a message"
    return f"{run.title}: {ENDED.get(run.state, run.state)} {when}."


def duration(seconds: float) -> str:
    """Return a length of time, in its largest unit.

    >>> duration(3.4), duration(100), duration(7200), duration(200_000)
    ('3 s', '2 min', '2 h', '2 days')
    """
    if seconds < MINUTE:
        return f"{max(seconds, 0):.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < DAY:
        return f"{seconds / HOUR:.0f} h"
    return formatting.count(round(seconds / DAY), "day")


def run_table(runs: Sequence[Run], now: datetime) -> pd.DataFrame:
    """Return one row per run: when, what, how it ended, how long, its message."""
    rows = [
        (
            f"{formatting.day(run.started_at)}, {run.started_at:%H:%M}",
            run.title,
            ENDED.get(run.state, run.state.value),
            duration(_length(run, now).total_seconds()),
            run.counters.requests,
            (told(run) or [run.what])[-1],
            " ".join(["recon", *run.arguments]),
        )
        for run in runs
    ]
    return pd.DataFrame(rows, columns=list(RUN_COLUMNS))


def request_table(requests: pd.DataFrame) -> pd.DataFrame:
    """Return a ledger of requests with times of day, and blanks for no rows."""
    times = pd.to_datetime(requests["started_at"], utc=True, errors="coerce")
    whole = requests[["rows", "status"]].astype("Int64").astype("str")
    return requests.assign(
        started_at=times.dt.strftime("%H:%M:%S"),
        rows=whole["rows"].fillna(""),
        status=whole["status"].fillna("none"),
    )


def lines(message: str) -> list[str]:
    """Return the lines of a message, without the program's name before them."""
    return [line.removeprefix("recon: ") for line in message.strip().splitlines()]


def told(run: Run) -> list[str]:
    """Return the lines of a run's message; of one in part those that say what lacks."""
    said = lines(run.message)
    short = [line for line in said if SHORT.search(line)]
    return short if run.state is State.PART and short else said


def verdict(found: Rehearsal) -> str:
    """Say in a sentence what a load would take of a file."""
    taken = found.taken
    is_prices = found.day_count > 0
    rows = formatting.count(taken.offered, "row" if is_prices else "value")
    words = f"{taken.accepted:,} of {rows} would be taken"
    if taken.published_days:
        words += f", on {formatting.count(taken.published_days, 'day')}"
    parts = [words]
    tried = taken.published_days + len(taken.held_back)
    if tried + taken.known_days < found.day_count:
        parts.append(
            f"only the first {tried} of its {found.day_count:,} days were tried, and "
            "the load takes the others as well"
        )
    if taken.known_days:
        days = formatting.count(taken.known_days, "day is", "days are")
        parts.append(f"{days} stored already and would stay as stored")
    if found.is_known:
        parts.append("this very file was loaded before")
    return f"{'; '.join(parts)}."


def outcome(found: Rehearsal) -> str:
    """Return whether a load would take `ALL` days of a file, `PART` or `NOTHING`."""
    taken = found.taken
    if not taken.accepted:
        return PART if taken.known_days else NOTHING
    return PART if taken.held_back or taken.known_days else ALL


def reasons(counts: pd.DataFrame, what: str = "rows") -> pd.DataFrame:
    """Return counts of refused rows by reason under the names readers know."""
    heads = {"row_count": what.capitalize(), "reason": "Refused because"}
    return counts[list(heads)].rename(columns=heads)


def understood(first: pd.DataFrame) -> pd.DataFrame:
    """Return the first rows of a rehearsal in words, under the names readers know.

    Why a row is refused stands beside its number, where any is.
    """
    shown = {}
    if "reason" in first:
        reasons = first["reason"]
        first = first.drop(columns="reason")
        if reasons.notna().any():
            first.insert(1, "reason", reasons)
    for name, column in first.items():
        label = HEADS.get(str(name)) or LABELS.get(str(name), str(name))
        write = WRITTEN.get(str(name), _as_text)
        if (measure := MEASURES.get(str(name))) is not None:
            label = formatting.capitalized(measure.label)
            write = formatting.percent if "fraction" in measure.unit else _as_text
        missing = "" if name == "reason" else formatting.NOT_KNOWN
        shown[label] = [missing if pd.isna(each) else write(each) for each in column]
    return pd.DataFrame(shown)


def _as_text(value: object) -> str:
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


HEADS = {
    "row_number": "Row",
    "total_market_cap_usd": "Market cap",
    "known_on": "Known on",
    "reason": "Refused because",
}
WRITTEN: dict[str, Callable[[Any], str]] = {
    "snapshot_date": formatting.day,
    "known_on": formatting.day,
    "total_market_cap_usd": lambda value: formatting.usd(value, 1),
    "close_usd": lambda value: f"{value:,.2f}",
    "volume_shares": lambda value: f"{value:,.0f}",
}


def _length(run: Run, now: datetime) -> timedelta:
    is_over = run.state is not State.RUNNING
    end = run.ended_at or (run.started_at if is_over else now)
    return end - run.started_at
