"""Membership lists held against the listings and the lists that a store has."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from recon import formatting
from recon.rulebook import HEURISTICS
from recon.store import Store
from recon.vocabulary import membership_key

NEW_YORK = ZoneInfo("America/New_York")
NEAR = timedelta(days=7)


def today_of(given: date | None) -> date:
    """Return a New York day that was given, the clock's if None."""
    return given or datetime.now(UTC).astimezone(NEW_YORK).date()


@dataclass
class Names:
    """What a store says of the names of lists; each day's listings are read once."""

    store: Store
    today: date
    found_fracs: list[float] = field(default_factory=list)
    _listed: dict[date, frozenset[str]] = field(default_factory=dict)

    def fault(self, index: str, as_of: date, names: set[str]) -> str | None:
        """Say why names cannot be an index's members of a day, or None."""
        if as_of > self.today:
            return f"it is dated after today, {self.today}"
        found = self._found_frac(as_of, names)
        if found is not None:
            self.found_fracs.append(found)
            if found < HEURISTICS.list_found_frac:
                return (
                    f"{found:.0%} of its names are listed on the sessions about its "
                    f"day; a list has at least {HEURISTICS.list_found_frac:.0%}"
                )
        return self._rival(index, as_of, names)

    def note(self) -> str:
        """Say what part of the names was found among the listings."""
        if not self.found_fracs:
            return ""
        least = formatting.percent(min(self.found_fracs))
        return f"{least} of names or more found among the listings of their days"

    def _found_frac(self, as_of: date, names: set[str]) -> float | None:
        """Part of the names listed on a session near a day; None without one."""
        days = self.store.published_days()
        at = int(days.searchsorted(pd.Timestamp(as_of)))
        near = [day.date() for day in days[max(at - 1, 0) : at + 1]]
        fracs = [
            len(names & self._keys(day)) / len(names)
            for day in near
            if abs(day - as_of) <= NEAR
        ]
        return max(fracs, default=None)

    def _keys(self, day: date) -> frozenset[str]:
        if day not in self._listed:
            symbols = self.store.securities(day, day)["symbol"]
            self._listed[day] = frozenset(membership_key(symbols).dropna())
        return self._listed[day]

    def _rival(self, index: str, as_of: date, names: set[str]) -> str | None:
        """Say that a list of the same index and day holds other names, if one does."""
        lists = self.store.membership_lists()
        same = lists[(lists["index"] == index) & lists["usable"]]
        same = same[same["as_of"] == pd.Timestamp(as_of)]
        if same.empty:
            return None
        members = self.store.members(as_of, as_of)
        for row in same.to_dict("records"):
            held = set(members.loc[members["list_id"] == row["list_id"], "symbol"])
            shared = len(names & held) / max(min(len(names), len(held)), 1)
            if shared < HEURISTICS.list_shared_frac:
                return (
                    f"it shares {shared:.0%} of its names with the list of the same "
                    f"day from {row['source']}"
                )
        return None
