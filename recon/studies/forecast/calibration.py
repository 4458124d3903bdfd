"""How good the odds were, by accuracy's lists of what came and by the rules' own days.

Two kinds of past rank days: those of events, where what came is in the lists of
members, and every month's end, where what came is what the rules made of that day. On
both, today's list taken for the list and independent lognormal moves are scored beside
the odds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial

import numpy as np
import pandas as pd

from recon import schedule
from recon.errors import SnapshotMissing
from recon.indexes import BROAD, IN_BROAD, LARGE, SMALL
from recon.reconstitution import History, Projection, project_as_if
from recon.reconstitution.changed_symbols import find_changes
from recon.reconstitution.facts import Facts
from recon.rulebook import HEURISTICS, Forecasting
from recon.studies import accuracy
from recon.studies.forecast import data_errors, draw, now, prepare
from recon.studies.forecast.data_errors import RankDay
from recon.studies.forecast.moves import lognormal
from recon.studies.forecast.tally import LEVELS, Tally
from recon.studies.forecast.turnover import NO_TURNOVER

HORIZONS = (60, 40, 20, 10, 5, 1, 0)
EVENT, MONTH_END = "event", "month end"
ODDS, TODAY, LOGNORMAL = "odds", "today's list", "independent lognormal"
METHODS = (ODDS, TODAY, LOGNORMAL)
MIN_SESSIONS = HEURISTICS.forecasting.min_sessions
ALL = 0  # the year left out of a fit on all of them
PARTS = 100  # odds are scored to the percent
LINES = {LARGE: "R1000 line", "R3000": "R3000 line"}
Show = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A rank day, real or pretended, seen from an earlier session or from itself."""

    as_of: date
    rank_day: date
    horizon_sessions: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What came of odds.

    `pairs` counts (company, index) pairs of the Russell 1000 and 2000: a row a kind,
    rank day, horizon, method and odds to the percent (`p`), with `count` and `came`.
    `inside` has a row a kind, rank day, horizon and line: where in the draws the line
    fell (`place_frac`). `errors` are the numbers fitted without each year, and on all.
    """

    pairs: pd.DataFrame
    inside: pd.DataFrame
    errors: pd.DataFrame


def cases(
    sessions: pd.DatetimeIndex,
    min_sessions: int,
    listed: Sequence[date] = (),
    every: int = 1,
) -> list[Case]:
    """Return the rank days of events and every nth month's end, from each horizon.

    A month end counts from a horizon where nothing that is known of membership turns
    in between: no event is implemented, and no day of `listed` lies there. One seen
    from itself is what the rules say, so it is left out.
    """
    events = [
        event
        for event in schedule.reconstitutions()
        if pd.Timestamp(event.rank_day) in sessions
    ]
    turns = [event.implementation_close for event in schedule.reconstitutions()]
    turns += [day - timedelta(days=1) for day in listed]
    months = pd.Series(sessions, index=sessions).groupby(sessions.to_period("M")).last()
    ends = [day.date() for day in months.iloc[:-1:every]]
    found = []
    for kind, days in ((EVENT, [e.rank_day for e in events]), (MONTH_END, ends)):
        for rank_day in days:
            place = sessions.get_loc(pd.Timestamp(rank_day))
            for horizon in HORIZONS:
                if place - horizon < min_sessions:
                    continue
                as_of = sessions[place - horizon].date()
                is_cut = any(as_of <= turn < rank_day for turn in turns)
                if kind == MONTH_END and (not horizon or is_cut):
                    continue
                found.append(
                    Case(
                        as_of=as_of,
                        rank_day=rank_day,
                        horizon_sessions=horizon,
                        kind=kind,
                    )
                )
    return found


def calibrate(
    facts: Facts,
    draws: int = 400,
    seed: int = 1,
    show: Show | None = None,
    every: int = 1,
) -> Calibration:
    """Score the odds of past rank days; errors of data by the other years' events.

    Of month ends every nth counts.

    Raises
    ------
    SnapshotMissing
        If the facts hold no past rank day with a past of its own.
    """
    history = History(facts)
    sessions = history.days
    wanted = cases(sessions, MIN_SESSIONS, _large_lists(facts), every)
    if not wanted:
        raise SnapshotMissing(
            "No past rank day can be scored: odds need "
            f"{MIN_SESSIONS + 1} sessions before it, and the store holds "
            f"{len(sessions):,}. Load earlier listings."
        )
    seen = dict(_rank_days(facts, wanted, history))
    numbers_of = _fits(seen)
    outcome_of = cache(partial(_outcome, facts, history))
    pairs, inside = [], []
    for done, case in enumerate(wanted):
        if show:
            show(f"{case.rank_day} from {case.as_of}", done / len(wanted))
        numbers = numbers_of[case.rank_day.year] if case.kind == EVENT else None
        outcome = outcome_of(case.kind, case.rank_day)
        found = _score(facts, case, history, outcome, numbers, (draws, seed))
        about = {
            "kind": case.kind,
            "rank_day": pd.Timestamp(case.rank_day),
            "horizon_sessions": case.horizon_sessions,
        }
        pairs.append(found[0].assign(**about))
        inside.append(found[1].assign(**about))
    return Calibration(
        pairs=pd.concat(pairs, ignore_index=True),
        inside=pd.concat(inside, ignore_index=True),
        errors=_error_table(numbers_of),
    )


def _large_lists(facts: Facts) -> list[date]:
    """Return the days of lists that tell of the Russell 1000."""
    lists = facts.membership_lists()
    tells = lists["usable"] & lists["index"].isin([LARGE, BROAD])
    return sorted({day.date() for day in lists.loc[tells, "as_of"]})


def _rank_days(
    facts: Facts, wanted: Sequence[Case], history: History
) -> Iterator[tuple[date, RankDay]]:
    """Return each event's rank day as we saw it, with what came of its companies."""
    for day in sorted({case.rank_day for case in wanted if case.kind == EVENT}):
        model = prepare(facts, day, history=history)
        came = came_of_event(facts, day, history)
        lines = now(model).break_points.set_index("rank")
        large = lines.loc[model.rules.large_count]
        yield (
            day,
            RankDay(
                companies=model.companies.assign(came=model.companies["key"].map(came)),
                large_edges_usd=(large["band_low_usd"], large["band_high_usd"]),
                broad_line_usd=lines.loc[model.rules.broad_count, "break_point_usd"],
            ),
        )


