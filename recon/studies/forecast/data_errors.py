"""What our data get wrong about rank day: share counts, and who is let in.

Fitted on what past events show (0041): a cap of ours is off by a little, now and then
by much; and of the companies that pass our screens some are kept out for a float, a
vote, a country or a structure that we do not see, while some that fail are let in.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from recon.indexes import IN_BROAD
from recon.rulebook import Forecasting
from recon.rules import eligibility

MEMBER, NEWCOMER, RECENT = "member", "newcomer", "recently public"
ABROAD, PASSED_OVER = eligibility.COUNTRY, eligibility.VERDICT
STRUCTURE = "structure"
GROUPS = (MEMBER, NEWCOMER, RECENT, ABROAD, STRUCTURE, PASSED_OVER)
FIELDS = {
    MEMBER: "let_in_member_frac",
    NEWCOMER: "let_in_newcomer_frac",
    RECENT: "let_in_recent_frac",
    ABROAD: "let_in_abroad_frac",
    STRUCTURE: "let_in_structure_frac",
    PASSED_OVER: "let_in_passed_over_frac",
}


def kinds(companies: pd.DataFrame, year: int) -> np.ndarray:
    """Return what we know of each company, one of `GROUPS`; empty for other paper.

    `companies` is the output of `prospects`, `year` that of the day.
    """
    failed = companies["failed_screen"].to_numpy(object)
    is_recent = companies["ipo_year"].to_numpy(float) >= year - 1
    is_member = companies["current_index"].isin(IN_BROAD).to_numpy()
    known = np.where(is_member, MEMBER, np.where(is_recent, RECENT, NEWCOMER))
    fails = np.where(np.isin(failed, GROUPS), failed, "")
    return np.where(failed == "", known, fails)


def let_in_frac(kind: np.ndarray, numbers: Forecasting) -> np.ndarray:
    """Return the odds of companies of each kind to be let in."""
    of = {each: getattr(numbers, field) for each, field in FIELDS.items()}
    return np.array([of.get(each, 0.0) for each in kind])


def draw_cap_errors(
    rng: np.random.Generator, shape: tuple[int, int], numbers: Forecasting
) -> np.ndarray:
    """Return log errors of caps: mostly small, now and then wide."""
    scale = np.where(
        rng.random(shape, np.float32) < numbers.wide_frac,
        np.float32(numbers.wide_cap_error),
        np.float32(numbers.cap_error),
    )
    return rng.standard_normal(shape, np.float32) * scale


def without(numbers: Forecasting) -> Forecasting:
    """Return numbers by which our data are never wrong."""
    exact = {field: 1.0 for field in (FIELDS[MEMBER], FIELDS[NEWCOMER], FIELDS[RECENT])}
    never = {field: 0.0 for field in FIELDS.values() if field not in exact}
    return replace(numbers, cap_error=0.0, wide_cap_error=0.0, **exact, **never)
