"""What the demo market's companies report and are expected to do, drawn from a seed.

Half-yearly, as a vendor would give it, and statements once a year: companies of a
growing sector stand at more times their book value and are expected to grow; what
drives a company drifts, so that some change sides from one reconstitution to the next.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from recon.sources.demo_names import INDUSTRIES

EVERY_SESSIONS, FIRST_SESSION = 126, 5
SOURCE = "demo market, synthetic"
TILTS = {industry.sector: industry.growth for industry in INDUSTRIES}
KEPT, DRIFT = 0.75, 0.22  # of what drives a company, by the half-year


def fundamentals(
    table: np.recarray, sessions: Sequence[date], cap: np.ndarray, seed: int
) -> pd.DataFrame:
    """Return table `Fundamentals` of the companies among the lines of the market.

    `cap` is the market cap in USD by session and line. Coverage falls with size, a few
    have negative book value, and nobody is followed by analysts without a forecast.
    """
    rng, reporting = (np.random.default_rng([seed, number]) for number in (1, 2))
    lead = np.flatnonzero((table["kind"] != "paper") & (table["ln_ratio"] == 0))
    tilt = np.array([TILTS.get(name, 0.0) for name in table["sector"][lead]])
    size = (table["ln_usd"][lead] - np.log(2e9)) / 2
    lasting = tilt + 0.1 * size + rng.normal(0, 0.7, len(lead))
    float_frac = 1 - rng.beta(1.2, 7, len(lead))
    has_negative_book = rng.random(len(lead)) < 0.04
    is_followed = rng.random(len(lead)) < 1 / (1 + np.exp(-1.4 - 1.3 * size))
    analysts = np.maximum(rng.poisson(np.exp(1.3 + 0.55 * size.clip(-3, 3))), 1)
    parts, drift = [], rng.normal(0, DRIFT, len(lead))
    reported: set[int] = set()
    for at in range(FIRST_SESSION, len(sessions), EVERY_SESSIONS):
        drift = KEPT * drift + rng.normal(0, DRIFT, len(lead))
        growing = lasting + drift
        times = np.exp(0.8 + 0.55 * growing + rng.normal(0, 0.1, len(lead)))
        book = cap[at, lead] / times * np.where(has_negative_book, -0.3, 1.0)
        forecast = 0.10 + 0.06 * growing + rng.normal(0, 0.02, len(lead))
        sales = 0.07 + 0.06 * lasting + rng.normal(0, 0.02, len(lead))
        listed = (table["first"][lead] <= at) & (at < table["end"][lead])
        is_old = table["first"][lead] == 0
        values = {
            "book_value_usd": (book.round(-3), listed & (cap[at, lead] > 0)),
            "eps_growth_forecast_frac": (forecast.round(4), listed & is_followed),
            "analyst_count": (analysts, listed & is_followed),
            "total_sales_growth_frac": (sales.round(4), listed & is_old),
            "free_float_frac": (float_frac.round(3), listed),
        }
        parts += [
            pd.DataFrame(
                {
                    "symbol": table["symbol"][lead][known],
                    "measure": measure,
                    "value": value[known].astype(float),
                    "known_on": pd.Timestamp(sessions[at]),
                    "period_end": pd.NaT,
                }
            )
            for measure, (value, known) in values.items()
        ]
        year = sessions[at].year - 1
        if year not in reported:
            reported.add(year)
            part = _statements(reporting, book, size, growing)
            own = pd.DataFrame({"symbol": table["symbol"][lead], **part})[listed]
            own = own.melt("symbol", var_name="measure")
            parts.append(
                own.assign(
                    known_on=pd.Timestamp(sessions[at]),
                    period_end=pd.Timestamp(year, 12, 31),
                )
            )
    rows = pd.concat(parts, ignore_index=True)
    key = rows["symbol"].astype("str").str.replace(r"[^A-Z0-9]", "", regex=True)
    ends = pd.to_datetime(rows["period_end"])
    rows = rows.assign(symbol=key, period_end=ends, source=SOURCE)
    return rows.dropna(subset="value").drop_duplicates(
        ["symbol", "measure", "known_on"]
    )


def _statements(
    rng: np.random.Generator, book: np.ndarray, size: np.ndarray, growing: np.ndarray
) -> dict[str, np.ndarray]:
    """Return a fiscal year's statements: the smaller a company, the oftener a loss."""
    count, equity = len(book), np.abs(book)
    sales = equity * np.exp(0.3 + rng.normal(0, 0.4, count))
    income = equity * (0.09 + 0.06 * size + rng.normal(0, 0.13, count))
    debt = equity * np.exp(-0.6 + rng.normal(0, 0.6, count))
    pays = (income > 0) & (growing < 0.2)
    figures = {
        "revenue_usd": sales,
        "gross_profit_usd": 0.36 * sales,
        "operating_income_usd": 1.25 * income + 0.05 * debt,
        "interest_expense_usd": 0.05 * debt,
        "net_income_usd": income,
        "operating_cash_flow_usd": income + 0.06 * sales,
        "capital_expenditure_usd": 0.05 * sales,
        "dividends_paid_usd": np.where(pays, 0.3 * income, 0.0),
        "total_equity_usd": book,
        "total_debt_usd": debt,
        "short_debt_usd": 0.15 * debt,
    }
    return {name: values.round(-3) for name, values in figures.items()}
