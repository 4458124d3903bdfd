"""How sure a mean is: bootstrap intervals, placebo and clustered p-values."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recon.rulebook import HEURISTICS

SEED = 20_240_628  # the same draws every time
INTERVAL_FRAC = 0.95
METHOD = "holm"


def intervals(
    values: np.ndarray, clusters: np.ndarray, draws: int = HEURISTICS.bootstrap_draws
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of each column's mean by drawing whole clusters.

    `values` are names by columns, NaN where not known; `INTERVAL_FRAC` of the draws'
    means lie inside. Missing with one cluster alone.
    """
    codes, found = pd.factorize(clusters)
    count, width = len(found), values.shape[1]
    if count < 2:
        return np.full(width, np.nan), np.full(width, np.nan)
    is_in = np.eye(count)[codes].T
    known = ~np.isnan(values)
    drawn = np.random.default_rng(SEED).multinomial(
        count, np.full(count, 1 / count), size=draws
    )
    sizes = drawn @ (is_in @ known)
    sums = drawn @ (is_in @ np.where(known, values, 0))
    means = sums / np.where(sizes > 0, sizes, np.nan)
    tail = (1 - INTERVAL_FRAC) / 2
    is_known = (sizes > 0).all(axis=0)
    low, high = np.quantile(np.where(is_known, means, 0), [tail, 1 - tail], axis=0)
    return np.where(is_known, low, np.nan), np.where(is_known, high, np.nan)


def interval(values: np.ndarray, clusters: np.ndarray) -> tuple[float, float]:
    """Return `intervals` of one column."""
    low, high = intervals(values[:, None], clusters)
    return float(low[0]), float(high[0])


def placebo_p(mean: float, placebos: np.ndarray) -> float:
    """Return how often a placebo's mean is as far out as an event's, on its side, x 2.

    The event counts as one of them, so it is never 0. Missing with few placebos.
    """
    if len(placebos) < HEURISTICS.least_placebos or np.isnan(mean):
        return np.nan
    below, above = int((placebos <= mean).sum()), int((placebos >= mean).sum())
    return min(1.0, 2 * (1 + min(below, above)) / (1 + len(placebos)))


def pooled_placebos(
    placebos: Sequence[np.ndarray],
    sizes: Sequence[int],
    draws: int = HEURISTICS.bootstrap_draws,
) -> np.ndarray:
    """Return means of pretend events pooled as the true ones are.

    Of each event one of its placebos is drawn, and weighs as many names as the event
    has. Empty where an event has too few placebos.
    """
    least = HEURISTICS.least_placebos
    if any(len(each) < least for each in placebos) or not len(placebos):
        return np.empty(0)
    draw = np.random.default_rng(SEED)
    drawn = [draw.choice(each, size=draws) for each in placebos]
    return np.average(drawn, axis=0, weights=list(sizes))


def difference_p(values: np.ndarray, others: np.ndarray, clusters: np.ndarray) -> float:
    """Return the p-value of a difference of two means, errors clustered.

    `clusters` are those of `values`, then of `others`. By least squares on a constant
    and a mark of the first group; missing with few clusters.
    """
    from statsmodels.regression.linear_model import OLS  # slow to import

    codes, found = pd.factorize(clusters)
    if min(len(found), len(values), len(others)) < HEURISTICS.least_clusters:
        return np.nan
    mark = np.r_[np.ones(len(values)), np.zeros(len(others))]
    fitted = OLS(np.r_[values, others], np.c_[np.ones(len(mark)), mark]).fit(
        cov_type="cluster", cov_kwds={"groups": codes}
    )
    return float(fitted.pvalues[1])


def adjusted(p_values: pd.Series) -> pd.Series:
    """Return p-values corrected for how many there are, by Holm's method.

    Missing ones stay missing and do not count.
    """
    from statsmodels.stats.multitest import multipletests  # slow to import

    known = p_values.notna()
    found = pd.Series(np.nan, p_values.index)
    if known.any():
        found[known] = multipletests(p_values[known], method=METHOD)[1]
    return found
