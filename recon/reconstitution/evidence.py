"""What membership lists tell of each security, on one day after another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon import schedule
from recon.reconstitution.changes import changes, follow
from recon.reconstitution.companies import (
    FOR_LINES,
    arrange,
    listed_on,
    quoted_on,
    quotes_of,
)
from recon.reconstitution.facts import Facts
from recon.rulebook import ERAS, Rulebook, rulebook
from recon.rules import bands, eligibility, membership, ranking

FIRST_DAY = date(1984, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Membership lists and their members, to be asked for one day after another."""

    lists: pd.DataFrame
    members: pd.DataFrame

    def keys(self, since: date) -> frozenset[str]:
        """Every symbol of the lists dated on or after a day."""
        ids = self.lists.loc[self.lists["as_of"] >= pd.Timestamp(since), "list_id"]
        is_in = np.isin(self.members["list_id"].to_numpy(), ids.to_numpy())
        return frozenset(self.members["symbol"].to_numpy(object)[is_in])

    def known(self, day: date) -> membership.Known:
        """Return what is known of membership on a day, by the symbols of the lists."""
        return membership.known(self.lists, self.members, day, era_start(day))

    def followed(
        self, day: date, changed: pd.DataFrame, until: date | None = None
    ) -> membership.Known:
        """Return what is known on a day, by the symbols that members have become.

        `until` may be the last of a spell of days: a symbol has no quotes before.
        """
        return follow(self.known(day), changed, until or day)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What lists say of each security, parallel to the prepared securities.

    `current_index` is the security's own, empty for none; `is_member` tells whether it
    is in the Russell 3000, `is_left_out` that its company was passed over, and `words`
    why, by symbol_id.
    """

    current_index: np.ndarray
    is_member: np.ndarray
    is_left_out: np.ndarray
    words: pd.Series

    def choose(self, passes: Mapping[str, np.ndarray]) -> np.ndarray:
        """Pick each security's answer from those of every state of evidence."""
        return np.select(
            [self.is_member, self.is_left_out],
            [passes["member"], passes["left out"]],
            passes["neither"],
        )


@dataclass(frozen=True, kw_only=True)
class Season:
    """The prepared securities seen between two days."""

    securities: pd.DataFrame
    since: date
    until: date


@dataclass(frozen=True, kw_only=True)
class RankDay:
    """The companies ranked for an event: what its verdict is read from."""

    event: schedule.Reconstitution
    is_late: bool
    vehicles: pd.DataFrame
    common: pd.DataFrame
    line_cap_usd: float


def lists_of(facts: Facts, until: date) -> Lists:
    """Return every membership list dated on or before a day."""
    return Lists(
        lists=facts.membership_lists(), members=facts.members(FIRST_DAY, until)
    )


def era_start(day: date) -> date:
    """Return the last implementation close on or before a day."""
    implemented = schedule.last_implemented(day)
    return implemented.implementation_close if implemented else FIRST_DAY


def spells(lists: Lists, days: np.ndarray) -> Iterator[tuple[date, date]]:
    """Spans of the sorted `days` on which the same lists and the same rules hold."""
    turns = {*lists.lists.loc[lists.lists["usable"], "as_of"].dt.date}
    turns |= {era.effective for era in ERAS}
    turns |= {event.implementation_close for event in schedule.reconstitutions()}
    marks = np.array(sorted(turns), "datetime64[D]")
    number = np.searchsorted(marks, days.astype("datetime64[D]"), side="right")
    for spell in np.unique(number):
        inside = days[number == spell].astype("datetime64[D]")
        yield inside[0].astype(object), inside[-1].astype(object)


def changed_symbols(
    facts: Facts, lists: Lists, since: date, until: date
) -> pd.DataFrame:
    """Return symbols changed since the lists known on the first day: see `changes`."""
    start = lists.known(since).as_of or since
    return changes(facts, start, until, lists.keys(start))


