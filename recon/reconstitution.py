"""The rules in the methodology's order: composition, no arithmetic of its own.

`Facts` is what the rules need to know, handed in by the caller (a `store.Store`, or a
table in a test); nothing here opens a file or reads a clock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import numpy as np
import pandas as pd

from recon import bands, candidates, eligibility, membership, ranking, schedule, tables
from recon.rulebook import ERAS, Rulebook, rulebook

FIRST_DAY = date(1984, 1, 1)


class Facts(Protocol):
    """What is known; see `store.Store` for each method's table."""

    def day_on_or_before(self, as_of: date) -> date: ...  # noqa: D102
    def published_days(self) -> pd.DatetimeIndex: ...  # noqa: D102
    def securities(self, since: date, until: date) -> pd.DataFrame: ...  # noqa: D102
    def quotes(self, since: date, until: date) -> pd.DataFrame: ...  # noqa: D102
    def trailing(  # noqa: D102
        self, since: date, until: date, symbol_ids: Sequence[int]
    ) -> pd.DataFrame: ...
    def membership_lists(self) -> pd.DataFrame: ...  # noqa: D102
    def members(self, since: date, until: date) -> pd.DataFrame: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Everything projected for one day; the tables are declared in `tables`.

    `companies` is table `Companies` with membership and distances, largest first;
    `securities` is `ProjectedSecurities`, every listing of the day with its reasons.
    """

    as_of: date
    snapshot_date: date
    rules: Rulebook
    event: schedule.Reconstitution
    companies: pd.DataFrame
    securities: pd.DataFrame
    break_points: pd.DataFrame
    membership: membership.Known


def project(facts: Facts, as_of: date, rules: Rulebook | None = None) -> Projection:
    """Project the indexes as if ranked on the last session not after `as_of`.

    `rules` replaces the rulebook of the day, for a what-if.

    Raises
    ------
    SnapshotMissing
        If no published session is on or before `as_of`.
    """
    day = facts.day_on_or_before(as_of)
    rules = rules or rulebook(day)
    prepared = _prepared(facts.securities(day, day))
    quotes = _quotes(facts, prepared, day, day, rules)
    lists = _lists(facts, _era_start(day, back=3), day)
    known = lists.known(day)
    rank_day = _rank_day(facts, lists, known, facts.published_days(), day, {})
    evidence = _evidence(prepared, known, rank_day)
    securities = _screened(prepared, evidence, rules)
    arranged = _arranged(quotes, rules, FOR_COMPANIES)
    passes = securities["is_listed_eligible"].to_numpy()
    companies = ranking.rank(_eligible(arranged, passes, evidence, rules), rules)
    lines = bands.draw(companies, rules)
    described = companies.merge(
        securities[SHOWN].rename(columns={"security_id": "pricing_vehicle"}),
        on="pricing_vehicle",
        validate="one_to_one",
    )
    projected = (
        described.assign(current_index=_company_membership(described, securities))
        .pipe(bands.place, rules)
        .pipe(membership.project, rules)
        .pipe(candidates.measure, lines, rules)
    )
    explained = _explained(securities, quotes, projected, evidence, rules)
    return Projection(
        as_of=as_of,
        snapshot_date=day,
        rules=rules,
        event=schedule.coming(day),
        companies=tables.Companies.validate(projected),
        securities=tables.ProjectedSecurities.validate(explained),
        break_points=tables.BreakPoints.validate(lines),
        membership=known,
    )


def break_points(facts: Facts, since: date, until: date) -> pd.DataFrame:
    """Table `BreakPoints` of every published session between the two days.

    The same rules as `project`, a season at a time; memberships known on each day.
    """
    securities = _prepared(facts.securities(since, until))
    lists = _lists(facts, FIRST_DAY, until)
    days, rank_days = facts.published_days(), dict[date, _RankDay]()
    passes: dict[date, dict[str, np.ndarray]] = {}
    drawn = []
    for year in range(since.year, until.year + 1):
        first, last = max(since, date(year, 1, 1)), min(until, date(year, 12, 31))
        rules = rulebook(first)
        quotes = _quotes(facts, securities, first, last, rules, companies_only=True)
        if quotes.empty:
            continue
        arranged = _arranged(quotes, rules, FOR_LINES)
        day = arranged["snapshot_date"].to_numpy()
        for start, end in _spells(lists, np.unique(day)):
            rules = rulebook(start)
            if rules.effective not in passes:
                answers = eligibility.passes_by_evidence(securities, rules)
                passes[rules.effective] = answers
            edges = np.array([start, end + timedelta(days=1)], dtype=day.dtype)
            span = arranged.iloc[slice(*np.searchsorted(day, edges))]
            known = lists.known(start)
            rank_day = _rank_day(facts, lists, known, days, start, rank_days)
            evidence = _evidence(securities, known, rank_day)
            listed = evidence.choose(passes[rules.effective])
            companies = _eligible(span, listed, evidence, rules)
            drawn.append(bands.draw(ranking.rank(companies, rules), rules))
    if not drawn:
        return pd.DataFrame(columns=list(tables.BreakPoints.to_schema().columns))
    return tables.BreakPoints.validate(pd.concat(drawn, ignore_index=True))


SHOWN = [
    "security_id",
    "symbol",
    "name",
    "company",
    "exchange",
    "sector",
    "industry",
    "country",
    "key",
]


@dataclass(frozen=True, kw_only=True)
class _Lists:
    """Membership lists and their members, to be asked for one day after another."""

    lists: pd.DataFrame
    members: pd.DataFrame

    def known(self, day: date) -> membership.Known:
        """Return what is known of membership on a day."""
        return membership.known(self.lists, self.members, day, _era_start(day))


def _lists(facts: Facts, since: date, until: date) -> _Lists:
    lists = facts.membership_lists()
    return _Lists(
        lists=lists[lists["as_of"] >= pd.Timestamp(since)],
        members=facts.members(since, until),
    )


def _era_start(day: date, back: int = 1) -> date:
    """Return the last implementation close by a day, or one `back` events earlier."""
    for _ in range(back):
        implemented = schedule.last_implemented(day)
        if implemented is None:
            return FIRST_DAY
        day = implemented.implementation_close - timedelta(days=1)
    return day + timedelta(days=1)


def _spells(lists: _Lists, days: np.ndarray) -> Iterator[tuple[date, date]]:
    """Spans of the sorted `days` on which the same lists and the same rules hold."""
    turns = {*lists.lists.loc[lists.lists["usable"], "as_of"].dt.date}
    turns |= {era.effective for era in ERAS}
    turns |= {event.implementation_close for event in schedule.reconstitutions()}
    marks = np.array(sorted(turns), "datetime64[D]")
    number = np.searchsorted(marks, days.astype("datetime64[D]"), side="right")
    for spell in np.unique(number):
        inside = days[number == spell].astype("datetime64[D]")
        yield inside[0].astype(object), inside[-1].astype(object)


def _prepared(securities: pd.DataFrame) -> pd.DataFrame:
    """Add to attribute versions what no day changes: type, company, keys."""
    table = ranking.assign_companies(eligibility.describe(securities))
    return table.assign(
        key=eligibility.membership_key(table["symbol"]).astype(object),
        is_common=table["share_type"].eq(eligibility.COMMON),
        symbol_order=table["symbol"].rank(method="dense").astype(int),
    )


@dataclass(frozen=True, kw_only=True)
class _Evidence:
    """What lists say of each security, parallel to the prepared securities.

    `current_index` is the security's own, empty for none; `is_member` also counts
    another class of its company; `is_left_out` tells that the company was passed over
    and `words` why, by symbol_id.
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
class _RankDay:
    """The companies ranked for an event: what its verdict is read from."""

    event: schedule.Reconstitution
    is_late: bool
    vehicles: pd.DataFrame
    common: pd.DataFrame
    line_cap_usd: float


