"""How each of today's companies has moved: returns and share counts, faults aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon.reconstitution import Facts
from recon.reconstitution.changed_symbols import find_changes
from recon.rulebook import Rulebook
from recon.rules.market_return import moves
from recon.vocabulary import membership_key

NOT_GIVEN = "no close of the session before"
STALE = "not traded in the session"
ABSURD = "absurd: neither close nor market cap moved so"
SLIP = "undone in the next session"


@dataclass(frozen=True, kw_only=True)
class Past:
    """Sessions (rows, oldest first) by companies (columns).

    `log_returns` are logs of 1 + return, NaN where a company was not quoted or its
    return was set aside; `log_counts` logs of the change of the share count, 0 where
    not known; `first_row` the row of each company's first quote. `set_aside` counts
    the returns left out by reason; `former_keys` are symbols that changed since.
    """

    sessions: pd.DatetimeIndex
    log_returns: np.ndarray
    log_counts: np.ndarray
    first_row: np.ndarray
    set_aside: Mapping[str, int]
    former_keys: frozenset[str]


def read_past(
    facts: Facts, companies: pd.DataFrame, day: date, rules: Rulebook
) -> Past:
    """Read the past of companies (symbol_id, key) up to a session, that included.

    A company whose symbol changed has the past of the old one too.
    """
    numbers = rules.heuristics.forecasting
    sessions = facts.published_days()
    sessions = sessions[sessions <= pd.Timestamp(day)][-numbers.window_sessions - 1 :]
    first = sessions[0].date()
    changes = find_changes(facts, first, day)
    before = _symbols_before(facts, companies, changes, (first, day))
    own = companies["symbol_id"].to_numpy(int)
    ids = np.append(own, before["symbol_id"].to_numpy(int))
    table = facts.price_changes(first, day, np.unique(ids))
    # of each symbol_id: the company's column, and the day on which it was given up
    column = np.zeros(int(ids.max()) + 1, dtype=int)
    column[before["symbol_id"].to_numpy(int)] = before["column"]
    column[own] = np.arange(len(own))
    end = np.full(len(column), np.datetime64("9999-01-01", "D"))
    end[before["symbol_id"].to_numpy(int)] = before["changed_on"].to_numpy("M8[D]")
    end[own] = np.datetime64("9999-01-01", "D")
    days = table["snapshot_date"].to_numpy("datetime64[D]")
    symbol = table["symbol_id"].to_numpy()
    is_own = days < end[symbol]
    row = np.searchsorted(sessions.to_numpy("datetime64[D]"), days)
    at = row[is_own], column[symbol[is_own]]
    shape = (len(sessions), len(companies))
    grids = {name: np.full(shape, np.nan) for name in COLUMNS}
    for name, grid in grids.items():
        grid[at] = table[name].to_numpy(float)[is_own]
    is_quoted = ~np.isnan(grids["close_usd"])
    first_row = np.where(is_quoted.any(axis=0), is_quoted.argmax(axis=0), shape[0])
    returns, counts, set_aside = _moves(grids, rules)
    return Past(
        sessions=sessions[1:],
        log_returns=returns,
        log_counts=counts,
        first_row=np.maximum(first_row - 1, 0),
        set_aside=set_aside,
        former_keys=frozenset(changes["key"]),
    )


COLUMNS = ("close_usd", "total_market_cap_usd", "volume_shares", "close_change_frac")


def _symbols_before(
    facts: Facts,
    companies: pd.DataFrame,
    changes: pd.DataFrame,
    days: tuple[date, date],
) -> pd.DataFrame:
    """Return symbol_id, changed_on and column of symbols that companies had before."""
    listed = facts.securities(*days)[["symbol", "symbol_id"]].drop_duplicates()
    listed = listed.assign(key=membership_key(listed["symbol"])).dropna()
    id_of = listed.drop_duplicates("key").set_index("key")["symbol_id"]
    column_of = dict(zip(companies["key"], range(len(companies)), strict=True))
    rows = []
    # newest first: an old symbol's successor then has its column already
    for old, new, changed_on in changes.iloc[::-1].itertuples(index=False):
        if new in column_of and old not in column_of and old in id_of.index:
            column_of[old] = column_of[new]
            rows.append((id_of[old], changed_on, column_of[new]))
    found = pd.DataFrame(rows, columns=["symbol_id", "changed_on", "column"])
    return found.drop_duplicates("symbol_id")


def _moves(
    grids: Mapping[str, np.ndarray], rules: Rulebook
) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Return log returns and log changes of share counts, and what was set aside."""
    numbers = rules.heuristics.forecasting
    close, cap = grids["close_usd"], grids["total_market_cap_usd"]
    with np.errstate(invalid="ignore", divide="ignore"):
        change = grids["close_change_frac"][1:]
        moved = moves(close[1:] / close[:-1] - 1, cap[1:] / cap[:-1] - 1, change, rules)
        given = np.log1p(moved)
        by_close, by_cap = (np.diff(np.log(each), axis=0) for each in (close, cap))
    is_quoted = ~np.isnan(grids["close_usd"][1:])
    size = np.abs(given)
    is_near = [
        np.abs(given - seen) <= numbers.witness_log_return
        for seen in (by_close, by_cap)
    ]
    following = np.vstack([given[1:], np.full((1, given.shape[1]), np.nan)])
    preceding = np.vstack([np.full((1, given.shape[1]), np.nan), given[:-1]])
    is_large = size > numbers.absurd_log_return
    undone = np.zeros(size.shape, dtype=bool)
    for other in (following, preceding):
        undone |= is_large & (np.abs(given + other) < numbers.witness_log_return)
    faults = {
        NOT_GIVEN: is_quoted & ~np.isfinite(given),
        STALE: (given == 0) & ~(grids["volume_shares"][1:] > 0),
        ABSURD: is_large & ~is_near[0] & ~is_near[1],
        SLIP: undone,
    }
    returns, counted = given, {}
    is_left = np.isfinite(given) | faults[NOT_GIVEN]
    for reason, is_fault in faults.items():
        counted[reason] = int((is_fault & is_left).sum())
        is_left &= ~is_fault
    returns = np.where(is_left & np.isfinite(given), given, np.nan)
    counts = by_cap - returns
    is_far = np.abs(counts) > np.log(numbers.largest_count_change)
    return returns, np.where(np.isnan(counts) | is_far, 0.0, counts), counted
