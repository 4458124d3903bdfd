"""Who is a member now, as far as is known, and who will be by the rules.

What is known: index funds' holdings and official lists, each with its day. The
Russell 1000 is rarely given on its own and is then the Russell 3000 less the Russell
2000 of the same era between two reconstitutions.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook

LARGE, SMALL, MICRO = "R1000", "R2000", "MICRO"
ADDITION, DELETION, UP, DOWN, STAYS, NONE = (
    "addition",
    "deletion",
    "migration up",
    "migration down",
    "stays",
    "none",
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """Membership as known on a day.

    `index_by_key` maps a symbol without punctuation to R1000, R2000 or MICRO;
    `statement` says in words which lists it rests on; `is_stale` that they are from
    before the last reconstitution.
    """

    index_by_key: pd.Series
    statement: str
    is_stale: bool


def known(
    lists: pd.DataFrame, members: pd.DataFrame, as_of: date, era_start: date
) -> Known:
    """Return what is known of membership on `as_of` from lists dated on or before it.

    `lists` has list_id, index, as_of, source, security_count and usable; `members` is
    table `Memberships` with the list_id of each row.
    `era_start` is the last implementation close: earlier lists count only where the
    era has none, and are called stale.
    """
    day = pd.Timestamp(as_of)
    lists = lists[(lists["as_of"] <= day) & lists["usable"]]
    era = lists["as_of"] >= pd.Timestamp(era_start)
    small, small_words = _latest(lists, members, SMALL, era)
    large, large_words = _latest(lists, members, LARGE, era)
    broad_lists = lists[era & (lists["index"] == "R3000")]
    small_lists = lists[era & (lists["index"] == SMALL)]
    if large is None and len(broad_lists) and len(small_lists):
        broad = _keys_of(broad_lists, members)
        ever_small = _keys_of(small_lists, members)
        large = broad[~broad.isin(ever_small)]
        last = broad_lists["as_of"].max()
        large_words = f"R1000 as R3000 of {last:%d %b %Y} less R2000"
    is_stale = small is None or large is None
    if small is None:
        small, small_words = _latest(lists, members, SMALL, ~era)
    if large is None:
        large, large_words = _stale_large(lists, members, ~era)
    micro, _ = _latest(lists, members, MICRO, era)
    pieces = {LARGE: large, SMALL: small, MICRO: micro}
    index_by_key = pd.concat(
        [
            pd.Series(code, index=keys)
            for code, keys in pieces.items()
            if keys is not None
        ]
        or [pd.Series(dtype="str")]
    ).astype("str")
    index_by_key = index_by_key[~index_by_key.index.duplicated(keep="first")]
    words = [text for text in (large_words, small_words) if text]
    statement = "; ".join(words) or "no membership list is known on the day"
    return Known(index_by_key=index_by_key, statement=statement, is_stale=is_stale)


def project(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add `projected_index` and `move` to placed companies.

    `companies` is one session of `bands.place` with `current_index`. New entrants and
    Microcap-only names go by rank; a Russell 3000 member inside the band keeps its
    index, outside it goes to the side it is on. Source: Ground Rules v7.0, 6.10.2.
    """
    rank = companies["rank"].to_numpy()
    current = companies["current_index"]
    side = companies[f"side_{rules.large_count}"].to_numpy()
    is_member = current.isin([LARGE, SMALL]).to_numpy()
    by_rank = rank <= rules.large_count
    held_large = (side == "inside") & current.eq(LARGE).to_numpy()
    is_large = np.where(is_member, (side == "above") | held_large, by_rank)
    projected = np.select(
        [
            is_large & (rank <= rules.broad_count),
            rank <= rules.broad_count,
            rank <= rules.universe_count,
        ],
        [LARGE, SMALL, MICRO],
        "",
    )
    projected_index = pd.Series(projected, index=companies.index).replace("", pd.NA)
    in_band = is_member & (side == "inside") & (is_large != by_rank)
    return companies.assign(
        projected_index=projected_index.astype("str"),
        is_held_by_band=in_band,
        move=moves(current, projected_index),
    )


def moves(current_index: pd.Series, projected_index: pd.Series) -> pd.Series:
    """Name the change of each row; Microcap-only and nothing are both outside R3000."""
    now, then = current_index.fillna("").astype(object), projected_index.fillna("")
    then = then.astype(object)
    was_in, is_in = now.isin([LARGE, SMALL]), then.isin([LARGE, SMALL])
    names = np.select(
        [
            was_in & ~is_in,
            ~was_in & is_in,
            (now == SMALL) & (then == LARGE),
            (now == LARGE) & (then == SMALL),
            now.ne("") | then.ne(""),
        ],
        [DELETION, ADDITION, UP, DOWN, STAYS],
        NONE,
    )
    changed_outside = ~was_in & ~is_in & (now != then)
    return pd.Series(
        np.where(changed_outside, NONE, names), index=now.index, dtype="str"
    )


def _latest(
    lists: pd.DataFrame, members: pd.DataFrame, code: str, where: pd.Series
) -> tuple[pd.Index | None, str]:
    of_index = lists[where & (lists["index"] == code)]
    if of_index.empty:
        return None, ""
    # of two lists of one day the fuller one
    last = of_index.sort_values(["as_of", "security_count"]).iloc[-1:]
    text = f"{code} of {last['as_of'].iloc[0]:%d %b %Y} ({last['source'].iloc[0]})"
    return _keys_of(last, members), text


def _stale_large(
    lists: pd.DataFrame, members: pd.DataFrame, where: pd.Series
) -> tuple[pd.Index | None, str]:
    direct, words = _latest(lists, members, LARGE, where)
    broad, broad_words = _latest(lists, members, "R3000", where)
    small, _ = _latest(lists, members, SMALL, where)
    if broad is None or small is None:
        return direct, words
    is_later = lists[where & (lists["index"] == "R3000")]["as_of"].max()
    direct_days = lists[where & (lists["index"] == LARGE)]["as_of"]
    if direct is not None and direct_days.max() >= is_later:
        return direct, words
    return broad[~broad.isin(small)], f"R1000 as {broad_words} less R2000"


def _keys_of(lists: pd.DataFrame, members: pd.DataFrame) -> pd.Index:
    chosen = members["list_id"].isin(lists["list_id"])
    return pd.Index(members.loc[chosen, "symbol"].unique())
