"""Pretend rank days, built on accuracy: who would have crossed a line on a quiet day.

The season between two events has no index trade. Its days are ranked by the same rules
with the caps they had, and the prices of whoever would have moved are measured over
windows as long as the event's. What those show is not the event's doing (0048).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon import reconstitution, schedule
from recon.errors import SnapshotMissing
from recon.indexes import HELD as CODES
from recon.indexes import IN_BROAD, LARGE, SMALL
from recon.reconstitution import Projection
from recon.rulebook import HEURISTICS, Heuristics
from recon.rules import eligibility
from recon.schedule import Reconstitution
from recon.studies import accuracy
from recon.studies.events import measures, names, returns, windows
from recon.studies.events.names import ProjectOn
from recon.studies.events.returns import EventFacts, Paths

COLUMNS = ["group", "pretend_day", "window", "session", "until", "n", "mean_car_frac"]
GROUPS = (names.ADDITIONS, names.DELETIONS, names.UP, names.DOWN, names.HELD)
OUT, SMALL_AT, LARGE_AT = -1, CODES.index(SMALL), CODES.index(LARGE)
CURVE_STEP = 5  # sessions from one point of a placebo's path to the next


@dataclass(frozen=True, kw_only=True)
class Season:
    """A quiet season: its listings' paths and the companies as ranked on its first day.

    `companies` have current_index as the event before left it and symbol_id; `rows`
    are the pretend rank days in `paths`, the first of them the first day itself.
    """

    paths: Paths
    companies: pd.DataFrame
    projection: Projection
    rows: np.ndarray


def placebos(
    facts: EventFacts,
    event: Reconstitution,
    project_on: ProjectOn,
    numbers: Heuristics = HEURISTICS,
) -> pd.DataFrame:
    """Measure the groups of pretend rank days over the windows of an event.

    From the season before the event, or where the listings do not hold it the one
    after. One row a group, pretend day and window, and one every `CURVE_STEP` sessions
    of the path since the pretend rank day (window empty, `session` counted from where
    the implementation would be), with `until`, its last day, the number of names and
    their mean_car_frac; empty where neither season is known.
    """
    events = schedule.reconstitutions()
    at = events.index(event)
    for before, after in ((at - 1, at), (at, at + 1)):
        if before < 0 or after >= len(events):
            continue
        season = _season(facts, events[before], events[after], project_on, numbers)
        if season is not None:
            return _measured(season, windows.offsets(event), numbers)
    return pd.DataFrame(columns=COLUMNS)


def _season(
    facts: EventFacts,
    before: Reconstitution,
    after: Reconstitution,
    project_on: ProjectOn,
    numbers: Heuristics,
) -> Season | None:
    days = facts.published_days()
    days = days[
        (days > pd.Timestamp(before.implementation_close))
        & (days <= pd.Timestamp(after.rank_day))
    ]
    settled = numbers.pretend_settled_sessions
    if len(days) <= numbers.pretend_first + settled:
        return None
    if (days[0] - pd.Timestamp(before.implementation_close)).days > settled:
        return None
    try:
        outcome = accuracy.what_came(facts, before)
    except SnapshotMissing:
        return None
    first = days[settled].date()
    projection = project_on(first)
    listed = projection.securities.set_index("security_id")["symbol_id"]
    companies = projection.companies
    index = companies["key"].map(outcome.index_by_key).astype(object)
    companies = companies.assign(
        symbol_id=companies["pricing_vehicle"].map(listed),
        current_index=index.where(index.isin(IN_BROAD)),
    )
    paths = returns.read(
        facts, first, days[-1].date(), companies["symbol_id"].to_numpy()
    )
    step = np.arange(numbers.pretend_first, len(paths.sessions), numbers.pretend_step)
    return Season(
        paths=paths,
        companies=companies,
        projection=projection,
        rows=np.append(0, step),
    )


def _measured(
    season: Season, offsets: windows.Offsets, numbers: Heuristics
) -> pd.DataFrame:
    paths = season.paths
    columns = paths.columns(season.companies["symbol_id"].to_numpy())
    caps = season.companies["total_market_cap_usd"].to_numpy(float)
    is_small = season.companies["current_index"].eq(SMALL).to_numpy()
    market = measures.benchmark(paths, columns[is_small], caps[is_small], 0)
    spans = list(_spans(offsets))
    rows = []
    for row, moved in _moves(season, columns, numbers):
        is_any = np.logical_or.reduce(list(moved.values()))
        asked = columns[is_any]
        for (window, session), (first, last) in spans:
            if row + last >= len(paths.sessions):
                continue
            day, until = paths.sessions[[row, row + last]]
            cars = measures.cars(paths, asked, market, row + first, row + last)
            for group, is_in in moved.items():
                own = cars[is_in[is_any]]
                own = own[~np.isnan(own)]
                if len(own) >= numbers.pretend_least_names:
                    found = (window, session, until, len(own), own.mean())
                    rows.append((group, day, *found))
    return pd.DataFrame(rows, columns=COLUMNS)


def _spans(
    offsets: windows.Offsets,
) -> Iterator[tuple[tuple[str, int], tuple[int, int]]]:
    """Give window and session, and the rows they span counted from rank day."""
    ends = [0]
    for window in windows.WINDOWS:
        if span := offsets.rows(window):
            ends.append(span[1])
            yield (window, span[1] - offsets.to_close), span
    for last in range(0, max(ends) + 1, CURVE_STEP):
        yield ("", last - offsets.to_close), (0, last)


def _moves(
    season: Season, columns: np.ndarray, numbers: Heuristics
) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Give each pretend day and who would move on it and not on the first day."""
    paths, rules = season.paths, season.projection.rules
    rows, companies = season.rows, season.companies
    grown = paths.wealth[np.ix_(rows, columns)] / paths.wealth[0, columns]
    lately = np.array(
        [
            paths.is_quoted[max(row - numbers.halted_sessions, 0) : row + 1][
                :, columns
            ].any(axis=0)
            for row in rows
        ]
    )
    caps = np.where(
        lately, grown * companies["total_market_cap_usd"].to_numpy(), np.nan
    )
    closes = pd.DataFrame(paths.close_usd).ffill().to_numpy()[np.ix_(rows, columns)]
    is_member = companies["current_index"].notna().to_numpy()
    has_traded = np.ones(len(columns), dtype=bool)
    passes = eligibility.screen_caps(caps, rules) & eligibility.screen_closes(
        closes, closes, has_traded, is_member, rules
    )
    simulated = reconstitution.simulate(companies, caps, rules, is_eligible=passes)
    now = np.select(
        [companies["current_index"].eq(code).to_numpy() for code in (SMALL, LARGE)],
        [SMALL_AT, LARGE_AT],
        OUT,
    )
    first = _groups(now, simulated, 0, rules.large_count)
    for draw, row in enumerate(rows[1:], start=1):
        groups = _groups(now, simulated, draw, rules.large_count)
        yield (
            int(row),
            {name: is_in & ~first[name] for name, is_in in groups.items()},
        )


def _groups(
    now: np.ndarray, simulated: reconstitution.Simulated, draw: int, large_count: int
) -> dict[str, np.ndarray]:
    then = simulated.projected_index[draw].astype(int)
    rank = simulated.rank[draw]
    stays_out = ~np.isin(then, [SMALL_AT, LARGE_AT])
    is_large = (rank > 0) & (rank <= large_count)
    return {
        names.ADDITIONS: (now == OUT) & (then == SMALL_AT),
        names.DELETIONS: (now == SMALL_AT) & stays_out,
        names.UP: (now == SMALL_AT) & (then == LARGE_AT),
        names.DOWN: (now == LARGE_AT) & (then == SMALL_AT),
        names.HELD: (now == then)
        & (((then == SMALL_AT) & is_large) | ((then == LARGE_AT) & ~is_large)),
    }
