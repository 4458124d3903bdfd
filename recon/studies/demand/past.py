"""Past events: what was modeled against what a fund's shares and the volume show.

A fund's holdings before and after an event show what it traded of who joined. How much
money a fund has is known by then, so shares are compared as parts of each company's
shares, scaled to the fund by the names that stayed: what is left is the error of the
available shares. The volume of the implementation day shows what everyone traded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import BROAD, IN_BROAD, LARGE, SMALL
from recon.reconstitution import Projection
from recon.rulebook import HEURISTICS
from recon.schedule import Reconstitution, reconstitutions
from recon.studies.demand import Demand, estimate, floats, known_of, legs, volumes
from recon.studies.demand.facts import DemandFacts
from recon.vocabulary import MIGRATION_DOWN, MIGRATION_UP

MOVES = (MIGRATION_UP, MIGRATION_DOWN, "addition", "deletion")
FOLLOWED = (SMALL, LARGE, BROAD)  # in this order: whose fund's shares are looked for
SHARE_COLUMNS = [
    "symbol",
    "company",
    "index",
    "modeled_shares",
    "held_shares",
    "error_frac",
    "float_basis",
]
VOLUME_COLUMNS = [
    "symbol",
    "company",
    "move",
    "came",
    "demand_usd_low",
    "demand_usd",
    "demand_usd_high",
    "demand_days",
    "volume_multiple",
    "excess_usd",
    "error_frac",
    "float_basis",
]


@dataclass(frozen=True, kw_only=True)
class Past:
    """One event's check: tables by name of shares and of volume.

    `shares` has a row for each name that joined an index, as projected and as the list
    shows, with SHARE_COLUMNS; `lists` says of each index of `FOLLOWED` which lists were
    compared or which is missing; `volume` has a row for each projected move, with
    VOLUME_COLUMNS. `misses` counts by index who joined unprojected and who was
    projected and did not.
    """

    event: Reconstitution
    shares: pd.DataFrame
    lists: dict[str, str]
    misses: dict[str, tuple[int, int]]
    stayed_error_frac: dict[str, float]
    volume: pd.DataFrame


def check(
    facts: DemandFacts,
    projection: Projection,
    event: Reconstitution,
    came: Mapping[str, str],
    known_by: date = date.max,
) -> Past:
    """Compare an event, as projected on its rank day, with what came.

    Prices, floats and volumes are those of the last session before the implementation
    close, which a desk knew by then; lists of after it enter the comparison alone, and
    none of after `known_by`. `came` has the index that each company, by its key, was in
    after the event.
    """
    days = facts.published_days()
    place = int(days.searchsorted(pd.Timestamp(event.implementation_close)))
    eve = days[max(place - 1, 0)].date()
    known = known_of(facts, projection, as_of=eve)
    demand = estimate(known)
    rows = known.table[known.table["float_market_cap_usd"].notna()]
    rows = rows.reset_index(drop=True)
    trades = legs.trade(rows, demand.money)
    close = event.implementation_close
    first = close - timedelta(days=HEURISTICS.holdings_before_days)
    last = min(close + timedelta(days=HEURISTICS.holdings_after_days), known_by)
    held = facts.fund_holdings(first, last)
    held = held[held["held_shares"].notna()]
    compared = {
        index: _against_list(facts, event, held[held["index"] == index], rows, trades)
        for index in FOLLOWED
    }
    tables = [found.shares for found in compared.values() if len(found.shares)]
    return Past(
        event=event,
        shares=pd.concat(tables, ignore_index=True) if tables else NO_SHARES,
        lists={index: found.statement for index, found in compared.items()},
        misses={i: found.misses for i, found in compared.items() if found.misses},
        stayed_error_frac={
            i: found.stayed for i, found in compared.items() if found.misses
        },
        volume=_against_volume(facts, demand, event.implementation_close, came),
    )


NO_SHARES = pd.DataFrame(columns=SHARE_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """One index against the lists of its fund."""

    statement: str
    shares: pd.DataFrame = field(default_factory=lambda: NO_SHARES)
    misses: tuple[int, int] | None = None
    stayed: float = float("nan")


def _against_list(
    facts: DemandFacts,
    event: Reconstitution,
    held: pd.DataFrame,
    rows: pd.DataFrame,
    trades: legs.Trades,
) -> _Compared:
    """Compare who joined an index with the shares that its fund has of them after.

    `held` are the lists of the index about the event.
    """
    before, after = _lists_about(held, event)
    lacks = [words for words, day in (("before", before), ("after", after)) if not day]
    if before is None or after is None:
        return _Compared(statement=f"no holdings {' and '.join(lacks)}")
    (index,) = held["index"].unique()
    quotes = floats.priced(facts, facts.day_on_or_before(after.date()))
    was = set(held.loc[held["as_of"] == before, "symbol"])
    now = held[held["as_of"] == after].drop_duplicates("symbol").set_index("symbol")
    part = now["held_shares"] / quotes["shares"].reindex(now.index)
    actual = rows["key"].map(part)
    modeled = trades.after[index] / (rows["class_shares"] * rows["close_usd"])
    was_in, is_in = trades.before[index] > 0, trades.after[index] > 0
    listed_before = rows["key"].isin(was)
    stays = was_in & is_in & listed_before & actual.notna()
    joins = ~was_in & is_in & ~listed_before
    # the size of the fund: how much of each name that stays it has
    scale = float((actual[stays] / modeled[stays]).median())
    error = scale * modeled / actual - 1
    shares = rows["key"].map(quotes["shares"])
    table = rows.assign(
        index=index,
        modeled_shares=scale * modeled * shares,
        held_shares=actual * shares,
        error_frac=error,
    )
    both = joins & actual.notna()
    came = set(now.index) - was - set(rows.loc[was_in, "key"])
    return _Compared(
        statement=f"{formatting.day(before)} and {formatting.day(after)}",
        shares=table.loc[both, SHARE_COLUMNS],
        misses=(len(came - set(rows.loc[joins, "key"])), int((joins & ~both).sum())),
        stayed=float(error[stays].abs().median()),
    )


def _lists_about(
    held: pd.DataFrame, event: Reconstitution
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return the days of the last list before rank day and the first after the event.

    A list of after the next event says nothing of this one.
    """
    settled = event.implementation_close + timedelta(days=HEURISTICS.settled_days)
    closes = [other.implementation_close for other in reconstitutions()]
    later = [close for close in closes if close > event.implementation_close]
    days = pd.DatetimeIndex(held["as_of"].unique()).sort_values()
    before = days[days < pd.Timestamp(event.rank_day)]
    after = days[(days >= pd.Timestamp(settled)) & (days < pd.Timestamp(min(later)))]
    return (before[-1] if len(before) else None, after[0] if len(after) else None)


