"""Odds beside the names that candidates lists, and the names that nothing decides."""

import numpy as np
import pandas as pd

from recon.indexes import HELD
from recon.studies.candidates.filters import ODDS_EDGES_FRAC, ODDS_RANGES, ranges
from recon.vocabulary import ADDITION, DELETION, MIGRATION_DOWN, MIGRATION_UP

MOVES = {
    "p_up": MIGRATION_UP,
    "p_down": MIGRATION_DOWN,
    "p_addition": ADDITION,
    "p_deletion": DELETION,
}
UNDECIDED_FRAC = 0.05  # odds of a move from here to as much below 1
INDEX_ODDS = dict(zip(HELD, ("p_r1000", "p_r2000", "p_micro"), strict=True))


def with_odds(rows: pd.DataFrame, companies: pd.DataFrame | None) -> pd.DataFrame:
    """Add p_move, flip_close_usd and odds_range to rows with a symbol.

    `companies` are those of a `Forecast`; all is missing without them.
    """
    names = ["p_move", "flip_close_usd"]
    known = pd.DataFrame(columns=names, dtype=float)
    if companies is not None:
        known = companies.drop_duplicates("symbol").set_index("symbol")[names]
    found = {name: rows["symbol"].map(known[name]).astype(float) for name in names}
    odds = ranges(found["p_move"], ODDS_EDGES_FRAC, ODDS_RANGES)
    return rows.assign(**found, odds_range=odds)


def undecided(companies: pd.DataFrame) -> pd.DataFrame:
    """Return companies of a `Forecast` whose move is open, the most open first.

    Adds `change`, the likeliest of its moves.
    """
    is_open = companies["p_move"].between(UNDECIDED_FRAC, 1 - UNDECIDED_FRAC)
    open_ = companies[is_open]
    likeliest = open_[list(MOVES)].to_numpy().argmax(axis=1)
    change = np.array(list(MOVES.values()))[likeliest]
    far = (open_["p_move"] - 0.5).abs()
    rows = open_.assign(change=change, far=far)
    rows = rows.sort_values(["far", "symbol"], ignore_index=True)
    return rows.drop(columns="far").astype({"current_index": "str"})
