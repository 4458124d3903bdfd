"""A Finviz screen, one row per company, as a wide table of fundamentals.

Finviz shows growth as a fraction a year: forecast earnings per share over the next
five years, and all sales over the past five; both stand for what the style rules use.
A copy that lost its minus signs (no negative figure anywhere) keeps price to book,
which Finviz shows for positive book values only, but its growth has no sign: note and
source say so.
"""

import pandas as pd

NAME = "a Finviz screen"
OURS = {
    "pb": "price_to_book_ratio",
    "eps_growth_next_5y": "eps_growth_forecast_frac",
    "eps_growth_next_year": "eps_growth_next_year_frac",
    "sales_growth_past_5y": "total_sales_growth_frac",
}
SHARES = ("shares_float", "shares_outstanding")
MARKS = {"ticker", "as_of", *SHARES, "Perf Week", *OURS}
# the table's columns for each of ours
COLUMNS = {"symbol": "ticker", "known_on": "as_of"} | {
    **{ours: theirs for theirs, ours in OURS.items()},
    "free_float_frac": " / ".join(SHARES),
}
SIGNED = ("Perf Week", "Perf Month", "Perf Year", "roe", "eps_ttm")
LOST = "minus signs lost in this copy"


def recognizes(table: pd.DataFrame) -> bool:
    """Tell whether a table has the columns of a Finviz screen."""
    return set(table.columns) >= MARKS


def to_wide(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return symbol, known_on, source and our measures, with a note on them."""
    numbers = [name for name in (*SIGNED, *SHARES, *OURS) if name in table]
    # a CSV holds texts
    table = table.assign(
        **{name: pd.to_numeric(table[name], errors="coerce") for name in numbers}
    )
    signed = table[[name for name in SIGNED if name in table]]
    has_lost = len(table) > 100 and not (signed < 0).any(axis=None)
    source = f"Finviz screen ({LOST})" if has_lost else "Finviz screen"
    wide = table[list(OURS)].rename(columns=OURS)
    is_shown = wide["price_to_book_ratio"] > 0
    wide["price_to_book_ratio"] = wide["price_to_book_ratio"].where(is_shown)
    wide = wide.assign(
        symbol=table["ticker"],
        known_on=table["as_of"],
        source=source,
        free_float_frac=table["shares_float"] / table["shares_outstanding"],
    )
    return wide, f"{NAME}; {LOST}: growth is a size only" if has_lost else NAME
