"""How sure a mean is: bootstrap intervals, placebo and clustered p-values."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.tools import add_constant

from recon.rulebook import HEURISTICS

SEED = 20_240_628  # the same draws every time
INTERVAL_FRAC = 0.95
LEAST_PLACEBOS = 9  # fewer cannot tell one in five from chance
LEAST_CLUSTERS = 3
METHOD = "holm"


def interval(
    values: np.ndarray, clusters: np.ndarray, draws: int = HEURISTICS.bootstrap_draws
) -> tuple[float, float]:
    """Return the interval of a mean by drawing whole clusters with replacement.

    `INTERVAL_FRAC` of the draws' means lie inside. Missing with one cluster alone.
    """
    codes, found = pd.factorize(clusters)
    count = len(found)
    if count < 2:
        return np.nan, np.nan
    sums = np.bincount(codes, weights=values, minlength=count)
    sizes = np.bincount(codes, minlength=count)
    drawn = np.random.default_rng(SEED).multinomial(
        count, np.full(count, 1 / count), size=draws
    )
    means = (drawn @ sums) / (drawn @ sizes)
    tail = (1 - INTERVAL_FRAC) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def placebo_p(mean: float, placebos: np.ndarray) -> float:
    """Return how often a placebo's mean is as far out as an event's, on its side, x 2.

    The event counts as one of them, so it is never 0. Missing with few placebos.
    """
    if len(placebos) < LEAST_PLACEBOS or np.isnan(mean):
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
    if any(len(each) < LEAST_PLACEBOS for each in placebos) or not len(placebos):
        return np.empty(0)
    draw = np.random.default_rng(SEED)
    drawn = [draw.choice(each, size=draws) for each in placebos]
    return np.average(drawn, axis=0, weights=list(sizes))


def difference_p(values: np.ndarray, others: np.ndarray, clusters: np.ndarray) -> float:
    """Return the p-value of a difference of two means, errors clustered.

    `clusters` are those of `values`, then of `others`. By least squares on a constant
    and a mark of the first group; missing with fewer than `LEAST_CLUSTERS`.
    """
    codes, found = pd.factorize(clusters)
    if len(found) < LEAST_CLUSTERS or min(len(values), len(others)) < LEAST_CLUSTERS:
        return np.nan
    mark = np.r_[np.ones(len(values)), np.zeros(len(others))]
    fitted = OLS(np.r_[values, others], add_constant(mark)).fit(
        cov_type="cluster", cov_kwds={"groups": codes}
    )
    return float(fitted.pvalues[1])


def adjusted(p_values: pd.Series) -> pd.Series:
    """Return p-values corrected for how many there are, by Holm's method.

    Missing ones stay missing and do not count.
    """
    known = p_values.notna()
    found = pd.Series(np.nan, p_values.index)
    if known.any():
        found[known] = multipletests(p_values[known], method=METHOD)[1]
    return found
