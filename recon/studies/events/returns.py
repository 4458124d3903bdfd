"""Returns of listings, dead ones too, from the facts that style reads and paths.

The provider's change against the adjusted previous close counts: it knows splits and
dividends, spin-offs it does not. It is checked against the close and the market cap;
decision 0047 has the reasons and the counts. A listing that ends keeps the value of
its last trade, and a changed symbol is followed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from recon import schedule
from recon.rulebook import HEURISTICS, Heuristics, rulebook
from recon.rules import market_return
from recon.studies.style.inputs import StyleFacts

READ = ("close_usd", "total_market_cap_usd", "volume_shares", "close_change_frac")
STALE = "close repeated: its change is an earlier session's"
OFF_DAY = "changes of another session: close to close counts"
GAP = "no change since the quote before: close to close counts"
UNTOLD = "a change that neither close nor market cap bears out"


class EventFacts(StyleFacts, Protocol):
    """Facts that hold paths of listings and official lists; see `store.Store`."""

    def price_changes(  # noqa: D102
        self, since: date, until: date, symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame: ...
    def official_names(self, as_of: date) -> pd.DataFrame: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Sessions by listings: row t of each array is `sessions[t]`, column n `ids[n]`.

    `wealth` is the value of one dollar held from the first quote on, dividends in, at
    the last trade where the listing has none or has ended; missing before the first
    quote. `is_quoted` tells where there was a trade or at least a close, `is_untold`
    where the return since the quote before is not known. `value_usd` is close x volume.
    `faults` has snapshot_date, symbol_id and reason.
    """

    sessions: pd.DatetimeIndex
    ids: np.ndarray
    wealth: np.ndarray
    is_quoted: np.ndarray
    is_untold: np.ndarray
    close_usd: np.ndarray
    value_usd: np.ndarray
    faults: pd.DataFrame

    def place(self, day: date) -> int:
        """Return the row of the last session not after a day, -1 before the first."""
        return int(self.sessions.searchsorted(pd.Timestamp(day), side="right")) - 1

    def columns(self, symbol_ids: np.ndarray) -> np.ndarray:
        """Return the column of each listing; KeyError where one is not held."""
        at = np.searchsorted(self.ids, symbol_ids)
        found = self.ids[np.minimum(at, len(self.ids) - 1)] == symbol_ids
        if not found.all():
            raise KeyError(f"no path of {list(np.asarray(symbol_ids)[~found])}")
        return at

    @cached_property
    def untold_so_far(self) -> np.ndarray:
        """How many returns of each listing are not known, session by session."""
        return np.cumsum(self.is_untold, axis=0)

    @cached_property
    def last_quoted(self) -> np.ndarray:
        """Row of each listing's last quote, -1 where it has none."""
        count = len(self.sessions)
        last = count - 1 - self.is_quoted[::-1].argmax(axis=0)
        return np.where(self.is_quoted.any(axis=0), last, -1)


def read(
    facts: EventFacts,
    since: date,
    until: date,
    symbol_ids: np.ndarray,
    renamed: pd.DataFrame | None = None,
) -> Paths:
    """Read the paths of listings between two days.

    `renamed` has symbol_id, symbol_id_new and changed_on: the quotes of the new symbol
    from that day on are then the old one's.
    """
    own = np.unique(np.asarray(symbol_ids, dtype=np.int64))
    asked = own
    if renamed is not None and len(renamed):
        asked = np.union1d(own, renamed["symbol_id_new"].to_numpy(np.int64))
    table = facts.price_changes(since, until, asked)
    if renamed is not None and len(renamed):
        table = _followed(table, renamed, own)
    days = facts.published_days()
    inside = days[(days >= pd.Timestamp(since)) & (days <= pd.Timestamp(until))]
    return measured(table, inside, own)


