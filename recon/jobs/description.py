"""Runs described: progress, how one ended, and a table of the last ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd

from recon import formatting
from recon.jobs.runs import Run, State

MINUTE, HOUR, DAY = 60, 3600, 86_400
ENDED = {State.CANCELLED: "canceled"}  # the others read as they are recorded
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
            (lines(run.message) or [run.what])[-1],
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


def _length(run: Run, now: datetime) -> timedelta:
    is_over = run.state is not State.RUNNING
    end = run.ended_at or (run.started_at if is_over else now)
    return end - run.started_at
