"""Our indexes against the funds and levels that a reader brings, year by year."""

import pandas as pd

from recon.errors import BadRequest

# what follows which segment: funds by their tickers, and index levels
FOLLOWERS = {
    "TOP200": ("IWL",),
    "MIDCAP": ("IWR",),
    "R1000": ("IWB", "VONE", "RUI"),
    "R2000": ("IWM", "VTWO", "RUT"),
    "MICRO": ("IWC",),
    "R3000": ("IWV", "VTHR", "RUA"),
}
PRICES = {"close": False, "adj_close": True, "adjclose": True}
COLUMNS = [
    "year",
    "segment",
    "follower",
    "since",
    "until",
    "segment_frac",
    "follower_frac",
    "difference_frac",
    "with_dividends",
]


def followers(offered: pd.DataFrame) -> pd.DataFrame:
    """Return price_date, follower, level and with_dividends of a table of prices.

    It has date, symbol, and close or, adjusted for dividends, adj_close. A close is
    taken where there is one: our indexes leave dividends out.

    Raises
    ------
    BadRequest
        If a column is missing, or nothing in it follows a segment.
    """
    known = {ticker for tickers in FOLLOWERS.values() for ticker in tickers}
    column = next((name for name in PRICES if name in offered), None)
    if column is None or not {"date", "symbol"} <= set(offered):
        raise BadRequest(
            f"The prices have the columns {', '.join(offered)}; needed are date, "
            "symbol, and close or adj_close."
        )
    rows = offered[offered["symbol"].isin(known) & offered[column].notna()]
    if rows.empty:
        raise BadRequest(
            "Nothing in these prices follows a segment; such symbols are "
            f"{', '.join(sorted(known))}."
        )
    return pd.DataFrame(
        {
            "price_date": pd.to_datetime(rows["date"]).dt.tz_localize(None),
            "follower": rows["symbol"],
            "level": rows[column].astype(float),
            "with_dividends": PRICES[column],
        }
    ).sort_values(["follower", "price_date"], ignore_index=True)


def by_year(levels: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Return what segments and their followers made in each calendar year.

    `levels` has snapshot_date, segment and cap_weighted, `prices` is the output of
    `followers`. A year runs from the last session both have before it, or from the
    first, to the last both have in it. `difference_frac` is segment less follower.
    """
    found = []
    for segment, tickers in FOLLOWERS.items():
        own = levels[levels["segment"].eq(segment)]
        for ticker, of_ticker in prices[prices["follower"].isin(tickers)].groupby(
            "follower"
        ):
            both = own.merge(
                of_ticker, left_on="snapshot_date", right_on="price_date"
            ).sort_values("snapshot_date")
            last = both.groupby(both["snapshot_date"].dt.year).tail(1)
            marks = pd.concat([both.head(1), last]).drop_duplicates("snapshot_date")
            growth = marks[["cap_weighted", "level"]].pct_change().to_numpy()[1:]
            found.append(
                pd.DataFrame(
                    {
                        "year": marks["snapshot_date"].dt.year.to_numpy()[1:],
                        "segment": segment,
                        "follower": ticker,
                        "since": marks["snapshot_date"].to_numpy()[:-1],
                        "until": marks["snapshot_date"].to_numpy()[1:],
                        "segment_frac": growth[:, 0],
                        "follower_frac": growth[:, 1],
                        "difference_frac": growth[:, 0] - growth[:, 1],
                        "with_dividends": bool(of_ticker["with_dividends"].iloc[0]),
                    }
                )
            )
    return pd.concat(found, ignore_index=True)[COLUMNS]
