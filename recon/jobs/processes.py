"""Loads as processes of their own: started, stopped and resumed by the app.

A process outlives the app that started it and yields the processor to it; `runs` reads
its progress from its record.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from recon.errors import BadRequest, StoreBusy
from recon.jobs import runs
from recon.jobs.runs import Run, State
from recon.store import locks
from recon.store.generations import LOCK

RUN = "RECON_RUN"  # names the folder of the run that a process is
STARTING = "starting.lock"
WAIT_SECONDS = 5.0


def start(store: Path, arguments: Sequence[str], title: str) -> Run:
    """Start ``python -m recon`` with `arguments` on a store; return its run.

    Raises
    ------
    StoreBusy
        If another run is at work on the store.
    BadRequest
        If an argument holds a character that no command line can.
    """
    if any("\0" in argument for argument in arguments):
        raise BadRequest(
            "A name or a reason holds a zero character, which no command takes: mend "
            "the header of the file, or write the reason anew."
        )
    folder = _made(store, arguments, title)
    _spawn(store, folder, arguments)
    run = runs.read(folder)
    assert run is not None
    return run


def is_run() -> bool:
    """Tell whether this process was started as a run, by the app."""
    return bool(os.environ.get(RUN))


def own(store: Path, arguments: Sequence[str], title: str) -> Path:
    """Return the folder of the run that this process is; make one if there is none.

    Raises
    ------
    StoreBusy
        If another run is at work on the store.
    """
    named = os.environ.get(RUN)
    return Path(named) if named else _made(store, arguments, title)


def resume(store: Path, run: Run) -> Run:
    """Start a run again; what the store holds by now is not fetched again."""
    return start(store, run.arguments, run.title)


def cancel(store: Path, run_id: str) -> None:
    """Ask the process of a run to end, as Ctrl-C does.

    Raises
    ------
    BadRequest
        If the run is not at work.
    """
    folder = store / runs.FOLDER / run_id
    run = runs.read(folder)
    if run is None or run.state is not State.RUNNING or run.pid is None:
        raise BadRequest("This load is not under way; there is nothing to cancel.")
    (folder / runs.CANCEL).touch()
    try:
        os.kill(run.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass  # it ended by itself in this moment


def is_written(store: Path) -> bool:
    """Tell whether a run, or a person at a terminal, is writing to a store."""
    return locks.is_held(store / LOCK)


def _made(store: Path, arguments: Sequence[str], title: str) -> Path:
    """Make the record of a run, unless another is at work."""
    (store / runs.FOLDER).mkdir(parents=True, exist_ok=True)
    with locks.held(store / runs.FOLDER / STARTING, WAIT_SECONDS) as is_alone:
        at_work = runs.running(store)
        if not is_alone or at_work is not None:
            what = f"'{at_work.title}'" if at_work else "Another load"
            raise StoreBusy(
                f"{what} is under way in this store; wait until it ends or cancel it, "
                "then start this one."
            )
        return runs.make(store, tuple(arguments), title)


def _spawn(store: Path, folder: Path, arguments: Sequence[str]) -> None:
    environment = {
        **os.environ,
        "RECON_STORE": str(store),
        RUN: str(folder),
        "PYTHONUNBUFFERED": "1",
    }
    with (folder / runs.OUTPUT).open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "recon", *arguments],
            cwd=Path(__file__).parents[2],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    threading.Thread(target=_await_end, args=(process, folder), daemon=True).start()


def _await_end(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for a process; record it as failed if it never recorded anything."""
    process.wait()
    run = runs.read(folder)
    if run is not None and run.pid is None:
        runs.fail(folder, run)
