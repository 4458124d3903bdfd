"""Segments of the market, session by session: returns, breadth and concentration.

A row is a company on one session. A company counts on a session with the segments and
the weight it had at the close before, so that who enters changes nothing on the day of
entry; one that is not quoted any more is out after its last trade. Source: Ground Rules
v7.0, 6.10 and 9.2.1; decisions 0057 (members and weights) and 0058 (returns).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter1d

from recon import schedule
from recon.rulebook import HEURISTICS, Rulebook
from recon.rules import market_return, sessions

TOP10, MAG7, NASDAQ, NYSE = "TOP10", "MAG7", "NASDAQ", "NYSE"
SIZES = (
    TOP10,
    MAG7,
    "TOP50",
    "TOP200",
    "MIDCAP",
    "R1000",
    "R2000",
    "MICRO",
    "R3000",
    NASDAQ,
    NYSE,
)
# the members of before the last reconstitution, held on; of them the ten largest now
LARGE_BEFORE, SMALL_BEFORE, TOP10_BEFORE = (
    "R1000_BEFORE",
    "R2000_BEFORE",
    "TOP10_BEFORE",
)
BEFORE = {"R1000": LARGE_BEFORE, "R2000": SMALL_BEFORE, TOP10: TOP10_BEFORE}
BY_SECTOR = ("R3000", *BEFORE, *BEFORE.values())
WHOLE = ""  # the sector of a segment that is not cut by sector
AVERAGES = (50, 200)  # sessions
YEAR = 252  # sessions of 52 weeks
ROUNDING = 1e-9  # a level that has come back to another is the same
LAST = 10  # of the heaviest that are told apart
BREADTH = (
    "known_50",
    "above_50",
    "known_200",
    "above_200",
    "known_year",
    "new_highs",
    "new_lows",
)
Renamed = Mapping[np.datetime64, Mapping[int, int]]


def pairs(rows: pd.DataFrame, renamed: Renamed) -> pd.DataFrame:
    """Return the places in `rows` of each company on a session and the one before.

    `rows` has snapshot_date and symbol_id, sessions in order; `renamed` gives, for a
    session, the symbol_id a company had before by the one it has now. Columns: before,
    after.
    """
    starts, ends = sessions.spans(rows)
    symbol = rows["symbol_id"].to_numpy()
    days = rows["snapshot_date"].to_numpy("datetime64[D]")
    place = np.full(int(symbol.max(initial=0)) + 1, -1)
    found: list[np.ndarray] = [np.empty((2, 0), dtype=int)]
    for at in range(1, len(starts)):
        old = np.arange(starts[at - 1], ends[at - 1])
        now = np.arange(starts[at], ends[at])
        place[symbol[old]] = old
        before = place[symbol[now]]
        for new, was in renamed.get(days[starts[at]], {}).items():
            if was < len(place):
                before[(symbol[now] == new) & (before < 0)] = place[was]
        place[symbol[old]] = -1
        found.append(np.array([before, now])[:, before >= 0])
    before, after = np.concatenate(found, axis=1)
    return pd.DataFrame({"before": before, "after": after})


def returns(rows: pd.DataFrame, linked: pd.DataFrame, rules: Rulebook) -> np.ndarray:
    """Return what each of `pairs` has moved by; missing where no figure holds.

    The rule is `market_return.moves`, with two faults of providers set aside: a change
    that repeats the session before to the digit while the close says otherwise, for
    which close to close counts, and an absurd change that neither close nor market cap
    bear out, which is no return at all. Decision 0058.
    """
    numbers = rules.heuristics
    before, after = linked["before"].to_numpy(), linked["after"].to_numpy()
    calendar = schedule.sessions().to_numpy("datetime64[D]")
    days = rows["snapshot_date"].to_numpy("datetime64[D]")
    place = np.searchsorted(calendar, days)
    is_next = place[after] - place[before] == 1
    close, cap, given = (
        rows[name].to_numpy(float)
        for name in ("close_usd", "total_market_cap_usd", "close_change_frac")
    )
    by_close, by_cap = close[after] / close[before] - 1, cap[after] / cap[before] - 1
    change = np.where(is_next, given[after], np.nan)
    is_repeated = (change == given[before]) & (
        np.abs(change) > numbers.repeated_change_frac
    )
    is_repeated &= np.abs(change - by_close) > numbers.repeated_change_frac
    moved = market_return.moves(
        by_close, by_cap, np.where(is_repeated, np.nan, change), rules
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.log1p(moved)
        agrees = np.zeros(len(moved), dtype=bool)
        for other in (by_close, by_cap):
            agrees |= np.abs(size - np.log1p(other)) <= numbers.agreeing_log_change
    is_absurd = (np.abs(size) > numbers.absurd_log_change) & ~agrees
    return np.where(is_absurd, np.nan, moved)


def chained(
    rows: pd.DataFrame, linked: pd.DataFrame, moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return adjusted levels, sessions by chains of rows, and the chain of each row.

    A chain is one company from session to session; it begins at 1, a return that is
    not known leaves its level, and it is missing where the company is not quoted.
    """
    starts, ends = sessions.spans(rows)
    lengths = ends - starts
    chain = np.full(len(rows), -1)
    level = np.ones(len(rows))
    previous = np.full(len(rows), -1)
    previous[linked["after"].to_numpy()] = linked["before"].to_numpy()
    growth = np.ones(len(rows))
    growth[linked["after"].to_numpy()] = 1 + np.nan_to_num(moved)
    count = 0
    for start, length in zip(starts, lengths, strict=True):
        own = slice(start, start + length)
        is_old = previous[own] >= 0
        chain[own][is_old] = chain[previous[own][is_old]]
        level[own][is_old] = level[previous[own][is_old]] * growth[own][is_old]
        new = int((~is_old).sum())
        chain[own][~is_old] = np.arange(count, count + new)
        count += new
    levels = np.full((len(starts), count), np.nan)
    levels[np.repeat(np.arange(len(starts)), lengths), chain] = level
    return levels, chain


