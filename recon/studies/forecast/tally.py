"""Counting what the rules made of each simulated rank day."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from recon.indexes import HELD
from recon.reconstitution import Simulated
from recon.rulebook import Rulebook
from recon.rules import membership
from recon.vocabulary import ADDITION, DELETION, MIGRATION_DOWN, MIGRATION_UP

QUANTILES = (0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975)
LEVELS = {0.50: (0.25, 0.75), 0.80: (0.10, 0.90), 0.95: (0.025, 0.975)}  # quantiles
FIGURES = ("break_point_usd", "band_low_usd", "band_high_usd")
COUNTED = {
    "p_up": MIGRATION_UP,
    "p_down": MIGRATION_DOWN,
    "p_addition": ADDITION,
    "p_deletion": DELETION,
}
NEAR_LOG = np.log(4.0)  # beyond a factor of four no close of now flips an index
FAR_LOG = np.log(8.0)  # nor does a company so far from its line come so near


def crossing_lines(
    companies: pd.DataFrame, lines: pd.DataFrame, rules: Rulebook
) -> tuple[np.ndarray, np.ndarray]:
    """Return which line each company would cross, and whether it is near it.

    Lines are places in `CROSSED`, those of one draw; near is within `FAR_LOG`.

    The nearer of the two: as `distances.measure` has it, the far band edge of the
    large line for a member and the line itself for others, or the lower line.
    """
    cap = companies["total_market_cap_usd"].to_numpy(float)
    held = membership.index_codes(companies["current_index"])
    upper = np.select(
        [held == membership.IN_SMALL, held == membership.IN_LARGE], [2, 1], 0
    )
    at = _crossed(lines, rules)[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        to_upper = np.abs(np.log(cap / at[upper]))
        to_lower = np.abs(np.log(cap / at[3]))
    is_lower = to_lower < to_upper
    crossed = np.where(is_lower, 3, upper)
    return crossed, np.where(is_lower, to_lower, to_upper) <= FAR_LOG


CROSSED = (
    "R1000 line",
    "R1000 lower edge",
    "R1000 upper edge",
    "R3000 line",
)


def _crossed(lines: pd.DataFrame, rules: Rulebook) -> np.ndarray:
    """Market cap of each line of `CROSSED`: draws by four; a hard cut has no band."""
    large = lines[lines["rank"] == rules.large_count]
    middle = large["break_point_usd"].to_numpy(float)
    edges = [large[name].to_numpy(float) for name in ("band_low_usd", "band_high_usd")]
    edges = [np.where(np.isnan(edge), middle, edge) for edge in edges]
    broad = lines.loc[lines["rank"] == rules.broad_count, "break_point_usd"]
    return np.stack([middle, *edges, broad.to_numpy(float)], axis=1)


@dataclass(kw_only=True)
class Tally:
    """Running counts over draws of `companies`.

    `crossed` and `is_near` are the output of `crossing_lines`. `held` are counts by
    company and place in `HELD` (the last: in none of them),
    `gone` of draws in which a company has left the listings.
    """

    companies: pd.DataFrame
    crossed: np.ndarray
    is_near: np.ndarray
    rules: Rulebook
    draws: int = 0
    held: np.ndarray = field(init=False)
    gone: np.ndarray = field(init=False)
    lines: list[pd.DataFrame] = field(default_factory=list)
    moves: list[np.ndarray] = field(default_factory=list)
    ratios: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin at nothing."""
        self.held = np.zeros((len(self.companies), len(HELD) + 1), dtype=np.int64)
        self.gone = np.zeros(len(self.companies), dtype=np.int64)
        self._is_member = membership.index_codes(self.companies["current_index"])

    def add(self, simulated: Simulated, caps_usd: np.ndarray) -> None:
        """Count one chunk of draws; what is behind the companies is not counted."""
        shown = len(self.companies)
        projected = simulated.projected_index[:, :shown]
        is_gone = np.isnan(caps_usd[:, :shown])
        for place in range(len(HELD)):
            self.held[:, place] += (projected == place).sum(axis=0)
        self.held[:, -1] += ((projected < 0) & ~is_gone).sum(axis=0)
        self.gone += is_gone.sum(axis=0)
        self.moves.append(self._moves(projected, is_gone))
        lines = simulated.break_points
        self.lines.append(lines.assign(draw=lines["draw"] + self.draws))
        near = np.flatnonzero(self.is_near)
        at = _crossed(lines, self.rules)[:, self.crossed[near]]
        with np.errstate(divide="ignore"):
            ratio = np.log(at) - np.log(caps_usd[:, near])
        self.ratios.append(ratio.T.astype(np.float32))
        self.draws += len(projected)

    def _moves(self, projected: np.ndarray, is_gone: np.ndarray) -> np.ndarray:
        """Count the companies of each move in each draw: draws by moves."""
        now = self._is_member
        large, small = membership.IN_LARGE, membership.IN_SMALL
        was_in = (now == large) | (now == small)
        is_in = (projected == large) | (projected == small)
        return np.stack(
            [
                ((now == small) & (projected == large)).sum(axis=1),
                ((now == large) & (projected == small)).sum(axis=1),
                (~was_in & is_in).sum(axis=1),
                (was_in & ~is_in & ~is_gone).sum(axis=1),
            ],
            axis=1,
        )

    def odds(self) -> pd.DataFrame:
        """Return the companies with p_ columns, and the close that turns them."""
        large, small, micro, out = (self.held / self.draws).T
        gone = self.gone / self.draws
        now = self._is_member
        was_large, was_small = now == membership.IN_LARGE, now == membership.IN_SMALL
        was_in = was_large | was_small
        up, down = np.where(was_small, large, 0.0), np.where(was_large, small, 0.0)
        addition = np.where(was_in, 0.0, large + small)
        deletion = np.where(was_in, micro + out, 0.0)
        return self.companies.assign(
            p_r1000=large,
            p_r2000=small,
            p_micro=micro,
            p_out=out,
            p_gone=gone,
            p_move=up + down + addition + deletion,
            p_up=up,
            p_down=down,
            p_addition=addition,
            p_deletion=deletion,
            crossed_line=np.array(CROSSED)[self.crossed],
            flip_close_usd=self._flip_closes(),
        )

    def _flip_closes(self) -> np.ndarray:
        """Close of now at which a company stands at its line in half of the draws."""
        ratio = np.sort(np.hstack(self.ratios), axis=1)  # what is missing comes last
        count = (~np.isnan(ratio)).sum(axis=1)
        places = np.stack([np.maximum(count - 1, 0) // 2, count // 2], axis=1)
        places = np.minimum(places, ratio.shape[1] - 1)
        middle = np.take_along_axis(ratio, places, axis=1).mean(axis=1)
        flips = np.where((count > 0) & (np.abs(middle) <= NEAR_LOG), middle, np.nan)
        close = self.companies["close_usd"].to_numpy(float, copy=True)
        close[~self.is_near] = np.nan
        close[self.is_near] *= np.exp(flips)
        return close

    def line_quantiles(self) -> pd.DataFrame:
        """Return one row a line, figure of it and quantile: rank, figure, q, usd."""
        lines = pd.concat(self.lines, ignore_index=True)
        by = lines.groupby("rank")[list(FIGURES)]
        table = by.quantile(list(QUANTILES)).rename_axis(["rank", "quantile"])
        table = table.reset_index().melt(["rank", "quantile"], var_name="figure")
        return table.rename(columns={"value": "usd"}).dropna(ignore_index=True)

    def move_counts(self) -> pd.DataFrame:
        """Return one row a move: mean count, and the edges of 80 % of the draws."""
        counts = np.vstack(self.moves)
        low, middle, high = np.quantile(counts, [0.10, 0.50, 0.90], axis=0)
        return pd.DataFrame(
            {
                "move": list(COUNTED.values()),
                "expected": counts.mean(axis=0),
                "low": low,
                "median": middle,
                "high": high,
            }
        )
