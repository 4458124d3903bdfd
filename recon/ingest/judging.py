"""Offered days judged in the order of sessions, and stored days after them again.

A verdict rests on the sessions before it. When earlier days come in, the stored days
that follow are judged again from what was offered of them, for as long as the gate's
memory reaches, so that the order of loading does not matter. They stay published.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from recon.ingest.classes import believed, classes
from recon.ingest.options import Options
from recon.ingest.quality import CAP_REASONS, Day, Gate, Verdict
from recon.store import Store
from recon.store.day_tables import ALWAYS, OFFERED_CAPS, REVISED_ROWS, Revision

MEMORY_DAYS = 110  # calendar days that hold every session the gate remembers
NUMBERS = ("close_usd", "total_market_cap_usd", "volume_shares")
BLOCK_SESSIONS = 80  # stored sessions read at a time: about that many


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Verdicts of the offered days, in order, and the stored days they revise."""

    verdicts: list[Verdict]
    revised: "list[Revised]"


@dataclass(frozen=True, kw_only=True)
class Revised:
    """A stored day judged again, with its rows as they are stored."""

    stored: "StoredDay"
    verdict: Verdict


class Block:
    """Some stored sessions and, where they must be judged again, what was offered."""

    def __init__(
        self, store: Store, since: date, until: date, believed_caps: pd.DataFrame
    ) -> None:
        self._store, self._span = store, (since, until)
        self._believed_caps = believed_caps
        self.quotes = store.quotes(since, until)
        self.securities = store.securities(since, until)
        ids = self.securities["security_id"].to_numpy()
        self._place = np.zeros(int(ids.max(initial=0)) + 1, dtype=int)
        self._place[ids] = np.arange(len(ids))
        stamps = self.quotes["snapshot_date"].to_numpy("datetime64[D]")
        self.days, starts = np.unique(stamps, return_index=True)
        self._edges = np.append(starts, len(stamps))

    def __iter__(self) -> Iterator["StoredDay"]:
        for number, stamp in enumerate(self.days):
            span = slice(self._edges[number], self._edges[number + 1])
            yield StoredDay(self, stamp.astype(object), span)

    def attribute(self, name: str, security_id: np.ndarray) -> np.ndarray:
        """Return an attribute of each security."""
        return self.securities[name].to_numpy()[self._place[security_id]]

    @cached_property
    def classes(self) -> dict[str, np.ndarray]:
        """What the gate must know of each row of `quotes`, see `classes`."""
        keys = ("snapshot_date", "security_id")
        rows = {name: self.quotes[name].to_numpy() for name in keys}
        is_believed = believed(self._believed_caps, self.securities, rows)
        return {**classes(self.securities, rows), "is_believed": is_believed}

    @cached_property
    def offered_caps(self) -> pd.Series:
        """Market caps offered that are not stored, by session and security."""
        table = self._store.offered_caps(*self._span)
        return table.set_index(["snapshot_date", "security_id"])["total_market_cap_usd"]

    @cached_property
    def refusals(self) -> dict[date, set[tuple[str, str]]]:
        """Symbol and reason of every refused market cap, by session."""
        table = self._store.cap_refusals(*self._span, list(CAP_REASONS.values()))
        pairs = zip(table["symbol"], table["reason"], strict=True)
        found: dict[date, set[tuple[str, str]]] = {}
        for day, pair in zip(table["snapshot_date"].dt.date, pairs, strict=True):
            found.setdefault(day, set()).add(pair)
        return found


