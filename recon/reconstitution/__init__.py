"""Facts gathered, rules applied: a projection of one day, the lines of a season.

`gather` collects what the rules ask for, `apply` applies them in the methodology's
order: to one day, to the days of a season, to the rank day that an earlier verdict is
read from, under the rules in force or under others. Facts are handed in (a
`store.Store`, or tables in a test); nothing here opens a file or reads a clock.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd

from recon import schedule, tables
from recon.reconstitution.applying import Ranked, apply, rank
from recon.reconstitution.companies import prepare
from recon.reconstitution.event import decide, deciding_day
from recon.reconstitution.facts import Facts
from recon.reconstitution.gathered import Gathered
from recon.reconstitution.gathering import History, Season, gather
from recon.reconstitution.listings import (
    list_securities,
    membership_reason,
    screened,
)
from recon.reconstitution.projection import Projection
from recon.reconstitution.segments import Walk
from recon.reconstitution.simulation import Simulated, simulate
from recon.reconstitution.size_lists import project_sizes
from recon.rulebook import ERAS, Rulebook
from recon.rules import market_return

__all__ = [
    "Facts",
    "Gathered",
    "History",
    "Projection",
    "Ranked",
    "Simulated",
    "apply",
    "break_points",
    "decide",
    "deciding_day",
    "draw",
    "gather",
    "membership_reason",
    "parts",
    "project",
    "project_as_if",
    "rank",
    "simulate",
]


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
    """Project the event of a day: what the indexes will hold after it.

    Before its rank day as if ranked on the last session not after `as_of`; from then
    to the implementation close as rank day decided, with what is known since (6.9).
    `rules` and `history` as in `project_as_if`.

    Raises
    ------
    SnapshotMissing
        If no published session is on or before `as_of`.
    """
    now = project_as_if(facts, as_of, rules, history)
    decided_on = deciding_day(facts, now.snapshot_date)
    if decided_on is None:
        return now
    return decide(facts, project_as_if(facts, decided_on, rules, history), now)


def project_as_if(
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
    companies, listed = project_sizes(
        companies, listed, spell.known, spell.sizes, gathered.rules
    )
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
        sizes=spell.sizes,
    )


def break_points(facts: Facts, since: date, until: date) -> pd.DataFrame:
    """Table `BreakPoints` of every published session between the two days.

    The same rules as `project`, with the memberships known on each day, and the
    market's return since the session before.
    """
    return _drawn(facts, since, until, History(facts))


def draw(facts: Facts, since: date, until: date) -> dict[str, pd.DataFrame]:
    """Return what is stored of the sessions between two days, by the table's name.

    Tables `BreakPoints` (break_points) and `SegmentDays` (segment_days).
    """
    history = History(facts)
    walk = Walk(facts, history, since)
    lines = _drawn(facts, since, until, history, walk)
    return {"break_points": lines, "segment_days": walk.table()}


def _drawn(
    facts: Facts, since: date, until: date, history: History, walk: Walk | None = None
) -> pd.DataFrame:
    days = facts.published_days()
    place = days.searchsorted(pd.Timestamp(since))
    before = days[place - 1].date() if place else since
    drawn: list[pd.DataFrame] = []
    last = pd.DataFrame()
    for part in parts(facts, before, until, history):
        if walk is not None:
            walk.add(part)
        ranked = rank(part)
        symbol_id = part.securities["symbol_id"].to_numpy()
        companies = ranked.companies[["at", *RETURN_COLUMNS]]
        companies = companies.assign(symbol_id=symbol_id[companies["at"].to_numpy()])
        returns = market_return.market_returns(
            pd.concat([last, companies], ignore_index=True), part.rules
        )
        lines = ranked.break_points
        moved = lines["snapshot_date"].map(returns)
        drawn.append(lines.assign(market_return_frac=moved.astype(float)))
        if len(companies):
            is_last = companies["snapshot_date"] == companies["snapshot_date"].iloc[-1]
            last = companies[is_last]
    if not any(map(len, drawn)):
        return pd.DataFrame(columns=list(tables.BreakPoints.to_schema().columns))
    table = pd.concat(drawn, ignore_index=True)
    table = table[table["snapshot_date"] >= pd.Timestamp(since)]
    return tables.BreakPoints.validate(table.reset_index(drop=True))


RETURN_COLUMNS = [
    "snapshot_date",
    "rank",
    "close_usd",
    "close_change_frac",
    "total_market_cap_usd",
]


def parts(
    facts: Facts, since: date, until: date, history: History | None = None
) -> Iterator[Gathered]:
    """Gather a season's sessions for their lines: a year at most, of one rulebook."""
    season = Season(
        history or History(facts),
        since,
        until,
        prepare(facts.securities(since, until)),
    )
    turns = {era.effective for era in ERAS}
    turns |= {date(year, 1, 1) for year in range(since.year, until.year + 1)}
    starts = sorted({since} | {day for day in turns if since < day <= until})
    ends = [day - timedelta(days=1) for day in starts[1:]]
    for first, last in zip(starts, [*ends, until], strict=True):
        yield season.gather(first, last, lines_only=True)
