"""Filings from EDGAR: of every listed company once, then of those that filed since."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from recon import reconstitution
from recon.errors import SourceSilent
from recon.ingest.filings import publish
from recon.ingest.options import Options
from recon.ingest.outcome import Taken
from recon.ingest.resume import (
    RequestCount,
    cached_responses,
    read_notes,
    refuse_demo,
    write_notes,
)
from recon.ingest.staged_filings import PART_ROWS, Staged
from recon.reconstitution.companies import keys_on
from recon.sources.filings import Told
from recon.sources.filings.edgar import Edgar, checked_contact
from recon.sources.http_client import RetryPolicy
from recon.sources.yahoo.quotes import new_york_day
from recon.store import Store, generations
from recon.vocabulary import membership_key

NOTES = "filings.json"  # who asks, the last day asked for, companies still owed
SEC_BASE = "RECON_SEC_BASE"  # a server that stands in for the SEC's
MOST_FAILED = 5  # companies without a response before a run gives up


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What to ask EDGAR for.

    `contact` says who asks and is kept; `since` is the first day of filings, that after
    the last one asked for if None; `near_frac` asks of the companies near a line alone.
    """

    contact: str = ""
    since: date | None = None
    near_frac: float | None = None
    base: str | None = None
    policy: RetryPolicy | None = None
    now: datetime | None = None


def fetch_filings(folder: Path, options: Options, asking: Asking) -> list[Taken]:
    """Fetch filings from EDGAR; a run that was stopped resumes where it stopped.

    The first run asks for every company listed on the store's last day, two requests
    each; later ones for those alone that have filed since, by the daily indexes.

    Raises
    ------
    BadRequest
        If nobody has said who asks.
    SnapshotMissing
        If the store holds no day.
    SourceBlocked, SourceSilent
        If EDGAR refuses, or its responses stay incomplete.
    """
    refuse_demo(folder)
    today = new_york_day(asking.now or datetime.now(UTC))
    notes = read_notes(folder, NOTES)
    contact = checked_contact(asking.contact or notes.get("contact", ""))
    write_notes(folder, NOTES, notes | {"contact": contact})
    listed = _listed(folder, asking.near_frac)
    since = asking.since
    if since is None and "last_day" in notes:
        since = date.fromisoformat(notes["last_day"]) + timedelta(days=1)
    counts = RequestCount(options)
    run = f"filings-live {since or 'all'} {asking.near_frac or ''}".strip()
    with cached_responses(folder, run) as cache:
        edgar = Edgar(
            contact,
            base=asking.base,
            record=counts,
            cache=cache,
            policy=asking.policy,
        )
        home = Path(folder) / generations.RESPONSES / run
        for part in home.glob("part-*"):  # responses are kept, and parsed anew
            part.unlink()
        staged = Staged(home, None, today)
        last, wanted = _wanted(edgar, listed, since, today, notes, staged)
        owed = _stage(edgar, wanted, notes, staged, counts)
        digest = hashlib.sha256(f"{run} {today} {wanted}".encode()).hexdigest()
        if not sum(staged.counts.values()):
            taken = Taken(origin="EDGAR", note=f"nothing filed; {counts.note()}")
        else:
            taken = publish(folder, staged, "EDGAR", digest, options)
        marks = {str(cik): edgar.marks(cik, _marks(notes, cik)) for cik in wanted}
        notes = notes | {
            "contact": contact,
            "last_day": last.isoformat(),
            "owed": owed,
            "modified": notes.get("modified", {}) | marks,
        }
        write_notes(folder, NOTES, notes)
        note = f"{taken.note}; {counts.note()}"
        if owed:
            note += f"; unavailable for now, asked next time: {len(owed)} companies"
        return [replace(taken, note=note)]


def _listed(folder: Path, near_frac: float | None) -> frozenset[str]:
    """Return the keys of the last day's listings, or of those near a line."""
    store = Store(folder)
    try:
        day = store.day_on_or_before(date.max)
        if near_frac is None:
            return keys_on(store, day)
        companies = reconstitution.project_as_if(store, day).companies
    finally:
        store.close()
    near = companies["distance_to_break_point_frac"].abs() <= near_frac
    return frozenset(companies.loc[near, "key"].dropna())


def _wanted(
    edgar: Edgar,
    listed: frozenset[str],
    since: date | None,
    today: date,
    notes: dict[str, Any],
    staged: Staged,
) -> tuple[date, list[int]]:
    """Stage lists and indexes; return the last day they tell of, and whom to ask."""
    told = edgar.tickers(today)
    staged.put("tickers", 1, [told])
    keys = membership_key(pd.Series([str(row[1]) for row in told.symbols]))
    own = {
        int(str(row[0]))
        for row, key in zip(told.symbols, keys, strict=True)
        if key in listed
    }
    if since is None:
        return today - timedelta(days=1), sorted(own)
    last, filed = since - timedelta(days=1), set(map(int, notes.get("owed", ())))
    for day in edgar.index_days(since, today):
        index = edgar.index(day)
        staged.put(f"index {day}", 1, [index])
        filed |= {int(str(row[0])) for row in index.forms}
        last = max(last, day)
    return last, sorted(own & filed)


def _stage(
    edgar: Edgar,
    wanted: Sequence[int],
    notes: dict[str, Any],
    staged: Staged,
    counts: RequestCount,
) -> list[int]:
    """Stage what each filer has filed; return those that gave no response."""
    owed: list[int] = []
    parts: list[Told] = []
    for number, cik in enumerate(wanted):
        rows = sum(staged.counts.values())
        counts.report(f"filings of CIK {cik}", number, len(wanted), rows)
        try:
            parts += edgar.company(cik, _marks(notes, cik))
        except SourceSilent:
            owed.append(cik)
            if len(owed) > MOST_FAILED:
                raise
        if sum(each.row_count() for each in parts) >= PART_ROWS:
            staged.put("companies", 1, parts)
            parts = []
    if parts:
        staged.put("companies", 1, parts)
    return owed


def _marks(notes: dict[str, Any], cik: int) -> tuple[str, str]:
    first, second = notes.get("modified", {}).get(str(cik), ("", ""))
    return first, second
