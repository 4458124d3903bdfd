"""What prices did around an event, built on accuracy, official lists and style.

An event is studied once: who it moved, what their prices did over its windows, against
the Russell 2000 companies that stayed and against names alike, and what names just
beside the line and those of pretend rank days did. `summary` turns studied events into
figures with intervals; decisions 0047 to 0049 say how and why.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from recon import schedule
from recon.errors import SnapshotMissing
from recon.indexes import LARGE, SMALL
from recon.rulebook import HEURISTICS, Rulebook, rulebook
from recon.schedule import Reconstitution
from recon.studies import accuracy
from recon.studies.events import matching, measures, names, pretend, returns, windows
from recon.studies.events.measures import Spans
from recon.studies.events.names import BASES, CAME, GROUPS, ProjectOn
from recon.studies.events.returns import EventFacts, Paths

BESIDE = "beside"
EFFECTS = [
    "symbol_id",
    "window",
    "return_frac",
    "benchmark_frac",
    "car_frac",
    "is_ended",
    "matched_car_frac",
    "tradable_car_frac",
]
WEIGHED = ("symbol_id", "total_market_cap_usd")
MARGIN_SESSIONS = 5  # beyond a window, to tell an end from a halt
PEOPLE = [
    "symbol_id",
    "symbol",
    "company",
    "sector",
    "total_market_cap_usd",
    "now",
    "came",
    "projected",
]


@dataclass(frozen=True, kw_only=True)
class Studied:
    """One event's study.

    `members` has basis (came, projected, official or beside), group, symbol_id;
    `people` one row a name with its volume_multiple, half_spread_frac, impact_frac and
    ending; `effects` one row a name and window: return_frac, benchmark_frac, car_frac,
    matched_car_frac, is_ended, and tradable_car_frac, from the close of the session
    after the window's first day, at which what that day told can be traded. `curves`
    has one row a name of `members` and session, counted from the implementation close:
    car_frac and matched_car_frac since rank day. `placebos` is `pretend.placebos`;
    `faults` counts what of the returns was set right or aside, by reason; `stayers` are
    the companies of the benchmark with their market caps on rank day, `matches` has
    symbol_id and match_id, nearest first, and `symbols` the key of every symbol_id of
    the study on rank day.
    """

    event: Reconstitution
    statement: str
    people: pd.DataFrame
    members: pd.DataFrame
    effects: pd.DataFrame
    curves: pd.DataFrame
    placebos: pd.DataFrame
    faults: pd.DataFrame
    stayers: pd.DataFrame
    matches: pd.DataFrame
    symbols: pd.DataFrame


def known(facts: EventFacts, as_of: date) -> list[Reconstitution]:
    """Return the events that can be studied by a day, in order.

    Their rank day and implementation are stored, and lists of by then tell what came.
    """
    days = facts.published_days()
    if not len(days):
        return []
    last = min(days[-1].date(), as_of)
    found = []
    for event in schedule.reconstitutions():
        if event.rank_day < days[0].date() or event.implementation_close > last:
            continue
        try:
            outcome = accuracy.what_came(facts, event)
        except SnapshotMissing:
            continue
        if max(outcome.small_as_of, outcome.large_as_of) <= as_of:
            found.append(event)
    return found


def study(facts: EventFacts, event: Reconstitution, project_on: ProjectOn) -> Studied:
    """Study an event; `project_on` projects the indexes of a day.

    Raises
    ------
    SnapshotMissing
        If what came of the event is not in the data.
    """
    table, statement = names.concerned(facts, event, project_on)
    table = table[table["symbol_id"].notna()].drop_duplicates("symbol_id")
    table = table.assign(symbol_id=table["symbol_id"].astype(int))
    paths = _paths(facts, event, table, windows.WINDOWS)
    spans = _spans(paths, event, windows.WINDOWS)
    columns = paths.columns(table["symbol_id"].to_numpy())
    table["past_return_frac"] = measures.past_returns(paths, columns, spans.rank_row)
    members = _members(table, event)
    stayers = table.loc[names.staying(table, SMALL), [*WEIGHED]]
    chosen = table[table["symbol_id"].isin(members["symbol_id"])]
    chosen = chosen.reset_index(drop=True)
    matches = _matches(chosen, table, members)
    asked = _Asked(
        ids=chosen["symbol_id"].to_numpy(),
        matches=matches,
        stayers=stayers,
        paths=paths,
        spans=spans,
    )
    return Studied(
        event=event,
        statement=statement,
        people=_people(chosen, paths, spans),
        members=members,
        effects=asked.effects(),
        curves=asked.curves(),
        placebos=pretend.placebos(facts, event, project_on),
        faults=paths.faults.groupby("reason", as_index=False).agg(
            rows=("symbol_id", "size"), names=("symbol_id", "nunique")
        ),
        stayers=stayers.reset_index(drop=True),
        matches=matches,
        symbols=table[["symbol_id", "key"]].reset_index(drop=True),
    )


def afterwards(facts: EventFacts, studied: Studied) -> pd.DataFrame:
    """Return the effects of a studied event's names over months after it.

    Columns as `Studied.effects`, windows `windows.LATER`; those that the listings do
    not hold whole are left out.
    """
    event = studied.event
    ids = studied.people["symbol_id"]
    wanted = pd.concat([ids, studied.stayers["symbol_id"], studied.matches["match_id"]])
    table = studied.symbols[studied.symbols["symbol_id"].isin(wanted)]
    paths = _paths(facts, event, table, windows.LATER)
    asked = _Asked(
        ids=ids.to_numpy(),
        matches=studied.matches,
        stayers=studied.stayers,
        paths=paths,
        spans=_spans(paths, event, windows.LATER),
    )
    return asked.effects()


def _paths(
    facts: EventFacts,
    event: Reconstitution,
    table: pd.DataFrame,
    of: tuple[str, ...],
) -> Paths:
    """Read the paths from before rank day to after the last window."""
    every = schedule.sessions()
    start = every.searchsorted(pd.Timestamp(event.rank_day))
    start -= HEURISTICS.past_sessions + MARGIN_SESSIONS
    spans = [windows.days(event, window) for window in of]
    last = max(span[1] for span in spans if span)
    end = every.searchsorted(pd.Timestamp(last)) + MARGIN_SESSIONS
    first_day, last_day = every[start].date(), every[end].date()
    renamed = names.symbols_since(facts, table, event.rank_day, last_day)
    return returns.read(
        facts, first_day, last_day, table["symbol_id"].to_numpy(), renamed
    )


def _spans(paths: Paths, event: Reconstitution, of: tuple[str, ...]) -> Spans:
    """Find the sessions of an event in the paths.

    Raises
    ------
    SnapshotMissing
        If rank day or the implementation close is not stored.
    """
    held = {day.date(): row for row, day in enumerate(paths.sessions)}
    missing = [
        day for day in (event.rank_day, event.implementation_close) if day not in held
    ]
    if missing:
        raise SnapshotMissing(
            f"The {event.name} reconstitution cannot be studied: {missing[0]} is not "
            "stored; load the listings of that day."
        )
    found = {}
    for window in of:
        span = windows.days(event, window)
        if span and all(day in held for day in span):
            found[window] = (held[span[0]], held[span[1]])
    return Spans(
        rank_row=held[event.rank_day],
        close_row=held[event.implementation_close],
        windows=found,
    )


def _members(table: pd.DataFrame, event: Reconstitution) -> pd.DataFrame:
    """Return basis, group and symbol_id of everyone measured."""
    parts = []
    for basis in BASES:
        for group in GROUPS:
            is_in = names.in_group(table, group, basis, event.year)
            parts.append((basis, group, table.loc[is_in, "symbol_id"]))
    for group, is_in in _beside(table, rulebook(event.rank_day)).items():
        parts.append((BESIDE, group, table.loc[is_in, "symbol_id"]))
    return pd.concat(
        [
            pd.DataFrame({"basis": b, "group": g, "symbol_id": ids})
            for b, g, ids in parts
        ],
        ignore_index=True,
    )


def _beside(table: pd.DataFrame, rules: Rulebook) -> dict[str, pd.Series]:
    """Tell who stands just beside the line that a group has crossed, and stays."""
    away = table["distance_to_break_point_frac"].astype(float)
    line, stays = table["nearest_line"], names.staying(table)
    limit = HEURISTICS.beside_frac
    below, above = away.between(-limit, 0), away.between(0, limit)
    now = table["now"]
    return {
        names.ADDITIONS: stays & now.eq("") & line.eq(rules.broad_count) & below,
        names.DELETIONS: stays & now.eq(SMALL) & line.eq(rules.broad_count) & above,
        names.UP: stays & now.eq(SMALL) & line.eq(rules.large_count) & below,
        names.DOWN: stays & now.eq(LARGE) & line.eq(rules.large_count) & above,
    }


def _matches(
    chosen: pd.DataFrame, table: pd.DataFrame, members: pd.DataFrame
) -> pd.DataFrame:
    """Return symbol_id and match_id of each name's matches among the unmoved."""
    taken = members[members["basis"].eq(CAME)]["symbol_id"]
    pool = table[names.staying(table) & ~table["symbol_id"].isin(taken)]
    rows = matching.matches(chosen, pool)
    name, nth = np.nonzero(rows >= 0)
    return pd.DataFrame(
        {
            "symbol_id": chosen["symbol_id"].to_numpy()[name],
            "match_id": pool["symbol_id"].to_numpy()[rows[name, nth]],
        }
    )


