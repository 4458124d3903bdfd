"""What exhibits ask of a store, each question answered once.

Pages, notes and the command line make their exhibits from the same answers. An answer
is shared and is not to be written to.
"""

import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import date

import pandas as pd

from recon import formatting, reconstitution, schedule
from recon.errors import SnapshotMissing
from recon.exhibits import headlines
from recon.exhibits.memory import Busy, Memory, Progress, remembered, unseen
from recon.exhibits.question import RANK_DAY
from recon.export.provenance import WHAT_IF, Provenance
from recon.formatting import NOT_KNOWN
from recon.reconstitution import Projection
from recon.rulebook import rulebook
from recon.rules import style_shifts
from recon.store import Store
from recon.store.kept import Kept
from recon.studies import (
    accuracy,
    break_points,
    company,
    events,
    forecast,
    valuation,
    what_if,
)
from recon.studies import changes as changed
from recon.studies import demand as demands
from recon.studies import official as boards
from recon.studies import style as styles
from recon.studies.accuracy import Scored
from recon.studies.accuracy import keeping as kept_scores
from recon.studies.candidates import ipos, watchlist
from recon.studies.changes import Changes, Side
from recon.studies.changes import odds as odds_moves
from recon.studies.demand import float_errors, past
from recon.studies.events import Studied, keeping
from recon.studies.forecast import Forecast
from recon.studies.forecast import keeping as kept_odds
from recon.studies.forecast.calibration import Calibration
from recon.studies.official import Board
from recon.studies.style import Styles

EARLIEST = date(1900, 1, 1)
REFUSED_LIMIT = 20_000


