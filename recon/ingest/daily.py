"""One day's work: the session's market, and fund holdings when they are due."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from recon import schedule
from recon.errors import ReconError, SessionUnfinished, StoreMissing
from recon.ingest import live, profiles
from recon.ingest.holdings import ISHARES_BASE, fund_holdings
from recon.ingest.options import Options, part_of
from recon.ingest.outcome import Taken
from recon.ingest.resume import refuse_demo
from recon.sources.fund_pages import FUNDS
from recon.sources.yahoo.quotes import last_finished, new_york_day
from recon.store import Store

HOLDINGS_SESSIONS = 5  # age of the newest list at which a fund is fetched again


def reason_to_rest(
    folder: Path, now: datetime, *, catches_up: bool = False, is_deep: bool = False
) -> str | None:
    """Say why there is nothing to do now, or None.

    On a day without a session there is nothing to do unless `catches_up` and the store
    lacks the last session. With `is_deep` the names near a line are checked even where
    the session is loaded.
    """
    today = new_york_day(now)
    try:
        session = last_finished(now)
    except SessionUnfinished as error:
        return str(error)
    if not schedule.is_session(today) and not catches_up:
        return f"{today} is no session of the New York Stock Exchange; nothing to do."
    if is_deep or not live.is_stored(folder, session) or due_funds(folder, session):
        return None
    return f"The session of {session} is loaded already; nothing to do."


def one_day(
    folder: Path, options: Options, now: datetime, *, is_deep: bool = False
) -> list[Taken]:
    """Load the last finished session, and the holdings of the funds that are due.

    With `is_deep`, the profiles of companies near a line follow. A part that fails does
    not keep the others from being loaded.

    Raises
    ------
    MarketMixed
        If the store holds the demo market: nothing is requested then.
    SourceBlocked, SourceSilent, SourceUnreadable
        If a provider refuses; what was loaded before that stays.
    """
    session = last_finished(now)
    refuse_demo(folder)
    parts: list[Callable[[Options], list[Taken]]] = []
    if not live.is_stored(folder, session):
        parts.append(lambda part: live.today(folder, part, now=now))
    if funds := due_funds(folder, session):
        base = os.environ.get(ISHARES_BASE)
        parts.append(lambda part: fund_holdings(folder, funds, None, part, base))
    if is_deep:
        parts.append(lambda part: profiles.fetch_profiles(folder, part, now=now))
    taken: list[Taken] = []
    refusals: list[ReconError] = []
    for number, part in enumerate(parts):
        try:
            taken += part(part_of(options, number, len(parts)))
        except ReconError as error:
            refusals.append(error)
    if refusals:
        words = [*map(str, refusals), *(f"{each.origin}: loaded." for each in taken)]
        raise type(refusals[0])(" ".join(words))
    return taken


def due_funds(folder: Path, session: date) -> list[str]:
    """Return the tickers of the funds whose newest list is some sessions old."""
    try:
        store = Store(folder)
    except StoreMissing:
        return list(FUNDS)
    lists = store.membership_lists()
    store.close()
    dated = lists[lists["as_of"] <= pd.Timestamp(session)]  # others say nothing of it
    newest = dated.groupby("index")["as_of"].max()
    days = {index: day.date() for index, day in newest.items()}
    return [
        fund.ticker
        for fund in FUNDS.values()
        if fund.index not in days
        or schedule.sessions_between(days[fund.index], session) > HOLDINGS_SESSIONS
    ]
