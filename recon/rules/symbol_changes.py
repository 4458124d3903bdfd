"""One company under two symbols: which listing that begins continues one that ended.

A change of symbol shows in the figures: overnight nothing but the symbol changes, so
the implied share count (market cap / close) is the same to the share and the close is
near. Only sessions up to the change count (decision 0009).
"""

import re
from functools import cache

import numpy as np
import pandas as pd

from recon.rulebook import HEURISTICS, Heuristics

FIRST_WORD = re.compile(r"(?:the )?([a-z0-9]+)")


def runs(
    quoted: pd.DataFrame, sessions: np.ndarray, numbers: Heuristics = HEURISTICS
) -> pd.DataFrame:
    """Spans of sessions in which a symbol was quoted without a long pause.

    `quoted` has symbol_id and snapshot_date of every quote, `sessions` every published
    day in order. The result has symbol_id, first, last (places in `sessions`).
    """
    days = quoted["snapshot_date"].to_numpy("datetime64[D]")
    place = np.searchsorted(sessions.astype("datetime64[D]"), days)
    symbol = quoted["symbol_id"].to_numpy()
    order = np.lexsort([place, symbol])
    place, symbol = place[order], symbol[order]
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (symbol[1:] != symbol[:-1]) | (
        place[1:] - place[:-1] > numbers.reused_gap_sessions
    )
    ends = np.append(starts[1:], True)[: len(order)]
    return pd.DataFrame(
        {"symbol_id": symbol[starts], "first": place[starts], "last": place[ends]}
    )


def neighbours(
    ended: pd.DataFrame, begun: pd.DataFrame, numbers: Heuristics = HEURISTICS
) -> pd.DataFrame:
    """Every run that ended with every other that began within a few sessions of it.

    Both are output of `runs`; the columns of the second end in ``_new``.
    """
    gaps = [
        ended.assign(first_new=ended["last"] + gap)
        for gap in range(1, numbers.max_gap_sessions + 1)
    ]
    later = begun.rename(columns={"symbol_id": "symbol_id_new", "last": "last_new"})
    later = later.rename(columns={"first": "first_new"})
    pairs = pd.concat(gaps, ignore_index=True).merge(
        later, on="first_new", validate="many_to_many"
    )
    return pairs[pairs["symbol_id"] != pairs["symbol_id_new"]]


def may_be_one(
    close_usd: np.ndarray, close_new: np.ndarray, numbers: Heuristics = HEURISTICS
) -> np.ndarray:
    """Tell which closes are near enough to ask for the share counts."""
    with np.errstate(invalid="ignore"):
        return np.abs(close_new / close_usd - 1) <= numbers.near_close_frac


def begin_alike(names: pd.Series, others: pd.Series) -> pd.Series:
    """Tell which names begin with the same word, which the other has as well."""
    words = [_first_word_of(name) for name in names.to_numpy(object)]
    other = [_first_word_of(name) for name in others.to_numpy(object)]
    alike = [one == two != "" for one, two in zip(words, other, strict=True)]
    return pd.Series(alike, names.index, dtype=bool)


def match(pairs: pd.DataFrame, numbers: Heuristics = HEURISTICS) -> pd.DataFrame:
    """Keep the pairs that are one company: one new symbol for each old one.

    `pairs` is the output of `neighbours` with close_usd, shares and name of the last
    session of the old and, ending in ``_new``, of the first of the new symbol.
    """
    shares = (pairs["shares_new"] / pairs["shares"] - 1).abs()
    close = pairs["close_usd_new"] / pairs["close_usd"]
    closes = (pairs["close_usd"].to_numpy(), pairs["close_usd_new"])
    is_near = may_be_one(*closes, numbers)
    alike = begin_alike(pairs["name"], pairs["name_new"])
    factor = np.maximum(close, 1 / close)
    by_name = alike & (factor <= numbers.same_name_close_factor)
    by_name &= is_near | (shares <= numbers.same_name_count_frac)
    by_figures = is_near & (shares <= numbers.same_count_frac)
    found = pairs.assign(distance=shares.fillna(1) + (close - 1).abs())[
        by_figures | by_name
    ]
    found = found.sort_values(["distance", "symbol_id", "symbol_id_new"])
    found = found.drop_duplicates("symbol_id").drop_duplicates("symbol_id_new")
    return found.drop(columns="distance").sort_values(["first_new", "symbol_id"])


@cache
def _first_word_of(name: object) -> str:
    """First word of a name in small letters, "the" left out; empty where there is none.

    Remembered: a history compares the same few thousand names again and again.
    """
    found = FIRST_WORD.match(str(name).lower())
    return found[1] if found else ""
