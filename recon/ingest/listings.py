"""Tables of listings by day: CSV, Parquet, and the first sheet of a workbook."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from recon.ingest.days import take_days
from recon.ingest.files import digest_of, existing, is_known, read_xlsx
from recon.ingest.options import Options, part_of
from recon.ingest.outcome import Taken, already_stored, of_each
from recon.sources import column_names
from recon.store.writer import Writer, open_writer


def listings(
    folder: Path, paths: Sequence[Path], options: Options, source: str = "listings"
) -> list[Taken]:
    """Ingest tables of listings by day, CSV, Parquet or XLSX, one generation a file.

    They have at least date, symbol, price and market cap; `source` tells tables of all
    listings from those of a vendor.

    Raises
    ------
    SourceUnreadable
        If no file could be understood; of several the others are taken.
    """
    with open_writer(folder, "real", options.wait_seconds) as writer:
        return of_each(
            paths,
            lambda number, path: _take_table(
                writer, path, part_of(options, number, len(paths)), source
            ),
        )


vendor = partial(listings, source="vendor")


def _take_table(writer: Writer, path: Path, options: Options, source: str) -> Taken:
    digest = digest_of(existing(path), options.mapping, options.notation)
    decides = options.accept or options.replace
    if not decides and is_known(writer.store, source, digest):
        return already_stored(path.name)
    return take_table(writer, path, options, source, digest)


def take_table(
    writer: Writer, path: Path, options: Options, source: str, digest: str
) -> Taken:
    """Publish the days of one table, whatever was ingested before."""
    options.progress(f"reading {path.name}", 0.0)
    is_book = path.suffix.lower() == ".xlsx"
    offered = read_xlsx(path, options.notation) if is_book else path
    names = writer.columns_of(offered, options.notation.rows_above)
    return take_days(
        writer,
        column_names.match(names, path.name, options.mapping),
        source=source,
        origin=path.name,
        digest=digest,
        options=options,
    )
