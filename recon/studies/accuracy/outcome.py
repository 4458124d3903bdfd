"""What came after an event, and lists handed in as a file beside those of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon.errors import BadRequest, SnapshotMissing
from recon.reconstitution import Facts
from recon.rulebook import HEURISTICS
from recon.schedule import Reconstitution
from recon.vocabulary import membership_key

LARGE, SMALL, BROAD = "R1000", "R2000", "R3000"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Membership after an event: index by key, the days it rests on, and how.

    `is_subtracted` tells that the Russell 1000 is a Russell 3000 list less the
    Russell 2000: what the second list lacks by accident then stands in the first.
    """

    index_by_key: Mapping[str, str]
    large_as_of: date
    small_as_of: date
    is_subtracted: bool
    statement: str


def read_lists(table: pd.DataFrame, side: str, year: int | None = None) -> pd.DataFrame:
    """Return index, as_of, key, source from a table of sets or of dated holdings.

    Takes the columns year, side, index, as_of, ticker_key (of which rows of the side
    and year count), or index, as_of and ticker or symbol.

    Raises
    ------
    BadRequest
        If columns are missing.
    """
    if {"action", "effective_date"} <= set(table):
        raise BadRequest(
            "The file holds additions and deletions, not lists of members; name it "
            "with --official."
        )
    names = [n for n in ("ticker_key", "ticker", "symbol") if n in table]
    if not names or not {"index", "as_of"} <= set(table):
        raise BadRequest(
            "A file of lists needs the columns index, as_of and ticker_key or ticker; "
            f"it has {', '.join(map(str, table.columns))}."
        )
    if "side" in table:
        table = table[table["side"] == side]
    if "year" in table and year is not None:
        table = table[table["year"] == year]
    key = membership_key(table[names[0]].astype("str"))
    stated = next((table[n] for n in ("method", "source") if n in table), None)
    return pd.DataFrame(
        {
            "index": table["index"].astype("str"),
            "as_of": pd.to_datetime(table["as_of"]),
            "key": key.astype(object),
            "source": "file" if stated is None else stated.astype("str"),
        }
    ).reset_index(drop=True)


class WithLists:
    """Facts whose membership lists are joined by those of a file."""

    def __init__(self, facts: Facts, lists: pd.DataFrame) -> None:
        self._facts = facts
        own = facts.membership_lists()
        start = int(own["list_id"].max()) + 1 if len(own) else 1
        grouped = lists.groupby(["index", "as_of"], sort=True)
        counts = grouped.agg(source=("source", "first"), security_count=("key", "size"))
        counts = counts.reset_index().assign(usable=True, reason=None)
        counts.insert(0, "list_id", np.arange(start, start + len(counts)))
        numbers = grouped.ngroup() + start
        members = lists.rename(columns={"key": "symbol"}).assign(
            list_id=numbers, weight_frac=np.nan
        )
        self._members = members.sort_values(["list_id", "symbol"])
        self._lists = pd.concat([own, counts], ignore_index=True)

    def __getattr__(self, name: str) -> object:
        return getattr(self._facts, name)

    def membership_lists(self) -> pd.DataFrame:
        """Lists of the store, then those of the file."""
        return self._lists

    def members(self, since: date, until: date) -> pd.DataFrame:
        """Members of the lists between two days, in order of list_id."""
        own, more = self._facts.members(since, until), self._members
        inside = more["as_of"].between(pd.Timestamp(since), pd.Timestamp(until))
        return pd.concat([own, more[inside]], ignore_index=True)