def _against_volume(
    facts: DemandFacts, demand: Demand, close: date, came: Mapping[str, str]
) -> pd.DataFrame:
    """Set the volume of the implementation day against what was modeled.

    `volume_multiple` is the day's volume over the mean of the 20 sessions before,
    `excess_usd` what was traded beyond that mean, `error_frac` what was modeled over
    it less one, missing where nothing was traded beyond the mean; `came` tells that
    the name moved as projected.
    """
    rows = demand.securities
    sides = [rows[f"{side}_index"].isin(IN_BROAD) for side in ("current", "projected")]
    rows = rows[rows["move"].isin(MOVES) & (sides[0] | sides[1])]
    ids = rows["symbol_id"].dropna().astype(int)
    traded = facts.volumes(demand.as_of, close, np.unique(ids))
    of_day = traded[traded["snapshot_date"] == pd.Timestamp(close)]
    by_symbol = of_day.set_index("symbol_id")["volume_shares"]
    volume = rows["symbol_id"].map(by_symbol)
    usual = rows["adv_shares_20"] * rows["symbol_id"].map(split_factors(traded))
    excess = (volume / usual - 1) * rows["adv_shares_20"] * rows["close_usd"]
    index = rows["projected_index"].where(sides[1].loc[rows.index]).fillna("")
    table = rows.assign(
        came=rows["key"].map(came).fillna("").eq(index),
        volume_multiple=volume / usual,
        excess_usd=excess,
        error_frac=rows["demand_usd"].abs() / excess.where(excess > 0) - 1,
    )
    known = table[table["volume_multiple"].notna()]
    order = known["demand_usd"].abs().sort_values(ascending=False).index
    return known.loc[order, VOLUME_COLUMNS].reset_index(drop=True)


