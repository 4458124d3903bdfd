"""Runs: what an ingest process records of itself, to be read from outside.

A run is a folder ``runs/<id>`` in the store: ``state.json`` is its record, written
whole by a rename; ``requests.jsonl`` has a line for each request; ``output.txt`` is
what the process printed. The process holds ``alive`` as a lock, so one that was killed
or lost its machine differs from one at work, whatever process has its number since.
"""

import json
import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from recon.errors import ReconError, first_fault
from recon.ingest.options import Counters
from recon.store import generations, locks

IN_PART = 3  # the exit code of a load of which some was taken
NOT_TAKEN, HELD_BACK = "not taken", "held back"  # how its message says what was not
FOLDER = generations.RUNS
STATE, REQUESTS, OUTPUT, ALIVE, CANCEL = (
    "state.json",
    "requests.jsonl",
    "output.txt",
    "alive",
    "cancel",
)
NEWEST = "NEWEST"  # names the newest run; its time changes as that starts and ends
KEPT_RUNS = 20
WRITE_SECONDS = 0.5
START_SECONDS = 30  # within which a new process holds its lock
REQUEST_COLUMNS = (
    "started_at",
    "slice",
    "url",
    "attempt",
    "status",
    "seconds",
    "rows",
    "outcome",
)


class State(StrEnum):
    """The state of a run; of one in part some was taken, a lost one left no record."""

    RUNNING = "running"
    DONE = "done"
    PART = "in part"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run as recorded.

    `arguments` are those of ``python -m recon``, so that the same run can be started
    again, empty where the record is damaged; `message` is what the run reported at its
    end, or why it failed. Times are UTC.
    """

    id: str
    arguments: tuple[str, ...]
    title: str
    pid: int | None
    started_at: datetime
    state: State = State.RUNNING
    what: str = "starting"
    fraction: float = 0.0
    counters: Counters = field(default_factory=Counters)
    ended_at: datetime | None = None
    message: str = ""


RECORD = TypeAdapter(Run)


class Recorder:
    """Writes the record of the run that this process is."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder = folder
        self.run = run
        self.message = ""
        self._written = 0.0
        write(folder, run)

    def __call__(
        self, what: str, fraction: float, counters: Counters | None = None
    ) -> None:
        """Record progress, at most twice a second."""
        counters = counters or self.run.counters
        self.run = replace(self.run, what=what, fraction=fraction, counters=counters)
        if time.monotonic() - self._written >= WRITE_SECONDS:
            self._written = time.monotonic()
            with suppress(OSError):  # the work matters more than its record
                write(self.folder, self.run)

    def note_request(self, request: Mapping[str, object]) -> None:
        """Add a line to the ledger of requests, see `REQUEST_COLUMNS`."""
        line = json.dumps(dict(request), default=str)
        with suppress(OSError), (self.folder / REQUESTS).open("a") as stream:
            stream.write(f"{line}\n")

    def end(self, state: State, message: str) -> None:
        """Record how the run ended."""
        is_whole = state in (State.DONE, State.PART)
        fraction = 1.0 if is_whole else self.run.fraction
        self.run = replace(
            self.run,
            state=state,
            message=message,
            fraction=fraction,
            ended_at=datetime.now(UTC),
        )
        write(self.folder, self.run)
        _touch(self.folder.parent, self.run.id)


@contextmanager
def recorded(folder: Path) -> Iterator[Recorder]:
    """Keep the record of the run in `folder` while the block lasts.

    A request to terminate ends the block as Ctrl-C does, and the run as cancelled.

    Raises
    ------
    ReconError
        If the folder holds no run, or its record is damaged.
    """
    run = read(folder)
    if run is None:
        raise ReconError(f"{folder} holds no run; start one on the Load page.")
    if not run.arguments:
        raise ReconError(run.message)
    with locks.held(folder / ALIVE, 10.0), _terminated_as_interrupted():
        recorder = Recorder(folder, replace(run, pid=os.getpid()))
        try:
            yield recorder
        except ReconError as error:
            recorder.end(State.FAILED, str(error))
            raise
        except OSError as error:
            recorder.end(State.FAILED, f"{error.strerror or error}: {error.filename}")
            raise
        except Exception as error:
            # typer's own way to end a command early
            code = getattr(error, "exit_code", 1)
            state = {0: State.DONE, IN_PART: State.PART}.get(code, State.FAILED)
            words = recorder.message or f"{type(error).__name__}: {error}"
            recorder.end(state, words)
            raise
        except BaseException:
            recorder.end(State.CANCELLED, "Stopped; what was published before stays.")
            raise
        recorder.end(State.DONE, recorder.message)