NEAR_DAYS = 7  # from a list's day to a session that shows its members


class PricedSessions:
    """Which symbols showed a market cap on a session, each session read once.

    `days` are the published ones; `securities` those of a season, prepared, whose
    first day is `since`: their keys need not be made again.
    """

    def __init__(
        self, days: pd.DatetimeIndex, securities: pd.DataFrame, since: date
    ) -> None:
        self._days, self._since = days, since
        self._key = _by_id(securities, securities["key"])
        self._found: dict[date, frozenset[str]] = {}

    def keys(self, facts: Facts, wanted: date) -> frozenset[str] | None:
        """Return the symbols of the session by a day; None where none is near."""
        place = self._days.searchsorted(pd.Timestamp(wanted), side="right") - 1
        if place < 0 or (pd.Timestamp(wanted) - self._days[place]).days > NEAR_DAYS:
            return None
        session = self._days[place].date()
        if session not in self._found:
            ids = facts.priced_on([session])["security_id"].to_numpy()
            keys = self._key
            if session < self._since:
                table = facts.securities(session, session)
                keys = _by_id(table, eligibility.membership_key(table["symbol"]))
            self._found[session] = frozenset(keys[ids]) - {None}
        return self._found[session]


def _by_id(securities: pd.DataFrame, keys: pd.Series) -> np.ndarray:
    """Keys at the place of their security_id; None where there is none."""
    ids = securities["security_id"].to_numpy()
    table = np.full(int(ids.max(initial=0)) + 1, None, dtype=object)
    table[ids] = keys.astype(object).where(keys.notna(), None)
    return table


def unseen(
    facts: Facts,
    lists: Lists,
    known: membership.Known,
    day: date,
    sessions: PricedSessions,
) -> frozenset[str]:
    """Return the Russell 1000 members of whom the listings show no market cap, by key.

    Looked for where the era begins, on the day of the lists and of the newest one;
    where the first two are not in the store nothing is said.
    """
    if known.as_of is None:
        return frozenset()
    priced: set[str] = set()
    usable = lists.lists.loc[lists.lists["usable"], "as_of"]
    newest = usable[usable <= pd.Timestamp(day)].max().date()
    for wanted in sorted({era_start(known.as_of), known.as_of, newest}):
        keys = sessions.keys(facts, wanted)
        if keys is None:
            return frozenset()
        priced |= keys
    return membership.unseen(known, priced)


class Listed:
    """Prepared securities to be looked up in one list of members after another."""

    def __init__(self, securities: pd.DataFrame) -> None:
        self._codes, keys = pd.factorize(securities["key"].to_numpy(object))
        self._place = {key: place for place, key in enumerate(keys)}
        self._symbol_id = securities["symbol_id"].to_numpy()
        self._symbol_count = int(self._symbol_id.max(initial=0)) + 1

    def evidence(
        self, known: membership.Known, rank_day: RankDay | None = None
    ) -> Evidence:
        """Look every security up in what lists and the last verdict tell."""
        named = np.zeros(len(self._place) + 1, dtype="U5")  # the last: without a key
        for key, index in known.index_by_key.items():
            place = self._place.get(key)
            if place is not None:
                named[place] = index
        is_member = np.isin(named, ["R1000", "R2000"])[self._codes]
        words = _left_out(known, rank_day) if rank_day else pd.Series(dtype="str")
        is_out = np.zeros(self._symbol_count, dtype=bool)
        symbol_id = words.index.to_numpy(int)
        is_out[symbol_id[symbol_id < self._symbol_count]] = True
        return Evidence(
            current_index=named[self._codes],
            is_member=is_member,
            is_left_out=is_out[self._symbol_id] & ~is_member,
            words=words,
        )


