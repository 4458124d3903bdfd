"""What membership lists and the last verdict tell of each security."""

from collections.abc import Collection, Set
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon import schedule
from recon.indexes import HELD
from recon.rulebook import Rulebook
from recon.rules import membership


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is told of each security, parallel to the prepared securities.

    `held` is the place in `indexes.HELD` of the security's own index, -1 for none;
    `is_left_out` tells that its company was passed over, and `words` why, by symbol_id.
    """

    held: np.ndarray
    is_left_out: np.ndarray
    words: pd.Series

    @property
    def is_member(self) -> np.ndarray:
        """Whether the security is in the Russell 3000."""
        return is_in_broad(self.held)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The companies ranked for an event: who was passed over can be read from it.

    `vehicles` are the ranked companies with symbol_id and ipo_year of their pricing
    vehicles, `company_of` the companies of each key; `is_late` tells that the store
    begins after the rank day, so that its first session stands in.
    """

    event: schedule.Reconstitution
    is_late: bool
    rules: Rulebook
    vehicles: pd.DataFrame
    company_of: dict[str, list[int]]
    line_cap_usd: float

    def passed_over(self, ever_in_era: Set[str]) -> pd.Series:
        """Return, by symbol_id, why companies were left out since the event."""
        was_in = [self.company_of.get(key, []) for key in ever_in_era]
        members = [company for companies in was_in for company in companies]
        was_member = np.isin(self.vehicles["company_id"].to_numpy(), members)
        return membership.passed_over(
            self.vehicles.assign(was_member=was_member),
            self.line_cap_usd,
            self.event.name,
            self.rules,
            rank_year=self.event.rank_day.year,
            is_late=self.is_late,
        )


class Register:
    """Prepared securities, to be looked up in one list of members after another."""

    def __init__(self, securities: pd.DataFrame) -> None:
        self._codes, keys = pd.factorize(securities["key"].to_numpy(object))
        self._place = {key: place for place, key in enumerate(keys)}
        self._symbol_id = securities["symbol_id"].to_numpy()
        self._symbol_count = int(self._symbol_id.max(initial=0)) + 1

    def look_up(
        self, known: membership.Known, verdict: Verdict | None = None
    ) -> Evidence:
        """Return what lists and the last verdict tell of every security."""
        held = np.full(len(self._place) + 1, membership.IN_NONE, dtype=np.int8)
        code = {index: place for place, index in enumerate(HELD)}  # last: no key
        for key, index in known.index_by_key.items():
            place = self._place.get(key)
            if place is not None:
                held[place] = code[index]
        words = pd.Series(dtype="str")
        if verdict is not None:
            words = verdict.passed_over(known.ever_in_era)
        is_out = np.zeros(self._symbol_count, dtype=bool)
        symbol_id = words.index.to_numpy(int)
        is_out[symbol_id[symbol_id < self._symbol_count]] = True
        own = held[self._codes]
        left_out = is_out[self._symbol_id] & ~is_in_broad(own)
        return Evidence(held=own, is_left_out=left_out, words=words)


def is_in_broad(held: np.ndarray) -> np.ndarray:
    """Tell which places in `indexes.HELD` are parts of the Russell 3000."""
    return (held == membership.IN_LARGE) | (held == membership.IN_SMALL)


@dataclass(frozen=True, kw_only=True)
class Spell:
    """Days, first to last, on which the same lists and the same evidence hold.

    `unseen` are members without a market cap, by key; they keep their index (0012).
    """

    first: date
    last: date
    known: membership.Known
    evidence: Evidence
    unseen: frozenset[str]


def rows_of(spells: Collection[Spell], days: np.ndarray) -> list[slice]:
    """Return where in sorted days each spell's rows are."""
    edges = [[spell.first, spell.last] for spell in spells]
    marks = np.array(edges, "datetime64[D]").reshape(-1, 2)
    days = days.astype("datetime64[D]")
    starts = np.searchsorted(days, marks[:, 0], side="left")
    ends = np.searchsorted(days, marks[:, 1], side="right")
    return [slice(start, end) for start, end in zip(starts, ends, strict=True)]
