"""Who is a member now, as far as is known, and who will be by the rules.

What is known: index funds' holdings and official lists, each with its day. The
Russell 1000 is rarely given on its own and is then the Russell 3000 less the Russell
2000 of the same era between two reconstitutions.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from recon.indexes import BROAD, HELD, LARGE, MICRO, SMALL
from recon.rulebook import HEURISTICS, Rulebook
from recon.rules import bands
from recon.vocabulary import (
    ADDITION,
    DELETION,
    MIGRATION_DOWN,
    MIGRATION_UP,
    MOVES,
    NONE,
    STAYS,
)

# moves by index now (rows) and by the rules (columns): none, large, small, Microcap;
# Microcap-only and nothing are both outside the Russell 3000
_MOVES = np.array(
    [
        [NONE, ADDITION, ADDITION, NONE],
        [DELETION, STAYS, MIGRATION_DOWN, DELETION],
        [DELETION, MIGRATION_UP, STAYS, DELETION],
        [NONE, ADDITION, ADDITION, STAYS],
    ]
)
_MOVE_CODES = np.vectorize(MOVES.index)(_MOVES).astype(np.int8)
INDEX, MOVE = pd.CategoricalDtype(HELD), pd.CategoricalDtype(MOVES)
IN_LARGE, IN_SMALL, IN_MICRO, IN_NONE = 0, 1, 2, -1  # places in HELD


@dataclass(frozen=True, kw_only=True)
class Known:
    """Membership as known on a day.

    `index_by_key` maps a symbol without punctuation to R1000, R2000 or MICRO;
    `statement` says in words which lists it rests on, `as_of` the day of the older of
    them (None without any), `named_on` the day from which on names are not told anew,
    earlier where what is left of older lists stands in for one of them, `is_stale`
    that they are from before the last reconstitution, `ever_in_era` every key in a
    list since the event they are of.
    """

    index_by_key: Mapping[str, str]
    statement: str
    as_of: date | None
    named_on: date | None
    is_stale: bool
    ever_in_era: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class MemberList:
    """A dated list of an index's members, by key, and whether it is complete enough."""

    index: str
    as_of: date
    source: str
    security_count: int
    usable: bool
    keys: frozenset[str]


def known(
    lists: Sequence[MemberList],
    as_of: date,
    era_start: Callable[[date], date],
    caps_on: Callable[[date], Mapping[str, float]] = lambda day: {},
) -> Known:
    """Return what is known of membership on `as_of` from lists dated on or before it.

    `era_start` returns the last implementation close on or before a day: earlier lists
    count only where the era has none, and are called stale. The Russell 1000 is all
    that a list of the era holds, for nobody leaves between two events but for good.
    Where a name is in two lists the newer decides. Where the era has a list of one
    index alone, the other is what both held before, less the new list; of the names
    that left the Russell 2000 so, those below its median market cap have left the
    Russell 3000. `caps_on` returns market caps by key about a day. Decision 0008.
    """
    lists = [each for each in lists if each.usable and each.as_of <= as_of]
    start = era_start(as_of)
    before = [each for each in lists if each.as_of < start]
    era, unused = [], []
    for each in lists:
        if each.as_of >= start:
            why = unsettled(each, before, start)
            era += [] if why else [each]
            unused += [f"{_words(each)} not used: {why}"] if why else []
    small = _latest(era, SMALL)
    large = _ever(era, LARGE) or _rest(era)
    small_before = _latest(before, SMALL)
    large_before = _newest(_large_before(before, era_start), _rest_of_latest(before))
    is_stale = small is None and large is None
    if small is None and large is not None and small_before is not None:
        small = _other(SMALL, large, large_before, small_before)
    if large is None and small is not None and large_before is not None:
        large = _other(LARGE, small, large_before, small_before)
        caps = caps_on(small.as_of)
        large = replace(large, keys=large.keys - _too_small(small, large, caps))
    small, large = small or small_before, large or large_before
    if small and large and _overlap_too_much(small, large):
        older = min(small, large, key=lambda each: each.as_of)
        unused.append(f"{older.words} not used for the names that are in both lists")
    micro = _latest(era, MICRO)
    # the newer list decides; of one day, the Russell 1000's
    is_small_newer = small and large and small.as_of > large.as_of
    order = [(SMALL, small), (LARGE, large)]
    index_by_key: dict[str, str] = {}
    for code, found in [(MICRO, micro), *order[:: -1 if is_small_newer else 1]]:
        index_by_key |= dict.fromkeys(found.keys if found else (), code)
    stated = [each for each in (large, small) if each is not None]
    held = (each.keys for each in (before if is_stale else era))
    return Known(
        index_by_key=index_by_key,
        statement="; ".join([*(each.words for each in stated), *unused])
        or "no membership list is known on the day",
        as_of=min((each.as_of for each in stated), default=None),
        named_on=min((each.named_on for each in stated), default=None),
        is_stale=is_stale,
        ever_in_era=_union(tuple(held)) | (large.keys if large else frozenset()),
    )


