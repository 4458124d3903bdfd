"""One day's work: the session's market, and what the funds hold when that is due."""

import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from recon import schedule
from recon.errors import MarketMixed, ReconError, SessionUnfinished, StoreMissing
from recon.ingest import live
from recon.ingest.days import Options, Taken, part_of
from recon.ingest.holdings import ISHARES_BASE, fund_holdings
from recon.sources.fund_pages import FUNDS
from recon.sources.yahoo.quotes import last_finished
from recon.store import PUBLISHED, Store
from recon.store.generations import read_manifest

NEW_YORK = ZoneInfo("America/New_York")
HOLDINGS_SESSIONS = 5  # age of the newest list at which a fund is asked again


def reason_to_rest(folder: Path, now: datetime, catches_up: bool) -> str | None:
    """Say why there is nothing to do at this moment, or None.

    On a day without session there is nothing, except with `catches_up` the last
    session where the store lacks it.
    """
    today = now.astimezone(NEW_YORK).date()
    try:
        session = last_finished(now)
    except SessionUnfinished as error:
        return str(error)
    if not schedule.is_session(today) and not catches_up:
        return f"{today} is no session of the New York Stock Exchange; nothing to do."
    if not _has(folder, session) or due_funds(folder, session):
        return None
    return f"The session of {session} is loaded already; nothing to do."


def one_day(folder: Path, options: Options, now: datetime) -> list[Taken]:
    """Load the last finished session, and the holdings of the funds that are due.

    Holdings that cannot be had do not keep the market from being loaded.

    Raises
    ------
    MarketMixed
        If the store holds the demo market: nothing is asked then.
    SourceBlocked, SourceSilent, SourceUnreadable
        If a provider refuses; what was loaded before that stays.
    """
    session = last_finished(now)
    _refuse_demo(folder)
    taken: list[Taken] = []
    refused: ReconError | None = None
    if not _has(folder, session):
        try:
            taken += live.today(folder, part_of(options, 0, 2), now=now)
        except ReconError as error:
            refused = error
    funds = due_funds(folder, session)
    if funds:
        base = os.environ.get(ISHARES_BASE)
        try:
            taken += fund_holdings(folder, funds, None, part_of(options, 1, 2), base)
        except ReconError as error:
            words = f"{refused} {error}" if refused else str(error)
            done = "".join(f" {each.origin}: {each.note}." for each in taken)
            raise type(refused or error)(f"{words}{done}") from None
    if refused:
        raise refused
    return taken


def due_funds(folder: Path, session: date) -> list[str]:
    """Return the tickers of the funds whose newest list is some sessions old."""
    try:
        store = Store(folder)
    except StoreMissing:
        return list(FUNDS)
    lists = store.membership_lists()
    store.close()
    newest = lists.groupby("index")["as_of"].max()
    return [
        fund.ticker for fund in FUNDS.values() if _is_due(newest, fund.index, session)
    ]


def _is_due(newest: pd.Series, index: str, session: date) -> bool:
    if index not in newest.index:
        return True
    age = schedule.sessions_between(newest[index].date(), session)
    return age > HOLDINGS_SESSIONS


def _refuse_demo(folder: Path) -> None:
    try:
        manifest = read_manifest(folder)
    except StoreMissing:
        return
    if manifest.market == "demo" and not manifest.is_blank:
        raise MarketMixed(
            f"The store in {folder} holds the demo market, which takes no real days; "
            "name another folder with --store, or remove it with 'python -m recon "
            "demo --remove'."
        )


def _has(folder: Path, session: date) -> bool:
    try:
        store = Store(folder)
    except StoreMissing:
        return False
    days = store.days()
    store.close()
    of_day = days[days["snapshot_date"] == pd.Timestamp(session)]
    return bool((of_day["status"] == PUBLISHED).any())