def measured(
    table: pd.DataFrame,
    sessions: pd.DatetimeIndex,
    ids: np.ndarray,
    numbers: Heuristics = HEURISTICS,
) -> Paths:
    """Work out the paths of the listings `ids` (sorted) from the rows of `Store.paths`.

    A close that does not move while its change says so repeats an earlier row and
    counts as no move. Where many listings of a session disagree with their changes, the
    changes are another session's, and `market_return.moves` goes by close and market
    cap; so it does after sessions without a quote. A large change that neither bears
    out is set aside: no return over it is known.
    """
    rows = sessions.searchsorted(table["snapshot_date"].to_numpy())
    at = (rows, np.searchsorted(ids, table["symbol_id"].to_numpy()))
    grid = {name: _grid(table[name], at, (len(sessions), len(ids))) for name in READ}
    close, cap = grid["close_usd"], grid["total_market_cap_usd"]
    is_quoted = ~np.isnan(close)
    place = schedule.sessions().searchsorted(sessions)
    last = _rows_before(is_quoted)
    has_before = is_quoted & (last >= 0)
    before = np.maximum(last, 0)
    gap = np.where(has_before, place[:, None] - place[before], 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_close = close / np.take_along_axis(close, before, 0) - 1
        by_cap = cap / np.take_along_axis(cap, before, 0) - 1
        change = np.where(gap == 1, grid["close_change_frac"], np.nan)
        apart = np.abs(np.log1p(change) - np.log1p(by_close))
        cap_apart = np.abs(np.log1p(by_cap) - np.log1p(by_close))
        change_from_cap = np.abs(np.log1p(change) - np.log1p(by_cap))
        moved, close_moved = (np.abs(np.log1p(each)) for each in (change, by_close))
    is_gap = has_before & np.isnan(change)
    is_off = has_before & (apart > numbers.same_change)
    is_off_day = is_off.sum(axis=1) > numbers.off_day_frac * has_before.sum(axis=1)
    is_moved_day = is_off & is_off_day[:, None]
    is_stale = is_off & ~is_moved_day & (by_close == 0) & ~(cap_apart > 0)
    jump = np.log1p(numbers.split_frac)
    # a change that knows of a split is a small part of what the close moves
    is_untold = is_off & ~is_moved_day & ~is_stale & (moved > jump) & (apart > jump)
    is_untold &= ~(change_from_cap <= jump) & (moved > close_moved / 2)
    # without a change or a market cap a jump of the close may be a split
    is_untold |= is_gap & (close_moved > jump) & np.isnan(by_cap)
    is_without = is_gap | is_moved_day | is_stale
    taken = market_return.moves(
        by_close,
        by_cap,
        np.where(is_without, np.nan, change),
        rulebook(sessions[0].date()),
    )
    growth = np.where(has_before & ~np.isnan(taken), 1 + taken, 1.0)
    started = np.cumsum(is_quoted, axis=0) > 0
    wealth = np.where(started, np.cumprod(growth, axis=0), np.nan)
    marks = {GAP: is_gap, OFF_DAY: is_moved_day, STALE: is_stale, UNTOLD: is_untold}
    return Paths(
        sessions=sessions,
        ids=ids,
        wealth=wealth,
        is_quoted=is_quoted,
        is_untold=is_untold,
        close_usd=close,
        value_usd=close * grid["volume_shares"],
        faults=_faults(marks, sessions, ids),
    )


def _grid(
    values: pd.Series, at: tuple[np.ndarray, np.ndarray], shape: tuple[int, int]
) -> np.ndarray:
    found = np.full(shape, np.nan)
    found[at] = values.to_numpy(float)
    return found


def _rows_before(is_quoted: np.ndarray) -> np.ndarray:
    """Return the row of the quote before each row, -1 where there is none."""
    rows = np.arange(len(is_quoted))[:, None]
    last = np.maximum.accumulate(np.where(is_quoted, rows, -1), axis=0)
    none = np.full((1, is_quoted.shape[1]), -1)
    return np.vstack([none, last[:-1]]) if len(last) else last


def _faults(
    marks: dict[str, np.ndarray], sessions: pd.DatetimeIndex, ids: np.ndarray
) -> pd.DataFrame:
    found = []
    for reason, is_marked in marks.items():
        row, column = np.nonzero(is_marked)
        found.append(
            pd.DataFrame(
                {
                    "snapshot_date": sessions[row],
                    "symbol_id": ids[column],
                    "reason": reason,
                }
            )
        )
    return pd.concat(found, ignore_index=True)


def _followed(
    table: pd.DataFrame, renamed: pd.DataFrame, own: np.ndarray
) -> pd.DataFrame:
    """Give an old symbol the quotes of the one that took its place, from that day."""
    parts = [table[np.isin(table["symbol_id"], own)]]
    for row in renamed.itertuples():
        is_later = table["snapshot_date"] >= row.changed_on
        later = table[is_later & (table["symbol_id"] == row.symbol_id_new)]
        is_old = (parts[0]["symbol_id"] == row.symbol_id) & (
            parts[0]["snapshot_date"] >= row.changed_on
        )
        parts[0] = parts[0][~is_old]
        parts.append(later.assign(symbol_id=row.symbol_id))
    return pd.concat(parts, ignore_index=True)
