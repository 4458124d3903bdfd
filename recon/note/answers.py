"""What the pieces of a note ask: answered from a store, each question once.

The pages answer the same questions from their caches, so that a piece is made from
what the page shows.
"""

from datetime import date
from functools import lru_cache
from typing import Protocol

import pandas as pd

from recon import formatting, reconstitution, schedule
from recon.errors import SnapshotMissing
from recon.exhibits import headlines
from recon.export.provenance import Provenance
from recon.rules import style_shifts
from recon.store import Store
from recon.studies import accuracy, break_points, candidates
from recon.studies import style as styles

EARLIEST = date(1900, 1, 1)


class Answers(Protocol):
    """The questions, as `pages.loads` answers them too."""

    def store(self) -> Store:
        """Return the store."""

    def published_days(self) -> pd.DatetimeIndex:
        """Return every published session, in order."""

    def day_on_or_before(self, as_of: date) -> date:
        """Return the last published session not after a day."""

    def projection(self, as_of: date) -> reconstitution.Projection:
        """Project the indexes as of a day."""

    def adjusted_break_points(self, as_of: date) -> pd.DataFrame:
        """Return every day's break points by `as_of`, moved with the market."""

    def watched(self, as_of: date) -> pd.DataFrame:
        """Return `candidates.watch` of a day with `style`, before and now in words."""

    def styles(self, as_of: date) -> styles.Styles:
        """Project value and growth as of a day."""

    def scored_years(self, as_of: date) -> list[int]:
        """Return the June events that can be scored with what is known by a day."""

    def scored(self, year: int, as_of: date | None) -> accuracy.Scored:
        """Return `accuracy.score` of a year."""

    def provenance(
        self, title: str, as_of: date, filters: str = "none", mark: str = ""
    ) -> Provenance:
        """Say where a table or figure of this store is from."""


class Direct:
    """Answers without a cache of pages: from a store, for as long as it lasts."""

    def __init__(self, store: Store) -> None:
        """Answer from a store."""
        self._store = store
        self.projection = lru_cache(maxsize=8)(self._projection)
        self.adjusted_break_points = lru_cache(maxsize=4)(self._adjusted)
        self.watched = lru_cache(maxsize=4)(self._watched)
        self.styles = lru_cache(maxsize=2)(self._styles)
        self.scored_years = lru_cache(maxsize=4)(self._scored_years)
        self.scored = lru_cache(maxsize=16)(self._scored)

    def store(self) -> Store:
        """Return the store."""
        return self._store

    def published_days(self) -> pd.DatetimeIndex:
        """Return every published session, in order."""
        return self._store.published_days()

    def day_on_or_before(self, as_of: date) -> date:
        """Return the last published session not after a day."""
        return self._store.day_on_or_before(as_of)

    def _projection(self, as_of: date) -> reconstitution.Projection:
        return reconstitution.project(self._store, as_of)

    def _adjusted(self, as_of: date) -> pd.DataFrame:
        events = [event.rank_day for event in schedule.reconstitutions()]
        lines = self._store.break_points(EARLIEST, as_of)
        return break_points.market_adjusted(lines, events)

    def _watched(self, as_of: date) -> pd.DataFrame:
        projected = self.projection(as_of)
        rows = candidates.watch(projected.companies, projected.securities)
        if self._store.fundamentals(projected.snapshot_date).empty:
            return rows.assign(style=formatting.NOT_KNOWN)
        words = style_shifts.words(self.styles(as_of).companies)
        style = rows["symbol"].map(words).fillna(formatting.NOT_KNOWN)
        return rows.assign(style=style)

    def _styles(self, as_of: date) -> styles.Styles:
        return styles.project(self._store, as_of, self.projection)

    def _scored_years(self, as_of: date) -> list[int]:
        found = []
        for year in accuracy.years_of(self._store):
            event = schedule.reconstitution(year, "June")
            try:
                outcome = accuracy.what_came(self._store, event)
            except SnapshotMissing:
                continue
            if max(outcome.small_as_of, outcome.large_as_of) <= as_of:
                found.append(year)
        return found

    def _scored(self, year: int, as_of: date | None) -> accuracy.Scored:
        return accuracy.score(self._store, year, as_of, project_on=self.projection)

    def provenance(
        self, title: str, as_of: date, filters: str = "none", mark: str = ""
    ) -> Provenance:
        """Say where a table or figure of this store is from."""
        return Provenance(
            title=title,
            as_of=as_of,
            source=headlines.source(self._store.days(), as_of),
            filters=filters,
            mark=mark,
            is_demo=self._store.is_demo,
        )
