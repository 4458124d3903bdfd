"""Market caps of past days from closes and share counts; pure, and always estimates.

Yahoo's closes are adjusted for every split since, its share counts are as they were
reported, often days after a split. Both are brought to today's shares, multiplied, and
shown as traded. Dividend-adjusted closes and today's share count are never used for an
earlier day. Decision 0018.
"""

import numpy as np
import pandas as pd

SPLIT_REPORT_DAYS = 60  # a count this near a split may be of either side
CLASS_FRAC = 0.10  # counts this near to the company's are the company's


def splits_of(bars: pd.DataFrame) -> pd.Series:
    """Return new shares for one old, by day of the split; bars reach to today."""
    ratio = bars["Stock Splits"].fillna(0)
    return ratio[(ratio > 0) & (ratio != 1)]


def later_splits(days: pd.DatetimeIndex, splits: pd.Series) -> np.ndarray:
    """Return today's shares for one of each day: the splits after it, multiplied."""
    factor = np.ones(len(days))
    for day, ratio in splits.items():
        factor[days < day] *= ratio
    return factor


def todays_shares(counts: pd.Series, splits: pd.Series) -> pd.Series:
    """Restate reported share counts in today's shares, one per day.

    A count near a split is taken as of the shares before or after it, whichever is
    nearer to the previous count. Of several counts on a day the nearest to the previous
    one is taken.
    """
    counts = counts[counts > 0].sort_index(kind="stable")
    brought: dict[pd.Timestamp, float] = {}
    last: float | None = None
    for day, of_day in counts.groupby(level=0):
        choices = [c * f for c in of_day for f in _factors(day, splits)]
        if last is None:
            choices = [c * _later(day, splits) for c in of_day]
        last = min(
            choices, key=lambda shares: abs(np.log(shares / (last or choices[0])))
        )
        brought[day] = last
    return pd.Series(brought, dtype=float)


def estimate(
    bars: pd.DataFrame, counts: pd.Series, company_shares: float | None = None
) -> pd.DataFrame:
    """Return one row per day, as traded: close, volume, shares and market cap.

    Parameters
    ----------
    bars
        Close (split-adjusted), Volume and Stock Splits by session, up to today.
    counts
        Share counts as reported, by day; none leaves the market cap missing.
    company_shares
        Today's shares of the whole company at this class's price, where known: the
        counts of one class are scaled to it.
    """
    bars = bars.dropna(subset=["Close"])
    bars = bars[bars["Close"] > 0]
    days = pd.DatetimeIndex(bars.index)
    splits = splits_of(bars)
    factor = later_splits(days, splits)
    known = todays_shares(counts, splits)
    shares = np.full(len(days), np.nan)
    if len(known):
        at = known.index.searchsorted(days, side="right") - 1
        shares = known.to_numpy()[np.maximum(at, 0)]  # before the first: the first
        whole = company_shares / known.iloc[-1] if company_shares else 1.0
        if abs(whole - 1) > CLASS_FRAC:
            shares = shares * whole
    close = bars["Close"].to_numpy(float)
    return pd.DataFrame(
        {
            "snapshot_date": days,
            "close_usd": close * factor,
            "volume_shares": np.rint(bars["Volume"].to_numpy(float) / factor),
            "shares_outstanding": shares / factor,
            "total_market_cap_usd": np.rint(close * shares),
        }
    )


def _later(day: pd.Timestamp, splits: pd.Series) -> float:
    return float(np.prod(splits[splits.index > day]))


def _factors(day: pd.Timestamp, splits: pd.Series) -> list[float]:
    """Return the factors a count of a day may need, the likeliest first."""
    plain = _later(day, splits)
    near = splits[np.abs((splits.index - day).days) <= SPLIT_REPORT_DAYS]
    # after a split: reported as before it; before one: already as after it
    other = [r if s <= day else 1 / r for s, r in near.items()]
    return [plain, *(plain * factor for factor in other)]
