"""Odds of every index and move: the rules on many simulated rank days.

Market caps move from the last session to the rank day as they did in the past,
companies leave and come, and our data err as they did; each draw goes through the very
rules of a projection.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from recon import schedule
from recon.errors import BadRequest
from recon.reconstitution import Facts, History, deciding_day
from recon.rulebook import Rulebook
from recon.studies.forecast.drawing import Show, draw
from recon.studies.forecast.model import Model, now, prepare
from recon.studies.forecast.odds import undecided, with_odds
from recon.studies.forecast.tally import FIGURES

__all__ = [
    "Forecast",
    "Model",
    "PAGE_DRAWS",
    "draw",
    "fan",
    "forecast",
    "forecast_of",
    "now",
    "prepare",
    "starts",
    "undecided",
    "with_odds",
]
PAGE_DRAWS = 1_000  # a page waits for them: odds of one half are right to 1.6 points
FAN_STEPS = 4  # days between now and rank day that a fan is drawn at
FAN_DRAWS = 400
FAN_FIGURES = ["rank", "quantile", "figure", "usd"]


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The odds of one rank day as seen from a session.

    `companies` are today's companies, largest first, with p_r1000, p_r2000, p_micro,
    p_out (listed and in none), p_gone (not listed any more), which add up to 1;
    p_move and its parts p_up, p_down, p_addition, p_deletion; crossed_line and
    flip_close_usd, today's close at which it would stand on that line in half of the
    draws. `lines` has rank, quantile, figure, usd; `counts` move, expected, low,
    median, high (80% of draws); `set_aside` returns left out by reason.
    """

    snapshot_date: date
    rank_day: date
    horizon_sessions: int
    draws: int
    seed: int
    past_sessions: int
    companies: pd.DataFrame
    lines: pd.DataFrame
    counts: pd.DataFrame
    set_aside: dict[str, int]


def forecast(
    facts: Facts,
    as_of: date,
    rank_day: date | None = None,
    *,
    draws: int = 10_000,
    seed: int = 1,
    rules: Rulebook | None = None,
    history: History | None = None,
    show: Show | None = None,
) -> Forecast:
    """Return the odds of a rank day as known on a day; without one, the event's.

    Where rank day has come, what is left are the errors of our data. Nothing later
    than `as_of` is looked at; the same seed gives the same odds.

    Raises
    ------
    BadRequest
        If the rank day is before the day, or no session.
    SnapshotMissing
        If the past is too short to draw moves from, or no session is known.
    """
    day, target = starts(facts, as_of, rank_day)
    model = prepare(facts, day, rules, history)
    return forecast_of(model, target, draws=draws, seed=seed, show=show)


def forecast_of(
    model: Model,
    rank_day: date,
    *,
    draws: int,
    seed: int,
    show: Show | None = None,
) -> Forecast:
    """Return the odds of a rank day from what was read of a session."""
    horizon = schedule.sessions_between(model.snapshot_date, rank_day)
    tally = draw(model, model.moves.over(horizon), draws, seed, show)
    return Forecast(
        snapshot_date=model.snapshot_date,
        rank_day=rank_day,
        horizon_sessions=horizon,
        draws=draws,
        seed=seed,
        past_sessions=len(model.past.sessions),
        companies=tally.odds(),
        lines=tally.line_quantiles(),
        counts=tally.move_counts(),
        set_aside=dict(model.past.set_aside),
    )


def starts(
    facts: Facts, as_of: date, rank_day: date | None = None
) -> tuple[date, date]:
    """Return the session that odds are drawn from, and the rank day.

    Raises
    ------
    BadRequest
        If the rank day is before the session, or no session.
    """
    day = facts.day_on_or_before(as_of)
    if rank_day is None:
        decided = deciding_day(facts, day)
        if decided is not None:
            return decided, decided
        rank_day = schedule.coming(day).rank_day
    if not schedule.is_session(rank_day):
        before = schedule.session_on_or_before(rank_day)
        after = schedule.session_after(rank_day)
        raise BadRequest(
            f"{rank_day} is no session of the New York Stock Exchange; the nearest "
            f"are {before} and {after}."
        )
    if rank_day < day:
        events = [e.rank_day for e in schedule.reconstitutions()]
        coming = [each for each in events if each >= day][:2]
        raise BadRequest(
            f"The rank day {rank_day} is before the session of {day}; the next ones "
            f"are {' and '.join(map(str, coming))}. Ask as of an earlier day for it."
        )
    return day, rank_day


def fan(model: Model, whole: Forecast) -> pd.DataFrame:
    """Return the quantiles of every line on days up to rank day, with `day`.

    The session itself first, where a line is what it is; the rank day last.
    """
    today = now(model).break_points.melt(
        "rank", list(FIGURES), var_name="figure", value_name="usd"
    )
    quantiles = pd.DataFrame({"quantile": whole.lines["quantile"].unique()})
    parts = [today.merge(quantiles, how="cross").assign(day=whole.snapshot_date)]
    sessions = schedule.sessions_in(
        whole.snapshot_date + timedelta(days=1), whole.rank_day
    )
    steps = {
        len(sessions) * step // (FAN_STEPS + 1) for step in range(1, FAN_STEPS + 1)
    }
    for horizon in sorted(steps - {0, len(sessions)}):
        tally = draw(model, model.moves.over(horizon), FAN_DRAWS, whole.seed)
        day = sessions[horizon - 1].date()
        parts.append(tally.line_quantiles().assign(day=day))
    parts.append(whole.lines.assign(day=whole.rank_day))
    table = pd.concat(parts, ignore_index=True)[["day", *FAN_FIGURES]]
    return table.assign(day=pd.to_datetime(table["day"]))
