"""What membership lists and the last verdict tell of each security."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

import numpy as np
import pandas as pd

from recon.indexes import HELD
from recon.rules import membership


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is told of each security, parallel to the prepared securities.

    `held` is the place in `indexes.HELD` of the security's own index, -1 for none;
    `is_left_out` tells that its company was passed over, and `words` why, by symbol_id;
    `was_home` that it was based at home on the last rank day and its base is known now.
    """

    held: np.ndarray
    is_left_out: np.ndarray
    was_home: np.ndarray
    words: pd.Series

    @property
    def is_member(self) -> np.ndarray:
        """Whether the security is in the Russell 3000."""
        return is_in_broad(self.held)

    @property
    def has_index(self) -> np.ndarray:
        """Whether the security is in the Russell 3000 or in the Microcap alone."""
        return self.held != membership.IN_NONE


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Companies that were clearly large enough to be chosen at an event.

    `words`, by symbol_id of the pricing vehicle, say so of one that was not chosen;
    `keys`, parallel to them, are the keys of the company's common shares; `at_home`
    the symbol_id of all that were based at home on the rank day.
    """

    words: pd.Series
    keys: Sequence[frozenset[str]]
    at_home: np.ndarray

    def passed_over(self, ever_in_era: Set[str]) -> pd.Series:
        """Return the words of those that no list holds since the event."""
        return self.words[[own.isdisjoint(ever_in_era) for own in self.keys]]


class Register:
    """Prepared securities, to be looked up in one list of members after another."""

    def __init__(self, securities: pd.DataFrame) -> None:
        self._codes, keys = pd.factorize(securities["key"].to_numpy(object))
        self._place = {key: place for place, key in enumerate(keys)}
        self._symbol_id = securities["symbol_id"].to_numpy()
        self._has_base = securities["country"].notna().to_numpy(bool)
        self._symbol_count = int(self._symbol_id.max(initial=0)) + 1
        self._listed: membership.Known | None = None
        self._held = np.zeros(0, dtype=np.int8)
        self._last: tuple[Verdict | None, Set[str], pd.Series, np.ndarray] | None = None

    def look_up(
        self,
        known: membership.Known,
        verdict: Verdict | None = None,
        listed: membership.Known | None = None,
    ) -> Evidence:
        """Return what lists and the last verdict tell of every security.

        Where `known` adds changed symbols to what was `listed`, only they are new.
        """
        listed = listed or known
        if self._listed is not listed:
            self._listed, self._held = listed, self._places({}, listed.index_by_key)
        held = self._held
        if len(known.index_by_key) > len(listed.index_by_key):
            held = self._places(listed.index_by_key, known.index_by_key)
        words, is_out = self._passed_over(verdict, known.ever_in_era)
        own = held[self._codes]
        at_home = () if verdict is None else verdict.at_home
        return Evidence(
            held=own,
            is_left_out=is_out & ~is_in_broad(own),
            was_home=np.isin(self._symbol_id, at_home) & self._has_base,
            words=words,
        )

    def _places(self, old: Mapping[str, str], new: Mapping[str, str]) -> np.ndarray:
        """Places in `indexes.HELD` by key, the last of none; `new` extends `old`."""
        held = np.full(len(self._place) + 1, membership.IN_NONE, dtype=np.int8)
        if old:
            held = self._held.copy()
        code = {index: place for place, index in enumerate(HELD)}
        for key, index in islice(new.items(), len(old), None):
            place = self._place.get(key)
            if place is not None:
                held[place] = code[index]
        return held

    def _passed_over(
        self, verdict: Verdict | None, ever_in_era: Set[str]
    ) -> tuple[pd.Series, np.ndarray]:
        """Words by symbol_id, and of which securities; carried until a list is new."""
        last = self._last
        if last is None or last[0] is not verdict or last[1] is not ever_in_era:
            words = pd.Series(dtype="str")
            if verdict is not None:
                words = verdict.passed_over(ever_in_era)
            is_out = np.zeros(self._symbol_count, dtype=bool)
            symbol_id = words.index.to_numpy(int)
            is_out[symbol_id[symbol_id < self._symbol_count]] = True
            last = (verdict, ever_in_era, words, is_out[self._symbol_id])
            self._last = last
        return last[2], last[3]


def is_in_broad(held: np.ndarray) -> np.ndarray:
    """Tell which places in `indexes.HELD` are parts of the Russell 3000."""
    return (held == membership.IN_LARGE) | (held == membership.IN_SMALL)


@dataclass(frozen=True, kw_only=True)
class Spell:
    """Days, first to last, on which the same lists and the same evidence hold.

    `unseen` are members without a market cap, by key; they keep their index (0012).
    `sizes` are the members of the indexes of `indexes.SIZES` that have a list.
    """

    first: date
    last: date
    known: membership.Known
    evidence: Evidence
    unseen: frozenset[str]
    sizes: Mapping[str, membership.Known] = field(default_factory=dict)


def rows_of(spells: Collection[Spell], days: np.ndarray) -> list[slice]:
    """Return where in sorted days each spell's rows are."""
    edges = [[spell.first, spell.last] for spell in spells]
    marks = np.array(edges, "datetime64[D]").reshape(-1, 2)
    days = days.astype("datetime64[D]")
    starts = np.searchsorted(days, marks[:, 0], side="left")
    ends = np.searchsorted(days, marks[:, 1], side="right")
    return [slice(start, end) for start, end in zip(starts, ends, strict=True)]
