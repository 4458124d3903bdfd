"""Odds of every index and move: the rules on many simulated rank days.

Market caps move from the last session to the rank day as they did in the past,
companies leave and come, and our data err as they did; each draw goes through the very
rules of a projection.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from recon import schedule
from recon.errors import BadRequest, SnapshotMissing
from recon.indexes import HELD
from recon.reconstitution import History, gather, simulate
from recon.reconstitution.prospects import prospects
from recon.rulebook import Forecasting, Rulebook
from recon.rules import eligibility, membership
from recon.studies.forecast import data_errors, turnover
from recon.studies.forecast.moves import Moves, fit
from recon.studies.forecast.past import Past, PastFacts, read_past
from recon.studies.forecast.tally import Tally, crossing_lines
from recon.studies.forecast.turnover import Turnover

CHUNK_DRAWS = 250
AVERAGED_SESSIONS = 21  # the month of closes that a member is averaged over
Show = Callable[[float], None]

@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The odds of one rank day as seen from a session.

    `companies` are today's companies, largest first, with p_r1000, p_r2000, p_micro,
    p_out (listed and in none), p_gone (not listed any more), which add up to 1;
    p_move and its parts p_up, p_down, p_addition, p_deletion; crossed_line and
    flip_close_usd, today's close at which it would stand on that line in half of the
    draws. `lines` has rank, quantile, figure, usd; `counts` move, expected, low,
    median, high (80 % of draws); `set_aside` returns left out by reason.
    """

    as_of: date
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


@dataclass(frozen=True, kw_only=True)
class Model:
    """Everything that draws are made of, read once: see `prepare`."""

    companies: pd.DataFrame
    is_shown: int
    rules: Rulebook
    numbers: Forecasting
    past: Past
    turnover: Turnover
    group: np.ndarray
    unseen_count: int
    snapshot_date: date


def prepare(
    facts: PastFacts,
    day: date,
    rules: Rulebook | None = None,
    history: History | None = None,
) -> Model:
    """Read what the draws from a session are made of; nothing later is looked at.

    Raises
    ------
    SnapshotMissing
        If the past is too short to draw moves from.
    """
    gathered = gather(facts, day, rules, history)
    rules = gathered.rules
    numbers = rules.heuristics.forecasting
    companies = prospects(gathered)
    kind = data_errors.kinds(companies, day.year)
    companies = companies.assign(kind=kind)
    is_known = (kind != "") & companies["total_market_cap_usd"].notna()
    companies = companies[is_known].reset_index(drop=True)
    past = read_past(facts, companies, day, numbers)
    group = size_groups(companies, numbers)
    listed = companies["passes_listing"].to_numpy(bool)
    if len(past.sessions) < numbers.min_sessions:
        raise SnapshotMissing(
            f"Odds need {numbers.min_sessions + 1} sessions to draw moves from, and "
            f"the store holds {len(past.sessions) + 1:,} up to {day}; choose a later "
            "day, or load earlier listings."
        )
    (spell,) = gathered.spells
    return Model(
        companies=companies,
        is_shown=len(companies),
        rules=rules,
        numbers=numbers,
        past=past,
        turnover=turnover.read_turnover(
            facts, companies, listed, past, day, history, numbers
        ),
        group=group,
        unseen_count=len(spell.unseen),
        snapshot_date=day,
    )


def size_groups(companies: pd.DataFrame, numbers: Forecasting) -> np.ndarray:
    """Return each company's size group by its place among those that pass."""
    place = np.cumsum(companies["passes_listing"].to_numpy(bool))
    return np.searchsorted(numbers.size_ranks, np.maximum(place, 1))