def breadth(levels: np.ndarray) -> dict[str, np.ndarray]:
    """Tell of each adjusted level where it stands in its own past.

    `levels` are sessions by companies, missing where not quoted. Returns for each of
    `BREADTH` an array of that shape: whether the average of 50 and of 200 sessions and
    the extremes of 52 weeks are known, and whether the level is above or at them.
    """
    is_quoted = ~np.isnan(levels)
    found = {}
    for window in AVERAGES:
        count = _trailing_sum(is_quoted.astype(float), window)
        known = is_quoted & (count >= HEURISTICS.window_present_frac * window)
        with np.errstate(divide="ignore", invalid="ignore"):
            average = _trailing_sum(np.nan_to_num(levels), window) / count
        found[f"known_{window}"] = known
        found[f"above_{window}"] = known & (levels > average * (1 + ROUNDING))
    count = _trailing_sum(is_quoted.astype(float), YEAR)
    known = is_quoted & (count >= HEURISTICS.window_present_frac * YEAR)
    for name, sign in (("new_highs", 1.0), ("new_lows", -1.0)):
        signed = np.where(is_quoted, sign * levels, -np.inf)
        extreme = maximum_filter1d(
            signed, YEAR, axis=0, mode="constant", cval=-np.inf, origin=(YEAR - 1) // 2
        )
        found[name] = known & (signed >= extreme - ROUNDING * np.abs(extreme))
    return {**found, "known_year": known}


def _trailing_sum(values: np.ndarray, window: int) -> np.ndarray:
    running = np.cumsum(values, axis=0)
    before = np.zeros_like(running)
    before[window:] = running[:-window]
    return running - before


