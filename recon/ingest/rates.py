"""Rates, spreads and consumer prices: files in FRED's form, or fetched from FRED."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pandas as pd

from recon.errors import SourceUnreadable
from recon.ingest.files import digest_of, existing, is_known
from recon.ingest.options import Options
from recon.ingest.outcome import Taken, already_stored
from recon.sources import rates as source
from recon.sources.http_client import HttpClient
from recon.store import generations
from recon.store.writer import open_writer

FIRST = date(2000, 1, 1)


def rates(folder: Path, paths: Sequence[Path], options: Options) -> list[Taken]:
    """Ingest CSV files of series in FRED's form; a day stored before is replaced.

    Raises
    ------
    SourceUnreadable
        If a file could not be understood; those before it are in the store by then.
    """
    taken = []
    for path in paths:
        digest = digest_of(existing(path))
        try:
            text = path.read_text("utf-8")
        except ValueError:
            raise SourceUnreadable(f"{path.name} is no text in UTF-8.") from None
        rows = source.parse(text, path.name)
        taken.append(take_rates(folder, rows, path.name, digest, options))
    return taken


def fetch_rates(folder: Path, options: Options, base: str | None = None) -> list[Taken]:
    """Fetch every series from FRED; `base` is a server that stands in for it.

    Raises
    ------
    SourceBlocked, SourceSilent, SourceUnreadable
        If a series could not be fetched: nothing is stored then.
    """
    client = HttpClient(
        "FRED", base=base, record=lambda each: options.note_request(asdict(each))
    )
    parts = []
    for number, code in enumerate(source.SERIES):
        options.progress(f"requesting {code}", number / len(source.SERIES))
        parts.append(source.fetch(client, code, FIRST))
    rows = pd.concat(parts, ignore_index=True)
    digest = hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()
    return [take_rates(folder, rows, "FRED", digest, options)]


def take_rates(
    folder: Path, rows: pd.DataFrame, origin: str, digest: str, options: Options
) -> Taken:
    """Publish rows of `sources.rates`; return what became of them."""
    market = "real"
    if (Path(folder) / generations.MANIFEST).exists():
        market = generations.read_manifest(Path(folder)).market
    with open_writer(folder, market, options.wait_seconds) as writer:
        if is_known(writer.store, "rates", digest):
            return already_stored(origin)
        taken = Taken(
            origin=origin,
            offered=len(rows),
            accepted=len(rows),
            note=", ".join(rows["series"].unique()),
        )
        rows = rows.assign(source=origin)
        writer.publish_rates(rows, taken.ledger_entry("rates", digest))
    options.progress(origin, 1.0)
    return taken