def draw(
    model: Model, horizon: int, draws: int, seed: int, show: Show | None = None
) -> Tally:
    """Simulate rank days `horizon` sessions ahead and count what the rules make of them.

    The same seed gives the same draws; `show` is told the fraction that is done.
    """
    moves = fit(
        model.past,
        model.companies["sector"],
        model.group,
        horizon,
        model.numbers,
        seed,
    )
    entrants = _entrants(model, horizon)
    table = pd.concat([model.companies, entrants], ignore_index=True)
    table["current_index"] = pd.Categorical(
        table["current_index"].astype(object), dtype=membership.INDEX
    )
    now = simulate(
        table.iloc[: len(model.companies)],
        model.companies["total_market_cap_usd"].to_numpy(float)[None, :],
        model.rules,
        is_eligible=_passes_now(model),
        unseen_count=model.unseen_count,
    )
    crossed = crossing_lines(model.companies, now.break_points, model.rules)
    tally = Tally(companies=model.companies, crossed=crossed, rules=model.rules)
    starts = range(0, draws, CHUNK_DRAWS)
    for number, start in enumerate(starts):
        rng = np.random.default_rng([seed, 1 + number])
        size = min(CHUNK_DRAWS, draws - start)
        caps, is_eligible = _rank_days(model, moves, len(entrants), rng, size)
        simulated = simulate(
            table,
            caps,
            model.rules,
            is_eligible=is_eligible,
            unseen_count=model.unseen_count,
        )
        tally.add(simulated, caps)
        if show:
            show((number + 1) / len(starts))
    return tally


def _passes_now(model: Model) -> np.ndarray:
    companies, rules = model.companies, model.rules
    return (
        companies["passes_listing"].to_numpy(bool)
        & eligibility.screen_caps(companies["total_market_cap_usd"].to_numpy(), rules)
        & eligibility.screen_closes(
            companies["close_usd"].to_numpy(float),
            companies["average_close_usd"].to_numpy(float),
            companies["has_traded"].to_numpy(bool),
            companies["has_index"].to_numpy(bool),
            rules,
        )
    )


def _entrants(model: Model, horizon: int) -> pd.DataFrame:
    """Return rows for companies that may be listed by the rank day, in no index."""
    expected = model.turnover.new_per_session * horizon
    count = int(np.ceil(expected + 4 * np.sqrt(expected)))
    first = int(model.companies["symbol_order"].max()) + 1
    return pd.DataFrame({"symbol_order": first + np.arange(count)})


def _rank_days(
    model: Model, moves: Moves, entrants: int, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return market caps of simulated rank days, and who may be ranked in each.

    Both draws by companies, today's first and the entrants behind them.
    """
    companies, numbers, rules = model.companies, model.numbers, model.rules
    shape = (draws, len(companies))
    returns, counts = moves.draw(rng, draws, numbers.block_sessions)
    errors = data_errors.draw_cap_errors(rng, shape, numbers)
    cap = companies["total_market_cap_usd"].to_numpy(float)
    caps = cap * np.exp(returns + counts + errors, dtype=float)
    stays = model.turnover.stays_frac(model.group, moves.horizon)
    caps[rng.random(shape, np.float32) >= stays] = np.nan
    close = companies["close_usd"].to_numpy(float)
    closes = close * np.exp(returns, dtype=float)
    average = companies["average_close_usd"].to_numpy(float)
    renewed = min(1.0, moves.horizon / AVERAGED_SESSIONS)
    averages = average * (1 - renewed) + closes * renewed
    let_in = data_errors.let_in_frac(companies["kind"].to_numpy(object), numbers)
    is_eligible = rng.random(shape, np.float32) < let_in
    is_eligible &= eligibility.screen_caps(caps, rules)
    is_eligible &= eligibility.screen_closes(
        closes,
        averages,
        companies["has_traded"].to_numpy(bool),
        companies["has_index"].to_numpy(bool),
        rules,
    )
    new = np.full((draws, entrants), np.nan)
    if entrants:
        expected = model.turnover.new_per_session * moves.horizon
        comes = rng.random(new.shape) < expected / entrants
        comes &= rng.random(new.shape) < numbers.let_in_recent_frac
        new[comes] = rng.choice(model.turnover.new_caps_usd, size=int(comes.sum()))
    is_new = eligibility.screen_caps(new, rules)
    return np.hstack([caps, new]), np.hstack([is_eligible, is_new])