class StoredDay:
    """One stored session: parallel arrays, in the order of the store."""

    def __init__(self, block: Block, day: date, span: slice) -> None:
        self._block, self._span, self.snapshot_date = block, span, day
        self.security_id = self._column("security_id")
        self.total_market_cap_usd = self._column("total_market_cap_usd")
        self.carried_sessions = self._column("carried_sessions").astype(int)

    def as_stored(self) -> Day:
        """Return the day as the gate remembers it."""
        return Day(
            snapshot_date=self.snapshot_date,
            symbol_id=self._block.attribute("symbol_id", self.security_id),
            close_usd=self._column("close_usd"),
            total_market_cap_usd=self.total_market_cap_usd,
            volume_shares=self._column("volume_shares"),
        )

    def as_offered(self) -> Day | None:
        """Return the day as it was offered; None where the store does not know.

        Earlier versions of the program did not keep offered figures.
        """
        caps, classes = self.total_market_cap_usd.copy(), self._block.classes
        keys = pd.MultiIndex.from_product(
            [[pd.Timestamp(self.snapshot_date)], self.security_id]
        )
        place = self._block.offered_caps.index.get_indexer(keys)
        is_given = place >= 0
        if (self.carried_sessions[~is_given] > 0).any():
            return None
        caps[is_given] = self._block.offered_caps.to_numpy()[place[is_given]]
        return replace(
            self.as_stored(),
            total_market_cap_usd=caps,
            is_one_class=classes["is_one_class"][self._span],
            is_beside=classes["is_beside"][self._span],
            is_believed=classes["is_believed"][self._span],
        )

    def agrees(self, verdict: Verdict) -> bool:
        """Tell whether a verdict leaves everything as it is stored."""
        refused = self.refused(verdict)
        pairs = set(zip(refused["symbol"], refused["reason"], strict=True))
        return (
            np.array_equal(
                verdict.total_market_cap_usd, self.total_market_cap_usd, equal_nan=True
            )
            and np.array_equal(verdict.carried_sessions, self.carried_sessions)
            and pairs == self._block.refusals.get(self.snapshot_date, set())
        )

    def refused(self, verdict: Verdict) -> pd.DataFrame:
        """Symbol and reason of the market caps a verdict refuses, by place."""
        at = np.flatnonzero(np.isin(verdict.cap_state, list(CAP_REASONS)))
        symbols = self._block.attribute("symbol", self.security_id[at])
        reasons = [CAP_REASONS[state] for state in verdict.cap_state[at]]
        return pd.DataFrame({"symbol": symbols, "reason": reasons}, index=at)

    def _column(self, name: str) -> np.ndarray:
        return self._block.quotes[name].to_numpy()[self._span]


def judge(
    store: Store,
    offers: Sequence[Day],
    sessions: Collection[date],
    options: Options,
    origin: str,
    unfit: Mapping[date, str],
    *,
    is_whole: bool,
    newly_believed: pd.DataFrame | None = None,
) -> Judged:
    """Judge the offered days in order, remembering the stored ones among them.

    `sessions` are the stored days that count: others of the store are not remembered.
    `unfit` has days that are to be held back, and why; `is_whole` tells that the days
    are of the whole market. `newly_believed` has market caps (snapshot_date, symbol)
    that a person believes from now on: their days are judged again.
    """
    gate = Gate(is_whole=is_whole)
    judged = Judged(verdicts=[], revised=[])
    believed_caps = store.believed_caps(*ALWAYS)
    firsts = [offer.snapshot_date for offer in offers[:1]]
    waiting, changed = list(reversed(offers)), date.min
    if newly_believed is not None:
        believed_caps = pd.concat([believed_caps, newly_believed], ignore_index=True)
        changed = newly_believed["snapshot_date"].min().date()
        firsts.append(changed)
    if not firsts:
        return judged

    def check_until(day: date) -> None:
        nonlocal changed
        while waiting and waiting[-1].snapshot_date < day:
            offer = waiting.pop()
            accepted = offer.snapshot_date in options.accept
            verdict = gate.check(
                offer, accepted=accepted, unfit=unfit.get(offer.snapshot_date)
            )
            if verdict.held_back is None:
                changed = offer.snapshot_date
            judged.verdicts.append(verdict)
            number = len(judged.verdicts)
            if number % 10 == 1:
                done = 0.2 + 0.6 * (number - 1) / len(offers)
                options.progress(f"{origin} {offer.snapshot_date}", done)

    replaced = {offer.snapshot_date for offer in offers}
    since = min(firsts) - timedelta(days=MEMORY_DAYS)
    wanted = sorted(day for day in sessions if day >= since and day not in replaced)
    for stored in _stored_days(store, wanted, believed_caps):
        check_until(stored.snapshot_date)
        is_past = stored.snapshot_date - changed > timedelta(days=MEMORY_DAYS)
        is_reached = stored.snapshot_date >= changed and not is_past
        if not waiting and is_past:
            break
        offered = stored.as_offered() if is_reached else None
        if offered is None:
            gate.remember(
                stored.as_stored(), stored.total_market_cap_usd, stored.carried_sessions
            )
            continue
        verdict = gate.check(offered, accepted=True)
        if not stored.agrees(verdict):
            judged.revised.append(Revised(stored=stored, verdict=verdict))
            changed = stored.snapshot_date
    check_until(date.max)
    return judged


