"""Answers that take long, kept beside the data they were worked out from.

An answer is a few tables under a name and a key; the key tells what it was read from,
so that a change of that asks for a new answer and anything else does not. A folder that
cannot be written to keeps nothing, and one that was damaged is not read.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

import recon
from recon.store import Store
from recon.store.generations import KEPT

# no kept answer runs through these: they load, show or send what others worked out
NOT_READ_BY = {
    *("ingest", "jobs", "charts", "export"),
    *("exhibits", "note", "alerts", "commands", "__main__.py"),
}
Tables = Mapping[str, pd.DataFrame]


class Kept:
    """The answers that one generation of a store keeps, each worked out once."""

    def __init__(self, store: Store) -> None:
        """Keep answers in the folder of a store."""
        self.store = store

    def key(self, last: date, *more: object, lists_until: date | None = None) -> str:
        """Return the key of an answer about the days to `last`, made of `more` besides.

        It holds the program's own text, the days, and the lists and fundamentals known
        by then; `lists_until` is later where an answer asks what came.
        """
        ends = dict.fromkeys(("lists", "members"), lists_until or last)
        known = [
            table[table["known_on"] <= pd.Timestamp(ends.get(what, last))]
            for what, table in self._facts.items()
        ]
        return key_of([_program(), *known, *more])

    @cached_property
    def _facts(self) -> dict[str, pd.DataFrame]:
        days = self.store.days()
        lists = self.store.membership_lists().drop(columns="list_id")
        return {
            "days": days.assign(known_on=days["snapshot_date"]),
            "lists": lists.assign(known_on=lists["as_of"]),
            **dict(list(self.store.fingerprints().groupby("what"))),
        }

    def tables(
        self,
        name: str,
        key: str,
        names: Collection[str],
        make: Callable[[], Tables],
    ) -> Tables:
        """Return the tables of `names` as kept, or made and kept in place of others.

        What was made is read back, for its types are the same then as ever after.
        """
        found = self.read(name, key)
        if found is None or not set(names) <= set(found):
            made = make()
            self.keep(name, key, made)
            found = self.read(name, key) or made
        return found

    def table(
        self, name: str, key: str, make: Callable[[], pd.DataFrame]
    ) -> pd.DataFrame:
        """Return an answer of one table as kept, or made and kept."""
        return self.tables(name, key, ["answer"], lambda: {"answer": make()})["answer"]

    def read(
        self, name: str, key: str, only: str = "*", columns: list[str] | None = None
    ) -> Tables | None:
        """Return the tables that are kept under a name and key, None without them.

        `only` names one of them, `columns` those that are asked for.
        """
        paths = (self._home / name / key).glob(f"{only}.parquet")
        try:
            return {
                path.stem: pd.read_parquet(path, columns=columns) for path in paths
            } or None
        except (OSError, ValueError):
            return None

    def keep(self, name: str, key: str, tables: Tables) -> None:
        """Keep tables under a name and key, in place of those under other keys."""
        home = self._home / name
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

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin so of what is kept, in order."""
        return sorted(path.name for path in self._home.glob(f"{prefix}*"))

    def forget(self, prefix: str, most: int) -> None:
        """Leave of the names that begin so only the `most` that were kept last."""
        with suppress(OSError):
            found = list(self._home.glob(f"{prefix}*"))
            found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
            for path in found[most:]:
                shutil.rmtree(path, ignore_errors=True)

    @property
    def _home(self) -> Path:
        return self.store.folder / KEPT


@cache
def _program() -> str:
    """Return a key of the program's text that answers run through."""
    home = Path(recon.__file__).parent
    paths = [
        path
        for path in sorted(home.rglob("*"))
        if path.suffix in (".py", ".sql", ".csv")
        and path.relative_to(home).parts[0] not in NOT_READ_BY
    ]
    return key_of([path.read_bytes() for path in paths])


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
