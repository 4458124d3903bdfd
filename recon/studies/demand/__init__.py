"""What an event makes passive money trade: funds, free float, legs, days of volume."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon import formatting, schedule
from recon.reconstitution import Projection
from recon.rulebook import HEURISTICS, Rulebook
from recon.studies.demand import floats, legs, money, volumes
from recon.studies.demand.facts import DemandFacts
from recon.studies.demand.legs import CASES

BASE, LOW, HIGH = "demand_usd", "demand_usd_low", "demand_usd_high"
CASE_COLUMNS = {"low": LOW, "base": BASE, "high": HIGH}
ZERO_FLOAT = "no shares in free float"
NO_FLOAT = "available shares not known"
NO_CLOSE = "no close on the day"


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What passive money would trade of one day's event.

    `securities` has a row for each security that trades, the largest trade first, see
    `estimate`; `left_out` those whose trade is not known, with `reason`; `totals` a row
    for each index with what is bought and sold in it; `money` is `money.benchmarked`,
    `funds` what it adds up; `style_missing` says why styles are not known, empty where
    they are.
    """

    as_of: date
    snapshot_date: date
    event: schedule.Reconstitution
    rules: Rulebook
    securities: pd.DataFrame
    left_out: pd.DataFrame
    totals: pd.DataFrame
    money: pd.DataFrame
    funds: pd.DataFrame
    float_counts: pd.Series
    style_missing: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the estimate rests on that no assumption about money changes.

    `table` is a row for each common share that is in an index or will be, with what
    `floats.available` and `volumes.average` add; `funds` the assets known by the day.
    """

    as_of: date
    projection: Projection
    table: pd.DataFrame
    funds: pd.DataFrame
    style_missing: str


def known_of(
    facts: DemandFacts,
    projection: Projection,
    companies: pd.DataFrame | None = None,
    style_missing: str = "",
    as_of: date | None = None,
) -> Known:
    """Gather what the demand of a projected event rests on, at the prices of its day.

    `companies` is table `Styled` of the event where styles are known; `style_missing`
    says why they are not. `as_of` is a later day whose prices, floats and volumes
    count.
    """
    day = facts.day_on_or_before(as_of or projection.as_of)
    securities = projection.securities
    concerned = securities["is_common"] & (
        securities["current_index"].notna() | securities["projected_index"].notna()
    )
    table = securities[concerned].reset_index(drop=True)
    quotes = floats.priced(facts, day)
    table = floats.with_quotes(table, quotes)
    table = floats.available(facts, table, day, projection.rules)
    table = volumes.average(facts, table, day)
    return Known(
        as_of=day,
        projection=projection,
        table=legs.with_styles(table, companies),
        funds=money.funds_on(facts, day),
        style_missing=style_missing,
    )


def estimate(known: Known, given: Mapping[str, float] | None = None) -> Demand:
    """Estimate what passive money would trade, net over all indexes.

    `given` replaces the money behind an index, USD by its code. Columns of
    `securities`: symbol, company, move, current_index, projected_index; demand_usd_low,
    demand_usd and demand_usd_high with low, base and high money, demand_shares,
    demand_float_frac and the days of volume that base money trades, all positive for
    buying; adv_shares_20 and the like; legs and causes in words; reason, why a figure
    of the row is not known.
    """
    benchmarked = money.benchmarked(known.funds, given or {})
    table = known.table
    is_known = table["float_market_cap_usd"].notna()
    rows = table[is_known].reset_index(drop=True)
    trades = legs.trade(rows, benchmarked)
    net = {CASE_COLUMNS[case]: trades.net(case) for case in CASES}
    rows = rows.assign(**net, legs=trades.words(), causes=trades.causes())
    rows = _measured(rows)
    trading = rows[rows[BASE].abs() >= SMALLEST_USD]
    order = np.argsort(-trading[BASE].abs().to_numpy(), kind="stable")
    left_out = table[~is_known]
    return Demand(
        as_of=known.as_of,
        snapshot_date=known.projection.snapshot_date,
        event=known.projection.event,
        rules=known.projection.rules,
        securities=trading.iloc[order].reset_index(drop=True),
        left_out=left_out.assign(reason=_why_left_out(left_out)),
        totals=trades.totals(),
        money=benchmarked,
        funds=known.funds,
        float_counts=rows["float_basis"].value_counts(),
        style_missing=known.style_missing,
    )


def caveats(demand: Demand) -> list[str]:
    """Say what the estimate rests on where it is no fact, one sentence each."""
    counts, total = demand.float_counts, max(int(demand.float_counts.sum()), 1)
    rough = sum(int(counts.get(basis, 0)) for basis in floats.ESTIMATED)
    said = []
    if rough:
        said.append(
            f"Free float is est. for {rough:,} of {total:,} names, the median of names "
            "of like size, sector and age where there are enough."
        )
    age = money.oldest(demand.money)
    if age is not None and age > HEURISTICS.fund_assets_max_days:
        said.append(
            f"The oldest figure of a fund is {age:,} days old; keep newer ones on the "
            "page or with 'python -m recon ingest assets FILE'."
        )
    if demand.style_missing:
        said.append(
            f"Value and growth are not known: {demand.style_missing} Their funds are "
            "taken to hold half of every company."
        )
    if len(demand.left_out):
        names = ", ".join(demand.left_out["symbol"].head(NAMED))
        said.append(
            f"Left out: {formatting.count(len(demand.left_out), 'name')} without a "
            f"close or a market cap of the day ({names})."
        )
    return said


NO_FUNDAMENTALS = "No fundamentals are known."
NAMED = 5
SMALLEST_USD = 1.0  # a dollar: less is rounding


def _measured(rows: pd.DataFrame) -> pd.DataFrame:
    """Add shares, their part of the float and days of volume to what is traded."""
    shares = rows[BASE] / rows["close_usd"]
    available = rows["available_shares"].where(rows["available_shares"] > 0)
    days = {
        f"demand_days{suffix}": shares / rows[f"adv_shares{column}"]
        for suffix, column in DAYS.items()
    }
    reason = rows["volume_reason"].where(rows["available_shares"] > 0, ZERO_FLOAT)
    return rows.assign(
        demand_shares=shares,
        demand_float_frac=shares / available,
        reason=reason,
        **days,
    )


# columns of days: the average volume that each divides by
DAYS = {"": "_20", "_60": "_60", "_median_20": "_median_20", "_median_60": "_median_60"}


def _why_left_out(table: pd.DataFrame) -> pd.Series:
    words = np.where(table["close_usd"].isna(), NO_CLOSE, NO_FLOAT)
    return pd.Series(words, index=table.index, dtype="str")