class Answers:
    """Every study's answers on one generation of a store."""

    def __init__(
        self, store: Store, busy: Busy = nullcontext, progress: Progress = unseen
    ) -> None:
        """Answer from a store; `busy` frames what takes a while, see `Memory`.

        `progress` frames what takes longer, and gives what is told of its progress.
        """
        self.store = store
        self.kept = Kept(store)
        self.memory = Memory(busy)
        self._progress = progress
        self._history = reconstitution.History(store)
        self._projecting = threading.Lock()

    @remembered(1)
    def days(self) -> pd.DataFrame:
        """Return every offered day, see `Store.days`."""
        return self.store.days()

    @remembered(1)
    def published_days(self) -> pd.DatetimeIndex:
        """Return every published session, in order."""
        return self.store.published_days()

    def day_on_or_before(self, as_of: date) -> date:
        """Return the last published session not after a day; see `Store`."""
        days = self.published_days()
        at = int(days.searchsorted(pd.Timestamp(as_of), side="right"))
        return days[at - 1].date() if at else self.store.day_on_or_before(as_of)

    def first_day(self) -> date:
        """Return the first published session."""
        return self.published_days()[0].date()

    @remembered(4)
    def listed(self, as_of: date) -> list[str]:
        """Return every listing of a session as ticker and name, the largest first."""
        names = self.store.securities(as_of, as_of)[["security_id", "symbol", "name"]]
        quotes = self.store.quotes(as_of, as_of)[["security_id"]]
        table = quotes.merge(names, on="security_id", validate="1:1")
        return (table["symbol"] + "  " + table["name"].fillna("")).tolist()

    @remembered(8, "Projecting the indexes …")
    def as_if_ranked(self, as_of: date) -> Projection:
        """Project the indexes as if ranked on a day."""
        with self._projecting:  # what it keeps from day to day is not for two threads
            projected = reconstitution.project_as_if(
                self.store, as_of, history=self._history
            )
        headlines.check_lines(projected.break_points, projected.snapshot_date)
        return projected

    @remembered(8)
    def deciding_day(self, as_of: date) -> date | None:
        """Return the rank day that decides the event under way on a day, if any."""
        return reconstitution.deciding_day(self.store, as_of)

    def projection(self, as_of: date, ranked: str = RANK_DAY) -> Projection:
        """Project the event of a day, as rank day decided it once that has come.

        `ranked` may ask for the what-if: as if ranked on the day itself.
        """
        is_decided = self.deciding_day(as_of) is not None
        if ranked == RANK_DAY and is_decided:
            return self._decided(as_of)
        return self.as_if_ranked(as_of)

    def ranking_words(self, as_of: date, ranked: str) -> tuple[str, str]:
        """Return the mark and the words of a ranking; empty where there is but one."""
        rank_day = self.deciding_day(as_of)
        if rank_day is None:
            return "", ""
        if ranked == RANK_DAY:
            return "", f"ranked on rank day, {formatting.day(rank_day)}"
        return WHAT_IF, f"as if ranked on {formatting.day(as_of)}"

    @remembered(4)
    def _decided(self, as_of: date) -> Projection:
        rank_day = self.deciding_day(as_of)
        assert rank_day is not None
        then, now = self.as_if_ranked(rank_day), self.as_if_ranked(as_of)
        return reconstitution.decide(self.store, then, now)

    def base_projection(self, as_of: date, base: date | None) -> Projection:
        """Project an earlier day, or `as_of` where the store does not reach back."""
        is_held = base is not None and base >= self.first_day()
        return self.as_if_ranked(base if is_held and base else as_of)

    @remembered(8, "Comparing two days …")
    def changes(self, then: date, now: date, ranked: str = RANK_DAY) -> Changes:
        """Return what changed between two published sessions, see `changes.between`."""
        sides = [
            Side(
                day=day,
                projection=self.projection(day, ranked),
                ranked=self.as_if_ranked(day),
            )
            for day in (then, now)
        ]
        return changed.between(self.store, *sides)

    @remembered(4)
    def changed_odds(
        self, then: date, now: date, ranked: str = RANK_DAY
    ) -> pd.DataFrame:
        """Return the names whose odds moved between two days, see `odds.moved`."""
        days = [self.odds(day, ranked) for day in (then, now)]
        return odds_moves.moved(*days)

    @remembered(8, "Setting the official lists beside ours …")
    def official_board(self, as_of: date, event: str = "") -> Board:
        """Return an event three ways, as known on a day, see `official.board`."""
        chosen = boards.event_on(self.store, as_of, event)
        rank_day = self.day_on_or_before(chosen.rank_day)
        until = self.day_on_or_before(min(as_of, chosen.implementation_close))
        return boards.board(
            self.store,
            chosen,
            as_of,
            self.as_if_ranked(rank_day),
            self.projection(until),
        )

    @remembered(64)
    def listings_found(self, words: str, as_of: date, ranked: str) -> pd.DataFrame:
        """Return the listings that words may mean, best first, see `company.find`."""
        return company.find(self.projection(as_of, ranked).securities, words)

    @remembered(8)
    def movers(self, as_of: date, ranked: str = RANK_DAY) -> pd.DataFrame:
        """Return the companies whose index would change, see `watchlist.movers`."""
        projected = self.projection(as_of, ranked)
        return watchlist.movers(projected.companies, projected.securities)

    @remembered(16)
    def break_points(self, since: date, until: date) -> pd.DataFrame:
        """Return table `BreakPoints` between two days."""
        return self.store.break_points(since, until)

    @remembered(1, "Reading the segments …")
    def segment_days(self) -> pd.DataFrame:
        """Return table `SegmentDays` of every session."""
        return self.store.segment_days(EARLIEST, date.max)

    @remembered(1)
    def renamed(self) -> pd.DataFrame:
        """Return every change of symbol in the store, see `valuation.renamed`."""
        return valuation.renamed(self.kept)

    @remembered(64, "Valuing the segments …")
    def valuations(self, day: date) -> pd.DataFrame:
        """Return `valuation.baskets` of a session, kept with the store."""
        ten_year = valuation.ten_year_frac(self.store.rates(day), day)
        changes = self.renamed()
        with self._projecting:
            return valuation.valued(self.kept, day, self._history, changes, ten_year)

    @remembered(8)
    def valuation_history(self, as_of: date) -> pd.DataFrame:
        """Return the valuations of each quarter's end and of a day.

        Days on which no statement is known are left out.
        """
        days, found = valuation.days_of(self.published_days(), as_of), []
        with self._progress("Valuing past quarters …") as show:
            for number, day in enumerate(days):
                with suppress(SnapshotMissing):
                    rows = self.valuations(day)
                    found.append(rows.assign(snapshot_date=pd.Timestamp(day)))
                if show:
                    show((number + 1) / len(days))
        if not found:
            return self.valuations(days[-1])
        return pd.concat(found, ignore_index=True)

    @remembered(8)
    def adjusted_break_points(self, as_of: date) -> pd.DataFrame:
        """Return every day's break points by `as_of`, moved with the market."""
        events = [event.rank_day for event in schedule.reconstitutions()]
        lines = self.break_points(EARLIEST, as_of)
        headlines.check_lines(lines, self.day_on_or_before(as_of))
        return break_points.market_adjusted(lines, events)

    @remembered(32)
    def histories(
        self, symbols: tuple[str, ...], since: date, until: date
    ) -> pd.DataFrame:
        """Return `Store.histories` of some symbols."""
        return self.store.histories(symbols, since, until)

    @remembered(8)
    def watched(self, as_of: date, ranked: str = RANK_DAY) -> pd.DataFrame:
        """Return `watchlist.watch` of a day, with `style` where it is known."""
        projected = self.projection(as_of, ranked)
        rows = watchlist.watch(projected.companies, projected.securities)
        words = self._style_words(as_of, ranked)
        style = rows["symbol"].map(words).astype("str").fillna(NOT_KNOWN)
        return self.with_odds(rows.assign(style=style), as_of, ranked)

    @remembered(8, "Measuring distances …")
    def trails(self, as_of: date, ranked: str = RANK_DAY) -> pd.DataFrame:
        """Return the watched rows with trails of sixty sessions to the ranking."""
        sessions, last = self.published_days(), self.projection(as_of, ranked)
        past = sessions[sessions <= pd.Timestamp(last.snapshot_date)]
        span = past[-watchlist.TRAIL_SESSIONS :]
        since, until = span[0].date(), span[-1].date()
        rows = self.watched(as_of, ranked)
        symbols = tuple(rows["symbol"])
        histories = self.store.histories(symbols, since, until)
        return watchlist.with_trails(rows, histories, self.break_points(since, until))

    @remembered(8)
    def new_listings(self, as_of: date) -> ipos.NewListings:
        """Set the new listings of the quarter against the lines of a day."""
        day = self.day_on_or_before(as_of)
        lines = self.adjusted_break_points(day).drop_duplicates("rank", keep="last")
        return ipos.new_listings(
            self.as_if_ranked(day).securities,
            self.store.first_sessions(ipos.since_when(day), day),
            lines.set_index("rank")["adjusted_break_point_usd"],
            day,
        )

    @remembered(8, "Scoring value and growth …")
    def styles(self, as_of: date, ranked: str = RANK_DAY) -> Styles:
        """Project value and growth of a day against the last reconstitution."""
        project_on = self.projection if ranked == RANK_DAY else self.as_if_ranked
        return styles.project(self.store, as_of, project_on)

    @remembered(2, "Reading how companies moved …")
    def odds_model(self, day: date) -> forecast.Model:
        """Return what the odds of a session are drawn from, see `forecast.prepare`."""
        with self._projecting:
            return forecast.prepare(self.store, day, history=self._history)

    @remembered(8)
    def odds_to(self, day: date, rank_day: date) -> Forecast:
        """Return the odds of a rank day from a session, kept with the store."""

        def make() -> Forecast:
            model, words = self.odds_model(day), f"{forecast.PAGE_DRAWS:,} rank days"
            with self._progress(f"Simulating {words} …") as show:
                return kept_odds.of_page(model, rank_day, show)

        return kept_odds.odds(self.kept, day, rank_day, make)

    def odds(self, as_of: date, ranked: str = RANK_DAY) -> Forecast:
        """Return the odds of the event of a day, or of the day as if it were ranked.

        Raises
        ------
        SnapshotMissing
            If the store does not reach back far enough.
        """
        day = self.day_on_or_before(as_of)
        if ranked != RANK_DAY:
            return self.odds_to(day, day)
        return self.odds_to(*forecast.starts(self.store, day))

    def past_odds(self, rank_day: date, until: date) -> pd.DataFrame:
        """Return `keeping.past_odds` of the sessions before a day."""
        sessions = kept_odds.sessions_kept(self.kept, rank_day)
        return self._past_odds(rank_day, tuple(day for day in sessions if day < until))

    @remembered(4)
    def _past_odds(self, rank_day: date, sessions: tuple[date, ...]) -> pd.DataFrame:
        return kept_odds.past_odds(self.kept, rank_day, sessions)

    @remembered(4, "Drawing the fan of the lines …")
    def fan(self, day: date, rank_day: date) -> pd.DataFrame:
        """Return the quantiles of every line from a session to a rank day."""

        def make() -> pd.DataFrame:
            return forecast.fan(self.odds_model(day), self.odds_to(day, rank_day))

        return kept_odds.fan(self.kept, day, rank_day, make)

    @remembered(8, "Ranking what is supposed …")
    def as_supposed(self, day: date, supposed: what_if.WhatIf) -> what_if.Compared:
        """Return a session as it is and as supposed, see `what_if.compare`."""
        with self._projecting:
            return what_if.compare(self.store, day, supposed, self._history)

    @remembered(4, "Simulating what is supposed …")
    def odds_as_supposed(
        self, day: date, rank_day: date, supposed: what_if.WhatIf
    ) -> pd.DataFrame:
        """Return the odds that differ as supposed, see `what_if.odds`."""
        base, days = self.odds_to(day, rank_day), (day, rank_day)
        with self._projecting:
            return what_if.odds(self.store, days, supposed, base, self._history)

    @remembered(1)
    def calibration(self) -> Calibration | None:
        """Return how good odds were, where the store keeps it."""
        return kept_odds.kept(self.store)

    def with_odds(self, rows: pd.DataFrame, as_of: date, ranked: str) -> pd.DataFrame:
        """Add the odds of a move to rows with a symbol, missing where not known."""
        try:
            return forecast.with_odds(rows, self.odds(as_of, ranked).companies)
        except SnapshotMissing:
            return forecast.with_odds(rows, None)

    def _style_words(self, as_of: date, ranked: str) -> pd.Series:
        if self.store.fundamentals(self.day_on_or_before(as_of)).empty:
            return pd.Series(dtype="str")
        return style_shifts.words(self.styles(as_of, ranked).companies)

    @remembered(8, "Weighing the indexes …")
    def demand_known(self, as_of: date, ranked: str = RANK_DAY) -> demands.Known:
        """Return what the demand of a day rests on, see `demand.known_of`."""
        companies, missing = None, demands.NO_FUNDAMENTALS
        if len(self.store.fundamentals(self.day_on_or_before(as_of))):
            styled = self.styles(as_of, ranked)
            companies, missing = styled.companies, styled.missing
        projected = self.projection(as_of, ranked)
        return demands.known_of(self.store, projected, companies, missing)

    @remembered(16)
    def demand(
        self, as_of: date, ranked: str, given: tuple[tuple[str, float], ...] = ()
    ) -> demands.Demand:
        """Return what passive money trades, `given` in place of the money known."""
        return demands.estimate(self.demand_known(as_of, ranked), dict(given))

    @remembered(4, "Measuring free float …")
    def float_errors(self, as_of: date) -> pd.DataFrame:
        """Return `float_errors.measure` with the lists known on a day."""
        day = self.day_on_or_before(as_of)
        return float_errors.measure(self.store, day, rulebook(day))

    @remembered(16, "Comparing past demand …")
    def past_demand(self, year: int, known_by: date) -> past.Past:
        """Return `past.check` of a June event with the lists known by a day."""
        event = schedule.reconstitution(year, "June")
        projected = self.projection(event.rank_day)
        came = accuracy.what_came(self.store, event).index_by_key
        return past.check(self.store, projected, event, came, known_by)

    def filed_counts(self, as_of: date, keys: tuple[str, ...]) -> pd.DataFrame:
        """Return the share counts in filings of the filer of some symbols."""
        named = self.store.filer_symbols(as_of)
        ciks = named.loc[named["symbol"].isin(keys), "cik"].unique()
        if not len(ciks):
            return pd.DataFrame()
        counts = ["shares_outstanding", "balance_shares"]
        return self.store.filing_facts(as_of, counts, ciks)

    @remembered(4)
    def fundamental_years(self, as_of: date) -> pd.DataFrame:
        """Return `Store.fundamental_years`."""
        return self.store.fundamental_years(as_of)

    @remembered(4)
    def fundamental_counts(self) -> pd.DataFrame:
        """Return `Store.fundamental_counts`."""
        return self.store.fundamental_counts()

    @remembered(8)
    def scored_years(self, as_of: date) -> list[int]:
        """Return the June events that can be scored with what is known by a day."""
        found = []
        for year in accuracy.years_of(self.store):
            event = schedule.reconstitution(year, "June")
            try:
                outcome = accuracy.what_came(self.store, event)
            except SnapshotMissing:
                continue
            if max(outcome.small_as_of, outcome.large_as_of) <= as_of:
                found.append(year)
        return found

    @remembered(64, "Scoring a past event …")
    def scored(self, year: int, as_of: date | None) -> Scored:
        """Return `accuracy.score` of a year, projected on rank day or as of a day."""
        return kept_scores.scored(self.kept, year, as_of, self.projection)

    @remembered(32, "Studying the prices around an event …")
    def studied(self, year: int, leg: str) -> Studied:
        """Return the study of an event's prices, see `events.study`."""
        event = schedule.reconstitution(year, leg)
        return keeping.studied(self.kept, event, self.projection)

    @remembered(32, "Following the names of an event for a year …")
    def months_after(self, year: int, leg: str) -> Studied:
        """Return `studied` with the effects of `events.afterwards`."""
        study = self.studied(year, leg)
        return replace(study, effects=keeping.afterwards(self.kept, study))

    def studied_all(self, past: Sequence[schedule.Reconstitution]) -> list[Studied]:
        """Return the studies of several events, without those that cannot be made.

        Raises
        ------
        SnapshotMissing
            If none can.
        """
        found = []
        for number, event in enumerate(past, start=1):
            try:
                found.append(self.studied(event.year, event.leg))
            except SnapshotMissing:
                if number == len(past) and not found:
                    raise
        return found

    @remembered(8)
    def past_events(self, as_of: date) -> list[schedule.Reconstitution]:
        """Return the events whose outcome is known by a day, see `events.known`."""
        return events.known(self.store, as_of)

    @remembered(32)
    def memberships(self, keys: tuple[str, ...], as_of: date) -> pd.DataFrame:
        """Return `company.membership_history` of some symbols."""
        held = self.store.memberships_of(keys)
        return company.membership_history(self.membership_lists(), held, as_of)

    @remembered(1)
    def membership_lists(self) -> pd.DataFrame:
        """Return `Store.membership_lists`."""
        return self.store.membership_lists()

    @remembered(1)
    def ledger(self) -> pd.DataFrame:
        """Return `Store.ledger`."""
        return self.store.ledger()

    @remembered(8, "Reading what was refused …")
    def refusals(self, as_of: date, reason: str = "", symbol: str = "") -> pd.DataFrame:
        """Return rows refused up to a day, the most notable, see `Store.refusals`."""
        return self.store.refusals(as_of, reason, symbol, REFUSED_LIMIT)

    @remembered(8)
    def refusal_counts(self, as_of: date) -> pd.DataFrame:
        """Return `Store.refusal_counts` of a day."""
        return self.store.refusal_counts(as_of)

    @remembered(8)
    def refused_alone(self, as_of: date) -> pd.Series:
        """Return `Store.refused_alone` of a day."""
        return self.store.refused_alone(as_of).iloc[0]

    @remembered(256)
    def source(self, as_of: date) -> str:
        """Say where a day's listings are from."""
        return headlines.source(self.days(), as_of)

    def provenance(
        self,
        title: str,
        as_of: date,
        filters: str = "none",
        mark: str = "",
        more_sources: Sequence[str] = (),
    ) -> Provenance:
        """Say where a table or figure of this store is from, and what it is not."""
        sources = filter(None, [self.source(as_of), *more_sources])
        return Provenance(
            title=title,
            as_of=as_of,
            source="; ".join(sources),
            filters=filters,
            mark=mark,
            is_demo=self.store.is_demo,
        )

    def make_ready(self, days: Sequence[date]) -> None:
        """Answer what every page shows first, for some days and the newest."""
        newest = self.published_days()[-1].date()
        for day in dict.fromkeys([*days, newest]):
            self.projection(day)
            self.adjusted_break_points(day)
            self.trails(day)
            self.refusal_counts(day)
            place = self.published_days().searchsorted(pd.Timestamp(day))
            if place:
                self.changes(self.published_days()[place - 1].date(), day)
