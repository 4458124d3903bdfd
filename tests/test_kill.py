"""An ingest killed at any moment leaves the store whole, and can be run again."""

import multiprocessing
import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from recon.errors import StoreMissing
from recon.ingest.demo_market import MAKING, demo_market
from recon.store import Store, locks
from tests import market

KILLS = 20
SEED = 20261120
NAMES, SESSIONS, PART = 120, 30, 10
EMPTY_EVERY = 4  # so often the killed ingest is the first of its store


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("killed")
    days = market.sessions(SESSIONS)
    rows = market.crowd(NAMES, days)
    return [
        market.write(market.on(rows, days[at : at + PART]), folder / f"{at}.parquet")
        for at in range(0, SESSIONS, PART)
    ]


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.BaseContext:
    """Processes that start at once: the program is loaded in their parent."""
    if os.name == "nt":
        pytest.skip("there is no SIGKILL on Windows")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["recon.ingest", "tests.market"])
    return context


@dataclass
class Watch:
    """A reader that looks all the time, and what it saw."""

    folder: Path
    seen: Counter[int] = field(default_factory=Counter)  # days in the store
    faults: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> None:
        store = None
        while not self.ended.is_set():
            try:
                store = store or Store(self.folder)
                self.look(store)
                time.sleep(0.01)
            except StoreMissing:
                time.sleep(0.001)
            except Exception as error:
                self.faults.append(repr(error))
                return
        if store is not None:
            store.close()

    def look(self, store: Store) -> None:
        """Read a store whose days must each be whole."""
        rows = store.quotes(*market.ALWAYS).groupby("snapshot_date").size()
        if not rows.eq(NAMES).all() or len(rows) % PART:
            self.faults.append(f"days of {sorted(set(rows))} rows, {len(rows)} days")
        self.seen[len(rows)] += 1


@contextmanager
def watching(folder: Path) -> Iterator[Watch]:
    """Read a store in a thread of its own for as long as the block lasts."""
    watch = Watch(folder)
    reader = threading.Thread(target=watch, daemon=True)
    reader.start()
    try:
        yield watch
    finally:
        watch.ended.set()
        reader.join()


def ingest(folder: Path, files: list[Path]) -> None:
    market.take(folder, *files)


def run_time(processes, folder: Path, files: list[Path]) -> float:
    child = processes.Process(target=ingest, args=(folder, files))
    began = time.monotonic()
    child.start()
    child.join()
    assert child.exitcode == 0
    return time.monotonic() - began


@pytest.mark.long
def test_an_ingest_killed_at_any_moment_leaves_whole_days_and_is_finished_by_a_second(
    files: list[Path], processes, tmp_path: Path
) -> None:
    previous = tmp_path / "previous"
    run_time(processes, previous, files[:1])
    shutil.copytree(previous, tmp_path / "undisturbed")
    seconds = run_time(processes, tmp_path / "undisturbed", files)
    undisturbed = market.content(Store(tmp_path / "undisturbed"))
    assert len(undisturbed["days"]) == SESSIONS
    moments = random.Random(SEED)
    tried, span = 0, 1.5 * seconds
    killed, left, reads = 0, Counter(), Counter()
    while killed < KILLS and tried < 4 * KILLS:
        folder = tmp_path / f"store {tried}"
        tried += 1
        if tried % EMPTY_EVERY:
            shutil.copytree(previous, folder)
        with watching(folder) as watch:
            child = processes.Process(target=ingest, args=(folder, files))
            child.start()
            time.sleep(moments.uniform(0.1, 1.0) * span)
            child.kill()
            child.join()
            if child.exitcode == -signal.SIGKILL:
                killed += 1
                left[days_left(folder, watch)] += 1
            # follow how long a run takes just now: a quarter of them may end first
            span *= 1.1 if child.exitcode else 0.75
            market.take(folder, *files)
        assert watch.faults == []
        reads += watch.seen
        market.assert_same(market.content(Store(folder)), undisturbed)
        assert leftovers(folder) == []
    print(
        f"\n{killed} kills in {tried} runs of {seconds:.2f} s; days left in the store "
        f"{dict(left)}; {reads.total()} reads, by days seen {dict(reads)}"
    )
    assert killed == KILLS


def days_left(folder: Path, watch: Watch) -> int | None:
    """Number of days in a store after a kill, each of them whole."""
    try:
        store = Store(folder)
    except StoreMissing:
        return None
    watch.look(store)
    days = len(store.published_days())
    lines = store.break_points(*market.ALWAYS)
    assert lines["snapshot_date"].nunique() == days
    assert len(store.ledger()) == days // PART
    store.close()
    return days


def leftovers(folder: Path) -> list[str]:
    """Files of a store folder that no generation names."""
    manifest = Store(folder).manifest()
    named = {".lock", "CURRENT", *manifest.file_names(), manifest.record_name()}
    named.update(name for names in manifest.kept for name in names)
    return sorted({path.name for path in folder.iterdir()} - named)


def test_a_writer_killed_while_it_waits_for_nobody_keeps_no_lock(
    files: list[Path], processes, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    child = processes.Process(target=hold, args=(folder,))
    child.start()
    while not (folder / "held").exists():
        time.sleep(0.005)
    child.kill()
    child.join()
    (folder / "held").unlink()
    began = time.monotonic()
    market.take(folder, files[0])
    assert time.monotonic() - began < market.QUIET.wait_seconds
    assert len(Store(folder).published_days()) == PART


def hold(folder: Path) -> None:
    from recon.store.writer import open_writer

    with open_writer(folder, "real"):
        (folder / "held").touch()
        time.sleep(60)


def test_what_a_killed_ingest_left_is_removed_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    market.take(folder, market.calm(market.sessions(2)))
    stray = ["core-000099.duckdb", "y2024-000099.duckdb.wal", "CURRENT.99.new"]
    for name in stray:
        (folder / name).write_bytes(b"half")
    (folder / ".spill").mkdir()
    (folder / ".spill" / "offered.parquet").write_bytes(b"half")
    market.take(folder, market.calm(market.sessions(3)))
    assert leftovers(folder) == []


def test_a_file_of_somebody_else_in_the_folder_stays(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    duckdb.connect(folder / "mine.db").close()
    market.take(folder, market.calm(market.sessions(2)))
    assert leftovers(folder) == ["mine.db", "notes.txt"]


def test_a_demo_build_removes_what_a_killed_one_left_and_no_other(
    tmp_path: Path,
) -> None:
    killed, running = tmp_path / "store.making-killed", tmp_path / "store.making-runs"
    for folder in (killed, running):
        folder.mkdir()
        (folder / MAKING).touch()
        (folder / "core.duckdb").write_bytes(b"a day of the market")

    def interrupted(words: str, done: float) -> None:
        raise KeyboardInterrupt

    options = market.Options(progress=interrupted)
    with locks.held(running / MAKING, 0), pytest.raises(KeyboardInterrupt):
        demo_market(tmp_path / "store", options)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"store", running.name}
