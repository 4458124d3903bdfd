"""Membership lists: what is known of membership on one day after another."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from recon import schedule
from recon.indexes import BROAD, LARGE, SMALL
from recon.reconstitution.facts import Facts
from recon.rulebook import ERAS
from recon.rules import membership

FIRST_DAY = date(1984, 1, 1)


class Lists:
    """Membership lists up to a day, each read once, when a day asks for it."""

    def __init__(self, facts: Facts, until: date) -> None:
        table = facts.membership_lists()
        self.table = table[table["as_of"] <= pd.Timestamp(until)]
        self._facts, self._until = facts, until
        self._keys: dict[int, frozenset[str]] = {}
        self._read_from: date | None = None

    def known(self, day: date) -> membership.Known:
        """Return what is known of membership on a day, by the symbols of the lists."""
        era = era_start(day)
        usable = self.table[self.table["usable"]]
        of_era = usable["as_of"].between(pd.Timestamp(era), pd.Timestamp(day))
        codes = set(usable.loc[of_era, "index"])
        self._read(era if {SMALL} <= codes and codes & {LARGE, BROAD} else FIRST_DAY)
        return membership.known(self.table, self._keys, day, era)

    def keys(self, since: date) -> frozenset[str]:
        """Return every symbol of the lists dated on or after a day."""
        self._read(since)
        asked = self.table.loc[self.table["as_of"] >= pd.Timestamp(since), "list_id"]
        return frozenset().union(*(self._keys[list_id] for list_id in asked))

    def newest(self, day: date) -> date | None:
        """Return the day of the newest usable list on or before a day."""
        return max((turn for turn in self.turns() if turn <= day), default=None)

    def turns(self) -> set[date]:
        """Return the days on which a usable list changes what is known."""
        return set(self.table.loc[self.table["usable"], "as_of"].dt.date)

    def _read(self, since: date) -> None:
        if self._read_from is not None and since >= self._read_from:
            return
        until = self._read_from or self._until
        table = self._facts.members(since, until)
        of_list, symbol = table["list_id"].to_numpy(), table["symbol"].to_numpy(object)
        starts = np.flatnonzero(np.diff(of_list, prepend=-1))
        is_read = self.table["as_of"].between(pd.Timestamp(since), pd.Timestamp(until))
        for list_id in self.table.loc[is_read, "list_id"]:
            self._keys.setdefault(list_id, frozenset())
        for start, end in zip(starts, np.append(starts[1:], len(symbol)), strict=False):
            self._keys[of_list[start]] = frozenset(symbol[start:end])
        self._read_from = since


def era_start(day: date) -> date:
    """Return the last implementation close on or before a day."""
    implemented = schedule.last_implemented(day)
    return implemented.implementation_close if implemented else FIRST_DAY


def spells(lists: Lists, days: np.ndarray) -> Iterator[tuple[date, date]]:
    """Spans of the sorted `days` on which the same lists and the same rules hold."""
    turns = lists.turns() | {era.effective for era in ERAS}
    turns |= {event.implementation_close for event in schedule.reconstitutions()}
    marks = np.array(sorted(turns), "datetime64[D]")
    number = np.searchsorted(marks, days.astype("datetime64[D]"), side="right")
    for spell in np.unique(number):
        inside = days[number == spell].astype("datetime64[D]")
        yield inside[0].astype(object), inside[-1].astype(object)
