"""How an ingest works, and where it reports while it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from recon.store.notation import PLAIN, Notation


@dataclass(frozen=True, kw_only=True)
class Counters:
    """How far an ingest that fetches slices of the market has come.

    `retries` counts the requests that repeat a failed one; `seconds_left` is an
    estimate, None where there is nothing to base it on.
    """

    slices_done: int = 0
    slices: int = 0
    rows: int = 0
    requests: int = 0
    retries: int = 0
    seconds_left: float | None = None


class Progress(Protocol):
    """Called with the current step and the fraction of the whole that is done."""

    def __call__(
        self, what: str, fraction: float, counters: Counters | None = None
    ) -> None:
        """Report progress; `fraction` runs from 0 to 1."""


NoteRequest = Callable[[Mapping[str, object]], None]


def no_progress(what: str, fraction: float, counters: Counters | None = None) -> None:
    """Report no progress."""


def no_ledger(request: Mapping[str, object]) -> None:
    """Keep no ledger of requests."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to ingest rows.

    Parameters
    ----------
    accept
        Days that a person publishes against the gate.
    replace
        Whether new days take the place of stored ones.
    wait_seconds
        How long to wait for another ingest to end.
    is_sample
        Whether the days are of a sample of the market: they need not be as large as
        the market, nor have a line at each rank.
    today
        The New York day it is, which no row may be after; the clock's if None.
    folders_are_nights
        Whether an archive names its folders after the night after the session.
    because
        Why a person overrules the gate or replaces days, in their words; it is kept.
    mapping
        The table's own column for each of ours that it does not name as we know it.
    notation
        How the table writes days, numbers and market caps.
    rehearsed_days
        Where nothing is to be kept: how many of the first days are judged.
    progress, note_request
        Called with how far the ingest is, and with each request it makes (a row of
        `sources.http_client.RequestRecord`).
    """

    accept: frozenset[date] = frozenset()
    replace: bool = False
    wait_seconds: float = 30.0
    is_sample: bool = False
    today: date | None = None
    folders_are_nights: bool = False
    because: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    notation: Notation = PLAIN
    rehearsed_days: int | None = None
    progress: Progress = no_progress
    note_request: NoteRequest = no_ledger


def part_of(options: Options, number: int, count: int) -> Options:
    """Return options whose progress is that of part `number` of `count`."""

    def report(what: str, fraction: float, counters: Counters | None = None) -> None:
        options.progress(what, (number + fraction) / count, counters)

    return replace(options, progress=report)
