"""Available shares: what an index weighs a security by, and how they are known (0045).

Four ways, in the order of their error: the list of a fund that holds the whole index,
of one that holds a sample, what a provider says of the free float, the median of names
of like size, sector and age. A fund holds the same part of every company's available
shares, so its shares over all shares are the free float but for one factor, at which
most companies stand: those with all of their shares available.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon.indexes import BROAD, INDEXES
from recon.rulebook import HEURISTICS, Heuristics, Rulebook
from recon.studies.demand.facts import DemandFacts
from recon.vocabulary import membership_key

HOLDINGS, SAMPLE = "fund holdings", "holdings of a sample"
PROVIDER, PEERS, ALL = "provider", "median of its peers", "all shares"
BASES = (HOLDINGS, SAMPLE, PROVIDER, PEERS, ALL)
ESTIMATED = (PEERS, ALL)


def priced(facts: DemandFacts, day: date) -> pd.DataFrame:
    """Return close, market cap and shares of every listing of a session, by key."""
    names = facts.securities(day, day)[["security_id", "symbol_id", "symbol", "sector"]]
    quotes = facts.caps(day, day)[["security_id", "close_usd", "total_market_cap_usd"]]
    table = quotes.merge(names, on="security_id", validate="one_to_one")
    table = table.assign(
        key=membership_key(table["symbol"]),
        shares=table["total_market_cap_usd"] / table["close_usd"],
    )
    return table.dropna(subset="key").drop_duplicates("key").set_index("key")


def with_quotes(table: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Give projected rows the close, cap and symbol of the session, by their key.

    `class_shares` is the market cap over the close: of the class, or of the company
    where the provider gives that for a class. Lists divide by the same figure.
    """
    found = {
        name: table["key"].map(quotes[column])
        for name, column in {
            "symbol_id": "symbol_id",
            "close_usd": "close_usd",
            "class_shares": "shares",
            "class_cap_usd": "total_market_cap_usd",
        }.items()
    }
    return table.assign(**found)


def available(
    facts: DemandFacts, table: pd.DataFrame, day: date, rules: Rulebook
) -> pd.DataFrame:
    """Add available shares to rows of `with_quotes`, and how they are known.

    Columns: free_float_frac (of `class_shares`), available_shares,
    float_market_cap_usd, float_basis (one of `BASES`) and float_as_of, the day of a
    list.
    """
    listed = of_lists(facts, day, rules).reindex(table["key"])
    told = told_by_provider(table)
    frac = pd.Series(listed["free_float_frac"].to_numpy(), index=table.index)
    basis = pd.Series(listed["float_basis"].to_numpy(), index=table.index)
    takes = frac.isna() & told.notna()
    frac, basis = frac.mask(takes, told), basis.mask(takes, PROVIDER)
    peers = medians(table, frac, day.year, rules)
    basis = basis.where(frac.notna(), np.where(peers.notna(), PEERS, ALL))
    frac = frac.fillna(peers).fillna(1.0)
    shares = table["class_shares"] * frac
    return table.assign(
        free_float_frac=frac,
        available_shares=shares,
        float_market_cap_usd=shares * table["close_usd"],
        float_basis=basis.astype("str"),
        float_as_of=listed["as_of"].to_numpy(),
    )


def told_by_provider(table: pd.DataFrame) -> pd.Series:
    """Return the free float that a provider or a table of fundamentals gives."""
    own = table["available_shares"] / table["shares_outstanding"]
    frac = own.fillna(table["free_float_frac"]).astype(float)
    return frac.where((frac >= 0) & (frac <= 1))


def of_lists(facts: DemandFacts, day: date, rules: Rulebook) -> pd.DataFrame:
    """Return the free float that lists of holdings show by a day, by key.

    Columns: free_float_frac, float_basis, as_of. The newest list of a whole index
    counts before any of the Russell 3000, whose fund holds a sample of it.
    """
    since = day - timedelta(days=rules.style.fundamentals_max_days)
    held = facts.fund_holdings(since, day)
    held = held[held["index"].isin(INDEXES)]
    parts = [EMPTY]
    for (index, as_of, _), members in held.groupby(["index", "as_of", "source"]):
        if (session := session_of(facts, as_of, rules)) is None:
            continue
        found = of_list(facts, members, session, rules)
        basis = SAMPLE if index == BROAD else HOLDINGS
        parts.append(found.assign(float_basis=basis, as_of=as_of))
    table = pd.concat(parts)
    order = table.assign(is_sample=table["float_basis"].eq(SAMPLE))
    order = order.sort_values(["is_sample", "as_of"], ascending=[True, False])
    return order[~order.index.duplicated()].drop(columns="is_sample")


