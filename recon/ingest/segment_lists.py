"""Segments that a reader keeps by hand: themes and the Magnificent 7."""

from pathlib import Path

import pandas as pd

from recon import reconstitution, record
from recon.errors import SourceUnreadable
from recon.ingest.files import digest_of, existing, is_known
from recon.ingest.options import Options
from recon.ingest.outcome import Taken, already_stored
from recon.rules import segments
from recon.store import generations
from recon.store.writer import open_writer

KINDS = ("industry", "symbol", "not symbol")


def segment_lists(folder: Path, path: Path, options: Options) -> Taken:
    """Keep the segments of a CSV in place of those before, and draw every day anew.

    Its columns are those that `record.segment_lists` has: segment, by, value, since,
    until (a day or nothing) and source.

    Raises
    ------
    SourceUnreadable
        If a column is absent or a row cannot be read, with the row.
    """
    digest = digest_of(existing(path))
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except ValueError as error:
        raise SourceUnreadable(f"{path.name} could not be read: {error}") from None
    rows = read(table, path.name)
    market = generations.read_manifest(Path(folder)).market
    with open_writer(folder, market, options.wait_seconds) as writer:
        if is_known(writer.store, "segments", digest):
            return already_stored(path.name)
        names = ", ".join(rows["segment"].unique())
        taken = Taken(
            origin=path.name, offered=len(rows), accepted=len(rows), note=names
        )
        entry = taken.ledger_entry("segments", digest)
        writer.publish_segment_lists(rows, entry, reconstitution.draw)
    return taken


def read(table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Return entries of segments as they are kept, each checked.

    Raises
    ------
    SourceUnreadable
        If a column is absent or a row cannot be read, with the row.
    """
    columns = ["segment", "by", "value", "since", "until", "source"]
    absent = [name for name in columns if name not in table]
    if absent:
        raise SourceUnreadable(
            f"{origin} has no column {absent[0]}; expected {', '.join(columns)}."
        )
    table = table[columns].apply(lambda column: column.astype("str").str.strip())
    days = {
        name: pd.to_datetime(table[name].replace("", last), errors="coerce")
        for name, last in (("since", "1900-01-01"), ("until", "2200-01-01"))
    }
    rows = table.assign(**days)
    taken = {*segments.SIZES, *segments.BEFORE.values()} - {segments.MAG7}
    taken |= set(record.sectors()["sector"]) | {segments.WHOLE}
    wrong = {
        "names no segment, or one that is not kept by hand": rows["segment"].isin(
            taken
        ),
        f"is by none of {', '.join(KINDS)}": ~rows["by"].isin(KINDS),
        "has no value": rows["value"].eq(""),
        "has a day that is none, such as 2024-04-30": rows["since"].isna()
        | rows["until"].isna(),
        "has no source": rows["source"].eq(""),
    }
    for words, is_wrong in wrong.items():
        if is_wrong.any():
            number = int(is_wrong.to_numpy().argmax()) + 1
            raise SourceUnreadable(f"{origin}: row {number} {words}.")
    return rows