def _evidence(
    securities: pd.DataFrame, known: membership.Known, rank_day: _RankDay | None
) -> _Evidence:
    """Look every security up in what is known of membership and of the last verdict."""
    look_up = known.index_by_key
    codes, keys = pd.factorize(securities["key"].to_numpy(object))
    named = np.array([look_up.get(key, "") for key in keys] + [""], dtype="U5")
    current = named[codes]
    company = securities["company_id"].to_numpy()
    common = securities["is_common"].to_numpy(bool)
    is_in = np.isin(named, ["R1000", "R2000"])[codes]
    has_member = np.bincount(company, weights=is_in & common) > 0
    words = _left_out(known, rank_day) if rank_day else pd.Series(dtype="str")
    is_left_out = np.isin(securities["symbol_id"].to_numpy(), words.index.to_numpy(int))
    return _Evidence(
        current_index=current,
        is_member=is_in | (common & has_member[company]),
        is_left_out=is_left_out & ~has_member[company],
        words=words,
    )


def _screened(
    securities: pd.DataFrame, evidence: _Evidence, rules: Rulebook
) -> pd.DataFrame:
    """Screen what the securities are, in the light of the evidence."""
    own = pd.Series(evidence.current_index, index=securities.index, dtype="str")
    own = own.mask(own.eq(""))
    counted = own.fillna("R2000").where(evidence.is_member, own)
    said = securities["symbol_id"].map(evidence.words).astype("str")
    table = securities.assign(
        current_index=counted, passed_over=said.where(evidence.is_left_out)
    )
    screened = eligibility.screen_securities(table, rules)
    return screened.assign(current_index=own)