def outcome_of(lists: pd.DataFrame, event: Reconstitution) -> Outcome:
    """Return membership after an event from lists (see `read_lists`) dated after it.

    The first Russell 2000 list once funds have settled, and the first Russell 1000
    list, or else Russell 3000 list less every Russell 2000 list of its season.

    Raises
    ------
    SnapshotMissing
        If no list shows what came.
    """
    close = pd.Timestamp(event.implementation_close)
    days = (lists["as_of"] - close).dt.days
    in_time = days.between(0, HEURISTICS.small_within_days)
    small = lists[(lists["index"] == SMALL) & in_time]
    settled = close + timedelta(days=HEURISTICS.settled_days)
    late = lists.loc[small.index, "as_of"] >= settled
    small_day = (small[late] if late.any() else small)["as_of"].min()
    wide = lists[lists["index"].isin([LARGE, BROAD])]
    wide = wide[days[wide.index].between(0, HEURISTICS.large_within_days)]
    large_day = wide["as_of"].min()
    if pd.isna(small_day) or pd.isna(large_day):
        missing = SMALL if pd.isna(small_day) else LARGE
        raise SnapshotMissing(
            f"No {missing} list shows what came of the {event.name} reconstitution; "
            "load one with 'python -m recon ingest memberships FILE', or name a file "
            "with --after."
        )
    of_day = wide[wide["as_of"] == large_day]
    direct = of_day[of_day["index"] == LARGE]
    chosen = direct if len(direct) else of_day
    smalls = small[small["as_of"] == small_day]
    source = str(chosen["source"].iloc[0])
    large_keys, small_keys = set(chosen["key"]), set(smalls["key"])
    if not len(direct):
        large_keys -= set(small["key"])
    shared = len(large_keys & small_keys)
    if shared > HEURISTICS.shared_frac * len(large_keys):
        raise SnapshotMissing(
            f"What came of the {event.name} reconstitution is not known: {LARGE} of "
            f"{large_day:%d %b %Y} and {SMALL} of {small_day:%d %b %Y} share "
            f"{shared:,} names, so they are not of one event; load lists of one day, "
            "or name a file with --after."
        )
    index_by_key = dict.fromkeys(large_keys, LARGE) | dict.fromkeys(small_keys, SMALL)
    subtracted = not len(direct) or "minus" in source
    return Outcome(
        index_by_key=index_by_key,
        large_as_of=large_day.date(),
        small_as_of=small_day.date(),
        is_subtracted=subtracted,
        statement=f"{LARGE} of {large_day:%d %b %Y}"
        + (f", {BROAD} less {SMALL}" if subtracted else "")
        + f"; {SMALL} of {small_day:%d %b %Y}",
    )


def stored_lists(facts: Facts, since: date, until: date) -> pd.DataFrame:
    """Return the usable lists of the store between two days, as `read_lists` does."""
    lists = facts.membership_lists()
    usable = lists.loc[lists["usable"], ["list_id"]]
    members = facts.members(since, until).rename(columns={"symbol": "key"})
    joined = members.merge(usable, on="list_id", validate="many_to_one")
    return joined[["index", "as_of", "key", "source"]]


def sessions_near(days: pd.DatetimeIndex, wanted: Sequence[date]) -> list[date | None]:
    """Return the last published session on or before each day, within a week of it."""
    found = []
    for day in wanted:
        place = days.searchsorted(pd.Timestamp(day), side="right") - 1
        near = place >= 0 and (pd.Timestamp(day) - days[place]).days <= 7
        found.append(days[place].date() if near else None)
    return found


def check_changed(
    outcome: Outcome, before: Mapping[str, str], event: Reconstitution
) -> None:
    """Refuse lists of after an event that still show the members before it.

    Raises
    ------
    SnapshotMissing
        With the share of the Russell 2000 that is the same: an event changes a tenth.
    """
    then = {key for key, index in before.items() if index == SMALL}
    now = {key for key, index in outcome.index_by_key.items() if index == SMALL}
    kept = len(then & now) / len(then) if then else 0.0
    if kept >= HEURISTICS.unchanged_frac:
        raise SnapshotMissing(
            f"What came of the {event.name} reconstitution is not known: the {SMALL} "
            f"list of {outcome.small_as_of:%d %b %Y} still holds "
            f"{kept:.1%} of the members before the event; load a later list, or name "
            "a file with --after."
        )
