"""How far every line moved between two days, and how much of it the market moved."""

from datetime import date

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import LINE_NAMES
from recon.store import Store
from recon.studies.changes import words

MARKET, REST = "market", "issues, listings and ranks"


def moves(facts: Store, then: date, now: date) -> pd.DataFrame:
    """Return one row a line: its cap on both days, and what moved it.

    Columns: rank, line, before_usd, after_usd, change_frac, market_frac (the return of
    the Russell 3000E's members between the days, missing where a day has none) and
    rest_frac, what the market does not explain: change = (1 + market) (1 + rest) - 1.
    """
    drawn = facts.break_points(then, now)
    days = drawn["snapshot_date"]
    first, last = (
        drawn[days == pd.Timestamp(day)].set_index("rank")["break_point_usd"]
        for day in (then, now)
    )
    later = drawn[days > pd.Timestamp(then)].drop_duplicates("snapshot_date")
    market = float(np.prod(1 + later["market_return_frac"].to_numpy(float)) - 1)
    table = pd.DataFrame({"before_usd": first, "after_usd": last}).reset_index()
    change = table["after_usd"] / table["before_usd"] - 1
    return table.assign(
        line=table["rank"].map(LINE_NAMES),
        change_frac=change,
        market_frac=market,
        rest_frac=(1 + change) / (1 + market) - 1,
    )


def as_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the moves of lines as changes."""
    found = []
    for row in table.itertuples():
        parts = {MARKET: row.market_frac, REST: row.rest_frac}
        known = {name: value for name, value in parts.items() if not np.isnan(value)}
        largest = max(known, key=lambda name: abs(known[name]), default="")
        found.append(
            {
                "kind": words.LINE,
                "symbol": "",
                "company": f"{row.line} line",
                "list": row.line,
                "before": formatting.usd(row.before_usd, 2),
                "after": formatting.usd(row.after_usd, 2),
                "cause": largest,
                "why": _why(row.change_frac, known),
                "size_usd": -row.rank,
            }
        )
    return words.rows(found)


def _why(change_frac: float, parts: dict[str, float]) -> str:
    said = [f"{name} {formatting.percent(v, 2, True)}" for name, v in parts.items()]
    whole = formatting.percent(change_frac, 2, True)
    return f"{whole}: {', '.join(said)}" if said else whole
