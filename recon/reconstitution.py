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

EVERY_LIST_SINCE = date(2000, 1, 1)


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
    known = _known(facts, day)
    securities = _screened(facts.securities(day, day), known, rules)
    quotes = _quotes(facts, securities, day, day, rules)
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
    described = eligibility.describe(facts.securities(since, until))
    lists, members = facts.membership_lists(), facts.members(EVERY_LIST_SINCE, until)
    drawn = []
    for first, last in _spells(facts, lists, since, until):
        rules = rulebook(first)
        known = _known_of(lists, members, first)
        securities = _screened(described, known, rules, is_described=True)
        quotes = _quotes(facts, securities, first, last, rules)
        drawn.append(bands.draw(_ranked(quotes, rules), rules))
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


def _known(facts: Facts, day: date) -> membership.Known:
    return _known_of(
        facts.membership_lists(), facts.members(EVERY_LIST_SINCE, day), day
    )


def _known_of(
    lists: pd.DataFrame, members: pd.DataFrame, day: date
) -> membership.Known:
    implemented = schedule.last_implemented(day)
    era_start = implemented.implementation_close if implemented else date(1984, 1, 1)
    return membership.known(lists, members, day, era_start)


def _spells(
    facts: Facts, lists: pd.DataFrame, since: date, until: date
) -> Iterator[tuple[date, date]]:
    """Spans of published days on which the same lists and the same rules hold."""
    days = facts.published_days()
    days = days[(days >= pd.Timestamp(since)) & (days <= pd.Timestamp(until))]
    turns = {*lists.loc[lists["usable"], "as_of"]}
    turns |= {pd.Timestamp(era.effective) for era in ERAS}
    turns |= {
        pd.Timestamp(event.implementation_close) for event in schedule.reconstitutions()
    }
    number = np.searchsorted(np.array(sorted(turns), "datetime64[ns]"), days, "right")
    for spell in np.unique(number):
        inside = days[number == spell]
        yield inside[0].date(), inside[-1].date()


def _screened(
    securities: pd.DataFrame,
    known: membership.Known,
    rules: Rulebook,
    *,
    is_described: bool = False,
) -> pd.DataFrame:
    """Describe, group into companies, look up membership, screen."""
    table = securities if is_described else eligibility.describe(securities)
    if "company_id" not in table:
        table = ranking.assign_companies(table)
    if "key" not in table:
        table = table.assign(
            key=eligibility.membership_key(table["symbol"]),
            is_common=table["share_type"].eq(eligibility.COMMON),
        )
    current = table["key"].map(known.index_by_key).astype("str")
    return eligibility.screen_securities(table.assign(current_index=current), rules)


def _quotes(
    facts: Facts,
    securities: pd.DataFrame,
    since: date,
    until: date,
    rules: Rulebook,
) -> pd.DataFrame:
    """Quotes of the span with what the later rules ask of each row."""
    quotes = facts.quotes(since, until)
    columns = {
        name: securities[name].to_numpy()
        for name in ("company_id", "symbol_id", "is_listed_eligible", "is_common")
    }
    columns["is_member"] = (
        securities["current_index"].isin(["R1000", "R2000"]).to_numpy()
    )
    columns["symbol_order"] = securities["symbol"].rank(method="dense").to_numpy()
    at = _positions(
        securities["security_id"].to_numpy(), quotes["security_id"].to_numpy()
    )
    quotes = quotes.assign(**{name: values[at] for name, values in columns.items()})
    quotes = _with_trailing(facts, securities, quotes, until, rules)
    passes_close = eligibility.screen_closes(
        quotes["close_usd"].to_numpy(),
        quotes["average_close_usd"].to_numpy(),
        quotes["is_member"].to_numpy(),
        rules,
    )
    return quotes.assign(
        passes_close=passes_close,
        is_eligible=passes_close & quotes["is_listed_eligible"].to_numpy(),
    )


def _positions(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    position = np.zeros(int(max(ids.max(initial=0), wanted.max(initial=0))) + 1, int)
    position[ids] = np.arange(len(ids))
    return position[wanted]


def _with_trailing(
    facts: Facts,
    securities: pd.DataFrame,
    quotes: pd.DataFrame,
    until: date,
    rules: Rulebook,
) -> pd.DataFrame:
    """Add the trailing figures, fetched only where a rule asks for them."""
    classes = ranking.classes_to_weigh(securities)
    is_class = np.isin(quotes["symbol_id"].to_numpy(), classes)
    below = quotes["close_usd"].to_numpy() < rules.min_close_usd
    asks = (is_class & quotes["is_common"]) | (below & quotes["is_member"])
    wanted = quotes.loc[asks, ["snapshot_date", "symbol_id"]]
    quotes = quotes.assign(**dict.fromkeys(ranking.TRAILING, np.nan))
    if wanted.empty:
        return quotes
    start = wanted["snapshot_date"].min() - timedelta(
        days=round(365.25 * rules.pricing_vehicle_volume_years) + 1
    )
    trailing = facts.trailing(start.date(), until, wanted["symbol_id"].unique())
    figures = ranking.trailing_figures(trailing, wanted, rules)
    for name in ranking.TRAILING:
        quotes.loc[figures.index, name] = figures[name]
    return quotes


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
            columns=["company_id", "symbol_id", "is_common", "is_listed_eligible"]
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
    return reason.mask(
        reason.isna() & ranked & eligibility.extra_class_fails(table, rules),
        "extra share class: too little traded or too small to join",
    )
