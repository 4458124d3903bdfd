"""A store is a folder of immutable DuckDB files and one small manifest.

Every change writes new files beside the old ones and then swaps the manifest with one
atomic rename: a reader sees the whole of the old generation or the whole of the new
one, and a writer killed at any moment leaves only files that nobody refers to.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recon.errors import (
    StoreBusy,
    StoreDamaged,
    StoreFormat,
    StoreMissing,
    first_fault,
)
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
MOVING = f"{MANIFEST}.moving"  # the manifest of a store that is being moved in
DATA_FILE = re.compile(r"(core|y\d{4})-\d{6,}\.duckdb")
RECORD = re.compile(r"generation-(\d{6,})\.json")
BLOCK_BYTES = 1 << 20
REMEDY = (
    "'python -m recon check' says what is sound, 'python -m recon check --repair' goes "
    "back to the newest whole generation"
)
FileName = Annotated[str, Field(pattern=r"^(core|y\d{4})-\d{6,}\.duckdb$")]
Kept = Annotated[
    str, Field(pattern=r"^((core|y\d{4})-\d{6,}\.duckdb|generation-\d{6,}\.json)$")
]
Year = Annotated[int, Field(ge=1900, le=2199)]


class _Format(BaseModel):
    """The one field that every version of the manifest has."""

    format: int


class Mark(BaseModel):
    """What a data file is known by: its size and the SHA-256 of its content."""

    model_config = ConfigDict(frozen=True, strict=True)

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What one generation consists of; paths are file names inside the folder.

    A blank one has nothing published, so its market is not decided yet. `marks` are by
    file name; an earlier version of the program wrote none.
    """

    model_config = ConfigDict(frozen=True, strict=True, validate_by_name=True)

    format: int = FORMAT
    generation: int = Field(gt=0)
    market: str = Field(pattern="^(real|demo)$")
    core: FileName
    years: dict[Year, FileName]
    kept: tuple[tuple[Kept, ...], ...] = ()
    marks: dict[FileName, Mark] = Field(default_factory=dict)
    is_blank: bool = Field(default=False, alias="blank")

    def file_names(self) -> tuple[str, ...]:
        """Every data file of this generation."""
        return (self.core, *self.years.values())

    def record_name(self) -> str:
        """Name of the copy of this manifest that outlives the next generation."""
        return f"generation-{self.generation:06d}.json"


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
        _refuse_headless(folder)
        raise StoreMissing(
            f"There is no store in {folder}; load listings into it with "
            "'python -m recon ingest listings FILE', or build the demo market with "
            "'python -m recon demo'."
        ) from None
    except OSError as error:
        raise StoreFormat(f"The store in {folder} cannot be read: {error}.") from error
    return parse_manifest(content, folder, MANIFEST)


def parse_manifest(content: bytes, folder: Path, name: str) -> Manifest:
    """Return what the manifest file of this name says; StoreFormat if it says none."""
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
        raise StoreDamaged(
            f"The file {folder / name} is not a manifest of this program "
            f"({first_fault(error)}); {REMEDY}."
        ) from error


def _refuse_headless(folder: Path) -> None:
    """Raise StoreFormat where data files stand without a manifest.

    The first generation is blank, so its file alone is what a killed first load left,
    and files that are being moved in were never published here.
    """
    if (folder / MOVING).exists() or not folder.is_dir():
        return
    blank = "core-000001.duckdb"
    files = [path for path in folder.glob("*.duckdb") if path.name != blank]
    if files:
        raise StoreDamaged(
            f"The folder {folder} holds {len(files)} database files and no manifest "
            f"({MANIFEST}), so nothing is read from it or written to it: {REMEDY}."
        )


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Publish a generation: after this returns every reader sees it.

    A copy of the manifest is kept as the generation's record.
    """
    content = manifest.model_dump_json(indent=1, by_alias=True).encode()
    for name in (manifest.record_name(), MANIFEST):
        temporary = folder / f"{MANIFEST}.{manifest.generation}.new"
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, folder / name)
    sync_folder(folder)


def mark_of(path: Path) -> Mark:
    """Return what a data file is known by."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return Mark(bytes=path.stat().st_size, sha256=digest.hexdigest())


def missing_part(folder: Path, manifest: Manifest, *, deep: bool = False) -> str:
    """Say which file of a generation is absent or changed; empty where none is.

    Sizes are compared, and contents too if `deep`.
    """
    for name in manifest.file_names():
        mark = manifest.marks.get(name)
        try:
            size = (folder / name).stat().st_size
            if mark is not None and size != mark.bytes:
                return f"{name} has {size:,} bytes of {mark.bytes:,}"
            if mark is not None and deep and mark_of(folder / name) != mark:
                return f"{name} is not as it was written"
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
    return ""


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
        named.add(manifest.record_name())
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
    is_manifest = path.name.startswith(f"{MANIFEST}.") or RECORD.fullmatch(path.name)
    return ".duckdb" in path.name or bool(is_manifest)


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
