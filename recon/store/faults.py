"""Faults of disk and memory while a store is written, each as one sentence."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from recon.errors import ReconError, StoreUnwritable
from recon.store import DAMAGE
from recon.store.fallback import damaged

FULL = (errno.ENOSPC, errno.EDQUOT)
LOCKED = (errno.EROFS, errno.EACCES, errno.EPERM)
FULL_WORDS = ("no space left", "disk quota exceeded", "disk is full")
LOCKED_WORDS = ("read-only file system", "permission denied")


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn a fault of disk, memory or DuckDB's files into a sentence.

    Raises
    ------
    StoreUnwritable
        If the disk is full or not to be written, or memory does not suffice.
    StoreFormat
        If a file of the store is damaged.
    """
    try:
        yield
    except (OSError, duckdb.Error, MemoryError) as error:
        found = _in_words(folder, error)
        if found is None:
            raise
        raise found from error


def _in_words(folder: Path, error: Exception) -> ReconError | None:
    code, words = getattr(error, "errno", None), str(error).lower()
    stays = "what was published before stays"
    if code in FULL or any(word in words for word in FULL_WORDS):
        return StoreUnwritable(
            f"The disk of {folder} is full; {stays}: free some space, then run this "
            "again."
        )
    if code in LOCKED or any(word in words for word in LOCKED_WORDS):
        return StoreUnwritable(
            f"The store in {folder} cannot be written (read-only, or not yours); "
            f"{stays}: allow writing to the folder, or name another with --store."
        )
    if isinstance(error, (duckdb.OutOfMemoryException, MemoryError)):
        return StoreUnwritable(
            f"The load needs more memory than it may take; {stays}: load fewer days or "
            "smaller files at a time."
        )
    return damaged(folder, error) if isinstance(error, DAMAGE) else None
