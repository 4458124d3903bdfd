"""The rules in the methodology's order: composition, no arithmetic of its own.

`Facts` is what the rules need to know, handed in by the caller (a `store.Store`, or a
table in a test); nothing here opens a file or reads a clock.
"""

from collections.abc import Iterator, Sequence
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
    known = _known_of(facts.membership_lists(), facts.members(*_ever(day)), day)
    left_out = _passed_over(facts, known, day)
    prepared = _prepared(facts.securities(day, day))
    securities = _screened(prepared, known, left_out, rules)
    quotes = _judged(_quotes(facts, securities, day, day, rules), securities, rules)
    companies = _ranked(quotes, rules)
    lines = bands.draw(companies, rules)
    vehicles = companies.merge(
        quotes[["security_id", "close_usd", "volume_shares", "carried_sessions"]],
        left_on="pricing_vehicle",
        right_on="security_id",
        validate="one_to_one",
    ).merge(
        securities[SHOWN].rename(columns={"security_id": "pricing_vehicle"}),
        on="pricing_vehicle",
        validate="one_to_one",
    )
    vehicles["current_index"] = _company_membership(vehicles, securities)
    projected = (
        vehicles.pipe(bands.place, rules)
        .pipe(membership.project, rules)
        .pipe(candidates.measure, lines, rules)
    )
    return Projection(
        as_of=as_of,
        snapshot_date=day,
        rules=rules,
        event=schedule.coming(day),
        companies=tables.Companies.validate(projected),
        securities=tables.ProjectedSecurities.validate(
            _explained(securities, quotes, projected, rules)
        ),
        break_points=tables.BreakPoints.validate(lines),
        membership=known,
    )


def break_points(facts: Facts, since: date, until: date) -> pd.DataFrame:
    """Table `BreakPoints` of every published session between the two days.

    The same rules as `project`, a season at a time; memberships known on each day.
    """
    securities = _prepared(facts.securities(since, until))
    lists, members = facts.membership_lists(), facts.members(*_ever(until))
    drawn = []
    for quotes in _quotes_by_year(facts, securities, since, until):
        day = quotes["snapshot_date"].to_numpy()
        for first, last in _spells(lists, np.unique(day)):
            known = _known_of(lists, members, first)
            left_out = _passed_over(facts, known, first)
            rules = rulebook(first)
            edges = np.array([first, last + timedelta(days=1)], dtype=day.dtype)
            span = slice(*np.searchsorted(day, edges))
            ranked = _rank_span(
                securities, quotes.iloc[span], known, left_out, rules
            )
            drawn.append(bands.draw(ranked, rules))
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
    "symbol_id",
]


def _ever(until: date) -> tuple[date, date]:
    return FIRST_DAY, until


def _known_of(
    lists: pd.DataFrame, members: pd.DataFrame, day: date
) -> membership.Known:
    implemented = schedule.last_implemented(day)
    era_start = implemented.implementation_close if implemented else FIRST_DAY
    return membership.known(lists, members, day, era_start)


def _spells(lists: pd.DataFrame, days: np.ndarray) -> Iterator[tuple[date, date]]:
    """Spans of the sorted `days` on which the same lists and the same rules hold."""
    turns = {*lists.loc[lists["usable"], "as_of"].dt.date}
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
        key=eligibility.membership_key(table["symbol"]),
        is_common=table["share_type"].eq(eligibility.COMMON),
        symbol_order=table["symbol"].rank(method="dense").astype(int),
    )


def _screened(
    securities: pd.DataFrame,
    known: membership.Known,
    left_out: pd.Series,
    rules: Rulebook,
) -> pd.DataFrame:
    """Look membership and the last verdict up, and screen what the securities are."""
    current = securities["key"].map(known.index_by_key).astype("str")
    left_out = securities["symbol_id"].map(left_out).astype("str")
    # a class stands for its company: one member among them clears the others
    is_in = current.notna() & securities["is_common"]
    has_member = securities["company_id"].isin(securities.loc[is_in, "company_id"])
    return eligibility.screen_securities(
        securities.assign(
            current_index=current, passed_over=left_out.mask(has_member)
        ),
        rules,
    )