def summaries(members: pd.DataFrame, *, by_sector: bool = False) -> pd.DataFrame:
    """Return the figures of a segment, one row per session, or per session and sector.

    `members` has a row per session and member: snapshot_date, sector (a category),
    weight_usd at the close before, return_frac since, and the columns of `BREADTH`; no
    weight or return is missing. Adds up to members, start_cap_usd, cap_weighted_frac,
    equal_weighted_frac, median_frac, advances, declines, beating (more than the segment
    itself), the counts of `BREADTH`, and top5_frac, top10_frac and herfindahl of the
    weights.
    """
    day, days = pd.factorize(members["snapshot_date"], sort=True)
    kinds = members["sector"].cat.categories if by_sector else [WHOLE]
    kind = members["sector"].cat.codes.to_numpy() if by_sector else 0
    code = day * len(kinds) + kind
    present = np.bincount(code, minlength=len(days) * len(kinds))
    seat = np.flatnonzero(present)
    group, count = (np.cumsum(present > 0) - 1)[code], present[seat]
    weight, moved = (
        members[name].to_numpy(float) for name in ("weight_usd", "return_frac")
    )
    size = len(seat)
    cap = np.bincount(group, weight, size)
    by_cap = np.bincount(group, weight * moved, size) / cap
    share = weight / cap[group]
    median, place = _ordered(moved, weight, group, count)
    flags = {
        "advances": moved > 0,
        "declines": moved < 0,
        "beating": moved > by_cap[group],
        **{name: members[name].to_numpy(bool) for name in BREADTH},
    }
    found = {
        "snapshot_date": days[seat // len(kinds)],
        "sector": np.asarray(kinds, dtype=object)[seat % len(kinds)],
        "members": count,
        "start_cap_usd": cap,
        "cap_weighted_frac": by_cap,
        "equal_weighted_frac": np.bincount(group, moved, size) / count,
        "median_frac": median,
        "top5_frac": np.bincount(group, share * (place < 5), size),
        "top10_frac": np.bincount(group, share * (place < LAST), size),
        "herfindahl": np.bincount(group, share**2, size),
    }
    totals = {
        name: np.bincount(group, flag, size).astype(int) for name, flag in flags.items()
    }
    return pd.DataFrame({**found, **totals})


def _ordered(
    moved: np.ndarray, weight: np.ndarray, group: np.ndarray, count: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the median move of each group and each row's place among the heaviest.

    Places beyond the tenth are all `LAST`; every group has members.
    """
    rows = np.argsort(group.astype(np.min_scalar_type(len(count))), kind="stable")
    ends = np.cumsum(count)
    median, place = np.empty(len(count)), np.full(len(rows), LAST)
    for at, (start, end) in enumerate(zip(ends - count, ends, strict=True)):
        own = rows[start:end]
        middle = (len(own) - 1) // 2, len(own) // 2
        low, high = np.partition(moved[own], middle)[list(middle)]
        median[at] = (low + high) / 2
        heaviest = np.argsort(-weight[own], kind="stable")[:LAST]
        place[own[heaviest]] = np.arange(len(heaviest))
    return median, place


def implied_floats(
    weight_frac: np.ndarray, cap_usd: np.ndarray, step_frac: float, rules: Rulebook
) -> np.ndarray:
    """Return the free float that the weights of a fund's list imply; missing if rough.

    A weight over its market cap is highest for companies of which all shares count;
    most large ones are such. Weights rounded to `step_frac` say too little of small
    companies. Decision 0057.
    """
    numbers = rules.heuristics
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = weight_frac / cap_usd
    is_fine = (weight_frac > 0) & (weight_frac >= numbers.weight_steps * step_frac)
    is_fine &= np.isfinite(ratio)
    if not is_fine.any():
        return np.full(len(ratio), np.nan)
    whole = np.quantile(ratio[is_fine], numbers.whole_float_quantile)
    return np.where(is_fine, np.minimum(ratio / whole, 1.0), np.nan)
