"""Membership of the size indexes that overlap: now, as far as known, and by the rules.

A company can be in the Top 50, the Top 200, the Top 500 and the 3000E at once, so each
index of `indexes.SIZES` has a pair of columns of its own beside `current_index` and
`projected_index`: `current_<code>` and `projected_<code>`, true or false, missing where
it is not known. There, ``micro`` is the whole Microcap, its overlap with the Russell
2000 included, where MICRO in `current_index` is what lies below the Russell 3000.
Source: Ground Rules v7.0, 6.10.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recon.indexes import BROAD, INDEXES, LARGE, MICRO, SIZES, SMALL
from recon.rulebook import Rulebook
from recon.rules import bands, membership
from recon.vocabulary import ADDITION, DELETION, NONE, NOT_KNOWN, STAYS

NO, YES, UNKNOWN = np.int8(0), np.int8(1), np.int8(-1)
# the list that stands in for one of the index, and how
STAND_INS = {
    "TOP200": ("MIDCAP", f"{LARGE} less MIDCAP"),
    "MIDCAP": ("TOP200", f"{LARGE} less TOP200"),
    "TOP500": ("R2500", f"{BROAD} less R2500"),
    "R2500": ("TOP500", f"{BROAD} less TOP500"),
    "R3000E": (MICRO, f"{BROAD} and {MICRO}"),
}
NESTED = (("TOP50", "TOP200"), ("TOP200", "TOP500"), ("TOP50", "TOP500"))
# of whom nothing is known without a list; of the others their index tells
DOUBTFUL = dict.fromkeys(SIZES, f"{LARGE} members") | {
    "R3000E": f"companies outside the {BROAD}",
    MICRO: f"{SMALL} members and companies outside the {BROAD}",
}


def current_column(code: str) -> str:
    """Return the name of the column that tells who is in an index of `SIZES` now."""
    return f"current_{code.lower()}"


def projected_column(code: str) -> str:
    """Return the name of the column that tells who will be in it by the rules."""
    return f"projected_{code.lower()}"


COLUMNS = tuple(
    column(code) for code in SIZES for column in (current_column, projected_column)
)


def project(
    table: pd.DataFrame,
    listed: Mapping[str, np.ndarray],
    rules: Rulebook,
    *,
    is_known: bool,
) -> pd.DataFrame:
    """Add the pair of columns of every index in `SIZES` to projected rows.

    `table` is the output of `membership.project`, or listings with the rank and the
    sides of their companies: current_index, projected_index, rank, side_<rank>.
    `listed` tells for each index with a list which rows are on it; `is_known` that the
    Russell 1000 and 2000 are known. A row with an index but without a rank keeps all
    that it is in. Where a Russell 3000 member stands inside a band and nobody knows on
    which side of it the member is now, the projection is not known either.
    Source: Ground Rules v7.0, 6.10 and 6.10.2.
    """
    held = membership.index_codes(table["current_index"])
    now = _current(held, listed, is_known=is_known)
    then = membership.index_codes(table["projected_index"])
    rank = table["rank"].to_numpy(float)
    is_member = _in_broad(held)

    def above(cut: int, kept: np.ndarray) -> np.ndarray:
        """Tell which rows go above a line; inside its band members keep what is."""
        if f"side_{cut}" not in table:
            return np.full(len(table), UNKNOWN)
        by_rank = (rank <= cut).astype(np.int8)
        side = pd.Categorical(table[f"side_{cut}"], dtype=bands.SIDE).codes
        by_band = np.select(
            [side == bands.ABOVE, side == bands.INSIDE], [YES, kept], NO
        )
        return np.where(is_member, by_band, by_rank)

    is_large, is_broad = then == membership.IN_LARGE, _in_broad(then)
    first = {code: INDEXES[code].last_rank for code in ("TOP50", "TOP200", "TOP500")}
    found = {
        code: np.where(is_large, above(cut, now[code]), NO)
        for code, cut in first.items()
    }
    found["MIDCAP"] = np.where(is_large, _other(found["TOP200"]), NO)
    found["R2500"] = np.where(is_broad, _other(found["TOP500"]), NO)
    found["R3000E"] = (then != membership.IN_NONE).astype(np.int8)
    micro = above(INDEXES[MICRO].first_rank - 1, _other(now[MICRO]))
    found[MICRO] = np.select(
        [then == membership.IN_SMALL, then == membership.IN_MICRO],
        [_other(micro), YES],
        NO,
    )
    is_kept = np.isnan(rank) & (then != membership.IN_NONE)
    columns = {}
    for code in SIZES:
        projected = np.where(is_kept, now[code], found[code])
        columns[current_column(code)] = _as_column(now[code], table.index)
        columns[projected_column(code)] = _as_column(projected, table.index)
    return table.assign(**columns)


def moves(table: pd.DataFrame, code: str) -> pd.Series:
    """Name the move of each row into or out of an index of `SIZES`.

    One of addition, deletion, stays, none and not known.
    """
    now, then = table[current_column(code)], table[projected_column(code)]
    words = np.select(
        [
            (now.isna() | then.isna()).to_numpy(),
            (then & ~now).fillna(False).to_numpy(bool),
            (now & ~then).fillna(False).to_numpy(bool),
            now.fillna(False).to_numpy(bool),
        ],
        [NOT_KNOWN, ADDITION, DELETION, STAYS],
        NONE,
    )
    return pd.Series(words, index=table.index, dtype="str")


def leave(table: pd.DataFrame, rows: pd.Series | np.ndarray) -> pd.DataFrame:
    """Take some rows out of every index, now and projected: they are not listed."""
    return table.assign(**{name: table[name].mask(rows, False) for name in COLUMNS})


def keep(table: pd.DataFrame) -> pd.DataFrame:
    """Let every row stay where it is: it waits for the next event."""
    kept = {projected_column(c): table[current_column(c)] for c in SIZES}
    return table.assign(**kept)


def basis(code: str, statements: Mapping[str, str]) -> str:
    """Say what current membership of an index rests on, or why it is not known.

    `statements` has the words of each list of `SIZES` that is known.
    """
    if code in statements:
        return statements[code]
    other, words = STAND_INS.get(code, ("", ""))
    if other in statements:
        return f"{words} ({statements[other]})"
    needed = " or ".join(filter(None, [code, other]))
    return f"not known of {DOUBTFUL[code]}: there is no list of {needed}"


def _current(
    held: np.ndarray, listed: Mapping[str, np.ndarray], *, is_known: bool
) -> dict[str, np.ndarray]:
    """Return who is in each index now: lists, what they leave over, what follows."""
    if not is_known:
        return {code: np.full(len(held), UNKNOWN) for code in SIZES}
    is_large, is_broad = held == membership.IN_LARGE, _in_broad(held)
    own = {
        code: listed[code].astype(np.int8)
        if code in listed
        else np.full(len(held), UNKNOWN)
        for code in SIZES
    }
    found = {"TOP50": own["TOP50"]}
    for code, other in (("TOP200", "MIDCAP"), ("TOP500", "R2500")):
        found[code] = _else(own[code], _other(own[other]))
    found = {code: np.where(is_large, values, NO) for code, values in found.items()}
    for inner, outer in NESTED:
        found[outer] = np.where(found[inner] == YES, YES, found[outer])
        found[inner] = np.where(found[outer] == NO, NO, found[inner])
    found["MIDCAP"] = np.where(is_large, _other(found["TOP200"]), NO)
    found["R2500"] = np.where(is_broad, _other(found["TOP500"]), NO)
    outside = _else(own[MICRO], own["R3000E"])
    micro_only = held == membership.IN_MICRO
    found[MICRO] = np.select(
        [is_large, micro_only, is_broad], [NO, YES, own[MICRO]], outside
    )
    found["R3000E"] = np.where(
        is_broad | micro_only, YES, _else(own["R3000E"], own[MICRO])
    )
    return found


def _in_broad(codes: np.ndarray) -> np.ndarray:
    return (codes == membership.IN_LARGE) | (codes == membership.IN_SMALL)


def _other(values: np.ndarray) -> np.ndarray:
    """Turn yes to no and no to yes."""
    return np.where(values == UNKNOWN, UNKNOWN, YES - values)


def _else(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Fill in what is not known."""
    return np.where(values == UNKNOWN, others, values)


def _as_column(values: np.ndarray, index: pd.Index) -> pd.Series:
    known = pd.array(values == YES, dtype="boolean")
    known[values == UNKNOWN] = pd.NA
    return pd.Series(known, index=index)
