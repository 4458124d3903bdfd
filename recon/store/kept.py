"""Answers that take long, kept beside the data they were worked out from.

An answer is a few tables under a name and a key; the key tells what it was read from,
so that a change of that asks for a new answer and anything else does not. A folder that
cannot be written to keeps nothing, and one that was damaged is not read.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd

import recon
from recon.store import Store
from recon.store.generations import KEPT

READ_BY = ("rules", "reconstitution", "studies", "store", "schedule.py", "rulebook.py")


def read_until(
    store: Store, last: date, lists_until: date | None = None
) -> Iterator[object]:
    """Give all that an answer about the days to `last` is made of, for its key.

    The program's own text, the days, and the lists and fundamentals known by then;
    `lists_until` is later where an answer asks what came.
    """
    end = pd.Timestamp(last)
    yield _program()
    days = store.days()
    yield days[days["snapshot_date"] <= end]
    lists = store.membership_lists().drop(columns="list_id")
    yield lists[lists["as_of"] <= pd.Timestamp(lists_until or last)]
    posted = store.official_lists()
    yield posted[posted["posted_on"] <= end]
    counts = store.fundamental_counts()
    yield counts[counts["known_on"] <= end]


@cache
def _program() -> str:
    """Return a key of the program's text that answers run through."""
    home = Path(recon.__file__).parent
    paths = [path for each in READ_BY for path in sorted((home / each).rglob("*"))]
    paths += [home / each for each in READ_BY if each.endswith(".py")]
    texts = [path.read_bytes() for path in paths if path.suffix in (".py", ".sql")]
    return key_of(texts)


def key_of(parts: Iterable[object]) -> str:
    """Return a short text that differs where one of the parts does.

    A table counts by its rows and columns, anything else by how it is printed.
    """
    digest = hashlib.sha256()
    for part in parts:
        text = repr(list(part.columns) if isinstance(part, pd.DataFrame) else part)
        digest.update(text.encode("utf-8") + b"\0")
        if isinstance(part, pd.DataFrame):
            digest.update(pd.util.hash_pandas_object(part, index=False).to_numpy())
    return digest.hexdigest()[:20]


def read(
    store: Path, name: str, key: str, only: str = "*"
) -> dict[str, pd.DataFrame] | None:
    """Return the tables that are kept under a name and key, None without them.

    `only` names one of them.
    """
    paths = (store / KEPT / name / key).glob(f"{only}.parquet")
    try:
        return {path.stem: pd.read_parquet(path) for path in paths} or None
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


def names(store: Path, prefix: str) -> list[str]:
    """Return the names that begin so of what is kept, in order."""
    return sorted(path.name for path in (store / KEPT).glob(f"{prefix}*"))


def forget(store: Path, prefix: str, most: int) -> None:
    """Leave of the names that begin so only the `most` that were kept last."""
    with suppress(OSError):
        found = list((store / KEPT).glob(f"{prefix}*"))
        found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in found[most:]:
            shutil.rmtree(path, ignore_errors=True)
