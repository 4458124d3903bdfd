"""The kinds of a change, and the columns that say it."""

import pandas as pd

KINDS = JOINS, LEAVES, CROSSES, MEMBER, GONE, NEW, RENAMED, REFUSED, ODDS, LINE = (
    "joins list",
    "leaves list",
    "crosses",
    "member list",
    "no longer listed",
    "new listing",
    "new symbol",
    "refused data",
    "odds",
    "line",
)
COLUMNS = ["kind", "symbol", "company", "list", "before", "after", "cause", "why"]
SIZED = [*COLUMNS, "size_usd"]
OUTSIDE = "outside"
LISTING = "listing"  # the cause where a line came or went


def rows(found: list[dict[str, object]]) -> pd.DataFrame:
    """Return changes as a table, texts and the size of the company in USD."""
    table = pd.DataFrame(found, columns=SIZED)
    texts = {name: "str" for name in COLUMNS}
    return table.astype({**texts, "size_usd": float}).fillna(dict.fromkeys(COLUMNS, ""))
