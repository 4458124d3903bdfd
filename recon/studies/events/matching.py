"""Names that are alike on rank day: size, sector and past return."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from recon.rulebook import HEURISTICS, Heuristics

NO_SECTOR = "not known"


def matches(
    names: pd.DataFrame, pool: pd.DataFrame, numbers: Heuristics = HEURISTICS
) -> np.ndarray:
    """Return for each name the rows of its nearest matches in the pool, -1 for none.

    Both have total_market_cap_usd, past_return_frac and sector. A match is of the same
    sector and at most `match_cap_factor` larger or smaller; nearness counts the
    logarithm of the cap and the past return, each in standard deviations of the pool;
    of a name without a past return the cap alone.
    One row a name, `match_count` columns, nearest first; a pool's name may serve
    several.
    """
    found = np.full((len(names), numbers.match_count), -1)
    shape, own = _features(pool), _features(names)
    knows_past = own["past"].notna()
    for columns, asks in (
        (["log_cap", "past"], knows_past),
        (["log_cap"], ~knows_past),
    ):
        asks &= own["log_cap"].notna()
        rows = np.flatnonzero(shape[columns].notna().all(axis=1))
        spread = shape[columns].iloc[rows].std(ddof=0).replace(0, 1)
        _fill(
            found,
            (np.flatnonzero(asks), (own[columns] / spread).to_numpy()),
            (rows, (shape[columns] / spread).to_numpy()),
            (_sectors(names), _sectors(pool)),
            (own["log_cap"].to_numpy(), shape["log_cap"].to_numpy()),
            numbers,
        )
    return found


def _fill(
    found: np.ndarray,
    asking: tuple[np.ndarray, np.ndarray],
    offered: tuple[np.ndarray, np.ndarray],
    sectors: tuple[np.ndarray, np.ndarray],
    log_caps: tuple[np.ndarray, np.ndarray],
    numbers: Heuristics,
) -> None:
    """Write the nearest matches of each sector into `found`."""
    (names, wanted), (pool, places) = asking, offered
    limit = np.log(numbers.match_cap_factor)
    for sector in np.unique(sectors[0][names].astype(str)):
        rows = pool[sectors[1][pool] == sector]
        asks = names[sectors[0][names] == sector]
        if not len(rows):
            continue
        # more than are kept, for some are too large or too small
        count = min(len(rows), 10 * numbers.match_count)
        _, near = cKDTree(places[rows]).query(wanted[asks], k=range(1, count + 1))
        near = rows[near]
        fits = np.abs(log_caps[1][near] - log_caps[0][asks, None]) <= limit
        # the fitting ones first, in their order
        order = np.argsort(~fits, axis=1, kind="stable")[:, : numbers.match_count]
        best, is_fit = (np.take_along_axis(each, order, 1) for each in (near, fits))
        found[asks, : order.shape[1]] = np.where(is_fit, best, -1)


def _sectors(table: pd.DataFrame) -> np.ndarray:
    return table["sector"].fillna(NO_SECTOR).to_numpy(object)


def _features(table: pd.DataFrame) -> pd.DataFrame:
    cap = table["total_market_cap_usd"].astype(float)
    past = table["past_return_frac"].astype(float)
    return pd.DataFrame({"log_cap": np.log(cap), "past": np.log1p(past.clip(-0.99))})
