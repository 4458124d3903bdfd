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
    take_days,
)
from recon.sources import columns
from recon.store.writer import open_writer


def tables(
    folder: Path, paths: Sequence[Path], options: Options, source: str
) -> list[Taken]:
    """Ingest each table, one generation a file; `source` names it in the ledger."""
    digests = [digest_of(existing(path)) for path in paths]
    taken = []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for path, digest in zip(paths, digests, strict=True):
            if (
                not options.accept
                and not options.replace
                and knows(writer.store, source, digest)
            ):
                taken.append(already(path.name))
                continue
            options.progress(f"reading {path.name}", 0.0)
            offered = _xlsx(path) if path.suffix.lower() == ".xlsx" else path
            names = writer.columns_of(offered)
            taken.append(
                take_days(
                    writer,
                    columns.match(names, path.name, options.mapping),
                    source=source,
                    origin=path.name,
                    digest=digest,
                    options=options,
                )
            )
    return taken


def _xlsx(path: Path) -> pa.Table:
    """Return the first sheet of a workbook as texts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = [
            str(name or f"column {n}") for n, name in enumerate(next(rows, ()), 1)
        ]
        texts = [
            [_cell(value) for value in row]
            for row in rows
            if any(value is not None for value in row)
        ]
    except Exception as error:
        raise SourceUnreadable(
            f"{path.name} could not be read as XLSX: {error}."
        ) from error
    if not header:
        raise SourceUnreadable(f"{path.name} has an empty first sheet.")
    cells = [
        [row[n] if n < len(row) else None for row in texts] for n in range(len(header))
    ]
    return pa.table(
        {name: pa.array(c, pa.string()) for name, c in zip(header, cells, strict=True)}
    )


def _cell(value: object) -> str | None:
    if value is None:
        return None
    return value.date().isoformat() if hasattr(value, "date") else str(value)