def split_factors(traded: pd.DataFrame) -> pd.Series:
    """Return by symbol_id the shares of the last session for one of the first.

    `traded` is `Store.volumes` of some sessions, by symbol and session.
    """
    ones = volumes.split_adjusted(traded.assign(volume_shares=1.0))
    return ones.groupby("symbol_id")["volume_shares"].first()


def totals(past: Past) -> pd.DataFrame:
    """Return one row per move of an event: volume against what was modeled.

    Of the names that moved as projected. Columns: year, move, names, absent (those that
    did not), median_multiple, median_days (modeled, base money),
    low_usd, modeled_usd, high_usd (in size), excess_usd, total_error_frac (modeled over
    excess, less one), median_error_frac (the same by name), rank_correlation (of days
    and multiple, by name).
    """
    found = []
    for move in (*MOVES, ALL):
        every = past.volume if move == ALL else past.volume[past.volume["move"] == move]
        rows = every[every["came"]]
        if rows.empty:
            continue
        days = rows["demand_days"].abs()
        found.append(
            {
                "year": past.event.year,
                "move": move,
                "names": len(rows),
                "absent": len(every) - len(rows),
                "median_multiple": float(rows["volume_multiple"].median()),
                "median_days": float(days.median()),
                "low_usd": float(rows["demand_usd_low"].abs().sum()),
                "modeled_usd": float(rows["demand_usd"].abs().sum()),
                "high_usd": float(rows["demand_usd_high"].abs().sum()),
                "excess_usd": float(rows["excess_usd"].sum()),
                "total_error_frac": float(
                    rows["demand_usd"].abs().sum() / rows["excess_usd"].sum() - 1
                ),
                "median_error_frac": float(rows["error_frac"].median()),
                "rank_correlation": float(
                    days.corr(rows["volume_multiple"], method="spearman")
                )
                if len(rows) > 2
                else float("nan"),
            }
        )
    return pd.DataFrame(found)


ALL = "all moves"


def share_totals(past: Past) -> pd.DataFrame:
    """Return one row per index with lists before and after: error of who joined.

    Columns: year, index, lists, names, median_error_frac (in size), total_error_frac
    (all modeled shares by value over all held), within_frac (of names within a
    quarter), stayed_error_frac, unforeseen (joined and were not projected), absent
    (projected and did not join).
    """
    found = []
    for index, words in past.lists.items():
        rows = past.shares[past.shares["index"] == index]
        blank = {"year": past.event.year, "index": index, "lists": words}
        if rows.empty:
            found.append(blank | {"names": 0})
            continue
        unforeseen, absent = past.misses[index]
        error = rows["error_frac"]
        found.append(
            blank
            | {
                "names": len(rows),
                "median_error_frac": float(error.abs().median()),
                "total_error_frac": float(
                    rows["modeled_shares"].sum() / rows["held_shares"].sum() - 1
                ),
                "within_frac": float((error.abs() <= WITHIN).mean()),
                "stayed_error_frac": past.stayed_error_frac[index],
                "unforeseen": unforeseen,
                "absent": absent,
            }
        )
    columns = ["year", "index", "lists", "names", *ERROR_COLUMNS]
    return pd.DataFrame(found).reindex(columns=columns)


WITHIN = 0.25
ERROR_COLUMNS = [
    "median_error_frac",
    "total_error_frac",
    "within_frac",
    "stayed_error_frac",
    "unforeseen",
    "absent",
]