def _rank_day(
    facts: Facts,
    lists: _Lists,
    known: membership.Known,
    days: pd.DatetimeIndex,
    day: date,
    remembered: dict[date, _RankDay],
) -> _RankDay | None:
    """Rank for the event that the known lists follow; None where no day tells.

    Where the store begins after that rank day its first session stands in.
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
        remembered[event.rank_day] = _rank_for(facts, lists, event, ranked_on, is_late)
    return remembered[event.rank_day]


def _rank_for(
    facts: Facts,
    lists: _Lists,
    event: schedule.Reconstitution,
    day: date,
    is_late: bool,
) -> _RankDay:
    """Rank on a day by what was known then, without the verdict before: one step."""
    rules = rulebook(day)
    securities = _prepared(facts.securities(day, day))
    evidence = _evidence(securities, lists.known(day), None)
    passes = _screened(securities, evidence, rules)["is_listed_eligible"].to_numpy()
    quotes = _quotes(facts, securities, day, day, rules, companies_only=True)
    arranged = _arranged(quotes, rules, FOR_LINES)
    companies = ranking.rank(_eligible(arranged, passes, evidence, rules), rules)
    lines = bands.draw(companies, rules).set_index("rank")["break_point_usd"]
    vehicles = companies.merge(
        securities[["security_id", "symbol_id", "ipo_year"]],
        left_on="pricing_vehicle",
        right_on="security_id",
        validate="one_to_one",
    )
    return _RankDay(
        event=event,
        is_late=is_late,
        vehicles=vehicles,
        common=securities.loc[securities["is_common"], ["key", "company_id"]],
        line_cap_usd=float(lines[rules.broad_count]),
    )


def _left_out(known: membership.Known, rank_day: _RankDay) -> pd.Series:
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


def _quotes(
    facts: Facts,
    securities: pd.DataFrame,
    since: date,
    until: date,
    rules: Rulebook,
    *,
    companies_only: bool = False,
) -> pd.DataFrame:
    """Quotes of the span with what rules ask of each row.

    `companies_only` leaves out what no company is rolled up from: other paper than
    common shares, and lines without a close.

    Adds `at`, its row in `securities`, the columns of `FROM_SECURITIES`, and trailing
    figures where a rule may ask for them: several classes, a close below the minimum.
    """
    quotes = facts.quotes(since, until)
    ids = securities["security_id"].to_numpy()
    position = np.zeros(int(ids.max(initial=0)) + 1, dtype=np.int32)
    position[ids] = np.arange(len(ids))
    at = position[quotes["security_id"].to_numpy()]
    if companies_only:
        common = securities["is_common"].to_numpy(bool)[at]
        rows = np.flatnonzero(common & ~np.isnan(quotes["close_usd"].to_numpy()))
        quotes, at = quotes[GIVEN].take(rows), at[rows]
    columns = {name: securities[name].to_numpy()[at] for name in FROM_SECURITIES}
    is_class = np.isin(columns["symbol_id"], ranking.classes_to_weigh(securities))
    below = quotes["close_usd"].to_numpy() < rules.min_close_usd
    asks = (is_class | below) & columns["is_common"]
    figures = {name: np.full(len(quotes), np.nan) for name in ranking.TRAILING}
    if asks.any():
        wanted = pd.DataFrame(
            {
                "snapshot_date": quotes["snapshot_date"].to_numpy()[asks],
                "symbol_id": columns["symbol_id"][asks],
            }
        )
        start = wanted["snapshot_date"].min() - timedelta(
            days=round(365.25 * rules.pricing_vehicle_volume_years) + 1
        )
        symbols = np.unique(wanted["symbol_id"])
        trailing = facts.trailing(start.date(), until, symbols)
        found = ranking.trailing_figures(trailing, wanted, rules)
        for name, values in figures.items():
            values[asks] = found[name].to_numpy()
    return quotes.assign(at=at, **columns, **figures)


GIVEN = [
    "snapshot_date",
    "security_id",
    "close_usd",
    "total_market_cap_usd",
    "available_shares",
]
FOR_LINES = [
    "snapshot_date",
    "security_id",
    "at",
    "company_id",
    "symbol_order",
    "close_usd",
    "total_market_cap_usd",
    "average_close_usd",
]
FROM_SECURITIES = ("symbol_id", "company_id", "symbol_order", "is_common")
FOR_COMPANIES = [*FOR_LINES, "symbol_id", "volume_shares", "carried_sessions"]


def _arranged(
    quotes: pd.DataFrame, rules: Rulebook, keep: Sequence[str]
) -> pd.DataFrame:
    """Roll common shares up into companies, largest first within each session."""
    common = quotes["is_common"].to_numpy(bool) & quotes["close_usd"].notna()
    quotes = quotes if common.all() else quotes[common]
    companies = ranking.roll_up(quotes, rules, keep)
    known = companies["total_market_cap_usd"].notna()
    return ranking.arrange(companies[known])


def _eligible(
    companies: pd.DataFrame,
    is_listed_eligible: np.ndarray,
    evidence: _Evidence,
    rules: Rulebook,
) -> pd.DataFrame:
    """Keep the companies whose pricing vehicle, close and market cap pass."""
    at = companies["at"].to_numpy()
    passes = is_listed_eligible[at]
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


def _company_membership(companies: pd.DataFrame, securities: pd.DataFrame) -> pd.Series:
    """Index of a company: that of its pricing vehicle, or else of another class."""
    own = companies["pricing_vehicle"].map(
        securities.set_index("security_id")["current_index"]
    )
    classes = securities[securities["is_common"] & securities["current_index"].notna()]
    any_class = classes.groupby("company_id")["current_index"].min()
    return own.fillna(companies["company_id"].map(any_class)).astype("str")


def _explained(
    securities: pd.DataFrame,
    quotes: pd.DataFrame,
    companies: pd.DataFrame,
    evidence: _Evidence,
    rules: Rulebook,
) -> pd.DataFrame:
    """Every listing of the day with rank, index, move and why it is in or out."""
    table = securities.assign(evidence_is_member=evidence.is_member).merge(
        quotes.drop(columns=["at", *FROM_SECURITIES]),
        on="security_id",
        validate="one_to_one",
    )
    table = table.rename(columns={"total_market_cap_usd": "given_market_cap_usd"})
    table["passes_close"] = eligibility.screen_closes(
        table["close_usd"].to_numpy(),
        table["average_close_usd"].to_numpy(),
        table["evidence_is_member"].to_numpy(),
        rules,
    )
    of_company = companies.set_index("company_id")
    common = table["is_common"]
    for name in COMPANY_FIGURES:
        values = table["company_id"].map(of_company[name])
        table[name] = values.where(common)
    reason = membership_reason(table, rules)
    eligible = reason.isna() & table["rank"].notna()
    outside = table["rank"] > rules.universe_count
    table["projected_index"] = table["projected_index"].where(eligible & ~outside)
    return table.assign(
        eligible=eligible,
        ineligible_reason=reason,
        move=membership.moves(table["current_index"], table["projected_index"]),
        total_market_cap_usd=table["total_market_cap_usd"].fillna(
            table["given_market_cap_usd"]
        ),
    )


COMPANY_FIGURES = (
    "rank",
    "total_market_cap_usd",
    "cumulative_cap_frac",
    "projected_index",
    "pricing_vehicle",
    "is_held_by_band",
)


def membership_reason(table: pd.DataFrame, rules: Rulebook) -> pd.Series:
    """Words of the first screen that a listing failed; missing where it passed all."""
    reason = table["listing_reason"].copy()
    ranked = table["rank"].notna()
    for row in table.index[reason.isna() & ~table["passes_close"]]:
        reason.at[row] = eligibility.close_reason(
            table.at[row, "close_usd"], table.at[row, "average_close_usd"], rules
        )
    for row in table.index[reason.isna() & ~ranked]:
        reason.at[row] = eligibility.cap_reason(
            table.at[row, "given_market_cap_usd"], rules
        )
    for fails, words in eligibility.extra_class_screens(table, rules):
        reason = reason.mask(reason.isna() & ranked & fails, words)
    return reason
