"""The generation of the store that visitors are served, and its answers.

An answer is shared by all visitors and is not to be written to. A new generation is
served once its first answers are ready.
"""

import atexit
import contextlib
import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recon.errors import ReconError
from recon.exhibits import Answers
from recon.store import Store
from recon.store.generations import MANIFEST


def folder() -> str:
    """Return the store's folder: `RECON_STORE`, else ``store``."""
    return str(Path(os.environ.get("RECON_STORE") or "store").absolute())


def answers() -> Answers:
    """Return the answers of the generation that visitors are served.

    Raises
    ------
    StoreMissing
        If the folder holds no store.
    """
    return _answers(folder(), stamp())


@st.cache_resource(max_entries=2, show_spinner=False)
def _answers(folder: str, stamp: int) -> Answers:
    newest = Store(Path(folder))
    if newest.notice():
        _DAMAGED.add((folder, stamp))
    store = Store(Path(folder), newest.manifest())
    found = Answers(store, busy=_busy, progress=_progress)
    if not len(found.published_days()):
        _EMPTY.add((folder, stamp))
    return found


def _busy(words: str) -> contextlib.AbstractContextManager[object]:
    """Say on the page what takes a while; nothing where no visitor waits."""
    return st.spinner(words) if get_script_run_ctx() else contextlib.nullcontext()


@contextlib.contextmanager
def _progress(words: str) -> Iterator[Callable[[float], None] | None]:
    """Show how far something is; nothing where no visitor waits."""
    if not get_script_run_ctx():
        yield None
        return
    bar = st.progress(0.0, words)

    def show(done: float) -> None:
        bar.progress(done, words)

    try:
        yield show
    finally:
        bar.empty()


def looked_at(as_of: date) -> None:
    """Remember that visitors look at a day, which a new generation makes ready."""
    if as_of not in _ASKED:
        _ASKED.append(as_of)


def stamp() -> int:
    """Return a number that differs for every generation, a rebuilt store's too.

    A new generation is made ready beside the visitors, who are shown the one before
    for the second or two that takes: else all of them would wait for it.
    """
    where, newest = folder(), _newest(folder())
    with _LOCK:
        served = _SERVED.setdefault(where, newest)
        if newest == served:
            return served
        if not served or not newest or (where, served) in _EMPTY:
            _SERVED[where] = newest
            return newest
        if (where, newest) not in _READYING:
            _READYING.add((where, newest))
            threading.Thread(
                target=_make_ready, args=(where, newest), daemon=True
            ).start()
    return served


def is_damaged() -> bool:
    """Tell whether visitors are shown an older generation, the newest being damaged."""
    return (folder(), stamp()) in _DAMAGED


_LOCK = threading.Lock()
_DAMAGED: set[tuple[str, int]] = set()
_SERVED: dict[str, int] = {}
_READYING: set[tuple[str, int]] = set()
_EMPTY: set[tuple[str, int]] = set()  # generations without a day: nobody looks at them
_ASKED: deque[date] = deque(maxlen=2)  # the days that visitors look at


def is_newest() -> bool:
    """Tell whether visitors are shown the newest generation already."""
    return stamp() == _newest(folder())


def _newest(folder: str) -> int:
    try:
        return (Path(folder) / MANIFEST).stat().st_mtime_ns
    except OSError:
        return 0


def _make_ready(folder: str, stamp: int) -> None:
    """Answer what every page shows first, then let the generation be served."""
    try:
        with contextlib.suppress(ReconError, IndexError):  # the page that asks says it
            _answers(folder, stamp).make_ready(list(_ASKED))
    finally:
        with _LOCK:
            _SERVED[folder] = stamp
            _READYING.discard((folder, stamp))


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Take what is imported out of garbage collection, once: reruns are 4 times faster.

    Called at the end of the first visitor's run, when the lazy imports are done too.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else duckdb prints of leaked instances at exit
