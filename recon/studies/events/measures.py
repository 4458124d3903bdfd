"""What the prices of names did over the windows of an event, and what trading cost."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon.rulebook import HEURISTICS, Heuristics
from recon.studies.events.returns import Paths

TAKEN_OVER = "taken over: pinned to a price"
FAILED = "delisted below a dollar"
ENDED = "ended, why is not known"


@dataclass(frozen=True, kw_only=True)
class Spans:
    """Rows of `Paths.sessions`: rank day, implementation, and each window's two ends.

    A window that the listings do not hold whole is left out.
    """

    rank_row: int
    close_row: int
    windows: dict[str, tuple[int, int]]


def benchmark(
    paths: Paths, columns: np.ndarray, caps_usd: np.ndarray, row: int
) -> np.ndarray:
    """Return the value of a cap-weighted portfolio of listings, a number a session.

    Held from session `row` on, with the market caps of that day; dead names keep the
    value of their last trade.
    """
    wealth = paths.wealth[:, columns]
    known = ~np.isnan(wealth[row]) & ~np.isnan(caps_usd)
    shares = caps_usd[known] / wealth[row, known]
    return np.nan_to_num(wealth[:, known]) @ shares


def over(
    paths: Paths,
    columns: np.ndarray,
    first: int,
    last: int | np.ndarray,
    numbers: Heuristics = HEURISTICS,
) -> np.ndarray:
    """Return what each listing returned from one session's close to another's.

    Missing for a name without a quote in the `halted_sessions` before the first close,
    and where a return in between is not known. `last` may differ from name to name.
    """
    rows = np.broadcast_to(last, len(columns))
    lately = paths.is_quoted[max(first - numbers.halted_sessions, 0) : first + 1]
    is_there = lately[:, columns].any(axis=0)
    untold, wealth = paths.untold_so_far, paths.wealth
    is_told = untold[rows, columns] == untold[first, columns]
    growth = wealth[rows, columns] / wealth[first, columns]
    return np.where(is_there & is_told, growth - 1, np.nan)


def abnormal(
    paths: Paths, columns: np.ndarray, market: np.ndarray, first: int, last: int
) -> pd.DataFrame:
    """Return return_frac, benchmark_frac, car_frac and is_ended of each listing.

    Both are bought and held; of a listing that ends inside the window both are counted
    to its last trade.
    """
    ends = np.minimum(paths.last_quoted[columns], last)
    own, other = _both(paths, columns, market, first, ends)
    return pd.DataFrame(
        {
            "return_frac": own,
            "benchmark_frac": other,
            "car_frac": own - other,
            "is_ended": ends < last,
        }
    )


def cars(
    paths: Paths, columns: np.ndarray, market: np.ndarray, first: int, last: int
) -> np.ndarray:
    """Return car_frac of `abnormal` alone."""
    ends = np.minimum(paths.last_quoted[columns], last)
    own, other = _both(paths, columns, market, first, ends)
    return own - other


def _both(
    paths: Paths,
    columns: np.ndarray,
    market: np.ndarray,
    first: int,
    ends: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    rows = np.maximum(ends, first)
    return over(paths, columns, first, rows), market[rows] / market[first] - 1


def against_matches(
    paths: Paths,
    columns: np.ndarray,
    matched: np.ndarray,
    first: int,
    last: int,
) -> np.ndarray:
    """Return of each listing its return less the mean of its matches' returns.

    `matched` holds columns of `paths`, -1 for none. Missing where no match is known.
    """
    ends = np.maximum(np.minimum(paths.last_quoted[columns], last), first)
    own = over(paths, columns, first, ends)
    others = np.full(matched.shape, np.nan)
    for nth in range(matched.shape[1]):
        is_matched = matched[:, nth] >= 0
        at = matched[is_matched, nth]
        others[is_matched, nth] = over(paths, at, first, ends[is_matched])
    count = (~np.isnan(others)).sum(axis=1)
    mean = np.nansum(others, axis=1) / np.where(count, count, np.nan)
    return own - mean


def past_returns(
    paths: Paths, columns: np.ndarray, row: int, numbers: Heuristics = HEURISTICS
) -> np.ndarray:
    """Return what each listing returned in the `past_sessions` to a session."""
    first = max(row - numbers.past_sessions, 0)
    if row - first < numbers.least_sessions:
        return np.full(len(columns), np.nan)
    return over(paths, columns, first, row)


def volume_multiples(
    paths: Paths,
    columns: np.ndarray,
    spans: Spans,
    numbers: Heuristics = HEURISTICS,
) -> np.ndarray:
    """Return the value traded on the implementation day over the usual day's.

    Usual is the median of the `past_sessions` to rank day. Value, not shares: a split
    in between changes nothing. Missing where volume is.
    """
    first = max(spans.rank_row - numbers.past_sessions + 1, 0)
    usual = _median(paths.value_usd[first : spans.rank_row + 1, columns], numbers)
    value = paths.value_usd[spans.close_row, columns]
    return value / np.where(usual > 0, usual, np.nan)


def trading_costs(
    paths: Paths, columns: np.ndarray, row: int, numbers: Heuristics = HEURISTICS
) -> pd.DataFrame:
    """Return half_spread_frac and impact_frac of each listing, from closes alone.

    The half spread is Roll's (1984): the square root of minus the covariance of one
    session's return with the next one's, 0 where that is positive. The impact of a
    trade of `traded_frac` of a day's usual value follows the square-root law with the
    listing's daily volatility. Over the `past_sessions` to session `row`.
    """
    first = max(row - numbers.past_sessions, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.diff(np.log(paths.wealth[first : row + 1, columns]), axis=0)
    moves = np.where(paths.is_quoted[first + 1 : row + 1, columns], moves, np.nan)
    known = (~np.isnan(moves)).sum(axis=0)
    both = ~np.isnan(moves[1:]) & ~np.isnan(moves[:-1])
    count = np.where(known >= numbers.least_sessions, both.sum(axis=0), 0)
    count = np.where(count > 1, count, np.nan)
    before, after = (np.where(both, part, 0) for part in (moves[:-1], moves[1:]))
    means = before.sum(axis=0) / count, after.sum(axis=0) / count
    product = (before * after).sum(axis=0) / count
    covariance = product - means[0] * means[1]
    deviation = pd.DataFrame(moves).std().to_numpy()
    size = numbers.impact_coefficient * np.sqrt(numbers.traded_frac)
    return pd.DataFrame(
        {
            "half_spread_frac": np.sqrt(np.maximum(-covariance, 0)),
            "impact_frac": np.where(np.isnan(count), np.nan, size * deviation),
        }
    )


def endings(
    paths: Paths, columns: np.ndarray, last: int, numbers: Heuristics = HEURISTICS
) -> list[str]:
    """Say of each listing how it ended before a session, empty where it had not.

    A price that hardly moves in its last sessions, well above a dollar, is pinned to
    an offer; nothing here has the news.
    """
    found = []
    final = paths.last_quoted
    for column in columns:
        row = final[column]
        if row >= last or row < 0:
            found.append("")
            continue
        first = max(row - numbers.pinned_sessions, 0)
        wealth = paths.wealth[first : row + 1, column]
        moves = np.abs(np.diff(wealth) / wealth[:-1])
        close = paths.close_usd[row, column]
        is_pinned = len(moves) and np.nanmedian(moves) <= numbers.pinned_frac
        is_low = close < numbers.failed_close_usd
        found.append(FAILED if is_low else TAKEN_OVER if is_pinned else ENDED)
    return found


def _median(values: np.ndarray, numbers: Heuristics) -> np.ndarray:
    known = (~np.isnan(values)).sum(axis=0)
    middle = pd.DataFrame(values).median().to_numpy()
    return np.where(known >= numbers.least_sessions, middle, np.nan)
