"""Which members the listings show no market cap of (decision 0012)."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from recon.reconstitution.facts import Facts
from recon.reconstitution.lists import era_start
from recon.rulebook import HEURISTICS
from recon.rules import membership
from recon.vocabulary import membership_key


class Sightings:
    """Symbols that showed a market cap, session by session; each is read once.

    `securities` are the prepared ones of a season that begins on `since`: their keys
    need not be made again.
    """

    def __init__(self, facts: Facts, securities: pd.DataFrame, since: date) -> None:
        self._facts, self._since = facts, since
        self._days = facts.published_days()
        self._key = _by_id(securities, securities["key"])
        self._keys: dict[date, frozenset[str]] = {}

    def unseen(self, known: membership.Known, newest: date | None) -> frozenset[str]:
        """Return the Russell 1000 members without a market cap, by key.

        Looked for where the era begins, on the day of the lists and of the newest one;
        where one of these is not in the store nothing is said.
        """
        sessions = self.sessions(known, newest)
        self.read(sessions)
        if not sessions:
            return frozenset()
        priced = frozenset().union(*(self._keys[session] for session in sessions))
        return membership.unseen(known, priced)

    def sessions(self, known: membership.Known, newest: date | None) -> list[date]:
        """Return the sessions on which members are looked for; none where one lacks."""
        if known.as_of is None or newest is None:
            return []
        found = []
        for wanted in {era_start(known.as_of), known.as_of, newest}:
            place = self._days.searchsorted(pd.Timestamp(wanted), side="right") - 1
            if place < 0:
                return []
            gap = pd.Timestamp(wanted) - self._days[place]
            if gap.days > HEURISTICS.sighting_days:
                return []
            found.append(self._days[place].date())
        return found

    def read(self, sessions: Iterable[date]) -> None:
        """Read the symbols of all sessions that have not been read yet."""
        wanted = sorted(set(sessions) - self._keys.keys())
        if not wanted:
            return
        priced = self._facts.priced_on(wanted)
        ids = priced["security_id"].to_numpy()
        day = priced["snapshot_date"].to_numpy("datetime64[D]")
        key = self._key
        if wanted[0] < self._since:
            table = self._facts.securities(wanted[0], wanted[-1])
            key = _by_id(table, membership_key(table["symbol"]))
        for session in wanted:
            self._keys[session] = frozenset(key[ids[day == session]]) - {None}


def _by_id(securities: pd.DataFrame, keys: pd.Series) -> np.ndarray:
    """Keys at the place of their security_id; None where there is none."""
    ids = securities["security_id"].to_numpy()
    table = np.full(int(ids.max(initial=0)) + 1, None, dtype=object)
    table[ids] = keys.astype(object).where(keys.notna(), None)
    return table
