"""Symbols that changed between two days, found in the listings of those days."""

from collections.abc import Iterable, Set
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from recon.reconstitution.facts import Facts
from recon.rules import listings, membership, symbol_changes
from recon.vocabulary import membership_key

NO_CHANGES = pd.DataFrame(
    {"key": [], "key_new": [], "changed_on": pd.to_datetime([])}
).astype({"key": object, "key_new": object})


def find_changes(
    facts: Facts, since: date, until: date, keys: Set[str] | None = None
) -> pd.DataFrame:
    """Return which symbols became which, in order of the day: key, key_new, changed_on.

    Old symbols are those of `keys` (all without), seen on or after `since`; nothing
    after `until` is looked at.
    """
    sessions = facts.published_days()
    low = max(sessions.searchsorted(pd.Timestamp(since), side="right") - 1, 0)
    sessions = sessions[low : sessions.searchsorted(pd.Timestamp(until), side="right")]
    if len(sessions) < 2:
        return NO_CHANGES
    first, last = sessions[0].date(), sessions[-1].date()
    table = facts.securities(first, last)
    table = table.assign(key=membership_key(table["symbol"]))
    table = table[table["key"].notna()]
    symbol_id = table["symbol_id"].to_numpy()
    ids = table["security_id"].to_numpy()
    at_ends = [
        np.isin(symbol_id, symbol_id[np.isin(ids, facts.caps(day, day)["security_id"])])
        for day in (first, last)
    ]
    _, place, of_symbol = np.unique(symbol_id, return_index=True, return_inverse=True)
    names = table["name"]
    other = ~symbol_changes.begin_alike(names, names.take(place[of_symbol]))
    reused = np.isin(symbol_id, symbol_id[other.to_numpy()])
    begins_inside, ends_inside = ~at_ends[0] | reused, ~at_ends[1] | reused
    if keys is not None:
        ends_inside &= table["key"].isin(keys).to_numpy()
    old = np.unique(symbol_id[ends_inside])
    described = listings.describe(table[begins_inside])
    is_common = described["share_type"].eq(listings.COMMON)
    new = np.unique(described.loc[is_common, "symbol_id"])
    if not len(old) or not len(new):
        return NO_CHANGES
    quoted = facts.trailing(first, last, np.union1d(old, new))
    spans = symbol_changes.runs(quoted, sessions.to_numpy())
    ended = spans[spans["symbol_id"].isin(old) & (spans["last"] < len(sessions) - 1)]
    begun = spans[spans["symbol_id"].isin(new) & (spans["first"] > 0)]
    pairs = symbol_changes.neighbours(ended, begun)
    if pairs.empty:
        return NO_CHANGES
    pairs = _with_figures(facts, pairs, sessions, table, quoted)
    found = symbol_changes.match(pairs)
    by_symbol = table.drop_duplicates("symbol_id").set_index("symbol_id")["key"]
    return pd.DataFrame(
        {
            "key": found["symbol_id"].map(by_symbol).astype(object),
            "key_new": found["symbol_id_new"].map(by_symbol).astype(object),
            "changed_on": sessions[found["first_new"].to_numpy()],
        }
    ).reset_index(drop=True)


def follow(
    known: membership.Known, changes: Iterable[tuple[date, str, str]], day: date
) -> membership.Known:
    """Give members the symbols they have become by a day, since their list's day.

    `changes` are days, old and new keys, in order.
    """
    if known.named_on is None:
        return known
    since = [(old, new) for on, old, new in changes if known.named_on < on <= day]
    if not since:
        return known
    index_by_key, count = dict(known.index_by_key), 0
    for old, new in since:
        if old in index_by_key and new not in index_by_key:
            index_by_key[new] = index_by_key[old]
            count += 1
    words = f"; {count} matched after a ticker change" if count else ""
    return replace(known, index_by_key=index_by_key, statement=known.statement + words)


def _with_figures(
    facts: Facts,
    pairs: pd.DataFrame,
    sessions: pd.DatetimeIndex,
    table: pd.DataFrame,
    quoted: pd.DataFrame,
) -> pd.DataFrame:
    """Add close, implied shares and name of both sides of each pair."""
    closes = quoted.set_index(["symbol_id", "snapshot_date"])["close_usd"]
    for side, place in (("", "last"), ("_new", "first_new")):
        at = pd.MultiIndex.from_arrays(
            [pairs["symbol_id" + side], sessions[pairs[place].to_numpy()]]
        )
        pairs = pairs.assign(**{"close_usd" + side: closes.reindex(at).to_numpy()})
    closes_near = symbol_changes.may_be_one(
        pairs["close_usd"].to_numpy(), pairs["close_usd_new"].to_numpy()
    )
    last_name = table.drop_duplicates("symbol_id", keep="last")
    last_name = last_name.set_index("symbol_id")["name"]
    alike = symbol_changes.begin_alike(
        pairs["symbol_id"].map(last_name), pairs["symbol_id_new"].map(last_name)
    )
    # share counts are asked for overnight changes, or where the names speak for it
    overnight = (pairs["first_new"] - pairs["last"]).eq(1).to_numpy()
    pairs = pairs[(closes_near & overnight) | alike.to_numpy()]
    if pairs.empty:
        return pairs.assign(name="", name_new="", shares=np.nan, shares_new=np.nan)
    days = np.unique(np.append(pairs["last"], pairs["first_new"]))
    symbols = np.unique(pairs[["symbol_id", "symbol_id_new"]])
    figures = facts.quotes_on([sessions[place].date() for place in days], symbols)
    figures["place"] = sessions.searchsorted(figures["snapshot_date"])
    figures["shares"] = figures["total_market_cap_usd"] / figures["close_usd"]
    figures = figures.drop_duplicates(["place", "symbol_id"])
    figures = figures.set_index(["place", "symbol_id"])[["shares", "name"]]
    for side, place in (("", "last"), ("_new", "first_new")):
        at = pd.MultiIndex.from_arrays([pairs[place], pairs["symbol_id" + side]])
        found = figures.reindex(at)
        pairs = pairs.assign(
            **{name + side: found[name].to_numpy() for name in ("shares", "name")}
        )
    return pairs
