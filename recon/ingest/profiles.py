"""Profile, growth and statements of the companies that matter: those near a line."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from recon import reconstitution
from recon.errors import SourceSilent
from recon.ingest.fundamentals import fundamental_rows
from recon.ingest.options import Options
from recon.ingest.outcome import Taken
from recon.ingest.resume import (
    PROFILES,
    SYMBOL_STATES,
    RequestCount,
    cached_responses,
    check_listed,
    is_due,
    note_symbol,
    read_notes,
    refuse_demo,
    write_notes,
)
from recon.sources.http_client import RetryPolicy
from recon.sources.yahoo import profiles, symbols
from recon.sources.yahoo.client import Yahoo
from recon.sources.yahoo.quotes import new_york_day
from recon.store import Store
from recon.vocabulary import membership_key

NEAR_FRAC = 0.10  # of the line that would change a company's index
MOST_FAILED = 5  # companies without a response before the run gives up
FRESH_DAYS = 30  # a younger profile is not fetched again


def fetch_profiles(
    folder: Path,
    options: Options,
    *,
    near_frac: float = NEAR_FRAC,
    only: Sequence[str] = (),
    now: datetime | None = None,
    policy: RetryPolicy | None = None,
) -> list[Taken]:
    """Fetch what style and nationality need, for companies near a line.

    About six requests a company. Profiles younger than a month are not fetched again;
    a run that was stopped resumes where it stopped. Measures go to `fundamentals`;
    country and industry are used from the next day of listings on.

    Parameters
    ----------
    near_frac
        Largest distance to the line that would change a company's index.
    only
        Symbols as the store spells them, instead of those near a line.

    Raises
    ------
    SnapshotMissing
        If the store holds no day.
    BadRequest
        If a symbol is not listed on its last day.
    SourceBlocked, SourceSilent
        If Yahoo refuses, or its responses stay incomplete.
    """
    refuse_demo(folder)
    today = new_york_day(now or datetime.now(UTC))
    noted, silent = read_notes(folder, PROFILES), read_notes(folder, SYMBOL_STATES)
    wanted = _wanted(folder, near_frac, only)
    due = [
        name
        for name in wanted
        if is_due(silent, name, today) and not _is_fresh(noted.get(name, {}), today)
    ]
    if not due:
        words = f"{len(wanted):,} companies, all fetched in the last {FRESH_DAYS} days"
        return [Taken(origin="Yahoo profiles", note=f"{words}; nothing changed")]
    counts = RequestCount(options)
    with cached_responses(folder, f"deep {today}") as cache:
        yahoo = Yahoo(counts, cache, policy)
        found: list[pd.DataFrame] = []
        failed: list[str] = []
        rows = 0
        for number, name in enumerate(due):
            counts.report(f"profile of {name}", number, len(due), rows)
            try:
                measures = _measures(yahoo, name, today, noted)
            except SourceSilent:
                failed.append(name)
                if len(failed) > MOST_FAILED:
                    raise
                continue
            note_symbol(
                silent,
                name,
                counts.outcomes,
                today=today,
                has_rows=len(measures) > 0,
                has_session=True,
                is_in_market=None,
            )
            found.append(measures.assign(symbol=name))
            rows += len(measures)
        note = counts.note()
        if failed:
            note += f"; unavailable for now: {', '.join(failed)}"
        taken = _publish(folder, found, today, note, options)
        write_notes(folder, PROFILES, noted)
        write_notes(folder, SYMBOL_STATES, silent)
        return [taken]


def _wanted(folder: Path, near_frac: float, only: Sequence[str]) -> list[str]:
    store = Store(folder)
    try:
        day = store.day_on_or_before(date.max)
        listed = set(store.securities(day, day)["symbol"])
        check_listed(only, listed, day)
        if only:
            return list(only)
        companies = reconstitution.project_as_if(store, day).companies
    finally:
        store.close()
    distance = companies["distance_to_break_point_frac"].abs()
    return companies.loc[distance <= near_frac, "symbol"].tolist()


def _is_fresh(note: dict[str, Any], today: date) -> bool:
    asked_on = note.get("asked_on") or "1970-01-01"
    return (today - date.fromisoformat(asked_on)).days < FRESH_DAYS


def _measures(
    yahoo: Yahoo, name: str, today: date, noted: dict[str, Any]
) -> pd.DataFrame:
    """Fetch one company; note its profile, return its measures."""
    symbol = symbols.to_yahoo(name)
    info = yahoo.profile(symbol)
    if not info:
        return profiles.measures({}, pd.DataFrame(), pd.DataFrame(), today)
    growth, quarters = yahoo.growth(symbol), yahoo.quarters(symbol)
    noted[name] = {
        "asked_on": today.isoformat(),
        "country": info.get("country"),
        "industry": profiles.industry_of(info),
    }
    return profiles.measures(info, growth, quarters, today)


def _publish(
    folder: Path, found: list[pd.DataFrame], today: date, note: str, options: Options
) -> Taken:
    origin = f"Yahoo profiles {today}"
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    if rows.empty:
        return Taken(origin=origin, note=f"no data for any of them; {note}")
    rows = rows.assign(symbol=membership_key(rows["symbol"])).dropna(subset=["symbol"])
    taken = fundamental_rows(folder, rows, origin, options)
    return replace(taken, note=f"{taken.note}; {note}")
