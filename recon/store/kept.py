"""Answers that take long, kept beside the data they were worked out from.

An answer is a few tables under a name and a key; the key tells what it was read from,
so that a change of that asks for a new answer and anything else does not. A folder that
cannot be written to keeps nothing, and one that was damaged is not read.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import pandas as pd

from recon.store.generations import KEPT


def key_of(parts: Iterable[object]) -> str:
    """Return a short text that differs where one of the parts does.

    A table counts by its rows and columns, anything else by how it is printed.
    """
    digest = hashlib.sha256()
    for part in parts:
        text = part.to_csv() if isinstance(part, pd.DataFrame) else repr(part)
        digest.update(text.encode("utf-8") + b"\0")
    return digest.hexdigest()[:20]


def read(store: Path, name: str, key: str) -> dict[str, pd.DataFrame] | None:
    """Return the tables that are kept under a name and key, None without them."""
    folder = store / KEPT / name / key
    try:
        return {path.stem: pd.read_parquet(path) for path in folder.iterdir()} or None
    except (OSError, ValueError):
        return None


def keep(store: Path, name: str, key: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """Keep tables under a name and key, in place of those under other keys."""
    home = store / KEPT / name
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home))
        try:
            for table_name, table in tables.items():
                table.to_parquet(draft / f"{table_name}.parquet", index=False)
            shutil.rmtree(home / key, ignore_errors=True)
            os.replace(draft, home / key)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        for other in home.iterdir():
            if other.name != key:
                shutil.rmtree(other, ignore_errors=True)
