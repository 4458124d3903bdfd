"""Average daily volume of securities, in shares of the day asked for."""

from datetime import date

import numpy as np
import pandas as pd

from recon.rulebook import HEURISTICS
from recon.studies.demand.facts import DemandFacts

WINDOWS = (20, 60)  # sessions, those of the requirement; the first is the usual one


def average(facts: DemandFacts, table: pd.DataFrame, day: date) -> pd.DataFrame:
    """Add average volumes up to a day: mean and median of 20 and 60 sessions.

    Columns adv_shares_20, adv_shares_60, adv_shares_median_20, adv_shares_median_60,
    and `volume_reason` where they are not known. Volumes before a split are in shares
    of after it.
    """
    sessions = facts.published_days()
    past = sessions[sessions <= pd.Timestamp(day)][-max(WINDOWS) :]
    ids = table["symbol_id"].dropna().astype(int)
    traded = facts.volumes(past[0].date(), day, np.unique(ids))
    adjusted = split_adjusted(traded)
    found = {}
    for window in WINDOWS:
        inside = adjusted["snapshot_date"] >= past[-min(window, len(past))]
        volume = adjusted.loc[inside].groupby("symbol_id")["volume_shares"]
        enough = volume.count() >= min(HEURISTICS.volume_min_sessions, len(past))
        for name, values in (("", volume.mean()), ("median_", volume.median())):
            known = values.where(enough & (values > 0))
            found[f"adv_shares_{name}{window}"] = table["symbol_id"].map(known)
    reason = pd.Series("", index=table.index, dtype="str")
    for window in reversed(WINDOWS):
        lacks = found[f"adv_shares_{window}"].isna()
        words = f"volume of the last {window} sessions not known"
        reason = reason.mask(lacks, words)
    return table.assign(**found, volume_reason=reason)


def split_adjusted(traded: pd.DataFrame) -> pd.DataFrame:
    """Bring volumes to the shares of the last session.

    `traded` is `Store.volumes`, by symbol and session. A split is where the close moved
    otherwise than the provider's change, which is against the adjusted close.
    """
    close = traded["close_usd"].to_numpy(float)
    symbol = traded["symbol_id"].to_numpy()
    change = traded["close_change_frac"].to_numpy(float)
    before = np.roll(close, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        kept = close / before / (1 + change)
    is_first = np.ones(len(traded), dtype=bool)
    is_first[1:] = symbol[1:] != symbol[:-1]
    jumps = (
        ~is_first
        & (np.abs(kept - 1) > HEURISTICS.volume_split_frac)
        & np.isfinite(kept)
        & (kept > 0)
    )
    step = np.where(jumps, np.log(np.where(jumps, kept, 1.0)), 0.0)
    # shares grow as the close shrinks: all steps after a row, up to its symbol's last
    total = pd.Series(step).groupby(symbol).transform("sum").to_numpy()
    so_far = pd.Series(step).groupby(symbol).cumsum().to_numpy()
    factor = np.exp(-(total - so_far))
    return traded.assign(volume_shares=traded["volume_shares"].to_numpy(float) * factor)
