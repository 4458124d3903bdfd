"""Members and moves of the size indexes that overlap: Top 50 to the 3000E."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import INDEXES, SIZES
from recon.reconstitution import Projection
from recon.rules import size_indexes
from recon.rules.size_indexes import current_column, projected_column
from recon.vocabulary import ADDITION, DELETION, NOT_KNOWN

MEMBER, OUTSIDE = "member", "not a member"
STATES = {True: MEMBER, False: OUTSIDE}
IN_DOUBT = "in doubt"  # inside the band, and nobody knows on which side of the line
COLUMNS = [
    "symbol",
    "company",
    "change",
    "now",
    "then",
    "rank",
    "total_market_cap_usd",
    "line",
    "line_cap_usd",
    "distance_frac",
    "side",
]


def members(projection: Projection, code: str) -> pd.DataFrame:
    """Return who is in an index of `SIZES` by the rules, may be, or leaves it.

    One row a company, those that move first, then those in doubt, then by rank.
    Columns: symbol, company, change (addition, deletion, stays, in doubt, not known),
    now and then (member, not a member, not known), rank, total_market_cap_usd, and
    of the nearer edge of the index: line (its rank), line_cap_usd, distance_frac, side.
    """
    table = projection.companies
    then = table[projected_column(code)]
    change = size_indexes.moves(table, code).mask(then.isna(), IN_DOUBT)
    table = table.assign(
        change=change,
        now=_states(table[current_column(code)]),
        then=_states(then),
        **_nearer_edge(table, projection.break_points, code),
    )
    shown = table[then.fillna(True).astype(bool) | change.eq(DELETION)]
    order = shown["change"].map({ADDITION: 0, DELETION: 1, IN_DOUBT: 2}).fillna(3)
    place = np.lexsort([shown["rank"].to_numpy(), order.to_numpy()])
    return shown.iloc[place][COLUMNS].reset_index(drop=True)


def finding(table: pd.DataFrame, code: str) -> str:
    """Say how many members an index will have, and how many join or leave."""
    changes = table["change"].value_counts()
    parts = [
        formatting.count(int(table["then"].eq(MEMBER).sum()), "member")
        + " by the rules",
        *(
            formatting.count(int(changes[change]), change)
            for change in (ADDITION, DELETION)
            if change in changes
        ),
    ]
    if IN_DOUBT in changes:
        parts.append(f"{changes[IN_DOUBT]:,} in doubt inside the band")
    return f"{INDEXES[code].name}: {', '.join(parts)}"


def of_listing(
    projection: Projection, listing: pd.Series, company: pd.Series | None
) -> pd.DataFrame:
    """Return one row per index of `SIZES`: is a listing in it now, and by the rules.

    Columns: index (its name), now, then, change, edges and side (the lines of the
    index with their caps, and where the company stands) and basis (what the current
    membership rests on).
    """
    one = pd.DataFrame([listing])
    lines = projection.break_points.set_index("rank")["break_point_usd"]
    statements = basis(projection)
    rows = []
    for code in SIZES:
        edges = [cut for cut in _cuts(code) if cut in lines.index]
        then = one[projected_column(code)].iloc[0]
        rows.append(
            {
                "index": INDEXES[code].name,
                "now": _state(one[current_column(code)].iloc[0]),
                "then": _state(then),
                "change": IN_DOUBT
                if pd.isna(then)
                else size_indexes.moves(one, code).iloc[0],
                "edges": " to ".join(
                    f"#{cut:,}, {formatting.usd(lines[cut], 2)}" for cut in edges
                ),
                "side": ""
                if company is None
                else "; ".join(f"{company[f'side_{cut}']} #{cut:,}" for cut in edges),
                "basis": formatting.indexes_spelled(statements[code]),
            }
        )
    return pd.DataFrame(rows)


def basis(projection: Projection) -> Mapping[str, str]:
    """Say for each index of `SIZES` what is known of its members, or why it is not."""
    known = {code: members.statement for code, members in projection.sizes.items()}
    return {code: size_indexes.basis(code, known) for code in SIZES}


def _cuts(code: str) -> list[int]:
    """Return the ranks of the lines that bound an index."""
    index = INDEXES[code]
    return [cut for cut in (index.first_rank - 1, index.last_rank) if cut]


def _nearer_edge(
    table: pd.DataFrame, break_points: pd.DataFrame, code: str
) -> dict[str, np.ndarray]:
    """Return of each company the edge of an index it is nearer to."""
    lines = break_points.set_index("rank")["break_point_usd"]
    cuts = [cut for cut in _cuts(code) if cut in lines.index]
    caps = table["total_market_cap_usd"].to_numpy()
    ratio = caps[:, None] / lines[cuts].to_numpy()[None, :]
    away = np.abs(np.log(ratio))
    nearest = np.where(np.isnan(away), np.inf, away).argmin(axis=1)
    rows = np.arange(len(table))
    sides = table[[f"side_{cut}" for cut in cuts]].to_numpy(object)
    return {
        "line": np.array(cuts)[nearest],
        "line_cap_usd": lines[cuts].to_numpy()[nearest],
        "distance_frac": ratio[rows, nearest] - 1,
        "side": sides[rows, nearest],
    }


def _state(value: object) -> str:
    return NOT_KNOWN if pd.isna(value) else STATES[bool(value)]


def _states(values: pd.Series) -> list[str]:
    return [_state(value) for value in values]
