"""A table of Yahoo quote summaries, one row per company, as fundamentals.

`bookEquity` was derived from debt and debt to equity, so it is missing for banks and
for companies without positive equity; `revenueGrowth` compares the latest quarter with
the one a year earlier and stands in for five-year growth.
"""

import pandas as pd

NAME = "Yahoo quote summaries"
OURS = {"bookEquity": "book_value_usd", "revenueGrowth": "revenue_growth_frac"}
MARKS = {"ticker", "as_of", "shortName", "marketDebtToEquity", *OURS}
# the table's columns for each of ours
COLUMNS = {"symbol": "ticker", "known_on": "as_of"} | {
    ours: theirs for theirs, ours in OURS.items()
}


def recognizes(table: pd.DataFrame) -> bool:
    """Tell whether a table has the columns of Yahoo quote summaries."""
    return set(table.columns) >= MARKS


def to_wide(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return symbol, known_on, source and our measures, with a note on them."""
    wide = table[list(OURS)].rename(columns=OURS)
    note = "Yahoo quote summaries; no growth forecast among them"
    return wide.assign(
        symbol=table["ticker"], known_on=table["as_of"], source="Yahoo quote summary"
    ), note
