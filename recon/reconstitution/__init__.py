"""Facts gathered, rules applied: a projection of one day, the lines of a season.

`gather` collects what the rules ask for, `apply` applies them in the methodology's
order: to one day, to the days of a season, to the rank day that an earlier verdict is
read from, under the rules in force or under others. Facts are handed in (a
`store.Store`, or tables in a test); nothing here opens a file or reads a clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from recon import schedule, tables
from recon.reconstitution.applying import Ranked, apply, rank
from recon.reconstitution.companies import prepare
from recon.reconstitution.facts import Facts
from recon.reconstitution.gathered import Gathered
from recon.reconstitution.gathering import History, Season, gather
from recon.reconstitution.listings import (
    list_securities,
    membership_reason,
    screened,
)
from recon.reconstitution.simulation import Simulated, simulate
from recon.rulebook import ERAS, Rulebook
from recon.rules import membership

__all__ = [
    "Facts",
    "Gathered",
    "History",
    "Projection",
    "Ranked",
    "Simulated",
    "apply",
    "break_points",
    "gather",
    "membership_reason",
    "parts",
    "project",
    "rank",
    "simulate",
]


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


def project(
    facts: Facts,
    as_of: date,
    rules: Rulebook | None = None,
    history: History | None = None,
) -> Projection:
    """Project the indexes as if ranked on the last session not after `as_of`.

    `rules` replaces the rulebook of the day, for a what-if; `history` is what a caller
    keeps of these facts from day to day.

    Raises
    ------
    SnapshotMissing
        If no published session is on or before `as_of`.
    """
    day = facts.day_on_or_before(as_of)
    gathered = gather(facts, day, rules, history)
    (spell,) = gathered.spells
    ranked = apply(gathered)
    securities = screened(gathered)
    words = ranked.companies.select_dtypes("category").columns
    companies = ranked.companies.astype(dict.fromkeys(words, "str")).merge(
        securities[SHOWN].rename(columns={"security_id": "pricing_vehicle"}),
        on="pricing_vehicle",
        validate="one_to_one",
    )
    listed = list_securities(gathered, securities, companies)
    return Projection(
        as_of=as_of,
        snapshot_date=day,
        rules=gathered.rules,
        event=schedule.coming(day),
        companies=tables.Companies.validate(companies),
        securities=tables.ProjectedSecurities.validate(listed),
        break_points=tables.BreakPoints.validate(ranked.break_points),
        membership=spell.known,
        unseen=spell.unseen,
    )


def break_points(facts: Facts, since: date, until: date) -> pd.DataFrame:
    """Table `BreakPoints` of every published session between the two days.

    The same rules as `project`, with the memberships known on each day.
    """
    drawn = [rank(part).break_points for part in parts(facts, since, until)]
    if not any(map(len, drawn)):
        return pd.DataFrame(columns=list(tables.BreakPoints.to_schema().columns))
    return tables.BreakPoints.validate(pd.concat(drawn, ignore_index=True))


def parts(facts: Facts, since: date, until: date) -> Iterator[Gathered]:
    """Gather a season's sessions for their lines: a year at most, of one rulebook."""
    season = Season(
        History(facts), since, until, prepare(facts.securities(since, until))
    )
    turns = {era.effective for era in ERAS}
    turns |= {date(year, 1, 1) for year in range(since.year, until.year + 1)}
    starts = sorted({since} | {day for day in turns if since < day <= until})
    ends = [day - timedelta(days=1) for day in starts[1:]]
    for first, last in zip(starts, [*ends, until], strict=True):
        yield season.gather(first, last, lines_only=True)
