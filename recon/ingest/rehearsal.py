"""A load tried out: what would become of a file, with nothing kept.

The file goes the whole way, gate and lines included, into a copy of the store that is
thrown away; its data files are the store's own, which nobody ever changes.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from recon.fundamental_measures import MEASURES
from recon.ingest.files import digest_of, existing, is_known
from recon.ingest.fundamentals import parsed_file
from recon.ingest.listings import take_table
from recon.ingest.options import Options
from recon.ingest.outcome import Taken, of_rows
from recon.store import generations
from recon.store.writer import open_writer

SHOWN_ROWS, MOST_DAYS = 5, 20  # days that pass the gate: a history takes too long
HELD = "day held back"  # how the reason of a row begins whose day is


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What would become of a file.

    `taken` is what the load would report of the days tried, `day_count` the days in the
    file; `reasons` counts refused rows (reason, row_count), most first; `first` are the
    first rows as understood, with the reason where one is refused. `note` is what the
    provider of a table is known for, `is_known` that the very file was loaded before.
    """

    taken: Taken
    reasons: pd.DataFrame
    first: pd.DataFrame
    note: str = ""
    day_count: int = 0
    is_known: bool = False

    def alone(self) -> pd.DataFrame:
        """Return the reasons of rows that are refused by themselves, not their day."""
        is_alone = ~self.reasons["reason"].astype("str").str.startswith(HELD)
        return self.reasons[is_alone].reset_index(drop=True)


def prices(folder: Path, path: Path, options: Options) -> Rehearsal:
    """Try a table of listings by day, see `listings.listings`.

    Raises
    ------
    SourceUnreadable
        If the file could not be understood.
    """
    digest = digest_of(existing(path), options.mapping, options.notation)
    options = replace(options, rehearsed_days=MOST_DAYS)
    with _scratch(folder) as scratch, open_writer(scratch, "real") as writer:
        known = is_known(writer.store, "vendor", digest)
        taken = take_table(writer, path, options, "vendor", digest)
        return Rehearsal(
            taken=taken,
            reasons=writer.refused_reasons(),
            first=writer.first_rows(SHOWN_ROWS),
            day_count=len(writer.staged_days()),
            is_known=known,
        )


def fundamentals(
    path: Path, options: Options, known_on: date | None = None
) -> Rehearsal:
    """Try a table of fundamentals; `first` has a row a company, a column a measure.

    Raises
    ------
    SourceUnreadable
        If the file could not be understood.
    """
    parsed = parsed_file(existing(path), options, known_on)
    rows, refused = parsed.rows, parsed.refused
    counts = refused["reason"].value_counts()
    shown = rows[rows["symbol"].isin(rows["symbol"].unique()[:SHOWN_ROWS])]
    wide = shown.pivot_table(
        index=["symbol", "known_on"], columns="measure", values="value", aggfunc="last"
    )
    ordered = [name for name in MEASURES if name in wide.columns]
    return Rehearsal(
        taken=of_rows(path.name, rows, refused, "values", [parsed.note]),
        reasons=pd.DataFrame({"reason": counts.index, "row_count": counts.to_numpy()}),
        first=wide[ordered].reset_index().rename_axis(columns=None).head(SHOWN_ROWS),
        note=parsed.note,
    )


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give a folder that holds the store's generation, or nothing where there is none.

    Files are linked, where the disk can, so that it takes no time and no room.
    """
    is_store = (folder / generations.MANIFEST).exists()
    near = folder / generations.INCOMING if is_store else None
    if near is not None:
        near.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=near) as name:
        scratch = Path(name)
        if is_store:
            manifest = generations.read_manifest(folder)
            for file in manifest.file_names():
                _link(folder / file, scratch / file)
            kept = manifest.model_copy(update={"kept": ()})
            generations.write_manifest(scratch, kept)
        yield scratch


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
