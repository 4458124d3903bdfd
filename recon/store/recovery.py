"""What of a store is sound, and the newest whole generation of a damaged one.

A generation is whole if its manifest reads, its files are as they were written, and
the days its core file calls published are those that the files of the years hold.
Stores of earlier versions have neither records nor marks: their generations are put
together from the names of the files, and judged by what the files hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from recon.errors import StoreDamaged
from recon.store import generations, query_text, sql_path
from recon.store.fallback import recorded
from recon.store.generations import Manifest


@dataclass(frozen=True, kw_only=True)
class Found:
    """One generation as found: why it is not whole (empty if it is), its last day."""

    manifest: Manifest
    fault: str
    last_day: date | None
    day_count: int


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a check found: the fault of the published generation, and all of them.

    `found` is newest first; `fault` is empty where the store is sound.
    """

    fault: str
    found: list[Found]

    def newest_whole(self) -> Found | None:
        """Return the newest generation that can be gone back to."""
        return next((each for each in self.found if not each.fault), None)


def check(folder: Path) -> Health:
    """Look at every generation of a store folder, contents included.

    Raises
    ------
    StoreMissing
        If the folder holds no store and none of its files.
    StoreFormat
        If another version of the program wrote it.
    """
    fault, published = "", None
    try:
        published = generations.read_manifest(folder)
    except StoreDamaged as error:
        fault = str(error)
    found = [_looked_at(folder, each) for each in _generations(folder, published)]
    if published is not None:
        fault = next(each.fault for each in found if each.manifest == published)
    return Health(fault=fault, found=found)


def repair(folder: Path, wait_seconds: float = 30.0) -> Found | None:
    """Go back to the newest whole generation; None where the store is sound.

    It is published under a new number, so that no path is used again.

    Raises
    ------
    StoreMissing
        If the folder holds no store and none of its files.
    StoreDamaged
        If no generation is whole.
    StoreBusy
        If an ingest holds the store.
    """
    with generations.write_lock(folder, wait_seconds):
        health = check(folder)
        if not health.fault:
            return None
        whole = health.newest_whole()
        if whole is None:
            raise StoreDamaged(
                f"No generation of the store in {folder} is whole; move the folder "
                f"away and load again. {health.fault}"
            )
        numbers = [each.manifest.generation for each in health.found]
        numbers += [int(path.stem.rpartition("-")[2]) for path in _data(folder)]
        again = whole.manifest.model_copy(update={"generation": max(numbers) + 1})
        generations.write_manifest(folder, again)
        return whole


def _generations(folder: Path, published: Manifest | None) -> list[Manifest]:
    """Every generation there is a trace of, newest first."""
    found = {published.generation: published} if published is not None else {}
    for manifest in recorded(folder):
        found.setdefault(manifest.generation, manifest)
    for manifest in _put_together(folder):
        found.setdefault(manifest.generation, manifest)
    return [found[number] for number in sorted(found, reverse=True)]


def _put_together(folder: Path) -> Iterator[Manifest]:
    """Generations by the names of their files: a core and the years up to it."""
    files: dict[str, list[int]] = {}
    for path in _data(folder):
        stem, _, number = path.stem.rpartition("-")
        files.setdefault(stem, []).append(int(number))
    for core in sorted(files.get("core", []), reverse=True):
        newest = {
            int(stem[1:]): max((n for n in numbers if n <= core), default=0)
            for stem, numbers in sorted(files.items())
            if stem != "core"
        }
        name = f"core-{core:06d}.duckdb"
        market = _market(folder / name)
        if market is None:
            continue
        yield Manifest(
            generation=core,
            market=market or "real",
            core=name,
            years={y: f"y{y}-{n:06d}.duckdb" for y, n in newest.items() if n},
            is_blank=market == "",
        )


def _data(folder: Path) -> list[Path]:
    names = generations.DATA_FILE
    return [path for path in folder.iterdir() if names.fullmatch(path.name)]


def _market(core: Path) -> str | None:
    """Return ``demo`` or ``real``, nothing if nothing was loaded, None if unread."""
    try:
        with duckdb.connect() as con:
            con.execute(f"attach '{sql_path(core)}' as work (read_only)")
            rows = con.execute(query_text("core_sources", "checks")).fetchall()
    except duckdb.Error:
        return None
    sources = {source for (source,) in rows}
    if not sources:
        return ""
    return "demo" if "demo" in sources else "real"


def _looked_at(folder: Path, manifest: Manifest) -> Found:
    fault = generations.missing_part(folder, manifest, deep=True)
    days: set[date] = set()
    if not fault:
        try:
            days, held = _days(folder, manifest)
            if days != held:
                fault = (
                    f"{manifest.core} and the files of the years disagree on "
                    f"{len(days ^ held):,} days"
                )
        except duckdb.Error as error:
            fault = str(error).strip().splitlines()[0]
    return Found(
        manifest=manifest,
        fault=fault,
        last_day=max(days, default=None),
        day_count=len(days),
    )


def _days(folder: Path, manifest: Manifest) -> tuple[set[date], set[date]]:
    """Days that the core file calls published, and those that the years hold."""
    held: set[date] = set()
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute(f"attach '{sql_path(folder / manifest.core)}' as work (read_only)")
        published = _column(con, "core_days")
        con.execute("detach work")
        for name in manifest.years.values():
            con.execute(f"attach '{sql_path(folder / name)}' as work (read_only)")
            held |= _column(con, "year_days")
            con.execute("detach work")
    return published, held


def _column(con: duckdb.DuckDBPyConnection, name: str) -> set[date]:
    return {day for (day,) in con.execute(query_text(name, "checks")).fetchall()}
