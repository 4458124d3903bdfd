"""The money that must hold an index: funds known on a day, and all that tracks it.

What a fund holds is a fact with its day; what else tracks the index beside the listed
funds is an estimate, as a multiple of them (0044). A fund on the Russell 3000 holds
both of its legs and is counted there alone.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from recon import record
from recon.sources import ishares
from recon.studies.demand.facts import DemandFacts

KEPT, RECORD, LOADED = "kept by you", "record", "loaded holdings"
ORDER = (KEPT, RECORD, LOADED)  # of two figures of one day the first counts
FUND_OF = {row["index"]: row["ticker"] for row in ishares.FUND_ROWS if row["ticker"]}
COLUMNS = ["fund", "index", "as_of", "assets_usd", "origin", "source", "age_days"]


def funds_on(facts: DemandFacts, day: date) -> pd.DataFrame:
    """Return each fund's last known assets on a day, one row a fund.

    Columns: fund, index, as_of, assets_usd, origin (kept by you, record, loaded
    holdings), source, age_days. A fund of which nothing is known by the day has its
    first figure after it, with an age below zero.
    """
    kept = facts.fund_assets(day).assign(origin=KEPT)
    values = facts.fund_values(day)
    loaded = values[values["index"].isin(FUND_OF)]
    loaded = loaded.assign(fund=loaded["index"].map(FUND_OF), origin=LOADED)
    parts = [kept, record.fund_assets().assign(origin=RECORD), loaded]
    names = [name for name in COLUMNS if name != "age_days"]
    table = pd.concat(
        [part[names] for part in parts if len(part)], ignore_index=True
    ).astype({"as_of": "datetime64[us]"})
    age = (pd.Timestamp(day) - table["as_of"]).dt.days
    table = table.assign(
        age_days=age,
        is_later=age < 0,
        distance=age.abs(),
        order=table["origin"].map({origin: at for at, origin in enumerate(ORDER)}),
    )
    best = table.sort_values(["is_later", "distance", "order"], kind="stable")
    best = best.drop_duplicates(["fund", "index"])
    return best.sort_values(["index", "fund"], ignore_index=True)[COLUMNS]


def benchmarked(funds: pd.DataFrame, given: Mapping[str, float]) -> pd.DataFrame:
    """Return the money behind each index: low, base and high.

    Low is what the listed funds hold, base all that tracks the index by the record's
    multiple, high the part of active money besides. `given` has the base of an index
    in USD where the reader says so; low and high keep their proportion to it.
    Columns: index, low_usd, base_usd, high_usd, funds_usd, funds (their tickers),
    oldest_days (the age of the oldest figure), is_given, multiple_source.
    """
    of_funds = funds.groupby("index").agg(
        funds_usd=("assets_usd", "sum"),
        funds=("fund", " ".join),
        oldest_days=("age_days", "max"),
    )
    multiples = record.tracking_multiples().set_index("index")
    table = multiples.join(of_funds)
    base = table["funds_usd"].fillna(0.0) * table["base"]
    said = pd.Series(dict(given), dtype=float).reindex(table.index)
    base = said.where(said.notna(), base)
    return table.assign(
        low_usd=base * table["low"] / table["base"],
        base_usd=base,
        high_usd=base * table["high"] / table["base"],
        is_given=said.notna(),
        funds=table["funds"].astype("str").fillna(""),
        multiple_source=table["source"],
    ).reset_index()[MONEY_COLUMNS]


MONEY_COLUMNS = [
    "index",
    "low_usd",
    "base_usd",
    "high_usd",
    "funds_usd",
    "funds",
    "oldest_days",
    "is_given",
    "multiple_source",
]


def oldest(money: pd.DataFrame) -> int | None:
    """Return the age in days of the oldest figure behind an index, if any."""
    ages = money.loc[money["base_usd"] > 0, "oldest_days"].dropna()
    return int(np.max(ages)) if len(ages) else None
