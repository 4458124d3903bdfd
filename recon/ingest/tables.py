"""Tables of listings by day: CSV, Parquet, and the first sheet of a workbook."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa

from recon.errors import SourceUnreadable
from recon.ingest.days import (
    Options,
    Taken,
    already,
    digest_of,
    existing,
    knows,
    part_of,
    take_days,
)
from recon.sources import columns
from recon.store import delimited
from recon.store.writer import Writer, open_writer


def tables(
    folder: Path, paths: Sequence[Path], options: Options, source: str
) -> list[Taken]:
    """Ingest each table, one generation a file; `source` names it in the ledger.

    Raises
    ------
    SourceUnreadable
        If a file could not be understood; the others are in the store by then.
    """
    taken, unread = [], []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for number, path in enumerate(paths):
            one = part_of(options, number, len(paths))
            try:
                taken.append(_taken(writer, path, one, source))
            except SourceUnreadable as error:
                unread.append(str(error))
    if unread:
        raise SourceUnreadable(" ".join(unread))
    return taken


def _taken(writer: Writer, path: Path, options: Options, source: str) -> Taken:
    digest = digest_of(existing(path), options.mapping)
    decides = options.accept or options.replace
    if not decides and knows(writer.store, source, digest):
        return already(path.name)
    options.progress(f"reading {path.name}", 0.0)
    offered = read_xlsx(path) if path.suffix.lower() == ".xlsx" else path
    names = writer.columns_of(offered)
    return take_days(
        writer,
        columns.match(names, path.name, options.mapping),
        source=source,
        origin=path.name,
        digest=digest,
        options=options,
    )


def read_xlsx(path: Path) -> pa.Table:
    """Return the first sheet of a workbook as texts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0].iter_rows(values_only=True)
        names = delimited.unlike([str(name or "") for name in next(sheet, ())])
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
    if isinstance(value, bool):  # Excel takes the symbol TRUE for one
        return str(value).upper()
    return value.date().isoformat() if hasattr(value, "date") else str(value)
