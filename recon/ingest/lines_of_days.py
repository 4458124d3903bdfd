"""The lines of offered days, and the days whose lines tell that they are no market."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from recon import formatting, reconstitution
from recon.ingest.list_names import today_of
from recon.ingest.options import Options
from recon.ingest.quality import NEXT, Day
from recon.rulebook import HEURISTICS, rulebook
from recon.store import ESTIMATE, Store

SYNTHETIC = "demo"  # its sessions reach beyond today
BEFORE_DAYS = 14  # calendar days that hold the session before


class Unfit(Exception):
    """Some offered days must be held back: each with its reason."""

    def __init__(self, days: dict[date, str]) -> None:
        super().__init__(f"{len(days)} days")
        self.days = days


class Drawing:
    """Draws the lines of a load, and refuses days that they tell against.

    `unfit` has the days found so far, with reasons.
    """

    def __init__(self, store: Store, options: Options, source: str) -> None:
        self.unfit: dict[date, str] = {}
        self._store, self._options, self._source = store, options, source
        self._days: set[date] = set()

    def offered(self, days: Sequence[Day]) -> None:
        """Note the days on offer; those after today are unfit at once."""
        self._days = {day.snapshot_date for day in days}
        if self._source == SYNTHETIC:
            return
        today = today_of(self._options.today)
        late = f"it is after today, {today}"
        self.unfit |= {day: late for day in self._days if day > today}

    def draw(self, facts: Store, since: date, until: date) -> dict[str, pd.DataFrame]:
        """Return what is stored of the days, see `reconstitution.draw`.

        Raises
        ------
        Unfit
            If a line of an offered day cannot be drawn, or leaps.
        """
        if self._options.rehearsed_days is None:
            tables = reconstitution.draw(facts, since, until)
        else:  # nothing is kept: later days and segments tell nothing of these
            lines = reconstitution.break_points(facts, since, max(self._days))
            tables = {"break_points": lines}
        if self._options.is_sample:
            return tables
        lines = tables["break_points"]
        judged = self._days - self._options.accept - self.unfit.keys()
        before = self._store.break_points(
            since - timedelta(days=BEFORE_DAYS), since - timedelta(days=1)
        )
        days = self._store.published_days()
        last = days[days < pd.Timestamp(since)][-1:]
        before = before[before["snapshot_date"].isin(last)]
        published = {day.date() for day in facts.published_days()}
        found = self._lineless(lines, judged & published)
        if not found and len(lines):
            found = _leaping(pd.concat([before, lines]), judged)
        if found:
            raise Unfit(found)
        return tables

    def _lineless(self, lines: pd.DataFrame, judged: set[date]) -> dict[date, str]:
        """Days on which a line of the Russell 1000 or 3000 has no company."""
        days = pd.to_datetime(lines["snapshot_date"]).dt.date
        drawn = lines["break_point_usd"].notna()
        ranks = lines.loc[drawn, "rank"].groupby(days[drawn]).agg(set)
        counts = lines["company_count"].groupby(days).max()
        found = {}
        for day in judged:
            rules = rulebook(day)
            # estimates hold the largest listings only
            is_part = self._source == ESTIMATE
            needed = {rules.large_count, *([] if is_part else [rules.broad_count])}
            missing = needed - ranks.get(day, set())
            if missing:
                count = int(counts.get(day, 0))
                found[day] = (
                    f"no line can be drawn at rank {min(missing):,}: "
                    f"{formatting.count(count, 'company is', 'companies are')} eligible"
                )
        return found


def _leaping(lines: pd.DataFrame, judged: set[date]) -> dict[date, str]:
    """The first day on which the large-cap line leaps while the market does not."""
    rank = rulebook(date.max).large_count
    line = lines[lines["rank"] == rank].sort_values("snapshot_date", ignore_index=True)
    value, market = line["break_point_usd"], line["market_return_frac"].fillna(0)
    leap = (value / value.shift() / (1 + market) - 1).abs()
    is_next = line["snapshot_date"].diff() <= NEXT
    for at in line.index[(leap > HEURISTICS.day_line_frac) & is_next]:
        day = line["snapshot_date"][at].date()
        if day in judged:
            was, now = (formatting.usd(value[at + step], 2) for step in (-1, 0))
            words = f"the line at rank {rank:,} leaps from {was} to {now}"
            return {day: f"{words}, while the market moves {market[at]:+.1%}"}
    return {}
