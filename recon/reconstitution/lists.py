"""Membership lists: what is known of membership on one day after another."""

from collections.abc import Iterator, Set
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon import schedule
from recon.indexes import BROAD, LARGE, SMALL
from recon.reconstitution.facts import Facts
from recon.rulebook import ERAS
from recon.rules import membership

FIRST_DAY = date(1984, 1, 1)


class Lists:
    """Membership lists up to a day, read as far back as a day asks for."""

    def __init__(self, facts: Facts, until: date) -> None:
        self._facts, self._until = facts, until
        table = facts.membership_lists()
        self._heads = table[table["as_of"] <= pd.Timestamp(until)]
        usable = self._heads[self._heads["usable"]]
        days = pd.to_datetime(usable["as_of"]).dt.date
        self._usable = list(zip(days, usable["index"], strict=True))
        self._lists: list[membership.MemberList] = []
        self._read_from: date | None = None

    def known(self, day: date) -> membership.Known:
        """Return what is known of membership on a day, by the symbols of the lists."""
        era = era_start(day)
        codes = {code for as_of, code in self._usable if era <= as_of <= day}
        is_whole = SMALL in codes and bool(codes & {LARGE, BROAD})
        self._read(era if is_whole else FIRST_DAY)
        return membership.known(self._lists, day, era)

    def keys(self, since: date) -> frozenset[str]:
        """Return every symbol of the lists dated on or after a day."""
        self._read(since)
        held = (each.keys for each in self._lists if each.as_of >= since)
        return frozenset().union(*held)

    def newest(self, day: date) -> date | None:
        """Return the day of the newest usable list on or before a day."""
        return max((as_of for as_of, _ in self._usable if as_of <= day), default=None)

    def turns(self) -> set[date]:
        """Return the days on which a usable list changes what is known."""
        return {as_of for as_of, _ in self._usable}

    def _read(self, since: date) -> None:
        if self._read_from is not None and since >= self._read_from:
            return
        until = self._until
        if self._read_from is not None:
            until = self._read_from - timedelta(days=1)
        table = self._facts.members(since, until)
        list_id, symbol = table["list_id"].to_numpy(), table["symbol"].to_numpy(object)
        heads = self._heads[
            self._heads["as_of"].between(pd.Timestamp(since), pd.Timestamp(until))
        ]
        read = []
        for head in heads.itertuples():
            rows = slice(*np.searchsorted(list_id, [head.list_id, head.list_id + 1]))
            read.append(
                membership.MemberList(
                    index=head.index,
                    as_of=head.as_of.date(),
                    source=head.source,
                    security_count=head.security_count,
                    usable=head.usable,
                    keys=frozenset(symbol[rows]),
                )
            )
        self._lists = [*read, *self._lists]
        self._read_from = since


def era_start(day: date) -> date:
    """Return the last implementation close on or before a day."""
    implemented = schedule.last_implemented(day)
    return implemented.implementation_close if implemented else FIRST_DAY


def spells(turns: Set[date], days: np.ndarray) -> Iterator[tuple[date, date]]:
    """Spans of the sorted `days` between `turns`, days on which evidence changes.

    Rules and the era that lists belong to hold all through a span, too.
    """
    turns = turns | {era.effective for era in ERAS}
    turns |= {event.implementation_close for event in schedule.reconstitutions()}
    marks = np.array(sorted(turns), "datetime64[D]")
    number = np.searchsorted(marks, days.astype("datetime64[D]"), side="right")
    for spell in np.unique(number):
        inside = days[number == spell].astype("datetime64[D]")
        yield inside[0].astype(object), inside[-1].astype(object)
