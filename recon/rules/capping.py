"""How heavy a company may weigh in a style index, and what capping would cut.

Source: Ground Rules v7.0, 8.2.5 (scheme RIC 22.5/45). How the weights are brought
under the limits is not published where it was read: decision 0023.
"""

import numpy as np
import pandas as pd

from recon.rulebook import Capping

TINY = 1e-12
ROUNDS = 100


def cap_weights(weights: np.ndarray, limits: Capping) -> np.ndarray:
    """Return weights that add up to 1 and keep the limits; 8.2.5.

    The largest are cut to 22.5%; those above 4.5% then shrink alike until together
    they are 45%, none below 4.5%; what is cut goes to the others in proportion, none
    of which passes 4.5%. Weights that keep the limits come back as they are; those of
    fewer than 23 companies may not reach them and then add up to less than 1.
    """
    capped = np.asarray(weights, float) / np.sum(weights)
    for _ in range(ROUNDS):
        over = capped > limits.company_frac + TINY
        if not over.any():
            break
        capped = np.where(over, limits.company_frac, capped)
        capped = _give(capped, ~over, limits.company_frac)
    large = capped > limits.large_frac + TINY
    if capped[large].sum() <= limits.large_sum_frac + TINY:
        return capped
    shrunk = _shrink(capped[large], limits)
    capped[large] = shrunk
    return _give(capped, ~large, limits.large_frac)


def breaches(weights: np.ndarray, limits: Capping) -> bool:
    """Tell whether weights break the limits of a quarterly review; 8.2.5."""
    shares = np.asarray(weights, float) / np.sum(weights)
    large = shares[shares > limits.large_frac + TINY]
    return bool(
        shares.max(initial=0) > limits.company_frac + TINY
        or large.sum() > limits.large_sum_frac + TINY
    )


def triggers_check(weights: np.ndarray, limits: Capping) -> bool:
    """Tell whether weights would be capped between reviews: 24%, or 4.8% and 48%.

    Source: the owner's capping guide v5.4, as reported; month's or quarter's end is an
    open conflict.
    """
    shares = np.asarray(weights, float) / np.sum(weights)
    large = shares[shares > limits.check_large_frac + TINY]
    return bool(
        shares.max(initial=0) > limits.check_company_frac + TINY
        or large.sum() > limits.check_large_sum_frac + TINY
    )


def concentrate(
    companies: pd.DataFrame, base_index: str, style: str, limits: Capping
) -> pd.DataFrame:
    """Return a style index's companies, heaviest first, before and after capping.

    `style` is value or growth. Adds weight_frac, capped_weight_frac, cut_frac (signed,
    what capping takes away) and is_large; rows without a known style are left out.
    """
    weight = companies[f"{style}_weight_frac"] * companies["float_market_cap_usd"]
    held = companies["base_index"].eq(base_index) & (weight > 0)
    table = companies[held].assign(weight_frac=weight[held] / weight[held].sum())
    table = table.sort_values("weight_frac", ascending=False, ignore_index=True)
    if table.empty:
        empty = dict.fromkeys(("capped_weight_frac", "cut_frac"), 0.0)
        return table.assign(**empty, is_large=False)
    capped = cap_weights(table["weight_frac"].to_numpy(), limits)
    return table.assign(
        capped_weight_frac=capped,
        cut_frac=(table["weight_frac"] - capped).round(12),
        is_large=table["weight_frac"] > limits.large_frac,
    )


def _shrink(large: np.ndarray, limits: Capping) -> np.ndarray:
    """Shrink weights alike to the sum allowed; one that meets the limit stays there."""
    held = np.zeros(len(large), bool)
    for _ in range(len(large)):
        factor = min(1.0, limits.large_sum_frac / large[~held].sum())
        meets = ~held & (large * factor <= limits.large_frac)
        if not meets.any():
            return np.where(held, limits.large_frac, large * factor)
        held |= meets
        if held.all():
            break
    return np.full(len(large), limits.large_frac)


def _give(weights: np.ndarray, takes: np.ndarray, limit: float) -> np.ndarray:
    """Share what is missing to 1 among some in proportion, none above a limit."""
    weights = weights.copy()
    for _ in range(ROUNDS):
        missing = 1 - weights.sum()
        open_ = takes & (weights < limit - TINY) & (weights > 0)
        if missing <= TINY or not open_.any():
            break
        weights[open_] *= 1 + missing / weights[open_].sum()
        weights = np.where(takes, np.minimum(weights, limit), weights)
    return weights
