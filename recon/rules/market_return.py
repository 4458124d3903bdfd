"""The return of the market from session to session: close to close of its members.

Source: Ground Rules v7.0, Appendices E and F: a break point is moved by the return of
the Russell 3000E. Weights are total market caps of the session before; issues, new
listings and share counts corrected later are no return.
"""

import numpy as np
import pandas as pd

from recon import schedule
from recon.rulebook import Rulebook
from recon.rules import sessions


def market_returns(companies: pd.DataFrame, rules: Rulebook) -> pd.Series:
    """Return the market's return of every session since the one before it.

    `companies` is the output of `ranking.rank` of one session after another, with
    symbol_id, close_usd, close_change_frac (the provider's change against the previous
    close, adjusted for splits; missing where not given) and total_market_cap_usd.
    Members are the companies of the Russell 3000E on the session before that are
    ranked on both. The provider's change counts where no session lies between the
    two; else close to close, or the change of the market cap where the share count
    jumps and the cap moves less, as in a split. Indexed by snapshot_date; missing on
    the first session.
    """
    starts, ends = sessions.spans(companies)
    days = companies["snapshot_date"].to_numpy()[starts]
    place = np.searchsorted(
        schedule.sessions().to_numpy("datetime64[D]"), days.astype("datetime64[D]")
    )
    symbol = companies["symbol_id"].to_numpy()
    close, cap = (
        companies[name].to_numpy(float)
        for name in ("close_usd", "total_market_cap_usd")
    )
    change = companies["close_change_frac"].to_numpy(float)
    is_in = (companies["rank"] <= rules.universe_count).to_numpy()
    row_before = np.full(int(symbol.max(initial=0)) + 1, -1)
    found = np.full(len(starts), np.nan)
    for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
        rows = np.arange(start, end)
        before = row_before[symbol[rows]]
        rows, before = rows[before >= 0], before[before >= 0]
        is_next = bool(at) and place[at] - place[at - 1] == 1
        moved = moves(
            close[rows] / close[before] - 1,
            cap[rows] / cap[before] - 1,
            np.where(is_next, change[rows], np.nan),
            rules,
        )
        if len(rows):
            found[at] = np.average(moved, weights=cap[before])
        row_before[:] = -1
        members = np.arange(start, end)[is_in[start:end]]
        row_before[symbol[members]] = members
    return pd.Series(found, index=pd.Index(days), name="market_return_frac")


def moves(
    by_close_frac: np.ndarray,
    by_cap_frac: np.ndarray,
    change_frac: np.ndarray,
    rules: Rulebook,
) -> np.ndarray:
    """Return what each company has moved by since it was quoted before.

    The provider's change where one is given; else close to close, or the change of the
    market cap where the share count jumps and the cap moves less, as in a split.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        count_change = np.abs((1 + by_cap_frac) / (1 + by_close_frac) - 1)
    is_split = count_change > rules.heuristics.share_jump_frac
    is_split &= np.abs(by_cap_frac) < np.abs(by_close_frac)
    moved = np.where(is_split, by_cap_frac, by_close_frac)
    return np.where(np.isnan(change_frac), moved, change_frac)
