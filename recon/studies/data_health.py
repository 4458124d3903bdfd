"""The data's own health: what came and from where, and what was refused and why."""

import json
from datetime import date

import pandas as pd

from recon import formatting

OFFERED = ("close_usd", "total_market_cap_usd", "volume_shares")
HELD_BACK = "day held back"
SHOWN_ROWS = 200


def refusals(rows: pd.DataFrame) -> pd.DataFrame:
    """Add close_usd, total_market_cap_usd and volume_shares as they were offered.

    `rows` is `Store.quarantine`; what was not offered, or is no number, is missing.
    Adds `is_of_held_day`: refused with its whole day. Largest market cap first, days
    held back last.
    """
    read = [_read(text) for text in rows["offered"]]
    table = rows.copy()
    for name in OFFERED:
        given = pd.Series([row.get(name) for row in read], index=rows.index)
        table[name] = pd.to_numeric(given, errors="coerce").astype(float)
    table["is_of_held_day"] = rows["reason"].str.startswith(HELD_BACK)
    order = ["is_of_held_day", "total_market_cap_usd", "snapshot_date"]
    return table.sort_values(order, ascending=[True, False, False], ignore_index=True)


def matching(rows: pd.DataFrame, reason: str | None, symbol: str) -> pd.DataFrame:
    """Return the rows of one reason (None: of every one) and of a symbol, if given."""
    if reason is not None:
        rows = rows[rows["reason"] == reason]
    if wanted := symbol.strip().upper():
        rows = rows[rows["symbol"].fillna("").str.upper() == wanted]
    return rows


def counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per reason of refusal, most rows first; `rows` is `refusals`.

    Columns: reason, row_count, symbol_count, first_date, last_date.
    """
    found = rows.groupby("reason").agg(
        row_count=("repeats", "sum"),
        symbol_count=("symbol", "nunique"),
        first_date=("snapshot_date", "min"),
        last_date=("snapshot_date", "max"),
    )
    return found.sort_values("row_count", ascending=False).reset_index()


def until(table: pd.DataFrame, column: str, as_of: date) -> pd.DataFrame:
    """Return the rows dated up to a day, and those without any date."""
    return table[~(table[column] > pd.Timestamp(as_of))]


def held_back(days: pd.DataFrame) -> pd.DataFrame:
    """Return the offered days that are not published, newest first."""
    out = days[days["status"] != "published"]
    return out.sort_values("snapshot_date", ascending=False).reset_index(drop=True)


def marked(lists: pd.DataFrame) -> pd.DataFrame:
    """Add `use`, a word and a shape, to `Store.membership_lists`; not used first."""
    use = lists["usable"].map({True: "✓ used", False: "✕ not used"})
    return (
        lists.assign(use=use, reason=lists["reason"].astype("str").fillna(""))
        .sort_values(["usable", "as_of"], ascending=[True, False], kind="stable")
        .reset_index(drop=True)
    )


def finding(days: pd.DataFrame, lists: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Say in one sentence what was published and what was refused.

    `rows` is `refusals`.
    """
    published = int((days["status"] == "published").sum())
    alone = int((~rows["is_of_held_day"]).sum())
    words = (
        f"{published:,} of {formatting.count(len(days), 'day')} published; "
        f"{formatting.count(alone, 'row')} refused by themselves"
    )
    caps = rows.loc[~rows["is_of_held_day"], "total_market_cap_usd"]
    if caps.notna().any():
        worst = rows.loc[caps.idxmax()]
        words += (
            f"; the largest rejected value is {worst['symbol']} at "
            f"{formatting.usd(worst['total_market_cap_usd'])} on "
            f"{formatting.day(worst['snapshot_date'])}"
        )
    used = int(lists["usable"].sum())
    return (
        f"{words}; {used:,} of {formatting.count(len(lists), 'membership list')} used."
    )


def sources(days: pd.DataFrame, lists: pd.DataFrame) -> pd.DataFrame:
    """Return one row per source of listings and of membership lists, with its dates.

    Columns: kind, source, first_date, last_date, used_count, unused_count.
    """
    used = days["status"] == "published"
    listings = days.assign(kind="Listings, days", used=used, date=days["snapshot_date"])
    holdings = lists.assign(
        kind=lists["index"].map(formatting.indexes_spelled) + " members, lists"
    )
    holdings = holdings.rename(columns={"usable": "used", "as_of": "date"})
    columns = ["kind", "source", "used", "date"]
    both = pd.concat([listings[columns], holdings[columns]], ignore_index=True)
    found = both.groupby(["kind", "source"], sort=True).agg(
        first_date=("date", "min"),
        last_date=("date", "max"),
        used_count=("used", "sum"),
        offered_count=("used", "size"),
    )
    unused = found.pop("offered_count") - found["used_count"]
    return found.astype({"used_count": int}).assign(unused_count=unused).reset_index()


def _read(text: object) -> dict[str, object]:
    try:
        row = json.loads(text) if isinstance(text, str) else {}
    except json.JSONDecodeError:
        row = {}
    return row if isinstance(row, dict) else {}
