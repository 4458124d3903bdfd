"""Who is a member now, as far as is known, and who will be by the rules.

What is known: index funds' holdings and official lists, each with its day. The
Russell 1000 is rarely given on its own and is then the Russell 3000 less the Russell
2000 of the same era between two reconstitutions.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook

LARGE, SMALL, MICRO, BROAD = "R1000", "R2000", "MICRO", "R3000"
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
    `statement` says in words which lists it rests on, `as_of` the day of the older of
    them (None without any), `is_stale` that one is from before the last
    reconstitution, `ever_in_era` every key in a list since the event they are of.
    """

    index_by_key: Mapping[str, str]
    statement: str
    as_of: date | None
    is_stale: bool
    ever_in_era: frozenset[str]


def known(
    lists: pd.DataFrame, members: pd.DataFrame, as_of: date, era_start: date
) -> Known:
    """Return what is known of membership on `as_of` from lists dated on or before it.

    `lists` has list_id, index, as_of, source, security_count and usable; `members` is
    table `Memberships` with the list_id of each row, in its order.
    `era_start` is the last implementation close: earlier lists count only where the
    era has none, and are called stale.
    """
    day = pd.Timestamp(as_of)
    lists = lists[(lists["as_of"] <= day) & lists["usable"]]
    era = lists["as_of"] >= pd.Timestamp(era_start)
    small = _latest(lists, members, SMALL, era)
    large = _latest(lists, members, LARGE, era) or _rest(lists, members, era)
    is_stale = small is None or large is None
    small = small or _latest(lists, members, SMALL, ~era)
    large = large or _newest(
        _latest(lists, members, LARGE, ~era), _rest_of_latest(lists, members, ~era)
    )
    micro = _latest(lists, members, MICRO, era)
    index_by_key: dict[str, str] = {}
    for code, found in ((MICRO, micro), (SMALL, small), (LARGE, large)):
        index_by_key |= dict.fromkeys(found.keys if found else (), code)
    stated = [each for each in (large, small) if each is not None]
    return Known(
        index_by_key=index_by_key,
        statement="; ".join(each.words for each in stated)
        or "no membership list is known on the day",
        as_of=min((each.as_of for each in stated), default=None),
        is_stale=is_stale,
        ever_in_era=_keys_of(lists[~era if is_stale else era], members),
    )


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The members that one or more lists name: keys, the lists' day, words."""

    keys: frozenset[str]
    as_of: date
    words: str


CLASS_LETTERS = "ABCKV"


def unseen(known: Known, priced: Set[str]) -> frozenset[str]:
    """Return the Russell 1000 companies of which no market cap has been seen, by key.

    One key a company: of several classes the first. `priced` are the keys with a
    market cap about the days of the lists. A key that is another's with a class letter
    behind it is no company of its own. Decision 0012.
    """
    large = {key for key, index in known.index_by_key.items() if index == LARGE}
    companies: dict[str, str] = {}
    for key in sorted(filter(str.isalpha, large - priced)):
        base = key[:-1] if key[-1:] in CLASS_LETTERS else key
        if base == key or base not in priced:
            classes = {base + letter for letter in CLASS_LETTERS} - {key}
            companies.setdefault(base if classes & large else key, key)
    return frozenset(companies.values())


PASSED_OVER_FACTOR = 1.5  # times the R3000 line at rank day: clearly large enough
PASSED_OVER_LATE_FACTOR = 3.0  # ... where the first stored day is after rank day
LOCKED_UP_FACTOR = 3.0  # a new company nearer the line is judged as any other (0005)


def passed_over(
    companies: pd.DataFrame,
    line_cap_usd: float,
    event_name: str,
    *,
    rank_year: int,
    is_late: bool,
) -> pd.Series:
    """Say, by symbol_id, which companies were left out though clearly large enough.

    `companies` are those ranked on the last rank day, or on the first stored day after
    it (`is_late`), with symbol_id of the pricing vehicle, rank, total_market_cap_usd,
    ipo_year and `was_member`: whether any list since then holds it. A company that
    went public in the rank day's year or the one before is not judged where it stood
    far above the line: its lock-ups held float and votes down and have ended since
    (Ground Rules v7.0, 4.3). A year that is not known may be such a year; on a late
    day it must be known at any size.
    """
    factor = PASSED_OVER_LATE_FACTOR if is_late else PASSED_OVER_FACTOR
    cap = companies["total_market_cap_usd"].to_numpy(float)
    ipo_year = companies["ipo_year"].to_numpy(float)
    may_be_new = ~(ipo_year < rank_year - 1)
    is_new = may_be_new & (cap >= LOCKED_UP_FACTOR * line_cap_usd)
    if is_late:
        is_new |= np.isnan(ipo_year)
    is_large = cap >= factor * line_cap_usd
    was_member = companies["was_member"].to_numpy(bool)
    out = companies[is_large & ~was_member & ~is_new]
    words = (
        f"not chosen in {event_name}, though #"
        + out["rank"].astype("str")
        + (" soon after" if is_late else " on")
        + " rank day"
    )
    return pd.Series(words.to_numpy(), index=out["symbol_id"].to_numpy(), dtype="str")


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
    in_band &= rank <= rules.broad_count  # held in an index, not out of them all
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
) -> _Found | None:
    """Members by the last list of an index; of two lists of one day the fuller one."""
    rows = np.flatnonzero(where.to_numpy() & lists["index"].eq(code).to_numpy())
    if not len(rows):
        return None
    by = (lists["security_count"].to_numpy()[rows], lists["as_of"].to_numpy()[rows])
    last = lists.iloc[rows[np.lexsort(by)[-1:]]]
    day, source = last["as_of"].iloc[0].date(), last["source"].iloc[0]
    words = f"{code} of {day:%d %b %Y} ({source})"
    return _Found(keys=_keys_of(last, members), as_of=day, words=words)


def _rest(
    lists: pd.DataFrame, members: pd.DataFrame, where: pd.Series
) -> _Found | None:
    """Russell 1000 as every Russell 3000 list of an era less every Russell 2000 one."""
    broad = lists[where & (lists["index"] == BROAD)]
    small = lists[where & (lists["index"] == SMALL)]
    if broad.empty or small.empty:
        return None
    keys = _keys_of(broad, members)
    day = broad["as_of"].max().date()
    return _Found(
        keys=keys - _keys_of(small, members),
        as_of=day,
        words=f"{LARGE} as {BROAD} of {day:%d %b %Y} less {SMALL}",
    )


def _rest_of_latest(
    lists: pd.DataFrame, members: pd.DataFrame, where: pd.Series
) -> _Found | None:
    """Russell 1000 as the last Russell 3000 list less the last Russell 2000 one."""
    broad = _latest(lists, members, BROAD, where)
    small = _latest(lists, members, SMALL, where)
    if broad is None or small is None:
        return None
    return _Found(
        keys=broad.keys - small.keys,
        as_of=broad.as_of,
        words=f"{LARGE} as {broad.words} less {SMALL}",
    )


def _newest(first: _Found | None, second: _Found | None) -> _Found | None:
    found = [each for each in (first, second) if each is not None]
    return max(found, key=lambda each: each.as_of, default=None)


def _keys_of(lists: pd.DataFrame, members: pd.DataFrame) -> frozenset[str]:
    list_id = members["list_id"].to_numpy()
    symbol = members["symbol"].to_numpy(object)
    asked = lists["list_id"].to_numpy()
    first = np.searchsorted(list_id, asked, side="left")
    last = np.searchsorted(list_id, asked, side="right")
    spans = (symbol[low:high] for low, high in zip(first, last, strict=True))
    return frozenset().union(*spans)
