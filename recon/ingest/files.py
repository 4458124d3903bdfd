"""Files on their way in: whether they are there, known already, or workbooks."""

import hashlib
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recon.errors import SourceUnreadable
from recon.store import Store, delimited
from recon.store.notation import PLAIN, Notation

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


def digest_of(
    path: Path,
    mapping: Mapping[str, str] | None = None,
    notation: Notation = PLAIN,
) -> str:
    """Return the SHA-256 of a file's content, as hexadecimal text.

    A `mapping` of columns and a `notation` are part of it: with other ones the same
    file says something else.
    """
    digest = hashlib.sha256()
    if mapping:
        digest.update(repr(sorted(mapping.items())).encode())
    if notation != PLAIN:
        digest.update(repr(notation).encode())
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def is_known(store: Store, source: str, digest: str) -> bool:
    """Tell whether this very content was ingested from this kind of source before."""
    ledger = store.ledger()
    return bool(((ledger["digest"] == digest) & (ledger["source"] == source)).any())


def read_xlsx(
    path: Path, notation: Notation = PLAIN, most_rows: int | None = None
) -> pa.Table:
    """Return the first sheet of a workbook as texts, with `row_number`.

    Numbers are written as the texts of a `notation` are; its rows above the header are
    passed over. `most_rows` reads no more than the first rows.

    Raises
    ------
    SourceUnreadable
        If it is not a workbook, its first sheet is empty, or it unpacks to too much.
    """
    try:
        sheet = _sheet(path)
        heads = next(islice(sheet, notation.rows_above, None), ())
        if len(heads) > MOST_COLUMNS:
            raise ValueError(f"it has {len(heads):,} columns")
        names = delimited.distinct_names([str(name or "") for name in heads])
        rows = list(islice(_filled(sheet, notation.decimal_comma), most_rows))
    except Exception as error:
        raise _no_workbook(path, error) from error
    if not names:
        raise SourceUnreadable(f"{path.name} has an empty first sheet.")
    cells: dict[str, pa.Array] = {
        name: pa.array(
            [row[n] if n < len(row) else None for _, row in rows], pa.string()
        )
        for n, name in enumerate(names)
    }
    return pa.table({**cells, "row_number": pa.array([n for n, _ in rows], pa.int64())})


def _sheet(path: Path) -> Iterator[tuple[object, ...]]:
    """Return the rows of a workbook's first sheet, cells as they are."""
    _check_unpacked(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return book.worksheets[0].iter_rows(values_only=True)


def _no_workbook(path: Path, error: Exception) -> SourceUnreadable:
    said = str(error).strip().splitlines()[0] if str(error).strip() else "damaged"
    return SourceUnreadable(f"{path.name} could not be read as XLSX: {said}.")


def first_lines(path: Path, count: int) -> list[list[str]]:
    """Return the first lines of a CSV file or a workbook, wherever its header stands.

    Raises
    ------
    SourceUnreadable
        If it is neither.
    """
    if path.suffix.lower() != ".xlsx":
        return delimited.first_lines(path, count)
    try:
        return [
            [str(value or "") for value in row[:MOST_COLUMNS]]
            for row in islice(_sheet(path), count)
        ]
    except Exception as error:
        raise _no_workbook(path, error) from error


def first_rows(path: Path, count: int, notation: Notation = PLAIN) -> pd.DataFrame:
    """Return the first rows of a table as texts, under its own column names.

    Raises
    ------
    SourceUnreadable
        If it is not a table.
    """
    if path.suffix.lower() == ".parquet":
        return _parquet_rows(path, count)
    if path.suffix.lower() == ".xlsx":
        table = read_xlsx(path, notation, count).to_pandas()
        return table.drop(columns="row_number").fillna("")
    names, *rows = delimited.preview(path, count, notation.rows_above)
    width = len(names)
    return pd.DataFrame([(row + [""] * width)[:width] for row in rows], columns=names)


def _parquet_rows(path: Path, count: int) -> pd.DataFrame:
    try:
        file = pq.ParquetFile(path)
        batch = next(file.iter_batches(batch_size=count), None)
        table = batch.to_pandas() if batch else file.schema_arrow.empty_table()
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise SourceUnreadable(
            f"{path.name} could not be read as Parquet: {first}."
        ) from error
    return pd.DataFrame(table).astype(str)


def _filled(
    sheet: Iterable[Sequence[object]], decimal_comma: bool
) -> Iterator[tuple[int, list[str | None]]]:
    """Rows of a sheet that hold something, with their numbers."""
    empty = 0
    for number, row in enumerate(sheet, 1):
        if len(row) > MOST_COLUMNS:
            raise ValueError(f"row {number:,} has {len(row):,} columns")
        if any(value is not None for value in row):
            empty = 0
            yield number, [_cell(value, decimal_comma) for value in row]
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


def _cell(value: object, decimal_comma: bool) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and decimal_comma:
        return str(value).replace(".", ",")
    if isinstance(value, bool):  # Excel reads the symbol TRUE as one
        return str(value).upper()
    return value.date().isoformat() if hasattr(value, "date") else str(value)