def unsettled(latest: MemberList, before: Sequence[MemberList], era_start: date) -> str:
    """Say why a list of soon after an event does not show what came of it, if so.

    Compared with the last list of the index before the event: an event changes one
    name in ten, and a fund sells and buys for days. Empty for a list that counts.
    """
    numbers = HEURISTICS
    days = (latest.as_of - era_start).days
    earlier = [each for each in before if each.index == latest.index]
    if days > numbers.settling_days or not earlier:
        return ""
    last = max(earlier, key=lambda each: (each.as_of, each.security_count))
    common = len(latest.keys & last.keys)
    kept, new = common / len(last.keys), 1 - common / len(latest.keys)
    if kept < numbers.unchanged_frac:
        return ""
    if new < 1 - numbers.unchanged_frac:
        return "it still shows the members before the event"
    return "it holds those that leave and those that join at once"


def _words(found: MemberList) -> str:
    return f"{found.index} of {found.as_of:%d %b %Y} ({found.source})"


def _other(code: str, new: "_Found", *before: "_Found | None") -> "_Found":
    """What two indexes held before, less the new list of one of them."""
    held = [each for each in before if each]
    last = max(each.as_of for each in held)
    return _Found(
        keys=_union(tuple(each.keys for each in held)) - new.keys,
        as_of=new.as_of,
        named_on=min(each.named_on for each in held),
        words=f"{code} as the members of {last:%d %b %Y} less {new.words}",
    )


def _too_small(
    small: "_Found", large: "_Found", caps: Mapping[str, float]
) -> frozenset[str]:
    """Return names below the median of an index that they are not in any more."""
    known_caps = [caps[key] for key in small.keys if key in caps]
    if not known_caps:
        return frozenset()
    median = float(np.median(known_caps))
    return frozenset(key for key in large.keys if caps.get(key, median) < median)


