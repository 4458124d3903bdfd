"""Files on their way in: whether they are there, known already, or workbooks."""

import hashlib
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import openpyxl
import pyarrow as pa

from recon.errors import SourceUnreadable
from recon.store import Store, delimited

CHUNK = 1 << 20
# of a workbook: its parts, what they unpack to, and the sheet's shape
MOST_PARTS, UNPACKED_BYTES = 5_000, 2_000_000_000
UNPACKED_RATIO, UNPACKED_FROM_BYTES = 100, 64_000_000
MOST_COLUMNS, MOST_EMPTY_ROWS = 1_000, 10_000


def existing(path: Path) -> Path:
    """Return the path of a file that is there and not empty.

    Raises
    ------
    SourceUnreadable
        If there is none, or a folder in its place.
    """
    if path.is_dir():
        raise SourceUnreadable(f"{path} is a folder; a file is expected here.")
    if not path.is_file():
        raise SourceUnreadable(f"There is no file {path}.")
    if path.stat().st_size == 0:
        raise SourceUnreadable(f"{path.name} is empty.")
    return path


def digest_of(path: Path, mapping: Mapping[str, str] | None = None) -> str:
    """Return the SHA-256 of a file's content, as hexadecimal text.

    A `mapping` of columns is part of it: with another one the same file says something
    else.
    """
    digest = hashlib.sha256()
    if mapping:
        digest.update(repr(sorted(mapping.items())).encode())
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def is_known(store: Store, source: str, digest: str) -> bool:
    """Tell whether this very content was ingested from this kind of source before."""
    ledger = store.ledger()
    return bool(((ledger["digest"] == digest) & (ledger["source"] == source)).any())


def read_xlsx(path: Path, most_rows: int | None = None) -> pa.Table:
    """Return the first sheet of a workbook as texts, with `row_number`.

    `most_rows` reads no more than the first rows.

    Raises
    ------
    SourceUnreadable
        If it is not a workbook, its first sheet is empty, or it unpacks to too much.
    """
    try:
        _check_unpacked(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0].iter_rows(values_only=True)
        heads = next(sheet, ())
        if len(heads) > MOST_COLUMNS:
            raise ValueError(f"it has {len(heads):,} columns")
        names = delimited.distinct_names([str(name or "") for name in heads])
        rows = list(islice(_filled(sheet), most_rows))
    except Exception as error:
        said = str(error).strip().splitlines()[0] if str(error).strip() else "damaged"
        raise SourceUnreadable(
            f"{path.name} could not be read as XLSX: {said}."
        ) from error
    if not names:
        raise SourceUnreadable(f"{path.name} has an empty first sheet.")
    cells: dict[str, pa.Array] = {
        name: pa.array(
            [row[n] if n < len(row) else None for _, row in rows], pa.string()
        )
        for n, name in enumerate(names)
    }
    return pa.table({**cells, "row_number": pa.array([n for n, _ in rows], pa.int64())})


def _filled(
    sheet: Iterable[Sequence[object]],
) -> Iterator[tuple[int, list[str | None]]]:
    """Rows of a sheet that hold something, with their numbers."""
    empty = 0
    for number, row in enumerate(sheet, 1):
        if len(row) > MOST_COLUMNS:
            raise ValueError(f"row {number:,} has {len(row):,} columns")
        if any(value is not None for value in row):
            empty = 0
            yield number, [_cell(value) for value in row]
            continue
        empty += 1
        if empty > MOST_EMPTY_ROWS:
            raise ValueError(f"row {number:,} follows {empty:,} empty ones")


def _check_unpacked(path: Path) -> None:
    """Raise ValueError for a workbook that unpacks to far more than it holds."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    most = max(UNPACKED_FROM_BYTES, UNPACKED_RATIO * path.stat().st_size)
    if len(entries) > MOST_PARTS or total > min(most, UNPACKED_BYTES):
        raise ValueError(f"it unpacks to {total / 1e6:,.0f} MB in {len(entries)} parts")


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):  # Excel reads the symbol TRUE as one
        return str(value).upper()
    return value.date().isoformat() if hasattr(value, "date") else str(value)