EMPTY = pd.DataFrame(
    {
        "free_float_frac": pd.Series(dtype=float),
        "float_basis": pd.Series(dtype="str"),
        "as_of": pd.Series(dtype="datetime64[us]"),
    }
)


def session_of(facts: DemandFacts, as_of: pd.Timestamp, rules: Rulebook) -> date | None:
    """Return the session nearest to a list's day; none where the store has none near.

    Shares are set against shares, so that a few days of prices do not matter.
    """
    days = facts.published_days()
    gaps = np.abs((days - as_of).days.to_numpy())
    if not len(gaps) or gaps.min() > rules.heuristics.sighting_days:
        return None
    return days[int(gaps.argmin())].date()


def of_list(
    facts: DemandFacts, rows: pd.DataFrame, session: date, rules: Rulebook
) -> pd.DataFrame:
    """Return the free float of the securities of one list, by key.

    `session` is that whose closes and market caps the list is set against.
    """
    quotes = priced(facts, session).reindex(rows["symbol"])
    by_weight = rows["weight_frac"].to_numpy(float) / quotes["close_usd"].to_numpy()
    held = rows["held_shares"].to_numpy(float)
    fewest = rules.heuristics.float_min_held
    held = held if np.isfinite(held).sum() >= fewest else by_weight
    ratio = held / quotes["shares"].to_numpy()
    ratio = np.where(ratio > 0, ratio, np.nan)
    frac = np.minimum(ratio / full_float(ratio, rules.heuristics), 1.0)
    found = pd.DataFrame({"free_float_frac": frac}, index=rows["symbol"].to_numpy())
    return found.dropna()


def full_float(ratio: np.ndarray, numbers: Heuristics = HEURISTICS) -> float:
    """Return the part of all shares that a fund holds of a company wholly in float.

    The densest stretch of the ratios: most companies have all of their shares
    available. Missing where there are too few to see one.

    >>> full_float(np.array([0.02] * 30 + [0.010, 0.015, 0.024]))
    0.02
    """
    logs = np.sort(np.log(ratio[np.isfinite(ratio) & (ratio > 0)]))
    if len(logs) < numbers.float_min_held:
        return float("nan")
    ends = np.searchsorted(logs, logs + numbers.float_plateau_log, side="right")
    start = int(np.argmax(ends - np.arange(len(logs))))
    return float(np.exp(np.median(logs[start : ends[start]])))


def medians(
    table: pd.DataFrame, frac: pd.Series, year: int, rules: Rulebook
) -> pd.Series:
    """Return the median free float of each row's peers whose float is known.

    Peers are of one size, one sector, and both newly listed or not; where these are too
    few, of one size and age, then of one size, then all. Missing without a market cap.
    """
    numbers = rules.heuristics
    caps = table["class_cap_usd"].to_numpy(float)
    known = frac.notna().to_numpy() & ~np.isnan(caps)
    if known.sum() < numbers.float_min_peers:
        return pd.Series(np.nan, index=table.index)
    cuts = np.linspace(0, 1, numbers.float_size_groups + 1)[1:-1]
    size = np.searchsorted(np.quantile(caps[known], cuts), caps, side="right")
    listed_in = table["ipo_year"].to_numpy(float, na_value=np.nan)
    is_new = listed_in > year - numbers.float_new_years
    sector = table["sector"].fillna("").to_numpy()
    values, found = frac.where(known), pd.Series(np.nan, index=table.index)
    every = np.zeros(len(table), dtype=int)
    for peers in ([size, sector, is_new], [size, is_new], [size], [every]):
        groups = values.groupby(peers)
        enough = groups.transform("count") >= numbers.float_min_peers
        found = found.fillna(groups.transform("median").where(enough))
    return found.where(~np.isnan(caps))
