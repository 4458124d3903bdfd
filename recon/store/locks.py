"""Locks that end with the process that holds them, however it ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def held(path: Path, wait_seconds: float) -> Iterator[bool]:
    """Hold a lock file while the block lasts; False if it was not free in time."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock file at this moment."""
    if not path.exists():
        return False
    with _LOOKING, held(path, 0) as is_ours:
        return not is_ours


_LOOKING = threading.Lock()  # two threads that look would see each other's lock
