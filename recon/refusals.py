"""Rows that the store refused, with what they had offered laid out in columns."""

import json

import pandas as pd

OFFERED = ("close_usd", "total_market_cap_usd", "volume_shares")
HELD_BACK = "day held back"


def unpacked(rows: pd.DataFrame) -> pd.DataFrame:
    """Add close_usd, total_market_cap_usd and volume_shares as they were offered.

    `rows` is `Store.quarantine`; what was not offered, or is no number, is missing.
    Adds `is_of_held_day`: refused with its whole day. Largest market cap first, days
    held back last.
    """
    offered = [_read(text) for text in rows["offered"]]
    columns = {
        name: pd.to_numeric(
            pd.Series([row.get(name) for row in offered], index=rows.index),
            errors="coerce",
        ).astype(float)
        for name in OFFERED
    }
    table = rows.assign(
        **columns, is_of_held_day=rows["reason"].str.startswith(HELD_BACK)
    )
    return table.sort_values(
        ["is_of_held_day", "total_market_cap_usd", "snapshot_date"],
        ascending=[True, False, False],
        na_position="last",
    ).reset_index(drop=True)


def matching(rows: pd.DataFrame, reason: str | None, symbol: str) -> pd.DataFrame:
    """Return the rows of one reason (None: of every one) and of a symbol, if given."""
    keep = pd.Series(True, index=rows.index)
    if reason is not None:
        keep &= rows["reason"] == reason
    wanted = symbol.strip().upper()
    if wanted:
        keep &= rows["symbol"].fillna("").str.upper() == wanted
    return rows[keep]


def _read(text: object) -> dict[str, object]:
    try:
        row = json.loads(text) if isinstance(text, str) else {}
    except json.JSONDecodeError:
        row = {}
    return row if isinstance(row, dict) else {}
