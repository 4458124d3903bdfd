"""Today's whole market from Yahoo: fetched by slices, judged, published whole."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from recon.errors import BadRequest, StoreMissing
from recon.ingest.days import settled_days, take_days
from recon.ingest.fundamentals import fundamental_rows
from recon.ingest.options import Options
from recon.ingest.outcome import Taken
from recon.ingest.resume import (
    PROFILES,
    RequestCount,
    cached_responses,
    read_notes,
    refuse_demo,
)
from recon.sources.http_client import RetryPolicy
from recon.sources.yahoo import quotes as parser
from recon.sources.yahoo.client import Yahoo
from recon.sources.yahoo.market import Whole, whole_market
from recon.sources.yahoo.quotes import Profile
from recon.store import YAHOO, Store
from recon.store.writer import open_writer
from recon.vocabulary import membership_key

BOOK = "book_value_per_share_usd"


def today(
    folder: Path,
    options: Options,
    *,
    day: date | None = None,
    now: datetime | None = None,
    policy: RetryPolicy | None = None,
) -> list[Taken]:
    """Ingest the last finished session's whole market.

    Nothing is published unless every slice is whole, or a person accepts the day. A run
    that was stopped resumes where it stopped; none is made for a session that is stored
    already.

    Parameters
    ----------
    day
        The session expected; None takes the last one.
    now
        The moment of the request; the clock's if None.

    Raises
    ------
    BadRequest
        If `day` is not the last finished session: Yahoo shows no other.
    SessionUnfinished
        If a session is under way, or quotes of two are mixed.
    MarketMixed
        If the store holds the demo market.
    SourceBlocked, SourceSilent
        If Yahoo refuses, or its responses stay short; the day before stays published.
    """
    refuse_demo(folder)
    now = now or datetime.now(UTC)
    session = parser.last_finished(now)
    if day is not None and day != session:
        raise BadRequest(
            f"Yahoo shows only the last finished session, {session}, not {day}; for "
            "earlier ones run 'python -m recon ingest estimate'."
        )
    if not options.replace and is_stored(folder, session):
        return [_stored(session)]
    counts = RequestCount(options)
    with cached_responses(folder, f"snapshot {session}") as cache:
        yahoo = Yahoo(counts, cache, policy)
        accepted = session in options.accept
        whole = whole_market(yahoo.page, counts.report, accepts_short=accepted)
        shown = parser.session_of(whole.quotes.values())
        if shown > session:
            raise BadRequest(
                f"Yahoo shows the session of {shown}, but by this machine's clock "
                f"{session} is the last; set the clock, then run this again."
            )
        note = _note(whole, counts)
        if shown < session:
            note = f"Yahoo still shows {shown}, not yet {session}; {note}"
            if not options.replace and is_stored(folder, shown):
                return [_stored(shown, note)]
        return _publish(folder, whole, shown, note, options)


def _publish(
    folder: Path, whole: Whole, session: date, note: str, options: Options
) -> list[Taken]:
    rows = list(whole.quotes.values())
    origin = f"Yahoo {session}"
    with open_writer(folder, "real", options.wait_seconds) as writer:
        known = _profiles(folder, writer.store)
        listings, details = parser.to_tables(rows, session, whole.sectors, known)
        names = writer.columns_of(listings)
        ordered = str(listings.sort_by("symbol").to_pylist())
        taken = take_days(
            writer,
            {name: name for name in names},
            source=YAHOO,
            origin=origin,
            digest=hashlib.sha256(ordered.encode()).hexdigest(),
            options=options,
            notes=[note],
            details=details,
        )
    done = [taken]
    if taken.published_days:
        done += _book_values(folder, details, session, options)
    return done


def _profiles(folder: Path, store: Store) -> Mapping[str, Profile]:
    """Return what earlier days and profiles say of each symbol of the store.

    A quote names the issuer but neither country nor industry; a listing that the store
    knows with the same issuer keeps its texts.
    """
    days = store.published_days()
    noted = read_notes(folder, PROFILES)
    known = {
        symbol: Profile(country=row.get("country"), industry=row.get("industry"))
        for symbol, row in noted.items()
    }
    if not len(days):
        return known
    last = days[-1].date()
    table = store.securities(last, last).drop_duplicates("symbol")
    texts = ["country", "industry", "sector", "name"]
    for row in table[["symbol", *texts]].to_dict("records"):
        listed = {name: row[name] for name in texts if isinstance(row[name], str)}
        fetched = known.get(row["symbol"], Profile())
        known[row["symbol"]] = Profile(
            country=listed.get("country") or fetched.country,
            industry=listed.get("industry") or fetched.industry,
            sector=listed.get("sector"),
            name=listed.get("name"),
        )
    return known


def _book_values(
    folder: Path, details: pa.Table, session: date, options: Options
) -> list[Taken]:
    """Store the book values per share that are not known yet, for style."""
    table = details.select(["symbol", "book_value_per_share"]).to_pandas()
    table = table.assign(key=membership_key(table["symbol"])).dropna()
    table = table.drop_duplicates("key")
    store = Store(folder)
    known = store.fundamentals(session)
    store.close()
    before = known[known["measure"] == BOOK].set_index("symbol")["value"]
    last = table["key"].map(before).astype(float)
    new = table[~np.isclose(table["book_value_per_share"], last, rtol=1e-9)]
    if new.empty:
        return []
    rows = pd.DataFrame(
        {
            "symbol": new["key"],
            "measure": BOOK,
            "value": new["book_value_per_share"],
            "period_end": pd.NaT,
            "known_on": pd.Timestamp(session),
            "source": "Yahoo quotes",
        }
    )
    return [fundamental_rows(folder, rows, f"Yahoo book values {session}", options)]


def is_stored(folder: Path, session: date) -> bool:
    """Tell whether the store has a session, not merely an estimate of it."""
    try:
        store = Store(folder)
    except StoreMissing:
        return False
    days = store.days()
    store.close()
    return session in settled_days(days, YAHOO)


def _stored(session: date, note: str = "") -> Taken:
    words = f"the session of {session} is stored already; nothing changed"
    return Taken(origin=f"Yahoo {session}", note="; ".join(filter(None, [words, note])))


def _note(whole: Whole, counts: RequestCount) -> str:
    note = (
        f"{len(whole.quotes):,} listings in {whole.slices} slices, "
        f"{whole.promised:,} with a market cap as promised, "
        f"{counts.note()}"
    )
    if whole.conflicts:
        note += f", {whole.conflicts} conflicts"
    if whole.shortfalls:
        note += f"; accepted though short: {', '.join(whole.shortfalls)}"
    return note