def _passed_over(facts: Facts, known: membership.Known, day: date) -> pd.Series:
    """By symbol_id, why companies were left out of the indexes known on `day`."""
    nobody = pd.Series(dtype="str")
    event = schedule.last_implemented(known.as_of) if known.as_of else None
    days = facts.published_days()
    if event is None or not len(days) or known.index_by_key.empty:
        return nobody
    is_late = days[0].date() > event.rank_day
    ranked_on = days[0].date() if is_late else facts.day_on_or_before(event.rank_day)
    if ranked_on > day:
        return nobody
    rules = rulebook(ranked_on)
    securities = _screened(
        _prepared(facts.securities(ranked_on, ranked_on)), known, nobody, rules
    )
    quotes = _quotes(facts, securities, ranked_on, ranked_on, rules)
    companies = _ranked(_judged(quotes, securities, rules), rules)
    lines = bands.draw(companies, rules).set_index("rank")["break_point_usd"]
    in_era = securities["key"].isin(known.ever_in_era) & securities["is_common"]
    members = securities.loc[in_era, "company_id"]
    vehicles = companies.merge(
        securities[["security_id", "symbol_id", "ipo_year"]],
        left_on="pricing_vehicle",
        right_on="security_id",
        validate="one_to_one",
    )
    return membership.passed_over(
        vehicles.assign(was_member=vehicles["company_id"].isin(members)),
        float(lines[rules.broad_count]),
        event.name,
        rank_year=event.rank_day.year,
        is_late=is_late,
    )


def _quotes(
    facts: Facts,
    securities: pd.DataFrame,
    since: date,
    until: date,
    rules: Rulebook,
) -> pd.DataFrame:
    """Quotes of the span, each with `at`, its row in `securities`, and trailing
    figures where a rule may ask for them: several classes, a close below the minimum.
    """
    quotes = facts.quotes(since, until)
    ids = securities["security_id"].to_numpy()
    position = np.zeros(int(ids.max(initial=0)) + 1, dtype=int)
    position[ids] = np.arange(len(ids))
    at = position[quotes["security_id"].to_numpy()]
    symbol_id = securities["symbol_id"].to_numpy()[at]
    is_class = np.isin(symbol_id, ranking.classes_to_weigh(securities))
    below = quotes["close_usd"].to_numpy() < rules.min_close_usd
    asks = (is_class | below) & securities["is_common"].to_numpy()[at]
    quotes = quotes.assign(at=at, symbol_id=symbol_id)
    figures = {name: np.full(len(quotes), np.nan) for name in ranking.TRAILING}
    if asks.any():
        wanted = quotes.loc[asks, ["snapshot_date", "symbol_id"]]
        start = wanted["snapshot_date"].min() - timedelta(
            days=round(365.25 * rules.pricing_vehicle_volume_years) + 1
        )
        trailing = facts.trailing(start.date(), until, np.unique(symbol_id[asks]))
        found = ranking.trailing_figures(trailing, wanted, rules)
        for name, values in figures.items():
            values[asks] = found[name].to_numpy()
    return quotes.assign(**figures)


def _quotes_by_year(
    facts: Facts, securities: pd.DataFrame, since: date, until: date
) -> Iterator[pd.DataFrame]:
    for year in range(since.year, until.year + 1):
        first = max(since, date(year, 1, 1))
        last = min(until, date(year, 12, 31))
        yield _quotes(facts, securities, first, last, rulebook(first))


def _judged(
    quotes: pd.DataFrame, securities: pd.DataFrame, rules: Rulebook
) -> pd.DataFrame:
    """Add to quotes what the screened securities say, and judge the closes."""
    at = quotes["at"].to_numpy()
    columns = {name: securities[name].to_numpy()[at] for name in FROM_SECURITIES}
    is_member = securities["current_index"].isin(["R1000", "R2000"]).to_numpy()[at]
    passes = eligibility.screen_closes(
        quotes["close_usd"].to_numpy(),
        quotes["average_close_usd"].to_numpy(),
        is_member,
        rules,
    )
    return quotes.assign(
        **columns,
        passes_close=passes,
        is_eligible=passes & columns["is_listed_eligible"],
    )


FROM_SECURITIES = ("company_id", "symbol_order", "is_listed_eligible", "is_common")


def _rank_span(
    securities: pd.DataFrame,
    quotes: pd.DataFrame,
    known: membership.Known,
    left_out: pd.Series,
    rules: Rulebook,
) -> pd.DataFrame:
    """Rank the companies of a span of sessions with one state of membership."""
    present = np.unique(quotes["at"].to_numpy())
    screened = _screened(securities.iloc[present], known, left_out, rules)
    at = np.searchsorted(present, quotes["at"].to_numpy())
    return _ranked(_judged(quotes.assign(at=at), screened, rules), rules)


def _ranked(quotes: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Roll common shares up into companies, screen their caps, rank."""
    common = quotes[quotes["is_common"] & quotes["close_usd"].notna()]
    companies = ranking.roll_up(common, rules)
    passes = companies["is_eligible"] & eligibility.screen_caps(
        companies["total_market_cap_usd"].to_numpy(), rules
    )
    return ranking.rank(companies[passes], rules)


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
    rules: Rulebook,
) -> pd.DataFrame:
    """Every listing of the day with rank, index, move and why it is in or out."""
    table = securities.merge(
        quotes.drop(
            columns=["at", "symbol_id", *FROM_SECURITIES]
        ),
        on="security_id",
        validate="one_to_one",
    ).rename(columns={"total_market_cap_usd": "given_market_cap_usd"})
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
