"""Today's whole market from Yahoo: asked for by slices, judged, published whole."""

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
from recon.ingest.resume import Tally, kept, read_notes, refuse_demo
from recon.sources.http_client import Manners
from recon.sources.yahoo import quotes as parser
from recon.sources.yahoo.client import Yahoo
from recon.sources.yahoo.market import Whole, whole_market
from recon.sources.yahoo.quotes import Profile
from recon.store import YAHOO, Store
from recon.store.writer import open_writer
from recon.vocabulary import membership_key

PROFILES = "profiles.json"
BOOK = "book_value_per_share_usd"


def today(
    folder: Path,
    options: Options,
    *,
    day: date | None = None,
    now: datetime | None = None,
    manners: Manners | None = None,
) -> list[Taken]:
    """Ingest the last finished session's whole market.

    Nothing is published unless every slice is whole, or a person accepts the day. A run
    that was stopped goes on where it stopped; one whose session is stored already asks
    nothing.

    Parameters
    ----------
    day
        The session that is expected; None takes the last one.
    now
        The moment of asking; the clock's if None.

    Raises
    ------
    BadRequest
        If `day` is not the last finished session: Yahoo shows no other.
    SessionUnfinished
        If a session is under way, or quotes of two are mixed.
    MarketMixed
        If the store holds the demo market.
    SourceBlocked, SourceSilent
        If Yahoo refuses, or its answers stay short; the day before stays published.
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
    tally = Tally(options)
    with kept(folder, f"snapshot {session}") as answers:
        asked = Yahoo(tally, answers, manners)
        accepted = session in options.accept
        whole = whole_market(asked.page, tally.tell, accepts_short=accepted)
        shown = parser.session_of(whole.quotes.values())
        if shown > session:
            raise BadRequest(
                f"Yahoo shows the session of {shown} and this machine's clock says "
                f"that {session} is the last; set the clock, then run it again."
            )
        note = _note(whole, tally)
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
        taken = take_days(
            writer,
            {name: name for name in names},
            source=YAHOO,
            origin=origin,
            digest=_digest(listings),
            options=options,
            notes=[note],
            details=details,
        )
    done = [taken]
    if taken.published_days:
        done += _book_values(folder, details, session, options)
    return done


def _profiles(folder: Path, store: Store) -> Mapping[str, Profile]:
    """What earlier days and deep answers say of each symbol, by the store's spelling.

    A quote names the issuer and neither country nor industry; a listing that the
    store knows by the same issuer keeps the words it was listed with.
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
        told = {name: row[name] for name in texts if isinstance(row[name], str)}
        deep = known.get(row["symbol"], Profile())
        known[row["symbol"]] = Profile(
            country=told.get("country") or deep.country,
            industry=told.get("industry") or deep.industry,
            sector=told.get("sector"),
            name=told.get("name"),
        )
    return known


def _book_values(
    folder: Path, details: pa.Table, session: date, options: Options
) -> list[Taken]:
    """Keep the book values per share that are not known already, for style."""
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
    """Tell whether the store has a session, by more than an estimate."""
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


def _note(whole: Whole, tally: Tally) -> str:
    said = (
        f"{len(whole.quotes):,} listings in {whole.slices} slices, "
        f"{whole.promised:,} with a market cap as promised, "
        f"{tally.requests} requests ({tally.retries} repeated)"
    )
    if whole.conflicts:
        said += f", {whole.conflicts} conflicts"
    if whole.shortfalls:
        said += f"; accepted though short: {', '.join(whole.shortfalls)}"
    return said


def _digest(listings: pa.Table) -> str:
    ordered = listings.sort_by("symbol")
    return hashlib.sha256(str(ordered.to_pylist()).encode()).hexdigest()
