"""A store is a folder of immutable DuckDB files and one small manifest.

Every change writes new files beside the old ones and then swaps the manifest with one
atomic rename: a reader sees the whole of the old generation or the whole of the new
one, and a writer killed at any moment leaves only files that nobody refers to.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recon.errors import StoreBusy, StoreFormat, StoreMissing, first_fault
from recon.store import locks

FORMAT = 1
MANIFEST = "CURRENT"
LOCK = ".lock"
SPILL = ".spill"
RUNS = "runs"  # records of loads
RESPONSES = "asked"  # responses of runs not yet done, and notes for later ones
INCOMING = "incoming"  # files uploaded through the app
KEPT = "kept"  # answers that took long, see `kept`
KEPT_GENERATIONS = 3


class _Format(BaseModel):
    """The one field that every version of the manifest has."""

    format: int


class Manifest(BaseModel):
    """What one generation consists of; paths are file names inside the folder.

    A blank one has nothing published, so its market is not decided yet.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True)

    format: int = FORMAT
    generation: int
    market: str
    core: str
    years: dict[int, str]
    kept: tuple[tuple[str, ...], ...] = ()
    is_blank: bool = Field(default=False, alias="blank")

    def file_names(self) -> tuple[str, ...]:
        """Every data file of this generation."""
        return (self.core, *self.years.values())


def read_manifest(folder: Path) -> Manifest:
    """Read the published generation of a store folder.

    Raises
    ------
    StoreMissing
        If the folder holds no store.
    StoreFormat
        If it was written by another version of the program, or is damaged.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        raise StoreMissing(
            f"There is no store in {folder}; load listings into it with "
            "'python -m recon ingest listings FILE', or build the demo market with "
            "'python -m recon demo'."
        ) from None
    except OSError as error:
        raise StoreFormat(f"The store in {folder} cannot be read: {error}.") from error
    try:
        found = _Format.model_validate_json(content).format
        if found != FORMAT:
            is_newer = found > FORMAT
            cure = "update the program" if is_newer else "move it away, ingest again"
            raise StoreFormat(
                f"The store in {folder} has format {found} of "
                f"{'a newer' if is_newer else 'an older'} version of the program; this "
                f"one reads format {FORMAT}: {cure}, or name another folder with "
                "--store."
            )
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise StoreFormat(
            f"The file {folder / MANIFEST} is not a manifest of this program "
            f"({first_fault(error)}); move the folder away and ingest again."
        ) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Publish a generation: after this returns every reader sees it."""
    temporary = folder / f"{MANIFEST}.{manifest.generation}.new"
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(manifest.model_dump_json(indent=1, by_alias=True))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, folder / MANIFEST)
    sync_folder(folder)


def sync_file(path: Path) -> None:
    """Force a closed file to the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to the disk, where the system allows it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: Path, manifest: Manifest | None) -> None:
    """Delete data files that neither the manifest nor its kept predecessors name."""
    named: set[str] = set()
    if manifest is not None:
        named = {*manifest.file_names(), *(n for names in manifest.kept for n in names)}
    for path in folder.iterdir():
        if _is_data(path) and path.name not in named:
            # another system may hold a file that a reader still has open
            with suppress(OSError):
                path.unlink()


def is_ours(path: Path) -> bool:
    """Tell whether an entry of a folder belongs to a store, published or not."""
    names = (LOCK, SPILL, RUNS, RESPONSES, INCOMING, KEPT, MANIFEST)
    return path.name in names or _is_data(path)


def _is_data(path: Path) -> bool:
    return ".duckdb" in path.name or path.name.startswith(f"{MANIFEST}.")


@contextmanager
def write_lock(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the store for writing; the lock ends with the process, however it ends.

    Raises
    ------
    StoreBusy
        If another process still holds it after `wait_seconds`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with locks.held(folder / LOCK, wait_seconds) as is_held:
        if not is_held:
            raise StoreBusy(
                f"Another ingest is writing to {folder}; this one waited "
                f"{wait_seconds:.0f} seconds and changed nothing: run it again later."
            )
        yield
