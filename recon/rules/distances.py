"""How far each company stands from the line that would change its index."""

import numpy as np
import pandas as pd

from recon.indexes import LARGE, SMALL
from recon.rulebook import Rulebook
from recon.rules import sessions
from recon.vocabulary import DELETION, MIGRATIONS


def measure(
    companies: pd.DataFrame, lines: pd.DataFrame, rules: Rulebook
) -> pd.DataFrame:
    """Add the nearest line that matters and the distance to it, in four units.

    `companies` is the output of `membership.project`, one session or many, with
    `close_usd` of the pricing vehicle; `lines` the `BreakPoints` of those sessions, in
    their order. The line that matters is the one whose crossing changes the index: for
    a Russell 3000 member the far band edge of the 1000 line or the hard cut at 3,000,
    for others the cuts themselves. A name that migrates or is deleted is measured to
    the line it has crossed.

    Adds nearest_line (its rank), line_cap_usd, distance_to_break_point_usd and
    distance_to_break_point_frac (signed: above the line is positive, 0 is on it),
    distance_ranks, distance_cumulative_frac and crossing_close_usd (the close at which
    the company would stand on the line, others unchanged).
    """
    starts, ends = sessions.spans(companies)
    counts = ends - starts
    cap = companies["total_market_cap_usd"].to_numpy()
    upper, lower = rules.large_count, rules.broad_count
    current, move = companies["current_index"], companies["move"]

    def cap_at(rank: int, column: str) -> np.ndarray:
        each = lines.loc[lines["rank"] == rank, column].to_numpy(float)
        return np.repeat(each, counts)

    upper_cap = np.select(
        [current == SMALL, current == LARGE],
        [cap_at(upper, "band_high_usd"), cap_at(upper, "band_low_usd")],
        cap_at(upper, "break_point_usd"),
    )
    is_hard = np.isnan(upper_cap)
    upper_cap = np.where(is_hard, cap_at(upper, "break_point_usd"), upper_cap)
    lower_cap = cap_at(lower, "break_point_usd")
    with np.errstate(divide="ignore", invalid="ignore"):
        to_upper = np.abs(np.log(cap / upper_cap))
        to_lower = np.abs(np.log(cap / lower_cap))
    is_upper = ~(to_lower < to_upper)
    # a name that moves is measured to the line it has crossed
    is_upper |= move.isin(MIGRATIONS).to_numpy()
    is_upper &= (move != DELETION).to_numpy()
    line_cap = np.where(is_upper, upper_cap, lower_cap)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = cap / line_cap
    # how many companies of the session are at least as large as the line
    first = np.repeat(starts, counts)
    spans = (first, np.repeat(ends, counts))
    place = sessions.search(-cap, -line_cap, spans, "right") - first
    fraction = companies["cumulative_cap_frac"].to_numpy()
    at_line = fraction[first + np.maximum(place, 1) - 1]
    is_known = ~np.isnan(line_cap)
    rank = companies["rank"].to_numpy()
    return companies.assign(
        nearest_line=np.where(is_upper, upper, lower),
        line_cap_usd=line_cap,
        distance_to_break_point_usd=cap - line_cap,
        distance_to_break_point_frac=ratio - 1,
        distance_ranks=np.where(is_known, place - rank, np.nan),
        distance_cumulative_frac=np.where(is_known, at_line - fraction, np.nan),
        crossing_close_usd=companies["close_usd"].to_numpy() / ratio,
    )
