"""The data's own health: what came and from where, and what was refused and why."""

from datetime import date

import pandas as pd

from recon import formatting
from recon.fundamental_measures import (
    BOOK_TO_PRICE,
    FREE_FLOAT,
    GROWTH_FORECAST,
    MEASURES,
    SALES_GROWTH,
    STATEMENTS,
)

SHOWN_ROWS = 200


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


def finding(days: pd.DataFrame, lists: pd.DataFrame, refused: pd.Series) -> str:
    """Say in one sentence what was published and what was refused.

    `refused` is `Store.refused_alone`.
    """
    published = int((days["status"] == "published").sum())
    alone = int(refused["row_count"])
    words = (
        f"{published:,} of {formatting.count(len(days), 'day')} published; "
        f"{formatting.count(alone, 'row')} refused by themselves"
    )
    if pd.notna(refused["total_market_cap_usd"]):
        when = refused["snapshot_date"]
        words += (
            f"; the largest rejected value is {refused['symbol']} at "
            f"{formatting.usd(refused['total_market_cap_usd'])} on "
            f"{formatting.day(when) if pd.notna(when) else 'no day'}"
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


# what fundamentals are used for, and the column that counts companies with one
USES = {
    BOOK_TO_PRICE: "with_book",
    SALES_GROWTH: "with_sales_growth",
    GROWTH_FORECAST: "with_forecast",
    STATEMENTS: "with_statements",
    FREE_FLOAT: "with_float",
}


def fundamentals(years: pd.DataFrame) -> pd.DataFrame:
    """Return of how many companies a source told what in each year, newest first.

    `years` is `Store.fundamental_years`. Columns: year, source, first_date, last_date
    and those of `USES`: companies with the measure that most have, 0 where none has.
    """
    use = years["measure"].map({name: each.informs for name, each in MEASURES.items()})
    known = years.assign(use=use.map(USES)).dropna(subset="use")
    keys = ["year", "source"]
    counts = known.pivot_table(
        index=keys, columns="use", values="symbol_count", aggfunc="max", fill_value=0
    ).reindex(columns=list(USES.values()), fill_value=0)
    days = known.groupby(keys).agg(
        first_date=("first_date", "min"), last_date=("last_date", "max")
    )
    table = days.join(counts.astype(int)).reset_index()
    return table.sort_values(keys, ascending=[False, True], ignore_index=True)
