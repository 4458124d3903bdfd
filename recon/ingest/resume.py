"""What a run asks a provider: kept while it is under way, counted, and told.

The answers lie in ``asked/<run>`` of the store's folder until what they say is
published; a run that was killed finds them there. One run at a time, by a lock that
ends with the process.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from recon.errors import (
    MarketMixed,
    SessionUnfinished,
    SourceSilent,
    StoreBusy,
    StoreMissing,
)
from recon.ingest.options import Counters, Options
from recon.sources.http_client import Asked
from recon.sources.response_cache import Answers
from recon.store import generations, locks

LOCK = "lock"


@dataclass
class Tally:
    """Counts what a run asks, and tells its options of every request."""

    options: Options
    slices: int = 0
    slices_done: int = 0
    rows: int = 0
    requests: int = 0
    retries: int = 0
    began: float = field(default_factory=time.monotonic)
    done_before: int | None = None  # slices that were there when the first was asked

    def __call__(self, asked: Asked) -> None:
        """Count one request."""
        self.requests += 1
        self.retries += asked.attempt > 1
        if self.done_before is None:
            self.done_before, self.began = self.slices_done, time.monotonic()
        self.options.note_request(asdict(asked))

    def tell(self, what: str, done: int, of: int, rows: int) -> None:
        """Tell that `done` of `of` slices are had, with so many rows."""
        self.slices_done, self.slices, self.rows = done, of, rows
        counters = Counters(
            slices_done=done,
            slices=of,
            rows=rows,
            requests=self.requests,
            retries=self.retries,
            seconds_left=self._seconds_left(),
        )
        self.options.progress(what, 0.9 * done / max(of, 1), counters)

    def _seconds_left(self) -> float | None:
        """Return what is left at the pace so far; what was kept took no time."""
        if self.done_before is None or self.slices_done <= self.done_before:
            return None
        took = (time.monotonic() - self.began) / (self.slices_done - self.done_before)
        return round(took * (self.slices - self.slices_done), 1)


@contextmanager
def kept(store: Path, run: str) -> Iterator[Answers]:
    """Hold the answers of a run; they are removed when the block ends well.

    Answers of other runs of the same kind (the name up to its first space) are of
    another session and go at once.

    Raises
    ------
    StoreBusy
        If another process is asking for this store.
    """
    folder = Path(store) / generations.ASKED
    folder.mkdir(parents=True, exist_ok=True)
    with locks.held(folder / LOCK, 0) as is_alone:
        if not is_alone:
            raise StoreBusy(
                f"Another process is asking a provider for {store}; wait for its end, "
                "then run this again."
            )
        for other in folder.glob(f"{run.split()[0]} *"):
            if other.name != run:
                shutil.rmtree(other, ignore_errors=True)
        answers = Answers(folder / run)
        try:
            yield answers
        except SourceSilent:
            answers.next_turn()
            raise
        except SessionUnfinished:  # later the same questions have other answers
            shutil.rmtree(folder / run, ignore_errors=True)
            raise
        shutil.rmtree(folder / run, ignore_errors=True)


def refuse_demo(store: Path) -> None:
    """Raise MarketMixed, before anything is asked, where a store holds the demo."""
    try:
        manifest = generations.read_manifest(Path(store))
    except StoreMissing:
        return
    if manifest.market == "demo" and not manifest.is_blank:
        raise MarketMixed(
            f"The store in {store} holds the demo market, which takes no real days; "
            "name another folder with --store, or remove it with 'python -m recon "
            "demo --remove'. Nothing was asked."
        )


def read_notes(store: Path, name: str) -> dict[str, Any]:
    """Return what an earlier run noted under a name, nothing where there is none."""
    try:
        return json.loads((Path(store) / generations.ASKED / name).read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def write_notes(store: Path, name: str, notes: dict[str, Any]) -> None:
    """Note something for later runs: the whole of it or nothing."""
    folder = Path(store) / generations.ASKED
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{name}.new"
    temporary.write_text(json.dumps(notes, indent=0, default=str), encoding="utf-8")
    os.replace(temporary, folder / name)
