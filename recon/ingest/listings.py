"""Tables of listings by day: CSV, Parquet, and the first sheet of a workbook."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from recon.errors import SourceUnreadable
from recon.ingest.days import take_days
from recon.ingest.files import digest_of, existing, is_known, read_xlsx
from recon.ingest.options import Options, part_of
from recon.ingest.outcome import Taken, already_stored
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
        If a file could not be understood; the others are in the store by then.
    """
    taken, unread = [], []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for number, path in enumerate(paths):
            part = part_of(options, number, len(paths))
            try:
                taken.append(_take_table(writer, path, part, source))
            except SourceUnreadable as error:
                unread.append(str(error))
    if unread:
        raise SourceUnreadable(" ".join(unread))
    return taken


vendor = partial(listings, source="vendor")


def _take_table(writer: Writer, path: Path, options: Options, source: str) -> Taken:
    digest = digest_of(existing(path), options.mapping)
    decides = options.accept or options.replace
    if not decides and is_known(writer.store, source, digest):
        return already_stored(path.name)
    options.progress(f"reading {path.name}", 0.0)
    offered = read_xlsx(path) if path.suffix.lower() == ".xlsx" else path
    names = writer.columns_of(offered)
    return take_days(
        writer,
        column_names.match(names, path.name, options.mapping),
        source=source,
        origin=path.name,
        digest=digest,
        options=options,
    )
