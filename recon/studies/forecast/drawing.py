"""Simulated rank days, through the same rules as a projection."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from recon.indexes import SMALL
from recon.reconstitution import simulate
from recon.rules import eligibility, membership
from recon.studies.forecast import data_errors
from recon.studies.forecast.model import LOWER_GROUP, Model, now
from recon.studies.forecast.moves import Drawn
from recon.studies.forecast.tally import Tally, crossing_lines

CHUNK_DRAWS = 250
AVERAGED_SESSIONS = 21  # the month of closes that a member is averaged over
Show = Callable[[float], None]


def draw(
    model: Model, moves: Drawn, draws: int, seed: int, show: Show | None = None
) -> Tally:
    """Simulate rank days and count what the rules make of them.

    The same seed gives the same draws; `show` is told the fraction that is done.
    """
    entrants = _entrants(model, moves.horizon)
    table = pd.concat([model.companies, entrants], ignore_index=True)
    table["current_index"] = pd.Categorical(
        table["current_index"].astype(object), dtype=membership.INDEX
    )
    lines = now(model).break_points
    crossed, is_near = crossing_lines(model.companies, lines, model.rules)
    tally = Tally(
        companies=model.companies, crossed=crossed, is_near=is_near, rules=model.rules
    )
    starts = range(0, draws, CHUNK_DRAWS)
    for number, start in enumerate(starts):
        rng = np.random.default_rng([seed, 1 + number])
        size = min(CHUNK_DRAWS, draws - start)
        caps, is_eligible = _rank_days(model, moves, rng, size)
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


def _entrants(model: Model, horizon: int) -> pd.DataFrame:
    """Return rows, in no index, for new listings and for what ours do not show."""
    expected = model.turnover.new_per_session * horizon
    count = _most_entrants(expected) + _most_unlisted(model)
    first = int(model.companies["symbol_order"].max()) + 1
    return pd.DataFrame({"symbol_order": first + np.arange(count)})


def _rank_days(
    model: Model, moves: Drawn, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return market caps of simulated rank days, and who may be ranked in each.

    Both draws by companies: today's, new listings, those that our listings lack.
    """
    companies, numbers, rules = model.companies, model.numbers, model.rules
    shape = (draws, len(companies))
    returns, counts = moves.draw(rng, draws)
    is_large = model.group < LOWER_GROUP
    errors = data_errors.draw_cap_errors(rng, draws, is_large, numbers)
    cap = companies["total_market_cap_usd"].to_numpy(float)
    caps = cap * np.exp(returns + counts + errors, dtype=float)
    stays = model.turnover.stays_frac(model.group, moves.horizon)
    caps[rng.random(shape, np.float32) >= stays] = np.nan
    close = companies["close_usd"].to_numpy(float)
    closes = close * np.exp(returns, dtype=float)
    average = companies["average_close_usd"].fillna(companies["close_usd"]).to_numpy()
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
    new = np.hstack(
        [
            _entrant_caps(model, moves.horizon, rng, draws),
            _unlisted_caps(model, caps, rng),
        ]
    )
    is_new = eligibility.screen_caps(new, rules)
    return np.hstack([caps, new]), np.hstack([is_eligible, is_new])


def _most_entrants(expected: float) -> int:
    """Return how many new listings are provided for: hardly ever are there more."""
    return int(np.ceil(expected + 4 * np.sqrt(expected)))


def _entrant_caps(
    model: Model, horizon: int, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Return market caps of new listings, NaN where none has come."""
    expected = model.turnover.new_per_session * horizon
    entrants = _most_entrants(expected)
    caps = np.full((draws, entrants), np.nan)
    if entrants:
        odds = (
            dict(model.numbers.let_in_fracs)[data_errors.RECENT] * expected / entrants
        )
        comes = rng.random(caps.shape) < odds
        caps[comes] = rng.choice(model.turnover.new_caps_usd, size=int(comes.sum()))
    return caps


def _most_unlisted(model: Model) -> int:
    spread = model.numbers.unlisted_spread
    return round(max(model.kept_out_count, 0)) + spread if spread else 0


def _unlisted_caps(
    model: Model, caps: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return caps of members to come that our listings do not show, NaN for none.

    They take the places of those kept out, so that the lower line stays where it is
    but for their number; each is as large as some member of the small index.
    """
    most, spread = _most_unlisted(model), model.numbers.unlisted_spread
    likes = np.flatnonzero(model.companies["current_index"].eq(SMALL))
    if not most or not len(likes):
        return np.full((len(caps), most), np.nan)
    columns = rng.choice(likes, size=(len(caps), most))
    found = np.take_along_axis(caps, columns, axis=1)
    count = rng.integers(most - 2 * spread, most, size=len(caps), endpoint=True)
    found[np.arange(most) >= count[:, None]] = np.nan
    return found