def make(store: Path, arguments: tuple[str, ...], title: str) -> Path:
    """Make the folder and the first record of a new run; remove old runs."""
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}"
    folder = store / FOLDER / run_id
    folder.mkdir(parents=True)
    run = Run(id=run_id, arguments=arguments, title=title, pid=None, started_at=now)
    write(folder, run)
    _touch(folder.parent, run_id)
    _prune(store)
    return folder


def fail(folder: Path, run: Run) -> None:
    """Record that a process ended before it could record anything itself."""
    ended = datetime.now(UTC)
    words = last_words(folder)
    write(folder, replace(run, state=State.FAILED, ended_at=ended, message=words))
    _touch(folder.parent, run.id)


def write(folder: Path, run: Run) -> None:
    """Write a record; a reader sees either the old one or the new one, whole."""
    new = folder / f"{STATE}.new"
    new.write_bytes(RECORD.dump_json(run, indent=1))
    os.replace(new, folder / STATE)


def read(folder: Path) -> Run | None:
    """Return the run of a folder, None where there is no record.

    A damaged record comes back as a lost run that says so.
    """
    run = _parsed(folder)
    is_open = run is not None and run.state is State.RUNNING
    return _alive(folder, run) if run is not None and is_open else run


def _parsed(folder: Path) -> Run | None:
    path = folder / STATE
    try:
        return RECORD.validate_json(path.read_bytes())
    except OSError:
        return None
    except ValidationError as error:
        return Run(
            id=folder.name,
            arguments=(),
            title="A load",
            pid=None,
            started_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
            state=State.LOST,
            message=f"The record {path} is damaged ({first_fault(error)}).",
        )


def past(store: Path) -> list[Run]:
    """Return the runs of a store, newest first."""
    folders = sorted((store / FOLDER).glob("*/"), reverse=True)
    return [run for run in map(read, folders) if run is not None]


def running(store: Path) -> Run | None:
    """Return the run that is at work on a store, if there is one."""
    return next((run for run in past(store) if run.state is State.RUNNING), None)


def newest(store: Path) -> Run | None:
    """Return the newest run; reads two small files only."""
    try:
        return read(store / FOLDER / (store / FOLDER / NEWEST).read_text("utf-8"))
    except OSError:
        return None


def newest_stamp(store: Path) -> int:
    """Return a number that changes as a run starts or ends; 0 before the first."""
    try:
        return (store / FOLDER / NEWEST).stat().st_mtime_ns
    except OSError:
        return 0


def requests(store: Path, run_id: str) -> pd.DataFrame:
    """Return the ledger of requests of a run, `REQUEST_COLUMNS`, in their order."""
    path = store / FOLDER / run_id / REQUESTS
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    rows = []
    for line in lines:
        with suppress(ValueError):  # the line that a killed process was writing
            rows.append(json.loads(line))
    return pd.DataFrame(rows).reindex(columns=list(REQUEST_COLUMNS))


def output(store: Path, run_id: str) -> str:
    """Return what the process of a run printed."""
    try:
        return (store / FOLDER / run_id / OUTPUT).read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _alive(folder: Path, run: Run) -> Run:
    """Return a run recorded as running with its true state."""
    if run.pid is None:
        age = datetime.now(UTC) - run.started_at
        if age.total_seconds() < START_SECONDS:
            return run
    elif locks.is_held(folder / ALIVE):
        return run
    last = _parsed(folder)  # it may have ended since it was read
    if last is not None and last.state is not State.RUNNING:
        return last
    if (folder / CANCEL).exists():
        return replace(run, state=State.CANCELLED, message="Stopped by force.")
    return replace(run, state=State.LOST, message=last_words(folder))


def last_words(folder: Path) -> str:
    """Return the last line that the process of a run printed."""
    said = output(folder.parent.parent, folder.name).strip().splitlines()
    return said[-1] if said else "The process ended without a message."


def _touch(folder: Path, run_id: str) -> None:
    new = folder / f"{NEWEST}.{secrets.token_hex(4)}"
    new.write_text(run_id, encoding="utf-8")
    os.replace(new, folder / NEWEST)


def _prune(store: Path) -> None:
    for run in past(store)[KEPT_RUNS:]:
        if run.state is not State.RUNNING:
            shutil.rmtree(store / FOLDER / run.id, ignore_errors=True)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # once: what cleans up is not disturbed
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
