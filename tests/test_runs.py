"""Runs: an ingest seen from outside, while it works and whatever ends it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recon.errors import BadRequest, ReconError, SourceUnreadable, StoreBusy
from recon.ingest import Counters
from recon.jobs import description, processes, runs
from recon.jobs.runs import State
from recon.store import locks
from tests import market, terminal

PATIENCE_SECONDS = 30.0
WORK = """
import sys, time
from pathlib import Path
from recon.ingest import Counters
from recon.jobs import runs
with runs.recorded(Path(sys.argv[1])) as recorder:
    print("at work", flush=True)
    for number in range(600):
        recorder("asking", number / 600, Counters(slices_done=number, slices=600))
        time.sleep(0.1)
"""


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so; fail where it does not come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


@pytest.fixture
def work(tmp_path: Path):
    """Return a function that starts a process which is a run; end those left over."""
    started = []

    def start_work() -> tuple[Path, subprocess.Popen]:
        folder = runs.make(tmp_path, ("demo",), "Demo market")
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, str(folder)], stdout=subprocess.PIPE
        )
        started.append(process)
        assert process.stdout and process.stdout.readline() == b"at work\n"
        return folder, process

    yield start_work
    for process in started:
        process.kill()
        process.wait()


def finish(store: Path, title: str = "A load") -> Path:
    folder = runs.make(store, ("status",), title)
    with runs.recorded(folder):
        pass
    return folder


def test_a_run_tells_how_far_it_is_and_what_it_counted(tmp_path: Path) -> None:
    folder = runs.make(tmp_path, ("ingest", "yahoo"), "Today's market")
    counters = Counters(slices_done=12, slices=60, rows=2_900, requests=13, retries=1)
    with runs.recorded(folder) as recorder:
        recorder("asking", 0.2, counters)
        run = runs.read(folder)
        assert run is not None
        assert (run.state, run.what, run.fraction) == (State.RUNNING, "asking", 0.2)
        assert (run.counters, run.pid) == (counters, os.getpid())
        recorder.message = "5,400 rows"
    run = runs.read(folder)
    assert run is not None and run.ended_at is not None
    assert (run.state, run.message, run.fraction) == (State.DONE, "5,400 rows", 1.0)
    assert run.arguments == ("ingest", "yahoo")


def test_a_refusal_is_the_last_word_of_a_failed_run(tmp_path: Path) -> None:
    folder = runs.make(tmp_path, ("ingest", "vendor", "x.csv"), "My file")
    with pytest.raises(SourceUnreadable), runs.recorded(folder):
        raise SourceUnreadable("x.csv is empty.")
    run = runs.read(folder)
    assert run is not None
    assert (run.state, run.message) == (State.FAILED, "x.csv is empty.")


def test_a_bug_leaves_its_name_in_the_record(tmp_path: Path) -> None:
    folder = runs.make(tmp_path, ("demo",), "Demo market")
    with pytest.raises(ZeroDivisionError), runs.recorded(folder):
        _ = 1 / 0
    run = runs.read(folder)
    assert run is not None
    assert (run.state, run.message[:18]) == (State.FAILED, "ZeroDivisionError:")


def test_a_reader_never_sees_half_a_record(tmp_path: Path) -> None:
    folder = runs.make(tmp_path, ("demo",), "Demo market")
    run = runs.read(folder)
    assert run is not None
    ended, seen = threading.Event(), []

    def look() -> None:
        while not ended.is_set():
            seen.append(runs.read(folder))

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(300):
        runs.write(folder, run)
        assert number >= 0
    ended.set()
    reader.join()
    assert len(seen) > 50
    assert None not in seen


def test_a_damaged_record_is_told_with_its_file_and_field(tmp_path: Path) -> None:
    folder = finish(tmp_path)
    path = folder / runs.STATE
    path.write_text(path.read_text().replace('"rows": 0', '"rows": "many"'))
    (run,) = runs.past(tmp_path)
    assert run.state is State.LOST
    assert run.message == (
        f"The record {path} is damaged (counters.rows: Input should be a valid "
        "integer, unable to parse string as an integer)."
    )
    with pytest.raises(ReconError, match="is damaged"), runs.recorded(folder):
        pass


def test_a_killed_process_is_lost_even_if_another_took_its_number(work) -> None:
    folder, process = work()
    assert runs.read(folder).state is State.RUNNING
    process.kill()
    process.wait()
    record = json.loads((folder / runs.STATE).read_text())
    (folder / runs.STATE).write_text(json.dumps({**record, "pid": os.getpid()}))
    run = runs.read(folder)
    assert (run.state, run.message) == (
        State.LOST,
        "The process ended without a message.",
    )


def test_a_terminated_run_is_cancelled_and_lets_go(work) -> None:
    folder, process = work()
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE_SECONDS)
    run = runs.read(folder)
    assert (run.state, run.message) == (
        State.CANCELLED,
        "Stopped; what was published before stays.",
    )
    assert not locks.is_held(folder / runs.ALIVE)


def test_the_app_cancels_by_the_runs_id(work, tmp_path: Path) -> None:
    folder, process = work()
    processes.cancel(tmp_path, folder.name)
    process.wait(PATIENCE_SECONDS)
    assert runs.read(folder).state is State.CANCELLED
    with pytest.raises(BadRequest, match="nothing to cancel"):
        processes.cancel(tmp_path, folder.name)


def test_a_store_has_one_run_at_a_time(work, tmp_path: Path) -> None:
    work()
    with pytest.raises(StoreBusy, match="'Demo market' is under way"):
        processes.start(tmp_path, ["demo"], "Another")


def test_a_run_that_never_began_is_lost(tmp_path: Path) -> None:
    folder = runs.make(tmp_path, ("demo",), "Demo market")
    record = json.loads((folder / runs.STATE).read_text())
    assert runs.read(folder).state is State.RUNNING
    record["started_at"] = "2026-11-20T12:00:00+00:00"
    (folder / runs.STATE).write_text(json.dumps(record))
    assert runs.read(folder).state is State.LOST


def test_the_last_twenty_runs_are_kept_and_the_one_at_work(work, tmp_path) -> None:
    folder, _ = work()
    for _ in range(runs.KEPT_RUNS + 4):
        newest = finish(tmp_path)
    kept = [run.id for run in runs.past(tmp_path)]
    assert len(kept) == runs.KEPT_RUNS + 1
    assert (kept[0], kept[-1]) == (newest.name, folder.name)
    assert runs.running(tmp_path).id == folder.name


def test_the_newest_run_is_told_by_one_look_at_a_file(tmp_path: Path) -> None:
    assert (runs.newest_stamp(tmp_path), runs.newest(tmp_path)) == (0, None)
    folder = runs.make(tmp_path, ("demo",), "Demo market")
    begun = runs.newest_stamp(tmp_path)
    with runs.recorded(folder) as recorder:
        recorder("inventing", 0.5)
        assert runs.newest_stamp(tmp_path) == begun
    assert runs.newest_stamp(tmp_path) > begun
    assert runs.newest(tmp_path).state is State.DONE


def test_the_ledger_has_a_row_for_each_request_and_skips_a_torn_line(tmp_path) -> None:
    folder = runs.make(tmp_path, ("demo",), "Demo market")
    with runs.recorded(folder) as recorder:
        recorder.note_request({"slice": "NYQ 1-2bn", "status": 200, "rows": 250})
    with (folder / runs.REQUESTS).open("a") as stream:
        stream.write('{"slice": "NYQ 2-')
    ledger = runs.requests(tmp_path, folder.name)
    assert list(ledger.columns) == list(runs.REQUEST_COLUMNS)
    assert ledger[["slice", "rows"]].to_numpy().tolist() == [["NYQ 1-2bn", 250]]


# fifteen listings are no market: a person accepts their days
ACCEPT = [f"--accept={day}" for day in market.sessions(3)]


def test_a_command_keeps_a_record_where_it_is_a_run(tmp_path, monkeypatch) -> None:
    store = tmp_path / "store"
    file = market.write(market.calm(market.sessions(3)), tmp_path / "three.parquet")
    folder = runs.make(store, ("ingest",), "My file")
    monkeypatch.setenv(processes.RUN, str(folder))
    arguments = ["ingest", "listings", str(file), "--store", str(store), *ACCEPT]
    code, printed = terminal.run(*arguments)
    run = runs.read(folder)
    assert (code, run.state) == (0, State.DONE)
    assert run.message == printed.strip()
    assert "3 days published" in run.message


def test_a_load_of_which_some_was_not_taken_is_recorded_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    good = market.write(market.calm(market.sessions(3)), tmp_path / "three.parquet")
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    folder = runs.make(store, ("ingest",), "My files")
    monkeypatch.setenv(processes.RUN, str(folder))
    files = [str(tmp_path / "bad.csv"), str(good)]
    code, _ = terminal.run("ingest", "listings", *files, "--store", str(store), *ACCEPT)
    run = runs.read(folder)
    assert run is not None
    assert (code, run.state, run.fraction) == (runs.IN_PART, State.PART, 1.0)
    (line,) = description.told(run)
    assert line.startswith("bad.csv: not taken: ")
    assert description.ending(run, run.ended_at).startswith("My files: taken in part ")


def test_a_process_of_its_own_loads_and_ends_as_done(tmp_path: Path) -> None:
    store = tmp_path / "store"
    file = market.write(market.calm(market.sessions(3)), tmp_path / "three.parquet")
    run = processes.start(store, ["ingest", "listings", str(file), *ACCEPT], "My file")
    assert run.state is State.RUNNING
    until(lambda: runs.running(store) is None)
    run = runs.past(store)[0]
    assert (run.state, "3 days published" in run.message) == (State.DONE, True)
    again = processes.resume(store, run)
    until(lambda: runs.running(store) is None)
    assert "already stored" in runs.past(store)[0].message
    assert again.arguments == run.arguments


def test_a_load_outlives_the_app_that_started_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    file = market.write(market.calm(market.sessions(3)), tmp_path / "three.parquet")
    app = (
        "import os, sys; from pathlib import Path; from recon.jobs import processes; "
        "load = ['ingest', 'listings', *sys.argv[2:]]; "
        "processes.start(Path(sys.argv[1]), load, 'x'); "
        "os._exit(1)"
    )
    subprocess.run(
        [sys.executable, "-c", app, str(store), str(file), *ACCEPT], timeout=60
    )
    until(lambda: runs.running(store) is None)
    run = runs.past(store)[0]
    assert (run.state, "3 days published" in run.message) == (State.DONE, True)


def test_a_process_that_cannot_begin_says_why(tmp_path: Path) -> None:
    processes.start(tmp_path, ["ingest", "nonsense"], "Nonsense")
    until(lambda: runs.running(tmp_path) is None)
    run = runs.past(tmp_path)[0]
    assert (run.state, run.message) == (
        State.FAILED,
        "recon: No such command 'nonsense'.",
    )