def came_of_event(facts: Facts, rank_day: date, history: History) -> pd.Series:
    """Return the index that came of each key: empty for neither of the two.

    A key that is not counted, or was not listed on rank day, is left out.
    """
    event = next(e for e in schedule.reconstitutions() if e.rank_day == rank_day)
    projected = project_as_if(facts, rank_day, history=history)
    rows = accuracy.compared(facts, event, projected)[0].explode("keys")
    rows = rows.drop_duplicates("keys").set_index("keys")
    came = pd.Series("", index=pd.Index(projected.securities["key"].dropna().unique()))
    rows = rows[rows.index.isin(came.index)]
    came[rows.index] = rows["came"]
    return came.drop(rows.index[rows["note"].notna()])


def _came_by_rules(projected: Projection) -> pd.Series:
    """Return the index by the rules of each key of a day, as `came_of_event`."""
    listed = projected.securities.dropna(subset="key").drop_duplicates("key")
    index = listed.set_index("key")["projected_index"]
    return index.where(index.isin(IN_BROAD), "")


def _fits(seen: dict[date, RankDay]) -> dict[int, Forecasting]:
    """Fit the errors of our data on the years without each, and on all (`ALL`)."""
    usual = HEURISTICS.forecasting
    found = {}
    for year in (*(day.year for day in seen), ALL):
        others = [known for day, known in seen.items() if day.year != year]
        found[year] = data_errors.fitted(others, usual) if others else usual
    return found


def _outcome(
    facts: Facts, history: History, kind: str, rank_day: date
) -> tuple[pd.Series, pd.Series]:
    """Return the index that came of each key, and our lines of the day by rank."""
    projected = project_as_if(facts, rank_day, history=history)
    lines = projected.break_points.set_index("rank")["break_point_usd"]
    if kind == EVENT:
        return came_of_event(facts, rank_day, history), lines
    return _came_by_rules(projected), lines


