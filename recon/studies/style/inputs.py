"""What is known of each company on a day for its style, and what stands in for what."""

from datetime import date, timedelta
from typing import Protocol

import numpy as np
import pandas as pd

from recon.fundamental_measures import (
    ANALYSTS,
    BOOK_TO_PRICE,
    FREE_FLOAT,
    GROWTH_FORECAST,
    MEASURES,
    SALES_GROWTH,
    informing,
)
from recon.reconstitution import Projection
from recon.reconstitution.facts import Facts
from recon.rulebook import HEURISTICS
from recon.rules import style

USES = {
    BOOK_TO_PRICE: "book_to_price",
    GROWTH_FORECAST: "growth_forecast_frac",
    SALES_GROWTH: "sales_growth_frac",
    ANALYSTS: "analyst_count",
    FREE_FLOAT: "free_float_frac",
}
FLOAT_PROXY = "all shares for the available ones"
HISTORY = "sales per share, history"


class StyleFacts(Facts, Protocol):
    """Facts that hold fundamentals; see `store.Store` for each method's table."""

    def fundamentals(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102
    def sales_histories(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102


def known_of(facts: StyleFacts, projection: Projection) -> pd.DataFrame:
    """Return one row per company of the indexes with what its style is made of.

    Columns of `USES` and for each `<column>_measure`; float_market_cap_usd and `proxy`,
    the stand-ins of the row in words. Values older than the rulebook allows are left
    out, of those of one kind the newest is taken, and a thing goes before its proxy.
    """
    companies = projection.companies
    companies = companies[companies["projected_index"].notna()]
    companies = companies.reset_index(drop=True)
    offered = _offered(facts, projection, companies)
    offered = _with_book_to_price(facts, projection, companies, offered)
    chosen = {}
    for use, column in USES.items():
        best = _best(offered, use, len(companies)).set_index("company_id")
        chosen[column] = companies["company_id"].map(best["value"]).astype(float)
        measure = companies["company_id"].map(best["measure"]).astype("str")
        chosen[f"{column}_measure"] = measure
    table = companies.assign(**chosen)
    counted = table["free_float_frac"].where(table["free_float_frac"] > 0).fillna(1.0)
    return table.assign(
        base_index=table["projected_index"],
        float_market_cap_usd=table["total_market_cap_usd"] * counted,
        proxy=_proxies(table),
    )


def _offered(
    facts: StyleFacts, projection: Projection, companies: pd.DataFrame
) -> pd.DataFrame:
    """Return what is known of the day, one row per company and measure."""
    day = projection.snapshot_date
    known = facts.fundamentals(day)
    known = known[known["measure"] != "sales_per_share_usd"]
    histories = facts.sales_histories(day)
    if len(histories):
        growth = style.sales_growth(histories, projection.rules).dropna()
        known_on = histories.groupby("symbol")["known_on"].max()
        computed = pd.DataFrame(
            {
                "symbol": growth.index,
                "measure": "sales_growth_frac",
                "value": growth.to_numpy(),
                "known_on": known_on.reindex(growth.index).to_numpy(),
                "source": HISTORY,
            }
        )
        known = pd.concat([known, computed], ignore_index=True)
    oldest = day - timedelta(days=projection.rules.style.fundamentals_max_days)
    known = known[known["known_on"] >= pd.Timestamp(oldest)]
    common = projection.securities.loc[
        projection.securities["is_common"], ["key", "company_id", "security_id"]
    ].dropna(subset="key")
    vehicles = companies.set_index("company_id")["pricing_vehicle"]
    common = common[common["company_id"].isin(vehicles.index)]
    of_vehicle = common["company_id"].map(vehicles) == common["security_id"]
    rows = known.merge(
        common.assign(of_vehicle=of_vehicle).drop_duplicates("key"),
        left_on="symbol",
        right_on="key",
        validate="many_to_one",
    )
    rows = rows.sort_values(["of_vehicle", "known_on"], ascending=False, kind="stable")
    return rows.drop_duplicates(["company_id", "measure"])


def _with_book_to_price(
    facts: StyleFacts,
    projection: Projection,
    companies: pd.DataFrame,
    offered: pd.DataFrame,
) -> pd.DataFrame:
    """Turn what is known of book value into book to price of the day.

    A ratio of an earlier day is carried on by the company's own market cap, which a
    split leaves alone.
    """
    is_book = offered["measure"].isin(informing(BOOK_TO_PRICE))
    rows = offered[is_book]
    if rows.empty:
        return offered
    of_company = companies.set_index("company_id")
    cap = rows["company_id"].map(of_company["total_market_cap_usd"]).to_numpy(float)
    known_on = _sessions_of(facts, rows["known_on"])
    then = _quotes(facts, known_on, of_company, rows["company_id"])
    today = [projection.snapshot_date] * len(rows)
    now = _quotes(facts, today, of_company, rows["company_id"])
    grown = now["total_market_cap_usd"] / then["total_market_cap_usd"]
    carry = 1 / np.where(np.isnan(grown), 1.0, grown)
    value = rows["value"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.select(
            [rows["measure"] == "book_value_usd", rows["measure"].eq(PRICE_TO_BOOK)],
            [value / cap, carry / value],
            value / then["close_usd"] * carry,
        )
    ratio = np.where(np.isfinite(ratio), ratio, np.nan)
    converted = rows.assign(value=ratio).dropna(subset="value")
    return pd.concat([offered[~is_book], converted], ignore_index=True)


PRICE_TO_BOOK = "price_to_book_ratio"


def _sessions_of(facts: StyleFacts, days: pd.Series) -> list[date]:
    """Return the stored session on or before each day, the first for earlier ones."""
    sessions = facts.published_days()
    at = sessions.searchsorted(pd.DatetimeIndex(days), side="right") - 1
    return [sessions[max(place, 0)].date() for place in at]


def _quotes(
    facts: StyleFacts, days: list[date], of_company: pd.DataFrame, ids: pd.Series
) -> dict[str, np.ndarray]:
    """Close and market cap of each company's pricing vehicle on its day."""
    symbols = ids.map(of_company["symbol_id"]).to_numpy(int)
    table = facts.quotes_on(sorted(set(days)), np.unique(symbols))
    table = table.drop_duplicates(["snapshot_date", "symbol_id"])
    table = table.set_index(["snapshot_date", "symbol_id"])
    at = pd.MultiIndex.from_arrays([pd.to_datetime(pd.Series(days)), symbols])
    names = ("close_usd", "total_market_cap_usd")
    return {name: table[name].reindex(at).to_numpy(float) for name in names}


def _best(offered: pd.DataFrame, use: str, company_count: int) -> pd.DataFrame:
    """Return one row a company for a use: things before proxies, then the newest.

    Values of different scales are not ranked together: the first scale that half of
    all companies have is taken, or else the one that most have (0022).
    """
    names = informing(use)
    rows = offered[offered["measure"].isin(names)]
    scales = {name: MEASURES[name].scale for name in names}
    of_scale = rows["company_id"].groupby(rows["measure"].map(scales))
    counts = of_scale.nunique().to_dict()
    if len(counts) > 1:
        known = [s for s in dict.fromkeys(scales.values()) if s in counts]
        least = HEURISTICS.scale_least_frac * company_count
        enough = [s for s in known if counts[s] >= least]
        scale = enough[0] if enough else max(known, key=lambda s: counts[s])
        rows = rows[rows["measure"].map(scales) == scale]
    order = {name: at for at, name in enumerate(names)}
    ranked = rows.assign(
        is_proxy=rows["measure"].map(lambda name: bool(MEASURES[name].stands_for)),
        order=rows["measure"].map(order),
        age=-rows["known_on"].astype("int64"),
    )
    ranked = ranked.sort_values(["is_proxy", "age", "order"], kind="stable")
    return ranked.drop_duplicates("company_id")


def _proxies(table: pd.DataFrame) -> pd.Series:
    """Name what stands for what in each row; empty where nothing does."""
    words = pd.Series("", index=table.index, dtype="object")
    for use in (GROWTH_FORECAST, SALES_GROWTH):
        names = table[f"{USES[use]}_measure"].map(
            {
                name: f"; {MEASURES[name].label} for {MEASURES[name].stands_for}"
                for name in informing(use)
                if MEASURES[name].stands_for
            }
        )
        words = words + names.fillna("").astype("object")
    no_float = table["free_float_frac"].isna()
    words = words + np.where(no_float, f"; {FLOAT_PROXY}", "")
    return words.str.removeprefix("; ").astype("str")
