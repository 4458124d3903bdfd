"""Rows of what is traded as a page shows them, filters of candidates, and findings."""

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import INDEXES
from recon.studies.candidates.filters import (
    CAP_EDGES_USD,
    CAP_RANGES,
    FACETS,
    Facet,
    ranges,
)
from recon.studies.demand import Demand
from recon.studies.demand.floats import ALL, HOLDINGS, PEERS, PROVIDER, SAMPLE
from recon.vocabulary import MIGRATIONS, NOT_KNOWN

BUYS, SELLS = "buys", "sells"
STYLE_ONLY, SIZE_ONLY, DRIFT = "style only", "other index only", "drift of weights"
CHANGES = (*MIGRATIONS, "addition", "deletion", STYLE_ONLY, SIZE_ONLY, DRIFT)
# for finding one's way; ten days of volume is what desks call crowded
DAYS_EDGES = (1.0, 3.0, 10.0, 30.0)
DAYS_RANGES = ("under 1 day", "1 to 3", "3 to 10", "10 to 30", "30 days and more")
CROWDED_DAYS = 10
DEMAND_FACETS: tuple[Facet, ...] = (
    *(facet for facet in FACETS if facet.name == "index"),
    Facet(name="move", title="Cause", columns=("change",), order=CHANGES),
    Facet(name="trade", title="Funds", columns=("trade",), order=(BUYS, SELLS)),
    Facet(
        name="days",
        title="Days of volume",
        columns=("days_range",),
        order=(*DAYS_RANGES, NOT_KNOWN),
    ),
    *(
        facet
        for facet in FACETS
        if facet.name in ("sector", "industry", "exchange", "cap")
    ),
    Facet(name="float", title="Free float by", columns=("float_basis",)),
)
FLOAT_WORDS = {
    HOLDINGS: "holdings",
    SAMPLE: "sample",
    PROVIDER: "provider",
    PEERS: "peers, est.",
    ALL: "all, est.",
}
AVERAGES = {"mean": "", "median": "median_"}


def shown(demand: Demand, window: int = 20, average: str = "mean") -> pd.DataFrame:
    """Return the rows of an estimate with what a page reads, the largest first.

    Adds name, change (one of `CHANGES`), trade (buys, sells), days (of volume, without
    a sign, over the chosen window), adv_shares, float_words, cap_range and days_range.
    """
    table = demand.securities
    stem = f"{AVERAGES[average]}{window}"
    suffix = "" if stem == "20" else f"_{stem}"
    days = table[f"demand_days{suffix}"].abs()
    return table.assign(
        name=table["symbol"] + "  " + table["company"].astype("str").fillna(""),
        change=_changes(table),
        trade=np.where(table["demand_usd"] > 0, BUYS, SELLS),
        days=days,
        adv_shares=table[f"adv_shares_{stem}"],
        cap_range=ranges(table["total_market_cap_usd"], CAP_EDGES_USD, CAP_RANGES),
        days_range=ranges(days, DAYS_EDGES, DAYS_RANGES),
        float_words=table["float_basis"].map(FLOAT_WORDS),
        now=table["current_index"].map(formatting.index_name),
        then=table["projected_index"].map(formatting.index_name),
    )


def finding(demand: Demand, rows: pd.DataFrame) -> str:
    """Say in one sentence what passive money buys and sells of some rows."""
    if rows.empty:
        return "No name passes these filters."
    usd = rows["demand_usd"]
    bought, sold = usd.clip(lower=0).sum(), -usd.clip(upper=0).sum()
    drifting = rows["change"].eq(DRIFT)
    drift = usd[drifting].abs().sum() / 2
    crowded = rows[rows["days"] > CROWDED_DAYS]
    need = "needs" if len(crowded) == 1 else "need"
    many = formatting.count(len(crowded), "name")
    sides = [formatting.usd(side) if side > 0 else "nothing" for side in (bought, sold)]
    words = f"{demand.event.name}: passive funds would buy {sides[0]} and "
    words += f"sell {sides[1]}"
    if drift and not drifting.all():
        words += f", {formatting.usd(drift)} each way of it drift in names that stay"
    words += f"; {many} {need} more than {CROWDED_DAYS} days' volume"
    if len(crowded):
        order = crowded["demand_usd"].abs().to_numpy().argsort()[::-1]
        largest = crowded.iloc[order[0]]
        words += (
            f", the largest {largest['symbol']} "
            f"({formatting.usd_signed(largest['demand_usd'])})"
        )
    return f"{words}."


def by_sector(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what is bought and sold of each sector, the largest trade first.

    Columns: sector, bought_usd, sold_usd (below zero), net_usd, names.
    """
    usd = rows["demand_usd"]
    sides = rows.assign(
        sector=rows["sector"].fillna(NOT_KNOWN),
        bought_usd=usd.clip(lower=0),
        sold_usd=usd.clip(upper=0),
    )
    table = sides.groupby("sector", as_index=False).agg(
        bought_usd=("bought_usd", "sum"),
        sold_usd=("sold_usd", "sum"),
        net_usd=("demand_usd", "sum"),
        names=("symbol", "size"),
    )
    both = table["bought_usd"] - table["sold_usd"]
    return table.loc[both.sort_values(ascending=False).index].reset_index(drop=True)


def by_change(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what is bought and sold by the cause of the trade.

    Columns: change, names, bought_usd, sold_usd, net_usd and crowded, the names that
    need more than ten days' volume.
    """
    usd = rows["demand_usd"]
    sides = rows.assign(
        bought_usd=usd.clip(lower=0),
        sold_usd=usd.clip(upper=0),
        is_crowded=rows["days"] > CROWDED_DAYS,
    )
    table = sides.groupby("change").agg(
        names=("symbol", "size"),
        bought_usd=("bought_usd", "sum"),
        sold_usd=("sold_usd", "sum"),
        net_usd=("demand_usd", "sum"),
        crowded=("is_crowded", "sum"),
    )
    return table.reindex(
        [name for name in CHANGES if name in table.index]
    ).reset_index()


def index_name(code: str) -> str:
    """Return a short name of an index, its style half included.

    >>> index_name("R1000"), index_name("MIDCAPV"), index_name("TOP200")
    ('R1000', 'Midcap Value', 'Top 200')
    """
    halves = {"V": " Value", "G": " Growth"}
    stem, half = (code, "") if code in INDEXES else (code[:-1], halves[code[-1]])
    name = INDEXES[stem].name.removeprefix("Russell ")
    return (stem if name.isdigit() else name) + half


def _changes(table: pd.DataFrame) -> np.ndarray:
    """Name the cause of each trade."""
    flips = (table["value_frac"] - table["previous_value_frac"]).abs() > 0
    moves = table["move"].isin(CHANGES)
    return np.select(
        [moves, table["causes"].ne("") & ~flips, flips],
        [table["move"], SIZE_ONLY, STYLE_ONLY],
        DRIFT,
    )