def _score(
    facts: Facts,
    case: Case,
    history: History,
    outcome: tuple[pd.Series, pd.Series],
    numbers: Forecasting | None,
    sampled: tuple[int, int],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score one case: pairs by method and odds, and where each line fell.

    `numbers` hold the errors of our data, None for a day on which what came is by our
    data too; `sampled` are how many draws, and their seed.
    """
    draws, seed = sampled
    came, lines = outcome
    model = prepare(facts, case.as_of, history=history)
    exact = data_errors.without(model.numbers)
    changes = find_changes(facts, case.as_of, case.rank_day)
    renamed = dict(zip(changes["key"], changes["key_new"], strict=True))
    keys = model.companies["key"].replace(renamed)
    index = keys.map(came).to_numpy(object)
    horizon = case.horizon_sessions
    plain = replace(model, numbers=exact, turnover=NO_TURNOVER)
    model = replace(model, numbers=numbers or exact)
    tallies = {
        ODDS: draw(model, model.moves.over(horizon), draws, seed),
        LOGNORMAL: draw(plain, lognormal(model.past, horizon), draws, seed),
    }
    odds = {name: _odds(tally) for name, tally in tallies.items()}
    listed = now(model).projected_index[0]
    odds[TODAY] = np.stack([listed == 0, listed == 1], axis=1).astype(float)
    return (
        pd.concat([_pairs(odds[name], index, name) for name in METHODS]),
        pd.concat([_inside(tally, lines, name) for name, tally in tallies.items()]),
    )


def _odds(tally: Tally) -> np.ndarray:
    """Odds of the two indexes for a company that stays listed: companies by two."""
    listed = np.maximum(tally.draws - tally.gone, 1)
    return tally.held[:, :2] / listed[:, None]


def _pairs(odds: np.ndarray, came: np.ndarray, method: str) -> pd.DataFrame:
    """Count pairs of a company and an index by their odds, to the percent."""
    is_counted = pd.notna(came)
    part = np.rint(odds[is_counted] * PARTS).astype(int).ravel()
    is_so = np.stack([came[is_counted] == index for index in (LARGE, SMALL)], axis=1)
    count = np.bincount(part, minlength=PARTS + 1)
    hits = np.bincount(part, weights=is_so.ravel(), minlength=PARTS + 1)
    table = pd.DataFrame(
        {"method": method, "p": np.arange(PARTS + 1) / PARTS, "count": count}
    )
    return table.assign(came=hits.astype(int))[count > 0]


def _inside(tally: Tally, lines: pd.Series, method: str) -> pd.DataFrame:
    """Return the part of the draws in which each line was below the one that came."""
    drawn = pd.concat(tally.lines)
    rows = []
    for rank in (tally.rules.large_count, tally.rules.broad_count):
        values = drawn.loc[drawn["rank"] == rank, "break_point_usd"].to_numpy()
        below = float((values < lines[rank]).mean())
        rows.append((method, rank, below))
    return pd.DataFrame(rows, columns=["method", "rank", "place_frac"])


def scores(pairs: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return Brier scores and their parts: reliability - resolution + uncertainty.

    One row for each value of the columns `by` of `Calibration.pairs`.
    """
    rows = []
    for key, own in pairs.groupby(list(by), sort=True):
        each = own.groupby("p")[["count", "came"]].sum()
        count, came = each["count"].to_numpy(), each["came"].to_numpy()
        p, total = each.index.to_numpy(), count.sum()
        rate, base = came / count, came.sum() / total
        reliability = (count * (p - rate) ** 2).sum() / total
        resolution = (count * (rate - base) ** 2).sum() / total
        uncertainty = base * (1 - base)
        brier = reliability - resolution + uncertainty
        rows.append((*key, int(total), brier, reliability, resolution, uncertainty))
    columns = ["pairs", "brier", "reliability", "resolution", "uncertainty"]
    return pd.DataFrame(rows, columns=[*by, *columns])


def reliability(pairs: pd.DataFrame, parts: int = 10) -> pd.DataFrame:
    """Return method, mean odds, rate that came, and count, by tenths of the odds."""
    tenth = np.minimum((pairs["p"] * parts).astype(int), parts - 1)
    weighed = pairs.assign(tenth=tenth, total=pairs["p"] * pairs["count"])
    sums = weighed.groupby(["method", "tenth"])[["count", "came", "total"]].sum()
    return sums.assign(
        p=sums["total"] / sums["count"], came_frac=sums["came"] / sums["count"]
    ).reset_index()[["method", "p", "came_frac", "count"]]


def coverage(inside: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return how often each interval held the line, and of how many."""
    place = inside["place_frac"]
    held = {
        f"inside_{level:.0%}".replace("%", ""): place.between(low, high)
        for level, (low, high) in LEVELS.items()
    }
    table = inside.assign(**held, cases=1)
    grouped = table.groupby(list(by), sort=True)
    return grouped[list(held)].mean().assign(cases=grouped["cases"].sum()).reset_index()


def _error_table(numbers_of: dict[int, Forecasting]) -> pd.DataFrame:
    """Return one row a fit: the year left out, and the errors it found."""
    rows = [
        {
            "left_out": str(year) if year != ALL else "none",
            "large_cap_errors": str(numbers.large_cap_errors),
            "small_cap_errors": str(numbers.small_cap_errors),
            **dict(numbers.let_in_fracs),
        }
        for year, numbers in numbers_of.items()
    ]
    return pd.DataFrame(rows)
