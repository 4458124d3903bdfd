"""Made-up interest rates and prices of the demo market, drawn from a seed."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from recon.sources.rates import COLUMNS, MONTH_KNOWN_DAYS

STARTS = {"DGS2": 4.0, "DGS10": 4.3, "HY_OAS": 3.6, "T10YIE": 2.3}
DAILY_POINTS = {"DGS2": 0.05, "DGS10": 0.05, "HY_OAS": 0.06, "T10YIE": 0.025}


def rates(sessions: Sequence[date], seed: int = 2026) -> pd.DataFrame:
    """Return rows of `sources.rates` that walk at random about where they start."""
    rng = np.random.default_rng([seed, 7])
    days = pd.DatetimeIndex(sessions)
    parts = []
    for series, start in STARTS.items():
        steps = rng.normal(0, DAILY_POINTS[series], len(days))
        value = start + np.cumsum(steps - 0.01 * np.cumsum(steps))
        parts.append(
            pd.DataFrame(
                {
                    "series": series,
                    "observed_on": days,
                    "value": value.clip(0.1).round(2),
                    "known_on": days,
                }
            )
        )
    months = pd.date_range(days[0] - pd.DateOffset(months=26), days[-1], freq="MS")
    growth = rng.normal(0.0022, 0.0015, len(months))
    known = months + pd.Timedelta(days=MONTH_KNOWN_DAYS)
    parts.append(
        pd.DataFrame(
            {
                "series": "CPI",
                "observed_on": months,
                "value": (300 * np.cumprod(1 + growth)).round(3),
                "known_on": known,
            }
        )
    )
    return pd.concat(parts, ignore_index=True)[COLUMNS]
