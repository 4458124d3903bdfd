"""The cause of each change of a list, and the figures that show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from recon import formatting
from recon.reconstitution import Projection
from recon.rulebook import Rulebook
from recon.rules import eligibility, market_return
from recon.store import Store
from recon.studies.changes import recomputing, words
from recon.studies.changes.recomputing import LISTS, PRICE, SHARES, Recomputed

Days = tuple[Projection, Projection]
SCREENS = (  # how the words of a screen begin, and what lies behind them
    (("close", "no close"), PRICE),
    (("market cap", "free float"), SHARES),
    (("no longer listed", "not listed by"), words.LISTING),
)


@dataclass(frozen=True, kw_only=True)
class ListChange:
    """One change of one company: the row of its pair, and how it is told.

    `aspect` names the lines whose sides tell it, see `Recomputed.causes`; empty where
    only a list of members does.
    """

    row: int
    kind: str
    code: str
    before: str
    after: str
    aspect: tuple[int, ...]


def of(
    facts: Store,
    days: Days,
    paired: pd.DataFrame,
    sides: list[pd.DataFrame],
    found: list[ListChange],
) -> list[tuple[str, str]]:
    """Return cause and words of each change.

    What is ranked on both days is projected again, see `Recomputed`; the others are
    told by the screen that let them in or kept them out. `sides` has the leading line
    of each pair's company on either day.
    """
    at = [paired[name].to_numpy() for name in ("at_then", "at_now")]
    is_asked = np.minimum(*at) >= 0
    is_asked &= days[0].snapshot_date != days[1].snapshot_date
    for side in sides:  # what has left since a rank day is ranked there, and out
        is_asked &= side["ineligible_reason"].isna().to_numpy()
    asked = [each for each in found if each.aspect and is_asked[each.row]]
    prices = _prices(facts, days, sides, found)
    told = _recomputed(days, at, sides, asked, prices) if asked else {}
    left = sorted({each.row for each in found if id(each) not in told})
    then, now = (
        dict(zip(left, side[READ].iloc[left].to_dict("records"), strict=True))
        for side in sides
    )
    rules = days[1].rules
    return [
        told.get(id(each))
        or _by_screen(then[each.row], now[each.row], each, prices[each.row], rules)
        for each in found
    ]


def _prices(
    facts: Store, days: Days, sides: list[pd.DataFrame], found: list[ListChange]
) -> np.ndarray:
    """Return the price ratio of each pair that changed, 1 for the others."""
    ratio = np.ones(len(sides[1]))
    rows = np.unique([each.row for each in found]).astype(int)
    rows = rows[sides[1]["symbol_id"].notna().to_numpy()[rows]]
    if len(rows):
        lines = sides[1]["symbol_id"].to_numpy()[rows].astype(int)
        ratio[rows] = price_ratios(facts, days, lines)
    return ratio


def _recomputed(
    days: Days,
    at: list[np.ndarray],
    sides: list[pd.DataFrame],
    asked: list[ListChange],
    prices: np.ndarray,
) -> dict[int, tuple[str, str]]:
    union = np.flatnonzero(np.maximum(*at) >= 0)
    place = np.searchsorted(union, [each.row for each in asked])
    symbols = sides[1]["symbol"].fillna(sides[0]["symbol"]).iloc[union]
    recomputed = Recomputed(
        recomputing.day_of(days[0], at[0][union]),
        recomputing.day_of(days[1], at[1][union]),
        symbols,
        prices[union],
    )
    causes = recomputed.causes(place, [each.aspect for each in asked])
    line = f"R1000 line {formatting.percent(_line_change(days), signed=True)}"
    told = {}
    for each, where, cause in zip(asked, place, causes, strict=True):
        own = _own_words(*recomputed.factors(where))
        told[id(each)] = cause, ", ".join([*own, line])
    return told


def price_ratios(facts: Store, days: Days, symbol_ids: np.ndarray) -> np.ndarray:
    """Return each line's close on the later ranking against the earlier one.

    Compounded from the provider's changes, which splits do not touch, and from close
    to close where it gave none; NaN where a line has no close on a session, or was not
    quoted on the earlier day, as after a change of its symbol.
    """
    since, until = (each.snapshot_date for each in days)
    table = facts.volumes(since, until, np.unique(symbol_ids))
    by_close = table.groupby("symbol_id")["close_usd"].pct_change(fill_method=None)
    change = market_return.moves(
        by_close.to_numpy(float),
        np.full(len(table), np.nan),  # caps hold the shares that are told apart here
        table["close_change_frac"].to_numpy(float),
        days[1].rules,
    )
    later = table["snapshot_date"] > pd.Timestamp(since)
    moved = pd.Series(1 + change, table.index)[later]
    ratio = moved.groupby(table["symbol_id"]).prod(skipna=False)
    ratio = ratio[ratio.index.isin(table.loc[~later, "symbol_id"])]
    return ratio.reindex(symbol_ids).to_numpy(float)


def _line_change(days: Days) -> float:
    """Return how far the Russell 1000's line moved between two rankings."""
    rank = days[1].rules.large_count
    then, now = (
        day.break_points.set_index("rank")["break_point_usd"][rank] for day in days
    )
    return float(now / then - 1)


def _own_words(price: float, shares: float) -> list[str]:
    """Say how far a company's price and share count moved."""
    words_of = [f"{PRICE} {formatting.percent(price - 1, signed=True)}"]
    if shares != 1:
        words_of.append(f"{SHARES} {formatting.percent(shares - 1, signed=True)}")
    return words_of


READ = ["symbol", "ineligible_reason", "total_market_cap_usd"]
Row = Mapping[str, Any]


def _by_screen(
    then: Row, now: Row, change: ListChange, price: float, rules: Rulebook
) -> tuple[str, str]:
    """Tell a change by the screen that a company fails on one of the days."""
    for row, words_of in ((now, "not listed any more"), (then, "newly listed")):
        if formatting.is_missing(row["symbol"]):
            return words.LISTING, words_of
    if not change.aspect:
        return LISTS, "a list of members has it"
    for row in (now, then):
        if not formatting.is_missing(row["ineligible_reason"]):
            reason = str(row["ineligible_reason"])
            said = reason if row is now else f"no longer: {reason}"
            return _behind(reason, then, now, price, rules), said
    return LISTS, "its lists or a rule changed"


def _behind(reason: str, then: Row, now: Row, price: float, rules: Rulebook) -> str:
    """Return what lies behind a screen's words: price, shares, a listing, a rule.

    A market cap below the least one is the price's where the price alone, with the
    shares as they were, gives the same answer.
    """
    known = (cause for starts, cause in SCREENS if reason.startswith(starts))
    cause = next(known, LISTS)
    caps = [row["total_market_cap_usd"] for row in (then, now)]
    if cause == SHARES and np.isfinite([*caps, price]).all():
        alone, came = eligibility.screen_caps(
            np.array([caps[0] * price, caps[1]]), rules
        )
        return PRICE if alone == came else SHARES
    return cause