def _stored_days(
    store: Store, wanted: list[date], believed_caps: pd.DataFrame
) -> Iterator[StoredDay]:
    """Stored days in order, read a block at a time as they are needed."""
    for start in range(0, len(wanted), BLOCK_SESSIONS):
        days = wanted[start : start + BLOCK_SESSIONS]
        chosen = set(days)
        for stored in Block(store, days[0], days[-1], believed_caps):
            if stored.snapshot_date in chosen:
                yield stored


def revision_of(store: Store, revised: Sequence[Revised]) -> Revision | None:
    """Return what the writer needs to revise stored days; None where there are none."""
    if not revised:
        return None
    origins = store.days().merge(store.ledger()[["ingest_id", "origin"]], "left")
    origins = origins.set_index(origins["snapshot_date"].dt.date)
    rows, caps, days, refusals = [], [], [], []
    for each in revised:
        stored, verdict = each.stored, each.verdict
        offered = stored.as_offered()
        assert offered is not None
        kept, carried = verdict.total_market_cap_usd, verdict.carried_sessions
        day = pd.Timestamp(stored.snapshot_date)
        table = pd.DataFrame(
            {
                "snapshot_date": day,
                "security_id": stored.security_id,
                "total_market_cap_usd": kept,
                "carried_sessions": carried,
            }
        )
        is_same = (kept == stored.total_market_cap_usd) | (
            np.isnan(kept) & np.isnan(stored.total_market_cap_usd)
        )
        is_same &= carried == stored.carried_sessions
        rows.append(table[~is_same])
        stands_in = is_stand_in(offered.total_market_cap_usd, kept, carried) & ~is_same
        caps.append(
            table.assign(total_market_cap_usd=offered.total_market_cap_usd)[stands_in]
        )
        days.append({"snapshot_date": day, **day_counts(verdict)})
        refused = stored.refused(verdict)
        numbers = {name: getattr(offered, name)[refused.index] for name in NUMBERS}
        origin = origins.loc[stored.snapshot_date, ["origin", "ingest_id"]]
        refusals.append(refused.assign(snapshot_date=day, **numbers, **origin))
    return Revision(
        rows=_arrow(rows, REVISED_ROWS),
        offered_caps=_arrow(caps, OFFERED_CAPS),
        days=pd.DataFrame(days),
        refusals=_arrow(refusals, REFUSALS),
        reasons=tuple(CAP_REASONS.values()),
    )


def _arrow(parts: list[pd.DataFrame], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(pd.concat(parts), schema, preserve_index=False)


def is_stand_in(
    offered_cap_usd: np.ndarray, kept_cap_usd: np.ndarray, carried: np.ndarray
) -> np.ndarray:
    """Tell which market caps a verdict kept are not the offered ones."""
    differs = kept_cap_usd != offered_cap_usd
    differs &= ~(np.isnan(kept_cap_usd) & np.isnan(offered_cap_usd))
    return differs | (carried > 0)


def day_counts(verdict: Verdict) -> dict[str, object]:
    """Return the counts and the total of a day that its verdict decides."""
    caps = verdict.total_market_cap_usd
    refused = np.isin(verdict.cap_state, list(CAP_REASONS))
    return {
        "with_cap_count": int((~np.isnan(caps)).sum()),
        "carried_count": int((verdict.carried_sessions > 0).sum()),
        "quarantined_count": int(refused.sum()),
        "total_market_cap_usd": float(np.nansum(caps)),
    }


REFUSALS = pa.schema(
    [
        ("snapshot_date", pa.date32()),
        ("symbol", pa.string()),
        ("reason", pa.string()),
        *((name, pa.float64()) for name in NUMBERS),
        ("origin", pa.string()),
        ("ingest_id", pa.int32()),
    ]
)
