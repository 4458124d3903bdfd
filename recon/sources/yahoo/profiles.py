"""Yahoo's figures of one company beyond its quote: measures and profile; pure."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

GROWTH = {"+5y": "eps_growth_forecast_frac", "+1y": "eps_growth_next_year_frac"}
RATIOS = {
    "priceToBook": "price_to_book_ratio",
    "bookValue": "book_value_per_share_usd",
}
SALES, SHARES = "Total Revenue", "Diluted Average Shares"
SOURCE = "Yahoo profiles"
# industries that a screen looks for, in its own words
INDUSTRIES = {"Shell Companies": "Blank Checks"}
TRUSTS = "Real Estate Investment Trusts"
AMBIGUOUS = ("Asset Management",)  # funds and their managers alike


def measures(
    info: Mapping[str, object],
    growth: pd.DataFrame,
    quarters: pd.DataFrame,
    known_on: date,
) -> pd.DataFrame:
    """Return measure, value, period_end, known_on and source of one company.

    Ratios to price are left out for a company that reports in another currency than it
    trades in.

    Parameters
    ----------
    info
        `Ticker.info`.
    growth
        `Ticker.growth_estimates`, by period.
    quarters
        `Ticker.quarterly_income_stmt`: one row per figure, one column per quarter.
    """
    found: list[tuple[str, object, object]] = []
    is_usd = info.get("financialCurrency") == info.get("currency") == "USD"
    if is_usd:
        found += [(ours, info.get(theirs), None) for theirs, ours in RATIOS.items()]
        found += _sales_per_share(quarters)
    found.append(("revenue_growth_frac", info.get("revenueGrowth"), None))
    if "stockTrend" in growth:
        rates = growth["stockTrend"]
        found += [(ours, rates.get(period), None) for period, ours in GROWTH.items()]
    found.append(("analyst_count", info.get("numberOfAnalystOpinions"), None))
    found.append(("free_float_frac", _free_float(info), None))
    table = pd.DataFrame(found, columns=["measure", "value", "period_end"])
    table["value"] = pd.to_numeric(table["value"], errors="coerce")
    table["period_end"] = pd.to_datetime(table["period_end"])
    return table.dropna(subset=["value"]).assign(
        known_on=pd.Timestamp(known_on), source=SOURCE
    )


def industry_of(info: Mapping[str, object]) -> str | None:
    """Return the company's industry, in the screens' words where they look for it."""
    industry = info.get("industry")
    if not isinstance(industry, str) or industry in AMBIGUOUS:
        return None
    return TRUSTS if industry.startswith("REIT") else INDUSTRIES.get(industry, industry)


def _free_float(info: Mapping[str, object]) -> float | None:
    held = info.get("floatShares")
    every = info.get("impliedSharesOutstanding") or info.get("sharesOutstanding")
    if not isinstance(held, int | float) or not isinstance(every, int | float):
        return None
    return held / every if 0 < held <= every else None


def _sales_per_share(quarters: pd.DataFrame) -> list[tuple[str, object, object]]:
    if not {SALES, SHARES} <= set(quarters.index):
        return []
    shares = quarters.loc[SHARES].astype(float)
    sales = quarters.loc[SALES].astype(float) / shares.where(shares > 0)
    return [("sales_per_share_usd", value, quarter) for quarter, value in sales.items()]