def _overlap_too_much(small: "_Found", large: "_Found") -> bool:
    """Tell whether two lists share more names than classes of shares explain."""
    shared = len(small.keys & large.keys)
    return shared > HEURISTICS.shared_frac * len(large.keys)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The members that one or more lists name: keys, days as in `Known`, words."""

    keys: frozenset[str]
    as_of: date
    named_on: date
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


def clearly_large(
    companies: pd.DataFrame,
    line_cap_usd: float,
    rules: Rulebook,
    *,
    rank_year: int,
    is_late: bool,
) -> np.ndarray:
    """Tell which companies were large enough to be chosen, whatever is not known.

    One that no list holds since was passed over, and is taken to fail what cannot be
    seen. `companies` are those ranked on the last rank day, or on the first stored day
    after it (`is_late`), with total_market_cap_usd and ipo_year. A company that went
    public in the rank day's year or the one before is not judged where it stood far
    above the line: its lock-ups held float and votes down and have ended since (Ground
    Rules v7.0, 4.3). A year that is not known may be such a year; on a late day it
    must be known at any size. Decision 0005.
    """
    numbers = rules.heuristics
    factor = numbers.passed_over_late_factor if is_late else numbers.passed_over_factor
    cap = companies["total_market_cap_usd"].to_numpy(float)
    ipo_year = companies["ipo_year"].to_numpy(float)
    may_be_new = ~(ipo_year <= rank_year - numbers.new_listing_years)
    is_new = may_be_new & (cap >= numbers.locked_up_factor * line_cap_usd)
    if is_late:
        is_new |= np.isnan(ipo_year)
    return (cap >= factor * line_cap_usd) & ~is_new


def tells(rank_day: date, ranked_on: date, day: date, rules: Rulebook) -> bool:
    """Tell whether a verdict of a rank day, read from a session, holds on a day.

    The session may be later (the store's first one) or a few days earlier, not from
    before a gap; and a verdict is out of date when the lists of the next event should
    have come. Decision 0005.
    """
    numbers = rules.heuristics
    is_held = (rank_day - ranked_on).days <= numbers.held_rank_day_days
    is_fresh = (day - rank_day).days <= numbers.passed_over_days
    return ranked_on <= day and is_held and is_fresh


def project(companies: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add `projected_index`, `is_held_by_band` and `move` to placed companies.

    `companies` is the output of `bands.place`, one session or many, with
    `current_index`. New entrants and Microcap-only names go by rank; a Russell 3000
    member inside the band keeps its index, outside it goes to the side it is on.
    Source: Ground Rules v7.0, 6.10.2.
    """
    rank = companies["rank"].to_numpy()
    current = index_codes(companies["current_index"])
    side = companies[f"side_{rules.large_count}"].cat.codes.to_numpy()
    is_inside = side == bands.INSIDE
    is_member = (current == IN_LARGE) | (current == IN_SMALL)
    by_rank = rank <= rules.large_count
    keeps_large = (side == bands.ABOVE) | (is_inside & (current == IN_LARGE))
    is_large = np.where(is_member, keeps_large, by_rank)
    is_broad = rank <= rules.broad_count
    projected = np.where(is_large, np.int8(IN_LARGE), np.int8(IN_SMALL))
    projected[~is_broad] = IN_MICRO
    projected[rank > rules.universe_count] = IN_NONE
    # held in an index, not out of them all
    is_held = is_member & is_inside & (is_large != by_rank) & is_broad
    return companies.assign(
        projected_index=pd.Categorical.from_codes(projected, dtype=INDEX),
        is_held_by_band=is_held,
        move=pd.Categorical.from_codes(
            _MOVE_CODES[current + 1, projected + 1], dtype=MOVE
        ),
    )


def moves(current_index: pd.Series, projected_index: pd.Series) -> pd.Series:
    """Name the change of each row from one index to another."""
    now, then = index_codes(current_index), index_codes(projected_index)
    codes = _MOVE_CODES[now + 1, then + 1]
    return pd.Series(
        pd.Categorical.from_codes(codes, dtype=MOVE), index=current_index.index
    )


def index_codes(held: pd.Series) -> np.ndarray:
    """Return the place in `indexes.HELD` of each index, -1 for none."""
    return pd.Categorical(held, dtype=INDEX).codes


def _latest(lists: Sequence[MemberList], code: str) -> _Found | None:
    """Members by the last list of an index; of two lists of one day the fuller one."""
    own = [each for each in lists if each.index == code]
    if not own:
        return None
    # of two alike the later one
    last = max(reversed(own), key=lambda each: (each.as_of, each.security_count))
    words = f"{code} of {last.as_of:%d %b %Y} ({last.source})"
    return _Found(keys=last.keys, as_of=last.as_of, named_on=last.as_of, words=words)


def _ever(lists: Sequence[MemberList], code: str) -> _Found | None:
    """Members by every list of an index; the last one gives the day and the words."""
    last = _latest(lists, code)
    own = tuple(each.keys for each in lists if each.index == code)
    return last and replace(last, keys=_union(own))


def _large_before(
    lists: Sequence[MemberList], era_start: Callable[[date], date]
) -> _Found | None:
    """Russell 1000 by the lists of the last era that has one."""
    own = [each for each in lists if each.index == LARGE]
    if not own:
        return None
    since = era_start(max(each.as_of for each in own))
    return _ever([each for each in own if each.as_of >= since], LARGE)


def _rest(lists: Sequence[MemberList]) -> _Found | None:
    """Russell 1000 as every Russell 3000 list of an era less every Russell 2000 one."""
    broad = [each for each in lists if each.index == BROAD]
    small = [each for each in lists if each.index == SMALL]
    if not broad or not small:
        return None
    day = max(each.as_of for each in broad)
    held, left = (_union(tuple(each.keys for each in own)) for own in (broad, small))
    return _Found(
        keys=held - left,
        as_of=day,
        named_on=day,
        words=f"{LARGE} as {BROAD} of {day:%d %b %Y} less {SMALL}",
    )


def _rest_of_latest(lists: Sequence[MemberList]) -> _Found | None:
    """Russell 1000 as the last Russell 3000 list less the last Russell 2000 one."""
    broad, small = _latest(lists, BROAD), _latest(lists, SMALL)
    if broad is None or small is None:
        return None
    return _Found(
        keys=broad.keys - small.keys,
        as_of=broad.as_of,
        named_on=broad.as_of,
        words=f"{LARGE} as {broad.words} less {SMALL}",
    )


def _newest(first: _Found | None, second: _Found | None) -> _Found | None:
    found = [each for each in (first, second) if each is not None]
    return max(found, key=lambda each: each.as_of, default=None)


@lru_cache(maxsize=32)
def _union(parts: tuple[frozenset[str], ...]) -> frozenset[str]:
    """Keys of any list; remembered, for from day to day at most one list is added."""
    return _union(parts[:-1]) | parts[-1] if parts else frozenset()
