"""Break points, and the band round each in which members keep their index.

All of it is cumulative market cap: a band reaches a fixed fraction of the whole
Russell 3000E to either side of the last company of the index, own cap included.
Source: Ground Rules v7.0, 6.10.2 and 6.11.
"""

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook

ROUNDING = 1e-12  # of the universe's cap: rounding never decides an edge (0002)


def draw(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Draw every line of the rulebook through ranked companies: table `BreakPoints`.

    `companies` is the output of `ranking.rank`, one session or many. A line beyond
    the last company is not known that day.
    """
    days = companies["snapshot_date"].to_numpy()
    cap = companies["total_market_cap_usd"].to_numpy()
    running = companies["cumulative_cap_usd"].to_numpy()
    ranks = companies["rank"].to_numpy()
    starts = np.flatnonzero(ranks == 1)
    ends = np.append(starts[1:], len(companies))[: len(starts)]
    lines = rules.lines
    found = np.full((len(starts), len(lines), 3), np.nan)
    total = np.zeros(len(starts))
    count = np.zeros(len(starts), dtype=int)
    for day, (start, end) in enumerate(zip(starts, ends, strict=True)):
        end = start + _count_to(ranks[start:end], rules.universe_count)
        total[day], count[day] = running[end - 1], end - start
        for at, line in enumerate(lines):
            found[day, at] = _line(
                cap[start:end],
                running[start:end],
                ranks[start:end],
                line.rank,
                line.band_frac,
            )
    each = len(lines)
    return pd.DataFrame(
        {
            "snapshot_date": np.repeat(days[starts], each),
            "rank": np.tile([line.rank for line in lines], len(starts)),
            "break_point_usd": found[:, :, 0].ravel(),
            "band_low_usd": found[:, :, 1].ravel(),
            "band_high_usd": found[:, :, 2].ravel(),
            "total_market_cap_usd": np.repeat(total, each),
            "company_count": np.repeat(count, each),
        }
    )


def place(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add, for every line with a band, `side_<rank>`: above, inside or below.

    `companies` is one session of `ranking.rank`. A hard cut knows only above and
    below; beyond the universe every company is below.
    """
    running = companies["cumulative_cap_usd"].to_numpy()
    rank = companies["rank"].to_numpy()
    inside_universe = _count_to(rank, rules.universe_count)
    sides = {}
    for line in rules.lines:
        if not inside_universe or line.rank > rank[inside_universe - 1]:
            sides[f"side_{line.rank}"] = np.full(len(companies), "above")
            continue
        count = _count_to(rank, line.rank)
        low, high = _edges(running[:inside_universe], count, line.band_frac)
        hard = line.band_frac == 0
        above = rank <= line.rank if hard else running < low
        below = rank > line.rank if hard else running > high
        below |= rank > inside_universe
        sides[f"side_{line.rank}"] = np.select(
            [below, above], ["below", "above"], "inside"
        )
    return companies.assign(**sides)


def _line(
    cap: np.ndarray,
    running: np.ndarray,
    ranks: np.ndarray,
    rank: int,
    band_frac: float,
) -> tuple[float, float, float]:
    if not len(cap) or rank > ranks[-1]:
        return np.nan, np.nan, np.nan
    count = _count_to(ranks, rank)
    if band_frac == 0:
        return cap[count - 1], np.nan, np.nan
    low, high = _edges(running, count, band_frac)
    first = np.searchsorted(running, low, side="left")
    last = np.searchsorted(running, high, side="right") - 1
    return cap[count - 1], cap[last], cap[first]


def _count_to(ranks: np.ndarray, rank: int) -> int:
    """How many companies are ranked `rank` or higher; ranks may leave places out."""
    return int(np.searchsorted(ranks, rank, side="right"))


def _edges(running: np.ndarray, count: int, band_frac: float) -> tuple[float, float]:
    """Cumulative caps between which a company is inside the band, both inclusive."""
    total = running[-1]
    reach = band_frac * total + ROUNDING * total
    return running[count - 1] - reach, running[count - 1] + reach
