"""What reports say of a company's style and value, as known on the day of each report.

Facts come as they were filed: one row a figure, `known_on` the day of its report. A
later figure of the same period restates the earlier one; it is known from its own day.
"""

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook

YEAR_DAYS = (349, 384)  # 52 and 53 weeks, and a leap year


def newest_periods(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that were of the newest period on the day they were filed.

    `facts` has cik, fact, period_end, value and known_on; figures of earlier periods
    beside newer ones, and restatements of them later, are left out.
    """
    keys = ["cik", "fact"]
    newest = facts.groupby([*keys, "known_on"], as_index=False)["period_end"].max()
    newest = newest.sort_values([*keys, "known_on"])
    newest["newest"] = newest.groupby(keys)["period_end"].cummax()
    merged = facts.merge(
        newest[[*keys, "known_on", "newest"]], on=[*keys, "known_on"], how="left"
    )
    is_newest = (merged["period_end"] >= merged["newest"]).to_numpy()
    return facts[is_newest].reset_index(drop=True)


def sales_growth(facts: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Return the five-year growth of sales a share, and of all sales, report by report.

    `facts` are fiscal years of ``revenue_usd`` and ``diluted_shares``, and
    ``balance_shares`` of their last days where the former lack. Each year is set
    against the one before by the figures known from its own report, which counts the
    shares of both alike: a split or restatement between two reports leaves the growth
    alone. Five years in a row are linked. Columns: cik, period_end, known_on, fact
    (sales_growth_frac, total_sales_growth_frac) and value, a yearly rate. Source:
    Ground Rules v7.0, 8.2.4; the linking: decision 0072.
    """
    by_fact = {
        name: facts[facts["fact"] == name].sort_values("known_on") for name in SHARES
    }
    sales = facts[facts["fact"] == "revenue_usd"].sort_values("known_on")
    years = sales.drop_duplicates(["cik", "period_end"])
    years = years.sort_values(["cik", "period_end"])[["cik", "period_end", "known_on"]]
    before = years.groupby("cik")["period_end"].shift()
    gap = (years["period_end"] - before).dt.days
    years = years.assign(before=before.where(gap.between(*YEAR_DAYS)))
    all_sales = _grown(sales, years)
    shares = [_grown(counts, years) for counts in by_fact.values()]
    counted = np.where(np.isnan(shares[0]), shares[1], shares[0])
    counted = np.where(counted > 0, counted, np.nan)
    parts = [
        _linked(years.assign(fact=name), ratio, rules.style.sales_growth_years)
        for name, ratio in (
            ("sales_growth_frac", all_sales / counted),
            ("total_sales_growth_frac", all_sales),
        )
    ]
    return pd.concat(parts, ignore_index=True)


SHARES = ("diluted_shares", "balance_shares")


def _grown(figures: pd.DataFrame, years: pd.DataFrame) -> np.ndarray:
    """Return each year's figure over that of the year before, both by one report."""
    now, then = _as_of(figures, years, "period_end"), _as_of(figures, years, "before")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((now >= 0) & (then > 0), now / then, np.nan)


def _linked(years: pd.DataFrame, ratio: np.ndarray, span: int) -> pd.DataFrame:
    """Return the yearly rate over `span` years in a row, where all are known."""
    product = pd.Series(ratio, index=years.index)
    for back in range(1, span):
        earlier = pd.Series(ratio, index=years.index).groupby(years["cik"]).shift(back)
        product = product * earlier
    found = years.assign(value=product.pow(1 / span) - 1).dropna(subset="value")
    return found[["cik", "period_end", "known_on", "fact", "value"]]


def _as_of(figures: pd.DataFrame, years: pd.DataFrame, period: str) -> np.ndarray:
    """Return the figure of a period of each year as known on the year's report day."""
    asked = years.assign(row=np.arange(len(years)), period_end=years[period])
    asked = asked.dropna(subset="period_end").sort_values("known_on", kind="stable")
    found = pd.merge_asof(
        asked,
        figures[["cik", "period_end", "known_on", "value"]],
        on="known_on",
        by=["cik", "period_end"],
    )
    values = np.full(len(years), np.nan)
    values[found["row"].to_numpy(int)] = found["value"].to_numpy(float)
    return values


def total_debt(facts: pd.DataFrame) -> pd.DataFrame:
    """Return short and all debt at the end of each period, as known after each report.

    `facts` are ``short_debt_usd``, or in its place ``current_long_debt_usd`` and
    ``short_borrowings_usd``, and ``long_debt_usd``. Columns: cik, period_end, known_on,
    fact (short_debt_usd, total_debt_usd), value. What no report tags is not known.
    """
    names = ("short_debt_usd", "current_long_debt_usd", "short_borrowings_usd")
    wide = facts.pivot_table(
        index=["cik", "period_end", "known_on"],
        columns="fact",
        values="value",
        aggfunc="last",
    ).reindex(columns=[*names, "long_debt_usd"])
    wide = wide.groupby(level=["cik", "period_end"]).ffill()
    parts = wide[["current_long_debt_usd", "short_borrowings_usd"]].sum(
        axis=1, min_count=1
    )
    short = wide["short_debt_usd"].fillna(parts)
    whole = pd.concat([short, wide["long_debt_usd"]], axis=1).sum(axis=1, min_count=1)
    both = pd.DataFrame({"short_debt_usd": short, "total_debt_usd": whole})
    long = both.melt(ignore_index=False, var_name="fact").dropna().reset_index()
    return long[["cik", "period_end", "known_on", "fact", "value"]]