def _people(chosen: pd.DataFrame, paths: Paths, spans: Spans) -> pd.DataFrame:
    columns = paths.columns(chosen["symbol_id"].to_numpy())
    last = max([spans.close_row, *(row for _, row in spans.windows.values())])
    costs = measures.trading_costs(paths, columns, spans.rank_row)
    return chosen[PEOPLE].assign(
        volume_multiple=measures.volume_multiples(paths, columns, spans),
        half_spread_frac=costs["half_spread_frac"].to_numpy(),
        impact_frac=costs["impact_frac"].to_numpy(),
        ending=measures.endings(paths, columns, last),
    )


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Names to measure against a benchmark and against their matches."""

    ids: np.ndarray
    matches: pd.DataFrame
    stayers: pd.DataFrame
    paths: Paths
    spans: Spans

    @cached_property
    def _columns(self) -> np.ndarray:
        return self.paths.columns(self.ids)

    @cached_property
    def _matched(self) -> np.ndarray:
        """Columns of each name's matches, -1 for none."""
        place = pd.Series(np.arange(len(self.ids)), index=self.ids)
        rows = place[self.matches["symbol_id"]].to_numpy()
        nth = self.matches.groupby("symbol_id").cumcount().to_numpy()
        found = np.full((len(self.ids), HEURISTICS.match_count), -1)
        found[rows, nth] = self.paths.columns(self.matches["match_id"].to_numpy())
        return found

    @cached_property
    def _market(self) -> np.ndarray:
        columns = self.paths.columns(self.stayers["symbol_id"].to_numpy())
        caps = self.stayers["total_market_cap_usd"].to_numpy(float)
        return measures.benchmark(self.paths, columns, caps, self.spans.rank_row)

    def effects(self) -> pd.DataFrame:
        """Return what each name did over each window."""
        parts = []
        for window, (first, last) in self.spans.windows.items():
            found = measures.abnormal(
                self.paths, self._columns, self._market, first, last
            )
            found.insert(0, "symbol_id", self.ids)
            found.insert(1, "window", window)
            found["matched_car_frac"] = self._against_matches(first, last)
            found["tradable_car_frac"] = measures.cars(
                self.paths, self._columns, self._market, first + 1, last
            )
            parts.append(found)
        none = pd.DataFrame(columns=EFFECTS)
        return pd.concat(parts, ignore_index=True) if parts else none

    def curves(self) -> pd.DataFrame:
        """Return the abnormal return since rank day, session by session."""
        first = self.spans.rank_row
        last = max([self.spans.close_row, *(b for _, b in self.spans.windows.values())])
        parts = []
        for row in range(first, last + 1):
            cars = measures.cars(self.paths, self._columns, self._market, first, row)
            part = {
                "symbol_id": self.ids,
                "session": row - self.spans.close_row,
                "car_frac": cars,
                "matched_car_frac": self._against_matches(first, row),
            }
            parts.append(pd.DataFrame(part))
        return pd.concat(parts, ignore_index=True)

    def _against_matches(self, first: int, last: int) -> np.ndarray:
        return measures.against_matches(
            self.paths, self._columns, self._matched, first, last
        )
