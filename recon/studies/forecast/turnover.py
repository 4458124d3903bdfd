"""Who leaves the listings and who comes to them before a rank day."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon.reconstitution.companies import keys_on, listed_on
from recon.reconstitution.facts import Facts
from recon.rulebook import HEURISTICS, Forecasting
from recon.studies.forecast.past import Past


@dataclass(frozen=True, kw_only=True)
class Turnover:
    """Hazards per session of the size groups, and new listings.

    `gone_frac` is the part of a group's companies that leaves the listings in a
    session: taken over or delisted. `new_per_session` companies come, each with a
    market cap of `new_caps_usd`.
    """

    gone_frac: np.ndarray
    new_per_session: float
    new_caps_usd: np.ndarray

    def stays_frac(self, group: np.ndarray, horizon: int) -> np.ndarray:
        """Return the odds of each company to be listed after a horizon."""
        return (1 - self.gone_frac[group]) ** horizon


NO_TURNOVER = Turnover(
    gone_frac=np.zeros(100), new_per_session=0.0, new_caps_usd=np.zeros(0)
)


def read_turnover(
    facts: Facts,
    companies: pd.DataFrame,
    listed: np.ndarray,
    past: Past,
    day: date,
    numbers: Forecasting,
) -> Turnover:
    """Count what left and what came over the past that moves are drawn from.

    Operating companies by their names, by size on the first session; a symbol that
    changed has not left. `listed` tells which companies pass the screens of the
    listing on the day.
    """
    first, count = past.sessions[0].date(), len(past.sessions)
    keys = _largest_first(facts, first)
    still = keys_on(facts, day) | past.former_keys
    is_gone = ~keys.isin(still).to_numpy()
    group = np.searchsorted(numbers.size_ranks, np.arange(1, len(keys) + 1))
    groups = len(numbers.size_ranks) + 1
    total = np.bincount(group, minlength=groups)
    gone = np.bincount(group, weights=is_gone, minlength=groups)
    # half a company more: a group that lost none may lose one
    left = np.minimum((gone + 0.5) / (total + 1), 0.99)
    is_new = (past.first_row >= HEURISTICS.forecasting.new_listing_sessions) & listed
    caps = companies.loc[is_new, "total_market_cap_usd"].to_numpy(float)
    return Turnover(
        gone_frac=1 - (1 - left) ** (1 / count),
        new_per_session=len(caps) / count,
        new_caps_usd=caps,
    )


def _largest_first(facts: Facts, day: date) -> pd.Series:
    """Return the keys of a session's operating companies, one a company."""
    table = listed_on(facts, day)
    table = table[table["is_common"] & table["structure"].isna() & table["key"].notna()]
    quotes = facts.caps(day, day)
    cap = dict(zip(quotes["security_id"], quotes["total_market_cap_usd"], strict=True))
    table = table.assign(cap=table["security_id"].map(cap)).dropna(subset="cap")
    table = table.sort_values(["cap", "key"], ascending=[False, True])
    return table.drop_duplicates("company_id")["key"]
