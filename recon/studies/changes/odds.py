"""Names whose odds moved between two days, by the forecast of either."""

import pandas as pd

from recon import formatting
from recon.indexes import LARGE, MICRO, SMALL
from recon.studies.changes import words
from recon.studies.forecast import Forecast

LEAST_FRAC = 0.10  # of probability: three times what a thousand draws leave open
STATES = {"p_r1000": LARGE, "p_r2000": SMALL, "p_micro": MICRO, "p_out": "none"}


def moved(then: Forecast, now: Forecast) -> pd.DataFrame:
    """Return the companies of both days whose odds of a state moved by 10 points.

    The list is the state whose odds moved most: an index, or none. Odds moved furthest
    come first.
    """
    names = ["key", *STATES]
    before = then.companies.dropna(subset=["key"]).drop_duplicates("key")[names]
    both = now.companies.dropna(subset=["key"]).drop_duplicates("key")
    both = both.merge(before, on="key", suffixes=("", "_then"), validate="one_to_one")
    change = pd.DataFrame({name: both[name] - both[f"{name}_then"] for name in STATES})
    both = both.assign(most=change.abs().idxmax(axis=1), far=change.abs().max(axis=1))
    both = both[both["far"] >= LEAST_FRAC].sort_values("far", ascending=False)
    found = []
    for row in both.to_dict("records"):
        state = row["most"]
        old, new = row[f"{state}_then"], row[state]
        found.append(
            {
                "kind": words.ODDS,
                "symbol": row["symbol"],
                "company": row["company"],
                "list": STATES[state],
                "before": formatting.percent(old, 0),
                "after": formatting.percent(new, 0),
                "cause": "odds",
                "why": f"{formatting.number((new - old) * 100, 0, True)} points",
                "size_usd": row["total_market_cap_usd"],
            }
        )
    return words.rows(found)[words.COLUMNS]
