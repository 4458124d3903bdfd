"""The rules on many simulated days of the same companies."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook
from recon.rules import bands, membership, ranking

CHUNK_ROWS = 1_000_000  # companies of all draws at once: about 200 MB


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """What the rules make of simulated days: row k of each array is draw k.

    `break_points` is table `BreakPoints` with `draw` in place of snapshot_date. Of
    each draw and company, `projected_index` is the place in `indexes.HELD`, -1 for
    none, and `rank` its rank, 0 where it was not ranked.
    """

    break_points: pd.DataFrame
    projected_index: np.ndarray
    rank: np.ndarray


def simulate(
    companies: pd.DataFrame,
    caps_usd: np.ndarray,
    rules: Rulebook,
    *,
    is_eligible: np.ndarray | None = None,
    unseen_count: int = 0,
) -> Simulated:
    """Rank simulated market caps and project the index of every company in each draw.

    The rules are those of `apply`, a few hundred draws at a time: memory beside the
    result does not grow with the number of draws.

    Parameters
    ----------
    companies
        One row a company with symbol_order and current_index, such as
        `Projection.companies`.
    caps_usd
        Market caps, draws by companies; NaN where a company is not listed.
    rules
        The rulebook to apply.
    is_eligible
        Which companies pass the screens, in all draws or in each (draws by companies);
        all without. `eligibility.screen_caps` and `screen_closes` take such arrays.
    unseen_count
        Members known by name alone: the number of `Projection.unseen`.
    """
    draws, count = caps_usd.shape
    shown = np.broadcast_to(
        True if is_eligible is None else is_eligible, (draws, count)
    )
    projected = np.full((draws, count), membership.IN_NONE, dtype=np.int8)
    rank = np.zeros((draws, count), dtype=np.int32)
    lines = []
    for part in _chunks(draws, count):
        draw, company = np.nonzero(shown[part] & ~np.isnan(caps_usd[part]))
        table = pd.DataFrame(
            {
                "draw": draw + part.start,
                "company": company,
                "total_market_cap_usd": caps_usd[part][draw, company],
                "symbol_order": companies["symbol_order"].to_numpy()[company],
            }
        )
        ranked = ranking.rank(ranking.arrange(table), rules, unseen_count)
        held = membership.index_codes(companies["current_index"])
        placed = bands.place(
            ranked.assign(
                current_index=pd.Categorical.from_codes(
                    held[ranked["company"].to_numpy()], dtype=membership.INDEX
                )
            ),
            rules,
        )
        found = membership.project(placed, rules)
        at = (found["draw"].to_numpy(), found["company"].to_numpy())
        projected[at] = found["projected_index"].cat.codes
        rank[at] = found["rank"]
        lines.append(bands.draw(ranked, rules))
    return Simulated(
        break_points=pd.concat(lines, ignore_index=True),
        projected_index=projected,
        rank=rank,
    )


def _chunks(draws: int, count: int) -> Iterator[slice]:
    size = max(CHUNK_ROWS // max(count, 1), 1)
    return (slice(start, start + size) for start in range(0, draws, size))
