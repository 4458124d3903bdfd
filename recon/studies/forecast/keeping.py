"""What a store keeps of the odds beside its data: how good they were."""

import hashlib
import io
import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from recon import __version__
from recon.store import Store
from recon.store.writer import open_writer
from recon.studies.forecast.calibration import Calibration


def data_fingerprint(facts: Store) -> str:
    """Return the SHA-256 of everything that was ever loaded: the ledger's digests."""
    ledger = facts.ledger().sort_values("ingest_id")
    words = ledger["digest"].astype(str) + " " + ledger["accepted_count"].astype(str)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def keep(folder: Path, found: Calibration, now: datetime) -> None:
    """Keep a calibration in the store, in place of the one before.

    Raises
    ------
    StoreBusy
        If an ingest is writing to the store.
    """
    tables = {
        each.name: getattr(found, each.name).to_json(
            orient="table", index=False, double_precision=15
        )
        for each in fields(found)
    }
    facts = Store(folder)
    market, fingerprint = facts.manifest().market, data_fingerprint(facts)
    facts.close()
    with open_writer(folder, market) as writer:
        writer.publish_calibration(
            {
                "kept_at": now.astimezone(UTC).replace(tzinfo=None, microsecond=0),
                "program_version": __version__,
                "data_fingerprint": fingerprint,
                "content": json.dumps(tables),
            }
        )


def kept(facts: Store) -> Calibration | None:
    """Return the calibration that a store keeps, None where it has none."""
    entries = facts.calibrations()
    if entries.empty:
        return None
    tables = json.loads(entries["content"].iloc[0])
    read = {
        name: pd.read_json(io.StringIO(text), orient="table")
        for name, text in tables.items()
    }
    return Calibration(**read)
