"""Many sessions in one table: where each begins, and a search inside of each.

Rules take a table of one session or of many, a session's rows together. A table of
simulated days has a column `draw` in place of `snapshot_date`.
"""

import numpy as np
import pandas as pd


def number(table: pd.DataFrame) -> np.ndarray:
    """Return the number of each row's session: days since the first, or its draw."""
    if "draw" in table:
        return table["draw"].to_numpy()
    days = table["snapshot_date"].to_numpy("datetime64[D]").astype(np.int64)
    return days - days.min() if len(days) else days


def spans(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of each session and the row after its last."""
    of = number(table)
    starts = np.flatnonzero(np.append(True, of[1:] != of[:-1])[: len(of)])
    return starts, np.append(starts[1:], len(of))[: len(starts)]


def search(
    values: np.ndarray,
    wanted: np.ndarray | float,
    spans: tuple[np.ndarray, np.ndarray],
    side: str = "left",
) -> np.ndarray:
    """Return the row at which each value belongs, as `numpy.searchsorted` would.

    `values` rise within each span of rows from the first array of `spans` to before the
    second; the result has the shape that spans and `wanted` have together.
    """
    low, high, wanted = np.broadcast_arrays(*spans, wanted)
    low, high = low.copy(), high.copy()
    if not len(values):
        return low
    for _ in range(int((high - low).max(initial=0)).bit_length()):
        middle = (low + high) // 2
        found = values[np.minimum(middle, len(values) - 1)]
        is_before = found < wanted if side == "left" else found <= wanted
        is_before &= low < high
        low, high = (
            np.where(is_before, middle + 1, low),
            np.where(is_before, high, middle),
        )
    return low
