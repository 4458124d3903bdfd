"""The rules in the methodology's order: composition, no arithmetic of its own.

Facts are handed in by the caller (a `store.Store`, or tables in a test); nothing here
opens a file or reads a clock.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon import schedule, tables
from recon.reconstitution.changes import follow
from recon.reconstitution.companies import (
    FOR_COMPANIES,
    FOR_LINES,
    arrange,
    listed_on,
    prepare,
    quotes_of,
    with_shells,
)
from recon.reconstitution.evidence import (
    Listed,
    PricedSessions,
    RankDay,
    Season,
    changed_symbols,
    eligible,
    lists_of,
    rank_day_of,
    screen,
    spells,
    unseen,
)
from recon.reconstitution.facts import Facts
from recon.reconstitution.reasons import (
    company_membership,
    explain,
    membership_reason,
)
from recon.rulebook import Rulebook, rulebook
from recon.rules import bands, distances, eligibility, membership, ranking

__all__ = ["Facts", "Projection", "break_points", "membership_reason", "project"]


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Everything projected for one day; the tables are declared in `tables`.

    `companies` is table `Companies` with membership and distances, largest first;
    `securities` is `ProjectedSecurities`, every listing of the day with its reasons;
    `unseen` are members without a figure, by key, which keep their index (0012).
    """

    as_of: date
    snapshot_date: date
    rules: Rulebook
    event: schedule.Reconstitution
    companies: pd.DataFrame
    securities: pd.DataFrame
    break_points: pd.DataFrame
    membership: membership.Known
    unseen: frozenset[str]


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
    described = listed_on(facts, day)
    quotes = quotes_of(facts, described, day, day, rules)
    described = with_shells(described, quotes)
    lists = lists_of(facts, day)
    changed = changed_symbols(facts, lists, day, day)
    known = lists.followed(day, changed)
    days = facts.published_days()
    sessions = PricedSessions(days, described, day)
    rank_day = rank_day_of(facts, lists, known, days, day, {})
    evidence = Listed(described).evidence(known, rank_day)
    securities = screen(described, evidence, rules)
    passes = securities["is_listed_eligible"].to_numpy()
    arranged = arrange(quotes, rules, FOR_COMPANIES)
    missing = unseen(facts, lists, lists.known(day), day, sessions)
    companies = ranking.rank(
        eligible(arranged, passes, evidence, rules), rules, len(missing)
    )
    lines = bands.draw(companies, rules)
    named = companies.merge(
        securities[SHOWN].rename(columns={"security_id": "pricing_vehicle"}),
        on="pricing_vehicle",
        validate="one_to_one",
    )
    projected = (
        named.assign(current_index=company_membership(named, securities))
        .pipe(bands.place, rules)
        .pipe(membership.project, rules)
        .pipe(distances.measure, lines, rules)
    )
    listings = explain(securities, quotes, projected, evidence, rules)
    return Projection(
        as_of=as_of,
        snapshot_date=day,
        rules=rules,
        event=schedule.coming(day),
        companies=tables.Companies.validate(projected),
        securities=tables.ProjectedSecurities.validate(listings),
        break_points=tables.BreakPoints.validate(lines),
        membership=known,
        unseen=missing,
    )


def break_points(facts: Facts, since: date, until: date) -> pd.DataFrame:
    """Table `BreakPoints` of every published session between the two days.

    The same rules as `project`, a season at a time; memberships known on each day.
    """
    securities = prepare(facts.securities(since, until))
    lists = lists_of(facts, until)
    days, rank_days = facts.published_days(), dict[date, RankDay]()
    passes: dict[object, dict[str, np.ndarray]] = {}
    sessions = PricedSessions(days, securities, since)
    season = Season(securities=securities, since=since, until=until)
    listed = Listed(securities)
    drawn = []
    for year in range(since.year, until.year + 1):
        first, last = max(since, date(year, 1, 1)), min(until, date(year, 12, 31))
        rules = rulebook(first)
        quotes = quotes_of(facts, securities, first, last, rules, companies_only=True)
        if quotes.empty:
            continue
        arranged = arrange(quotes, rules, FOR_LINES)
        changed = changed_symbols(facts, lists, first, last)
        day = arranged["snapshot_date"].to_numpy()
        for start, end in spells(lists, np.unique(day)):
            rules = rulebook(start)
            asked = (rules.eligible_exchanges, rules.unknowns_let_through)
            if asked not in passes:
                passes[asked] = eligibility.passes_by_evidence(securities, rules)
            edges = np.array([start, end + timedelta(days=1)], dtype=day.dtype)
            span = arranged.iloc[slice(*np.searchsorted(day, edges))]
            stated = lists.known(start)
            known = follow(stated, changed, end)
            rank_day = rank_day_of(facts, lists, known, days, start, rank_days, season)
            evidence = listed.evidence(known, rank_day)
            chosen = evidence.choose(passes[asked])
            companies = eligible(span, chosen, evidence, rules)
            missing = unseen(facts, lists, stated, start, sessions)
            ranked = ranking.rank(companies, rules, len(missing))
            drawn.append(bands.draw(ranked, rules))
    if not drawn:
        return pd.DataFrame(columns=list(tables.BreakPoints.to_schema().columns))
    return tables.BreakPoints.validate(pd.concat(drawn, ignore_index=True))
