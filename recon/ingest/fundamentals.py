"""Fundamentals: company reports and analysts' estimates, as known on a day."""

import hashlib
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recon import reconstitution, tables
from recon.errors import SourceUnreadable
from recon.ingest.files import digest_of, existing, is_known, read_xlsx
from recon.ingest.notations import in_our_notation
from recon.ingest.options import Options
from recon.ingest.outcome import Taken, already_stored, of_each, of_rows
from recon.rulebook import rulebook
from recon.rules import eligibility
from recon.sources import fundamentals as parser
from recon.store import Store, delimited, generations
from recon.store.notation import PLAIN, Notation
from recon.store.writer import Writer, open_writer


def fundamentals(
    folder: Path,
    paths: Sequence[Path],
    options: Options,
    known_on: date | None = None,
) -> list[Taken]:
    """Ingest tables of fundamentals (CSV, Parquet, XLSX), one generation a file.

    `known_on` is the day the values were known, for a table without such a column.

    Raises
    ------
    SourceUnreadable
        If no file could be understood; of several the others are taken.
    """
    with open_writer(folder, "real", options.wait_seconds) as writer:

        def take(number: int, path: Path) -> Taken:
            digest = digest_of(existing(path), notation=options.notation)
            digest = f"{digest} {known_on}" if known_on else digest
            if is_known(writer.store, "fundamentals", digest) and not options.mapping:
                return already_stored(path.name)
            options.progress(f"reading {path.name}", number / len(paths))
            parsed = parsed_file(path, options, known_on)
            return take_fundamentals(writer, parsed, path.name, digest)

        return of_each(paths, take)


def parsed_file(path: Path, options: Options, known_on: date | None) -> parser.Parsed:
    """Parse a table of fundamentals as `options` say it is written.

    Raises
    ------
    SourceUnreadable
        If it could not be understood.
    """
    table = in_our_notation(_read(path, options.notation), options.notation)
    return parser.parse(table, path.name, known_on, options.mapping or None)


def fundamental_rows(
    folder: Path, rows: pd.DataFrame, origin: str, options: Options
) -> Taken:
    """Ingest rows that a source has fetched, with the columns of `Fundamentals`.

    A missing `value` is left out, an impossible one quarantined.
    """
    digest = hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()
    market = "real"
    if (Path(folder) / generations.MANIFEST).exists():
        market = generations.read_manifest(Path(folder)).market
    with open_writer(folder, market, options.wait_seconds) as writer:
        if is_known(writer.store, "fundamentals", digest):
            return already_stored(origin)
        return take_fundamentals(writer, parser.judge(rows), origin, digest)


def take_fundamentals(
    writer: Writer,
    parsed: parser.Parsed,
    origin: str,
    digest: str,
    source: str = "fundamentals",
    *,
    draws: bool = True,
) -> Taken:
    """Publish parsed fundamentals; return what became of the rows.

    Without `draws` what free floats move is left for memberships to draw.
    """
    rows = tables.Fundamentals.validate(parsed.rows)
    notes = [f"{rows['symbol'].nunique():,} companies", parsed.note]
    taken = of_rows(origin, rows, parsed.refused, "values", list(filter(None, notes)))
    entry = taken.ledger_entry(source, digest)
    writer.publish_fundamentals(rows, parsed.refused, entry)
    floats = rows.loc[rows["measure"].eq(FREE_FLOAT_MEASURE), "known_on"]
    if draws and has_small_floats(writer.store):
        writer.redraw(reconstitution.draw)
    elif draws and len(floats):  # they weigh segments from the day they are known
        writer.redraw(reconstitution.draw, floats.min().date())
    return taken


FREE_FLOAT_MEASURE = "free_float_frac"


def has_small_floats(store: Store) -> bool:
    """Tell whether any company ever had a free float too small for an index.

    Only then do fundamentals move a break point (Ground Rules v7.0, 5.10.1).
    """
    days = store.published_days()
    if not len(days):
        return False
    last = days[-1].date()
    floats = store.free_floats(last)["free_float_frac"].to_numpy()
    return not eligibility.screen_floats(floats, rulebook(last)).all()


def _read(path: Path, notation: Notation = PLAIN) -> pd.DataFrame:
    """Return the table of a file, texts or numbers as they stand."""
    try:
        if path.suffix.lower() == ".parquet":
            return pq.read_table(path).to_pandas()
        if path.suffix.lower() == ".xlsx":
            return read_xlsx(path, notation).to_pandas().drop(columns="row_number")
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "rows.parquet"
            misfits = delimited.to_parquet(path, target, notation.rows_above)
            table = pq.read_table(target).to_pandas().drop(columns="row_number")
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else "no reason given"
        raise SourceUnreadable(f"{path.name} could not be read: {first}.") from error
    if len(misfits):
        raise SourceUnreadable(
            f"{path.name} has {len(misfits):,} lines that are not like its header; the "
            f"first: {misfits['reason'][0].as_py()}."
        )
    return table.astype("str").fillna("")
