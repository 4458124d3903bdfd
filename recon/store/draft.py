"""A generation in preparation: new files beside the published ones, then one rename."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd

from recon.store import Store, create_tables, generations, query_text, sql_path
from recon.store.generations import Manifest

STORAGE_VERSION = "v1.5.0"  # also read by the previous major version of DuckDB

# what is drawn of the days between two, by the name of its table
DrawnOf = Callable[[Store, date, date], Mapping[str, pd.DataFrame]]


class Draft:
    """The generation after `before`; readers see nothing of it until `publish`."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, folder: Path, before: Manifest
    ) -> None:
        self.con, self.folder, self.before = con, folder, before
        # a path is never used again
        generation = before.generation + 1
        self.manifest = before.model_copy(
            update={"generation": generation, "is_blank": False}
        )

    def copy_core(self) -> None:
        """Start the core file as a copy of the published one."""
        name = self._make("core", self.before.core)
        self.manifest = self.manifest.model_copy(update={"core": name})

    def make_year(self, year: int, old: str | None) -> str:
        """Start the file of a year, as a copy of `old` or empty; return its name."""
        name = self._make(f"y{year}", old)
        years = {**self.manifest.years, year: name}
        self.manifest = self.manifest.model_copy(update={"years": years})
        return name

    @contextmanager
    def core(self) -> Iterator[None]:
        """Attach the core file as `work`."""
        with attached(self.con, self.folder / self.manifest.core):
            yield

    def enter(self, ingest_id: int, entry: Mapping[str, object]) -> None:
        """Add an entry to the ledger of the core file, which is attached."""
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        run(self.con, "insert_ledger", ingest_id=ingest_id, finished_at=now, **entry)

    def draw(self, since: date, until: date, drawn_of: DrawnOf) -> None:
        """Draw what is stored of the days from `since` to `until` anew."""
        candidate = Store(self.folder, self.manifest)
        try:
            tables = drawn_of(candidate, since, until)
        finally:
            candidate.close()
        for name, table in tables.items():
            self.con.register(f"new_{name}", table)
        with self.core():
            for name in tables:
                run(self.con, f"delete_{name}", since=since, until=until)
                run(self.con, f"insert_{name}")

    def publish(self) -> Manifest:
        """Sync the new files and name them in the manifest; return that."""
        new = set(self.manifest.file_names()) - set(self.before.file_names())
        for name in new:
            generations.sync_file(self.folder / name)
        generations.sync_folder(self.folder)
        kept = (
            self.before.file_names() + (self.before.record_name(),),
            *self.before.kept,
        )
        kept = kept[: generations.KEPT_GENERATIONS - 1]
        marks = {
            name: self.before.marks.get(name) or generations.mark_of(self.folder / name)
            for name in self.manifest.file_names()
        }
        published = self.manifest.model_copy(update={"kept": kept, "marks": marks})
        generations.write_manifest(self.folder, published)
        generations.remove_leftovers(self.folder, published)
        return published

    def _make(self, stem: str, old: str | None) -> str:
        name = f"{stem}-{self.manifest.generation:06d}.duckdb"
        if old is not None:
            shutil.copyfile(self.folder / old, self.folder / name)
        make_tables(self.con, self.folder / name, with_core=stem == "core")
        return name


def make_tables(con: duckdb.DuckDBPyConnection, path: Path, *, with_core: bool) -> None:
    """Make the tables that a data file lacks, and the file itself where it is new."""
    options = "" if path.exists() else f"storage_version '{STORAGE_VERSION}'"
    with attached(con, path, options=options):
        con.execute("use work")
        create_tables(con, with_core=with_core)
        con.execute("use memory")


@contextmanager
def attached(
    con: duckdb.DuckDBPyConnection, path: Path, alias: str = "work", options: str = ""
) -> Iterator[None]:
    """Attach a data file while the block lasts; what was written is checkpointed."""
    suffix = f" ({options})" if options else ""
    con.execute(f"attach '{sql_path(path)}' as {alias}{suffix}")
    try:
        yield
        if options != "read_only":
            con.execute(f"checkpoint {alias}")
    finally:
        con.execute("use memory")
        con.execute(f"detach {alias}")


def run(
    con: duckdb.DuckDBPyConnection, name: str, **values: object
) -> duckdb.DuckDBPyConnection:
    """Execute one of ``statements/``; `values` are all its parameters and no others."""
    return con.execute(query_text(name, "statements"), values)


def count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Return the number that a statement counts."""
    ((number,),) = run(con, name).fetchall()
    return int(number)
