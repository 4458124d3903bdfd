"""Break points, and the band round each in which members keep their index.

All of it is cumulative market cap: a band reaches a fixed fraction of the whole
Russell 3000E to either side of the last company of the index, own cap included.
Source: Ground Rules v7.0, 6.10.2 and 6.11.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook
from recon.rules import sessions

SIDES = ("above", "inside", "below")
ABOVE, INSIDE, BELOW = range(len(SIDES))  # places in SIDES
SIDE = pd.CategoricalDtype(SIDES)


def draw(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Draw every line of the rulebook through ranked companies: table `BreakPoints`.

    `companies` is the output of `ranking.rank`, one session or many. A line beyond
    the last company is not known that day.
    """
    cuts = _cut(companies, rules)
    cap = companies["total_market_cap_usd"].to_numpy()
    running = companies["cumulative_cap_usd"].to_numpy()
    has_band = cuts.is_known & np.array([line.band_frac > 0 for line in rules.lines])
    ranks = [line.rank for line in rules.lines]
    by = "draw" if "draw" in companies else "snapshot_date"

    def at(rows: np.ndarray, where: np.ndarray) -> np.ndarray:
        return np.where(where, cap[np.where(where, rows, 0)], np.nan).ravel()

    return pd.DataFrame(
        {
            by: np.repeat(companies[by].to_numpy()[cuts.starts], len(ranks)),
            "rank": np.tile(ranks, len(cuts.starts)),
            "break_point_usd": at(cuts.after_line - 1, cuts.is_known),
            "band_low_usd": at(cuts.after_band - 1, has_band),
            "band_high_usd": at(cuts.band, has_band),
            "total_market_cap_usd": np.repeat(running[cuts.universe - 1], len(ranks)),
            "company_count": np.repeat(cuts.universe - cuts.starts, len(ranks)),
        }
    )


def place(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add, for every line, `side_<rank>`: above, inside or below its band.

    `companies` is the output of `ranking.rank`, one session or many. A hard cut knows
    only above and below; beyond the universe every company is below.
    """
    cuts = _cut(companies, rules)
    ranks = companies["rank"].to_numpy()
    inside = cuts.universe - cuts.starts
    beyond = sessions.search(ranks, inside, (cuts.starts, cuts.ends), "right")
    sides = {}
    for at, line in enumerate(rules.lines):
        is_hard = line.band_frac == 0
        band, below = (
            (cuts.after_line[:, at], cuts.after_line[:, at])
            if is_hard
            else (cuts.band[:, at], cuts.after_band[:, at])
        )
        known = cuts.is_known[:, at]
        below = np.where(known, np.minimum(below, beyond), cuts.ends)
        band = np.where(known, np.minimum(band, below), cuts.ends)
        counts = np.stack([band - cuts.starts, below - band, cuts.ends - below], axis=1)
        codes = np.tile(np.arange(len(SIDES), dtype=np.int8), len(counts))
        side = np.repeat(codes, counts.ravel())
        sides[f"side_{line.rank}"] = pd.Categorical.from_codes(side, dtype=SIDE)
    return companies.assign(**sides)


@dataclass(frozen=True, kw_only=True)
class _Cuts:
    """Rows of ranked companies at which sessions and lines begin and end.

    `universe` is the row after the universe's last company. Of each session and line:
    `after_line` the row after its last company, `band` the first row of its band,
    `after_band` the row after that, and whether the line `is_known`.
    """

    starts: np.ndarray
    ends: np.ndarray
    universe: np.ndarray
    after_line: np.ndarray
    band: np.ndarray
    after_band: np.ndarray
    is_known: np.ndarray


def _cut(companies: pd.DataFrame, rules: Rulebook) -> _Cuts:
    running = companies["cumulative_cap_usd"].to_numpy()
    ranks = companies["rank"].to_numpy()
    starts, ends = sessions.spans(companies)
    universe = sessions.search(ranks, rules.universe_count, (starts, ends), "right")
    inside = starts[:, None], universe[:, None]
    cuts = np.array([line.rank for line in rules.lines])
    after_line = sessions.search(ranks, cuts, inside, "right")
    is_known = (universe > starts)[:, None] & (cuts <= ranks[universe - 1][:, None])
    total = running[universe - 1][:, None]
    reach = np.array([line.band_frac for line in rules.lines]) * total
    reach += rules.heuristics.rounding_frac * total
    at_line = running[after_line - 1]
    return _Cuts(
        starts=starts,
        ends=ends,
        universe=universe,
        after_line=after_line,
        band=sessions.search(running, at_line - reach, inside, "left"),
        after_band=sessions.search(running, at_line + reach, inside, "right"),
        is_known=is_known,
    )
