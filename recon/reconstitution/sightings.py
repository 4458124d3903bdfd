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
    """Symbols that showed a market cap, session by session; each is read once."""

    def __init__(self, facts: Facts, days: pd.DatetimeIndex) -> None:
        self._facts, self._days = facts, days
        # by security_id; what was not learned yet is empty, what has no key is None
        self._key_of = np.zeros(0, dtype=object)
        self._seen: dict[date, frozenset[str]] = {}
        self._last: tuple[membership.Known, list[date], frozenset[str]] | None = None

    def learn(self, securities: pd.DataFrame) -> None:
        """Take the keys of prepared securities, so that they need not be read."""
        ids = securities["security_id"].to_numpy()
        more = int(ids.max(initial=-1)) + 1 - len(self._key_of)
        if more > 0:
            self._key_of = np.append(self._key_of, np.full(more, "", dtype=object))
        keys = securities["key"].astype(object)
        self._key_of[ids] = keys.where(keys.notna(), None)

    def unseen(self, known: membership.Known, newest: date | None) -> frozenset[str]:
        """Return the Russell 1000 members without a market cap, by key.

        Looked for where the era of the oldest names begins, on the day they are of
        and on that of the newest list; where one of these is not in the store nothing
        is said.
        """
        sessions = self.sessions(known, newest)
        if not sessions:
            return frozenset()
        if (
            self._last is None
            or self._last[0] is not known
            or self._last[1] != sessions
        ):
            self.read(sessions)
            priced = frozenset().union(*(self._seen[session] for session in sessions))
            self._last = (known, sessions, membership.unseen(known, priced))
        return self._last[2]

    def sessions(self, known: membership.Known, newest: date | None) -> list[date]:
        """Return the sessions on which members are looked for; none where one lacks."""
        if known.named_on is None or newest is None:
            return []
        found = []
        for wanted in {era_start(known.named_on), known.named_on, newest}:
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
        wanted = sorted(set(sessions) - self._seen.keys())
        if not wanted:
            return
        priced = self._facts.priced_on(wanted)
        ids = priced["security_id"].to_numpy()
        day = priced["snapshot_date"].to_numpy("datetime64[D]")
        if int(ids.max(initial=-1)) >= len(self._key_of) or "" in self._key_of[ids]:
            table = self._facts.securities(wanted[0], wanted[-1])
            self.learn(table.assign(key=membership_key(table["symbol"])))
        for session in wanted:
            keys = self._key_of[ids[day == np.datetime64(session)]]
            self._seen[session] = frozenset(keys) - {None}
