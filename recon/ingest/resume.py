"""Runs that can resume: responses kept until published, requests counted.

Responses lie in a folder of the store until what they hold is published; a run that
was killed finds them there. A lock that ends with the process keeps it to one run at a
time.
"""

import json
import os
import shutil
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from recon.errors import (
    BadRequest,
    MarketMixed,
    SessionUnfinished,
    SourceSilent,
    StoreBusy,
    StoreMissing,
)
from recon.ingest.options import Counters, Options
from recon.sources.http_client import RequestRecord
from recon.sources.response_cache import ResponseCache
from recon.sources.yahoo import states, symbols
from recon.store import generations, locks

LOCK = "lock"
SYMBOL_STATES = "symbols.json"  # symbols that returned no data, see `yahoo.states`
PROFILES = "profiles.json"  # country and industry by symbol


@dataclass
class RequestCount:
    """Counts the requests of a run and passes each on to its options."""

    options: Options
    counters: Counters = Counters()
    began: float = field(default_factory=time.monotonic)
    done_before: int | None = None  # slices that were there at the first request
    outcomes: dict[str, str] = field(default_factory=dict)  # last, by end of the path

    def __call__(self, record: RequestRecord) -> None:
        """Count one request."""
        if self.done_before is None:
            self.done_before = self.counters.slices_done
            self.began = time.monotonic()
        self.counters = replace(
            self.counters,
            requests=self.counters.requests + 1,
            retries=self.counters.retries + (record.attempt > 1),
        )
        self.outcomes[record.url.split("?")[0].rsplit("/", 1)[-1]] = record.outcome
        self.options.note_request(asdict(record))

    def report(self, what: str, done: int, of: int, rows: int) -> None:
        """Report that `done` of `of` slices are in, with so many rows."""
        left = None
        if self.done_before is not None and done > self.done_before:
            # at the pace so far; cached slices took no time
            took = (time.monotonic() - self.began) / (done - self.done_before)
            left = round(took * (of - done), 1)
        self.counters = replace(
            self.counters, slices_done=done, slices=of, rows=rows, seconds_left=left
        )
        self.options.progress(what, 0.9 * done / max(of, 1), self.counters)

    def note(self) -> str:
        """Say how many requests were made."""
        made = self.counters
        return f"{made.requests:,} requests ({made.retries} repeated)"


@contextmanager
def cached_responses(store: Path, run: str) -> Iterator[ResponseCache]:
    """Keep the responses of a run; they are removed when the block ends well.

    Those of other runs of the same kind (the name up to its first space) belong to
    another session and go at once.

    Raises
    ------
    StoreBusy
        If another process is requesting data for this store.
    """
    folder = Path(store) / generations.RESPONSES
    folder.mkdir(parents=True, exist_ok=True)
    with locks.held(folder / LOCK, 0) as is_alone:
        if not is_alone:
            raise StoreBusy(
                f"Another process is requesting data for {store}; wait until it ends, "
                "then run this again."
            )
        for other in folder.glob(f"{run.split()[0]} *"):
            if other.name != run:
                shutil.rmtree(other, ignore_errors=True)
        cache = ResponseCache(folder / run)
        try:
            yield cache
        except SourceSilent:
            cache.next_turn()
            raise
        except SessionUnfinished:  # later the same requests get other responses
            shutil.rmtree(folder / run, ignore_errors=True)
            raise
        shutil.rmtree(folder / run, ignore_errors=True)


def refuse_demo(store: Path) -> None:
    """Raise MarketMixed, before any request, where a store holds the demo market."""
    try:
        manifest = generations.read_manifest(Path(store))
    except StoreMissing:
        return
    if manifest.market == "demo" and not manifest.is_blank:
        raise MarketMixed(
            f"The store in {store} holds the demo market, which takes no real days; "
            "name another folder with --store, or remove it with 'python -m recon "
            "demo --remove'. Nothing was requested."
        )


def read_notes(store: Path, name: str) -> dict[str, Any]:
    """Return what an earlier run saved under a name, empty where there is nothing."""
    try:
        path = Path(store) / generations.RESPONSES / name
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def write_notes(store: Path, name: str, notes: dict[str, Any]) -> None:
    """Save something for later runs, whole or not at all."""
    folder = Path(store) / generations.RESPONSES
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{name}.new"
    temporary.write_text(json.dumps(notes, indent=0, default=str), encoding="utf-8")
    os.replace(temporary, folder / name)


def is_due(notes: Mapping[str, Any], name: str, today: date) -> bool:
    """Tell whether a symbol may be requested; one without data must wait."""
    return name not in notes or states.read(notes[name]).is_due(today)


def note_symbol(
    notes: dict[str, Any], name: str, outcomes: Mapping[str, str], **request: Any
) -> states.State:
    """Note a symbol without data, forget one that has some; return its state.

    `outcomes` are the last ones by Yahoo's symbol; for `request` see `states.after`.
    """
    before = states.read(notes[name]) if name in notes else None
    outcome = outcomes.get(symbols.to_yahoo(name), "answered")
    found = states.after(before, outcome=outcome, **request)
    if found.state is states.State.LISTED:
        notes.pop(name, None)
    else:
        notes[name] = asdict(found)
    return found.state


def check_listed(chosen: Sequence[str], listed: Container[str], day: date) -> None:
    """Refuse symbols that are not among those of the store's last day."""
    missing = [name for name in chosen if name not in listed]
    if missing:
        raise BadRequest(
            f"{', '.join(missing[:5])} is not listed on {day}, the store's last "
            "day; spell symbols as the store does, such as BRK/B."
        )
