"""What the draws from a session are made of, read once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon.errors import SnapshotMissing
from recon.reconstitution import Gathered, History, Simulated, gather, simulate
from recon.reconstitution.facts import Facts
from recon.reconstitution.prospects import prospects
from recon.rulebook import Forecasting, Rulebook, rulebook
from recon.rules import eligibility
from recon.studies.forecast import data_errors, turnover
from recon.studies.forecast.moves import Moves, fit
from recon.studies.forecast.past import Past, read_past
from recon.studies.forecast.turnover import Turnover

LOWER_GROUP = 4  # the size group that the lower line runs below, and the next


@dataclass(frozen=True, kw_only=True)
class Model:
    """Everything that draws are made of, read once: see `prepare`.

    `companies` has `kind` (see `data_errors.kinds`), `group` their size groups.
    """

    companies: pd.DataFrame
    rules: Rulebook
    numbers: Forecasting
    past: Past
    moves: Moves
    turnover: Turnover
    group: np.ndarray
    unseen_count: int
    snapshot_date: date

    @property
    def kept_out_count(self) -> float:
        """How many of the Russell 3000 by our data are kept out, less those let in."""
        odds = data_errors.let_in_frac(
            self.companies["kind"].to_numpy(object), self.numbers
        )
        passes = passes_now(self)
        is_broad = np.cumsum(passes) <= self.rules.broad_count
        return float((passes - odds)[is_broad].sum())


def prepare(
    facts: Facts,
    day: date,
    rules: Rulebook | None = None,
    history: History | None = None,
    change: Callable[[Gathered], Gathered] = lambda gathered: gathered,
) -> Model:
    """Read what the draws from a session are made of; nothing later is looked at.

    `change` makes other facts of those that were gathered, for a what-if.

    Raises
    ------
    SnapshotMissing
        If the past is too short to draw moves from.
    """
    rules = rules or rulebook(day)
    numbers = rules.heuristics.forecasting
    count = int((facts.published_days() <= pd.Timestamp(day)).sum())
    if count <= numbers.min_sessions:
        raise SnapshotMissing(
            f"Odds need {numbers.min_sessions + 1} sessions to draw moves from, and "
            f"the store holds {count:,} up to {day}; choose a later day, or load "
            "earlier listings."
        )
    gathered = change(gather(facts, day, rules, history))
    companies = prospects(gathered)
    is_large = size_groups(companies, numbers) < LOWER_GROUP
    kind = data_errors.kinds(companies, is_large, day.year)
    companies = companies.assign(kind=kind)
    is_known = (kind != "") & companies["total_market_cap_usd"].notna()
    companies = companies[is_known].reset_index(drop=True)
    past = read_past(facts, companies, day, rules)
    group = size_groups(companies, numbers)
    listed = companies["passes_listing"].to_numpy(bool)
    (spell,) = gathered.spells
    return Model(
        companies=companies,
        rules=rules,
        numbers=numbers,
        past=past,
        moves=fit(past, companies["sector"], group, numbers),
        turnover=turnover.read_turnover(facts, companies, listed, past, day, numbers),
        group=group,
        unseen_count=len(spell.unseen),
        snapshot_date=day,
    )


def size_groups(companies: pd.DataFrame, numbers: Forecasting) -> np.ndarray:
    """Return each company's size group by its place among those that pass."""
    place = np.cumsum(companies["passes_listing"].to_numpy(bool))
    return np.searchsorted(numbers.size_ranks, np.maximum(place, 1))


def now(model: Model) -> Simulated:
    """Return what the rules make of today's companies as they stand: one draw."""
    return simulate(
        model.companies,
        model.companies["total_market_cap_usd"].to_numpy(float)[None, :],
        model.rules,
        is_eligible=passes_now(model),
        unseen_count=model.unseen_count,
    )


def passes_now(model: Model) -> np.ndarray:
    """Tell which companies pass every screen as they stand today."""
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
