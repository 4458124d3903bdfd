"""New listings of the quarter, set against the lines as the market has moved them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon import formatting, schedule
from recon.indexes import HELD, INDEXES
from recon.schedule import IpoWindow

COLUMNS = [
    "symbol",
    "company",
    "first_session",
    "total_market_cap_usd",
    "then",
    "line",
    "line_cap_usd",
    "distance_frac",
    "ineligible_reason",
]
LAST_RANKS = [INDEXES[code].last_rank for code in HELD]


@dataclass(frozen=True, kw_only=True)
class NewListings:
    """New listings with the window they are from.

    `window` is None where the dates of the quarter are not known: then they are those
    since the last rank day. `other_count` counts symbols first seen in the window of
    which the provider names no IPO in it: changed symbols, mergers, moves of exchange.
    """

    rows: pd.DataFrame
    since: date
    window: IpoWindow | None
    other_count: int


def since_when(as_of: date) -> date:
    """Return the first day whose new listings wait for a place on a day.

    A rank day ends the time that it ranks, and does not begin the next.
    """
    if window := schedule.ipo_window(as_of):
        return window.first
    rank_day = schedule.last_rank_day(as_of - timedelta(days=1))
    return rank_day + timedelta(days=1) if rank_day else as_of


def new_listings(
    securities: pd.DataFrame, arrivals: pd.DataFrame, lines: pd.Series, as_of: date
) -> NewListings:
    """Set the companies newly listed on a day against the market-adjusted lines.

    `securities` is `Projection.securities` of the day, `arrivals` has symbol and
    first_session, `lines` the market-adjusted break points in USD by rank. A company
    goes into the index whose smallest member it is at least as large as: `then`,
    missing for one smaller than all or screened out. `line` is that index's lower edge,
    or the last one. Free float, underwriting and lock-ups are not tested.
    Columns: `COLUMNS`; those that go in first, then by market cap.
    Source: Ground Rules v7.0, 4.3, 6.8, Appendices E and F.
    """
    since = since_when(as_of)
    table = securities.merge(arrivals, on="symbol", validate="1:1")
    table = table[table["is_common"]]
    is_ipo = table["ipo_year"].ge(since.year)
    rows = table[is_ipo & table["total_market_cap_usd"].gt(0)]
    rows = rows.drop_duplicates("company_id")
    caps = rows["total_market_cap_usd"].to_numpy()
    edges = lines.reindex(LAST_RANKS).to_numpy()
    place = (caps[:, None] < edges).sum(axis=1)
    nearest = np.minimum(place, len(edges) - 1)
    then = np.array([*HELD, None], object)[place]
    rows = rows.assign(
        then=pd.Series(then, index=rows.index).where(rows["eligible"]),
        line=np.array(LAST_RANKS)[nearest],
        line_cap_usd=edges[nearest],
        distance_frac=caps / edges[nearest] - 1,
        ineligible_reason=rows["ineligible_reason"].fillna(""),
        is_out=~rows["eligible"],
    )
    order = ["is_out", "total_market_cap_usd", "symbol"]
    rows = rows.sort_values(order, ascending=[True, False, True], kind="stable")
    return NewListings(
        rows=rows[COLUMNS].reset_index(drop=True),
        since=since,
        window=schedule.ipo_window(as_of),
        other_count=int((~is_ipo).sum()),
    )


def finding(rows: pd.DataFrame) -> str:
    """Count the new listings that are large enough, by index."""
    counts = rows["then"].value_counts()
    parts = [
        f"{counts[code]:,} for the {INDEXES[code].name}"
        for code in HELD
        if code in counts
    ]
    if rows.empty:
        return "No new listing waits for a place"
    what = formatting.count(len(rows), "new listing")
    return f"{what}: {', '.join(parts) or 'none large enough'}"


def window_words(found: NewListings) -> str:
    """Say which window the listings are from, and what becomes of them."""
    window, day = found.window, formatting.day
    if window is None:
        return (
            f"listed since {day(found.since)}, the day after the last rank day; the "
            "quarter's own dates are not known before 2026"
        )
    announced = f"announced {day(window.announced)}, " if window.announced else ""
    return (
        f"window {day(window.first)} to {day(window.rank_day)}, {announced}"
        f"effective {day(window.effective_open)}"
    )
