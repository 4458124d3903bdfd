"""Membership lists: what is known of membership on one day after another."""

from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from recon import schedule
from recon.errors import SnapshotMissing
from recon.indexes import BROAD, LARGE, SMALL
from recon.reconstitution.facts import Facts
from recon.rulebook import ERAS
from recon.rules import membership
from recon.vocabulary import membership_key

FIRST_DAY = date(1984, 1, 1)


class Lists:
    """Membership lists; the members of each are read once, when a day asks for them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        heads = facts.membership_lists()
        days = pd.to_datetime(heads["as_of"]).dt.date
        self._heads = list(heads.assign(as_of=days).itertuples(index=False))
        self._read: dict[int, membership.MemberList] = {}
        self._known: dict[tuple[date, int], membership.Known] = {}

    def known(self, day: date) -> membership.Known:
        """Return what is known of membership on a day, by the symbols of the lists."""
        era = era_start(day)
        lists = [head for head in self._heads if head.usable and head.as_of <= day]
        of_era = [head for head in lists if head.as_of >= era]
        codes = {head.index for head in of_era}
        is_whole = SMALL in codes and bool(codes & {LARGE, BROAD})
        key = (era, len(lists))  # until another list is added the same is known
        if key not in self._known:
            # a list of soon after an event is held against the last one before it
            last = {head.index: head for head in lists if head.as_of < era}
            read = self._members([*last.values(), *of_era] if is_whole else lists)
            self._known[key] = membership.known(read, day, era_start, self._caps_on)
        return self._known[key]

    def _caps_on(self, day: date) -> dict[str, float]:
        """Return market caps by key on the last session not after a day."""
        try:
            session = self._facts.day_on_or_before(day)
        except SnapshotMissing:
            return {}
        table = self._facts.securities(session, session)
        quotes = self._facts.caps(session, session)
        caps = dict(
            zip(quotes["security_id"], quotes["total_market_cap_usd"], strict=True)
        )
        keys = membership_key(table["symbol"])
        found = zip(keys, table["security_id"].map(caps), strict=True)
        return {key: cap for key, cap in found if pd.notna(key) and pd.notna(cap)}

    def keys(self, since: date, until: date) -> frozenset[str]:
        """Return every symbol of the lists dated between two days."""
        lists = [head for head in self._heads if since <= head.as_of <= until]
        return frozenset().union(*(each.keys for each in self._members(lists)))

    def newest(self, day: date) -> date | None:
        """Return the day of the newest usable list on or before a day."""
        return max((turn for turn in self.turns() if turn <= day), default=None)

    def turns(self) -> set[date]:
        """Return the days on which a usable list changes what is known."""
        return {head.as_of for head in self._heads if head.usable}

    def _members(self, heads: Sequence[Any]) -> list[membership.MemberList]:
        missing = [head for head in heads if head.list_id not in self._read]
        if missing:
            days = [head.as_of for head in missing]
            table = self._facts.members(min(days), max(days))
            list_id = table["list_id"].to_numpy()
            symbol = table["symbol"].to_numpy(object)
        for head in missing:
            rows = slice(*np.searchsorted(list_id, [head.list_id, head.list_id + 1]))
            self._read[head.list_id] = membership.MemberList(
                index=head.index,
                as_of=head.as_of,
                source=head.source,
                security_count=head.security_count,
                usable=head.usable,
                keys=frozenset(symbol[rows]),
            )
        return [self._read[head.list_id] for head in heads]


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
