"""How far each company stands from the line that would change its index."""

import numpy as np
import pandas as pd

from recon.indexes import INDEXES, LARGE, SMALL
from recon.rulebook import Rulebook
from recon.rules import sessions
from recon.vocabulary import ADDITION, DELETION, MIGRATIONS

LARGE_LINE, BROAD_LINE = "Russell 1000 line", "Russell 3000 line"
UPPER_EDGE, LOWER_EDGE = (
    "Russell 1000 band, upper edge",
    "Russell 1000 band, lower edge",
)


def measure(
    companies: pd.DataFrame, lines: pd.DataFrame, rules: Rulebook
) -> pd.DataFrame:
    """Add the line that decides and the distance to it, in four units.

    `companies` is the output of `membership.project`, one session or many, with
    `close_usd` of the pricing vehicle; `lines` the `BreakPoints` of those sessions, in
    their order. The line that matters is the one whose crossing changes the index: for
    a Russell 3000 member the far band edge of the 1000 line or the hard cut at 3,000,
    for others the cuts themselves; where both could, the nearer one. A name that moves
    is measured to the line it has crossed, one that the band holds to the edge that
    holds it.

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
    is_addition = move.eq(ADDITION).to_numpy()
    joins_large = is_addition & companies["projected_index"].eq(LARGE).to_numpy()
    crossed_upper = move.isin(MIGRATIONS).to_numpy() | joins_large
    crossed_upper |= companies["is_held_by_band"].to_numpy(bool)
    crossed_lower = move.eq(DELETION).to_numpy() | (is_addition & ~joins_large)
    crossed_lower &= ~np.isnan(lower_cap) | move.eq(DELETION).to_numpy()
    is_upper = (~(to_lower < to_upper) | crossed_upper) & ~crossed_lower
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


def line_names(companies: pd.DataFrame) -> np.ndarray:
    """Name the line that decides for each company, as `measure` has found it."""
    is_upper = companies["nearest_line"] == INDEXES[LARGE].line_rank
    current = companies["current_index"]
    return np.select(
        [~is_upper, current.eq(SMALL), current.eq(LARGE)],
        [BROAD_LINE, UPPER_EDGE, LOWER_EDGE],
        LARGE_LINE,
    )
