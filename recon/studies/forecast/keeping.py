"""What a store keeps of the odds: those of a page, and how good they were.

The odds of a session are worked out once and stay over a restart; those of earlier
sessions tell how a company's odds have moved.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pandas as pd

from recon import __version__
from recon.reconstitution import History
from recon.store import Store
from recon.store.kept import Kept, Tables
from recon.store.writer import open_writer
from recon.studies.forecast import (
    PAGE_DRAWS,
    Forecast,
    Model,
    forecast_of,
    prepare,
    starts,
)
from recon.studies.forecast.calibration import Calibration
from recon.studies.forecast.drawing import Show

STATES = ["p_r1000", "p_r2000", "p_micro", "p_out", "p_gone"]  # a company is in one
PREFIX, FAN_PREFIX = "odds-", "fan-"
MOST_KEPT = 260  # sessions and rank days: a year's, half a megabyte each
MOST_FANS = 30
COUNTS = ("horizon_sessions", "draws", "seed", "past_sessions")
TABLES = ("companies", "lines", "counts")


def keep_since(
    store: Store, since: date, until: date, show: Callable[[str, float], None]
) -> int:
    """Keep the odds that pages show, of each week's last session; return how many.

    The rank day is that of the coming event as seen from `until`. `show` is told of the
    day at hand and what part is done.

    Raises
    ------
    SnapshotMissing
        If the past of the first session is too short.
    """
    last, rank_day = starts(store, until)
    days = store.published_days()
    inside = days[(days >= pd.Timestamp(since)) & (days <= pd.Timestamp(last))]
    weeks = inside.to_series().groupby(inside.to_period("W")).max().dt.date.tolist()
    kept, history = Kept(store), History(store)
    for number, day in enumerate(weeks):
        show(f"odds of {day}", number / len(weeks))
        make = partial(_of_day, store, day, rank_day, history)
        odds(kept, day, rank_day, make)
    return len(weeks)


def _of_day(store: Store, day: date, rank_day: date, history: History) -> Forecast:
    return of_page(prepare(store, day, history=history), rank_day)


def of_page(model: Model, rank_day: date, show: Show | None = None) -> Forecast:
    """Return the odds that pages show: the same draws for every reader."""
    return forecast_of(model, rank_day, draws=PAGE_DRAWS, seed=1, show=show)


def odds(
    kept: Kept, day: date, rank_day: date, make: Callable[[], Forecast]
) -> Forecast:
    """Return the odds of a rank day from a session, as kept or made and kept."""

    def made() -> Tables:
        found = make()
        about = {each: getattr(found, each) for each in (*COUNTS, "set_aside")}
        own = {each: getattr(found, each) for each in TABLES}
        return {**own, "about": pd.DataFrame({"about": [json.dumps(about)]})}

    name = f"{PREFIX}{day}-to-{rank_day}"
    tables = kept.tables(name, kept.key(day), [*TABLES, "about"], made)
    kept.forget(PREFIX, MOST_KEPT)
    return Forecast(
        snapshot_date=day,
        rank_day=rank_day,
        **json.loads(tables["about"]["about"].iloc[0]),
        **{each: tables[each] for each in TABLES},
    )


def fan(
    kept: Kept, day: date, rank_day: date, make: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """Return the fan of the lines from a session, as kept or made and kept."""
    found = kept.table(f"{FAN_PREFIX}{day}-to-{rank_day}", kept.key(day), make)
    kept.forget(FAN_PREFIX, MOST_FANS)
    return found


def sessions_kept(kept: Kept, rank_day: date) -> tuple[date, ...]:
    """Return the sessions of which odds of a rank day are kept, in order."""
    pairs = (
        map(date.fromisoformat, name.removeprefix(PREFIX).split("-to-"))
        for name in kept.names(PREFIX)
    )
    return tuple(day for day, target in pairs if target == rank_day)


def past_odds(kept: Kept, rank_day: date, sessions: Iterable[date]) -> pd.DataFrame:
    """Return all companies' odds of a rank day as kept of some sessions.

    Columns symbol, as_of, rank_day and the odds of `STATES`. A session whose odds were
    worked out from other data has none.
    """
    rows, asked = [], ["symbol", *STATES]
    for day in sessions:
        name = f"{PREFIX}{day}-to-{rank_day}"
        tables = kept.read(name, kept.key(day), "companies", asked)
        if tables is not None:
            rows.append(tables["companies"].assign(as_of=pd.Timestamp(day)))
    columns = ["symbol", "as_of", "rank_day", *STATES]
    if not rows:
        return pd.DataFrame(columns=columns)
    found = pd.concat(rows, ignore_index=True)
    return found.assign(rank_day=pd.Timestamp(rank_day))[columns]


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
