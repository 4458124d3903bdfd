"""How far each company stands from the line that would change its index."""

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook


def measure(
    companies: pd.DataFrame, lines: pd.DataFrame, rules: Rulebook
) -> pd.DataFrame:
    """Add the nearest line that matters and the distance to it, in four units.

    `companies` is one session of `membership.project` with `close_usd` of the pricing
    vehicle; `lines` the `BreakPoints` of that session. The line that matters is the
    one whose crossing changes the index: for a Russell 3000 member the far band edge
    of the 1000 line or the hard cut at 3,000, for others the cuts themselves. A name
    that migrates or is deleted is measured to the line it has crossed.

    Adds nearest_line (its rank), line_cap_usd, distance_to_break_point_usd and
    distance_to_break_point_frac (signed: above the line is positive, 0 is on it),
    distance_ranks, distance_cumulative_frac and crossing_close_usd (the close at which
    the company would stand on the line, others unchanged).
    """
    by_rank = lines.set_index("rank")
    cap = companies["total_market_cap_usd"].to_numpy()
    upper, lower = rules.large_count, rules.broad_count
    current = companies["current_index"]
    upper_cap = np.select(
        [current.eq("R2000"), current.eq("R1000")],
        [
            by_rank.at[upper, "band_high_usd"],
            by_rank.at[upper, "band_low_usd"],
        ],
        by_rank.at[upper, "break_point_usd"],
    ).astype(float)
    hard = np.isnan(upper_cap)
    upper_cap = np.where(hard, by_rank.at[upper, "break_point_usd"], upper_cap)
    lower_cap = np.full(len(cap), by_rank.at[lower, "break_point_usd"])
    with np.errstate(divide="ignore", invalid="ignore"):
        to_upper = np.abs(np.log(cap / upper_cap))
        to_lower = np.abs(np.log(cap / lower_cap))
    nearer_upper = ~(to_lower < to_upper)
    # a name that moves is measured to the line it has crossed
    nearer_upper |= companies["move"].isin(["migration up", "migration down"])
    nearer_upper &= companies["move"].ne("deletion")
    line_cap = np.where(nearer_upper, upper_cap, lower_cap)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = cap / line_cap
    return companies.assign(
        nearest_line=np.where(nearer_upper, upper, lower),
        line_cap_usd=line_cap,
        distance_to_break_point_usd=cap - line_cap,
        distance_to_break_point_frac=ratio - 1,
        distance_ranks=_rank_distance(companies, line_cap),
        distance_cumulative_frac=_cumulative_distance(companies, line_cap),
        crossing_close_usd=companies["close_usd"].to_numpy() / ratio,
    )


def _rank_distance(companies: pd.DataFrame, line_cap: np.ndarray) -> np.ndarray:
    """Ranks between a company and the place of its line; positive is above it."""
    return _place_of(companies, line_cap) - companies["rank"].to_numpy()


def _cumulative_distance(companies: pd.DataFrame, line_cap: np.ndarray) -> np.ndarray:
    """Cumulative cap, as a fraction of the 3000E, between a company and its line."""
    fraction = companies["cumulative_cap_frac"].to_numpy()
    place = np.nan_to_num(_place_of(companies, line_cap), nan=1).astype(int) - 1
    at_line = fraction[np.clip(place, 0, len(fraction) - 1)]
    return np.where(np.isnan(line_cap), np.nan, at_line - fraction)


def _place_of(companies: pd.DataFrame, cap: np.ndarray) -> np.ndarray:
    """Rank of the last company at least as large as `cap`; NaN where not known."""
    caps = companies["total_market_cap_usd"].to_numpy()
    place = np.searchsorted(-caps, -cap, side="right").astype(float)
    return np.where(np.isnan(cap), np.nan, place)
