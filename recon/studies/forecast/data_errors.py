"""What our data get wrong about rank day: share counts, and who is let in.

A cap of ours is off by a little, now and then by much; and of the companies that pass
our screens some are kept out for a float, a vote, a country or a structure that we do
not see, while some that fail are let in. Fitted on what past events show (0041).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from recon.indexes import IN_BROAD, LARGE, SMALL
from recon.rulebook import HEURISTICS, Forecasting
from recon.rules import eligibility

MEMBER, NEWCOMER, RECENT = "member", "newcomer", "recently public"
LARGE_NEWCOMER, LARGE_RECENT = "large newcomer", "large and recently public"
ABROAD, PASSED_OVER = eligibility.COUNTRY, eligibility.VERDICT
FAILED = (ABROAD, PASSED_OVER)
KINDS = (MEMBER, NEWCOMER, LARGE_NEWCOMER, RECENT, LARGE_RECENT, *FAILED)
STEP = 0.005  # the search's finest step
USUAL, WIDE = (STEP, 0.01, 0.015, 0.02, 0.03, 0.04), (0.1, 0.2, 0.3, 0.5, 0.7)
SHIFTS = np.arange(-0.15, 0.15, STEP)
WIDE_FRAC = (0.02, 0.05, 0.10, 0.15)


def kinds(companies: pd.DataFrame, is_large: np.ndarray, year: int) -> np.ndarray:
    """Return what we know of each company, one of `KINDS`; empty for other paper.

    `companies` is the output of `prospects`, `year` that of the day; `is_large` tells
    which are far above the lower line.
    """
    failed = companies["failed_screen"].to_numpy(object)
    is_recent = companies["ipo_year"].to_numpy(float) >= year - 1
    is_member = companies["current_index"].isin(IN_BROAD).to_numpy()
    recent = np.where(is_large, LARGE_RECENT, RECENT)
    newcomer = np.where(is_large, LARGE_NEWCOMER, NEWCOMER)
    known = np.where(is_member, MEMBER, np.where(is_recent, recent, newcomer))
    fails = np.where(np.isin(failed, FAILED), failed, "")
    return np.where(failed == "", known, fails)


def let_in_frac(kind: np.ndarray, numbers: Forecasting) -> np.ndarray:
    """Return the odds of companies of each kind to be let in."""
    of = dict(numbers.let_in_fracs)
    return np.array([of[each] for each in kind])


def draw_cap_errors(
    rng: np.random.Generator, draws: int, is_large: np.ndarray, numbers: Forecasting
) -> np.ndarray:
    """Return log errors of caps, draws by companies: mostly small, now and then wide.

    `is_large` tells which companies stand nearer to the large line.
    """
    large, small = numbers.large_cap_errors, numbers.small_cap_errors
    usual, wide, frac = np.where(is_large[:, None], large, small).T.astype(np.float32)
    is_wide = rng.random((draws, len(is_large)), np.float32) < frac
    sizes = np.where(is_wide, wide, usual)
    return rng.standard_normal(sizes.shape, np.float32) * sizes


def without(numbers: Forecasting) -> Forecasting:
    """Return numbers by which our data are never wrong."""
    return replace(
        numbers,
        large_cap_errors=(0.0, 0.0, 0.0),
        small_cap_errors=(0.0, 0.0, 0.0),
        unlisted_spread=0,
        let_in_fracs=tuple((kind, float(kind not in FAILED)) for kind in KINDS),
    )


@dataclass(frozen=True, kw_only=True)
class RankDay:
    """One past rank day as we saw it, and what came.

    `companies` are those that may be ranked, with kind, current_index,
    total_market_cap_usd and `came`: R1000, R2000, empty for neither, missing where the
    company is not counted. The line and the edges of the band are ours.
    """

    companies: pd.DataFrame
    large_edges_usd: tuple[float, float]
    broad_line_usd: float


def fitted(days: Sequence[RankDay], numbers: Forecasting) -> Forecasting:
    """Return numbers with the errors that most likely made what came of some days."""
    clear = pd.concat([_clearly_large(day) for day in days])
    rate = clear.groupby("kind")["is_in"].agg(["sum", "size"])
    # one company more of each outcome: no rate is certain
    rate = rate.reindex(KINDS, fill_value=0)
    let_in = ((rate["sum"] + 1) / (rate["size"] + 2)).round(3)
    upper = [pair for day in days for pair in _upper(day)]
    lower = [_lower(day) for day in days]
    return replace(
        numbers,
        large_cap_errors=_likeliest(upper),
        small_cap_errors=_likeliest(lower),
        let_in_fracs=tuple((kind, float(let_in[kind])) for kind in KINDS),
    )


def _counted(day: RankDay) -> pd.DataFrame:
    return day.companies[day.companies["came"].notna()]


def _clearly_large(day: RankDay) -> pd.DataFrame:
    table = _counted(day)
    clearly = HEURISTICS.forecasting.clearly_factor * day.broad_line_usd
    table = table[table["total_market_cap_usd"] > clearly]
    return table.assign(is_in=table["came"].isin(IN_BROAD))[["kind", "is_in"]]


Pairs = tuple[np.ndarray, np.ndarray]


def _lower(day: RankDay) -> Pairs:
    """Log distance of members to the lower line, and whether they stayed in.

    The line is where their fate turned: ours is off by the companies let in.
    """
    table = _counted(day)
    table = table[table["kind"] == MEMBER]
    log = np.log(table["total_market_cap_usd"].to_numpy() / day.broad_line_usd)
    is_in = table["came"].isin(IN_BROAD).to_numpy()
    shift = min(SHIFTS, key=lambda each: int(((log > each) != is_in).sum()))
    return log - shift, is_in


def _upper(day: RankDay) -> list[Pairs]:
    """Log distance of members to their edge, and whether they came into the R1000."""
    table = _counted(day)
    table = table[table["kind"].eq(MEMBER) & table["came"].isin(IN_BROAD)]
    found = []
    for index, edge in zip((LARGE, SMALL), day.large_edges_usd, strict=True):
        own = table[table["current_index"] == index]
        log = np.log(own["total_market_cap_usd"].to_numpy() / edge)
        found.append((log, own["came"].eq(LARGE).to_numpy()))
    return found


def _likeliest(pairs: Sequence[Pairs]) -> tuple[float, float, float]:
    """Return the usual error, the wide one and its part that fit outcomes best."""
    log, is_above = (np.concatenate(each) for each in zip(*pairs, strict=True))
    near = np.abs(log) < HEURISTICS.forecasting.near_line_log
    log, is_above = log[near], is_above[near]
    above = {
        size: np.array([(1 + math.erf(x / size / math.sqrt(2))) / 2 for x in log])
        for size in (*USUAL, *WIDE)
    }

    def likelihood(size: tuple[float, float, float]) -> float:
        usual, wide, frac = size
        odds = (1 - frac) * above[usual] + frac * above[wide]
        odds = np.clip(odds, 0.003, 0.997)  # what no cap explains is let in or out
        return float(np.log(np.where(is_above, odds, 1 - odds)).sum())

    return max(product(USUAL, WIDE, WIDE_FRAC), key=likelihood)