def screen(
    securities: pd.DataFrame, evidence: Evidence, rules: Rulebook
) -> pd.DataFrame:
    """Screen what the securities are, in the light of the evidence."""
    own = pd.Series(evidence.current_index, index=securities.index, dtype="str")
    own = own.mask(own.eq(""))
    said = securities["symbol_id"].map(evidence.words).astype("str")
    table = securities.assign(
        current_index=own, passed_over=said.where(evidence.is_left_out)
    )
    return eligibility.screen_securities(table, rules)


def eligible(
    companies: pd.DataFrame,
    is_listed_eligible: np.ndarray,
    evidence: Evidence,
    rules: Rulebook,
) -> pd.DataFrame:
    """Keep the companies whose pricing vehicle, close and market cap pass."""
    at = companies["at"].to_numpy()
    is_shell = companies["is_shell"].to_numpy(bool) & ~evidence.is_member[at]
    passes = is_listed_eligible[at] & ~is_shell
    passes &= eligibility.screen_closes(
        companies["close_usd"].to_numpy(),
        companies["average_close_usd"].to_numpy(),
        evidence.is_member[at],
        rules,
    )
    passes &= eligibility.screen_caps(
        companies["total_market_cap_usd"].to_numpy(), rules
    )
    return companies[passes]


def rank_day_of(
    facts: Facts,
    lists: Lists,
    known: membership.Known,
    days: pd.DatetimeIndex,
    day: date,
    remembered: dict[date, RankDay],
    season: Season | None = None,
) -> RankDay | None:
    """Rank for the event that the known lists follow; None where no day tells.

    Where the store begins after that rank day its first session stands in. A day
    inside a `season` takes its prepared securities.
    """
    event = schedule.last_implemented(known.as_of) if known.as_of else None
    if event is None or not len(days):
        return None
    place = days.searchsorted(pd.Timestamp(event.rank_day), side="right") - 1
    is_late = place < 0
    ranked_on = days[max(place, 0)].date()
    if ranked_on > day:
        return None
    if event.rank_day not in remembered:
        remembered[event.rank_day] = _rank_for(
            facts, lists, event, ranked_on, is_late, season
        )
    return remembered[event.rank_day]


def _rank_for(
    facts: Facts,
    lists: Lists,
    event: schedule.Reconstitution,
    day: date,
    is_late: bool,
    season: Season | None,
) -> RankDay:
    """Rank on a day by what was known then, without the verdict before: one step."""
    rules = rulebook(day)
    if season is not None and season.since <= day <= season.until:
        securities = quoted_on(facts, season.securities, day)
    else:
        securities = listed_on(facts, day)
    evidence = Listed(securities).evidence(lists.known(day))
    passes = screen(securities, evidence, rules)["is_listed_eligible"].to_numpy()
    quotes = quotes_of(facts, securities, day, day, rules, companies_only=True)
    arranged = arrange(quotes, rules, FOR_LINES)
    companies = ranking.rank(eligible(arranged, passes, evidence, rules), rules)
    lines = bands.draw(companies, rules).set_index("rank")["break_point_usd"]
    vehicles = companies.merge(
        securities[["security_id", "symbol_id", "ipo_year"]],
        left_on="pricing_vehicle",
        right_on="security_id",
        validate="one_to_one",
    )
    return RankDay(
        event=event,
        is_late=is_late,
        vehicles=vehicles,
        common=securities.loc[securities["is_common"], ["key", "company_id"]],
        line_cap_usd=float(lines[rules.broad_count]),
    )


def _left_out(known: membership.Known, rank_day: RankDay) -> pd.Series:
    """By symbol_id, why companies were left out of the indexes since the event."""
    common = rank_day.common
    in_era = [key in known.ever_in_era for key in common["key"].to_numpy(object)]
    members = common.loc[in_era, "company_id"]
    vehicles = rank_day.vehicles
    return membership.passed_over(
        vehicles.assign(was_member=vehicles["company_id"].isin(members)),
        rank_day.line_cap_usd,
        rank_day.event.name,
        rank_year=rank_day.event.rank_day.year,
        is_late=rank_day.is_late,
    )
