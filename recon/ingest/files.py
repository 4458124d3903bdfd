"""Files on their way in: whether they are there, known already, or workbooks."""

import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pyarrow as pa

from recon.errors import SourceUnreadable
from recon.store import Store, delimited

CHUNK = 1 << 20


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


def read_xlsx(path: Path) -> pa.Table:
    """Return the first sheet of a workbook as texts, with `row_number`.

    Raises
    ------
    SourceUnreadable
        If it is not a workbook, or its first sheet is empty.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0].iter_rows(values_only=True)
        names = delimited.distinct_names([str(name or "") for name in next(sheet, ())])
        rows = [
            (number, [_cell(value) for value in row])
            for number, row in enumerate(sheet, 1)
            if any(value is not None for value in row)
        ]
    except Exception as error:
        raise SourceUnreadable(
            f"{path.name} could not be read as XLSX: {error}."
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


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):  # Excel reads the symbol TRUE as one
        return str(value).upper()
    return value.date().isoformat() if hasattr(value, "date") else str(value)
