"""One file's rows through the gate and into the store: what every source shares."""

import getpass
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from recon import reconstitution
from recon.errors import SourceUnreadable
from recon.ingest.classes import classes
from recon.ingest.quality import CAP_REASONS, Day, Gate, Verdict
from recon.store import ESTIMATE, PUBLISHED, Store
from recon.store.writer import Writer

HELD_BACK = "held back"
MEMORY_DAYS = 110  # calendar days that hold every session the gate remembers
CHUNK = 1 << 20
REMEMBERED = (
    "security_id",
    "close_usd",
    "total_market_cap_usd",
    "volume_shares",
    "carried_sessions",
)
GATE_COLUMNS = (
    "symbol_id",
    "close_usd",
    "total_market_cap_usd",
    "volume_shares",
    "is_one_class",
    "is_beside",
)


@dataclass(frozen=True, kw_only=True)
class Counters:
    """How far an ingest that asks somebody for slices of the market has come.

    `retries` counts the requests that repeat one which failed; `seconds_left` is an
    estimate, None where there is nothing to rest it on.
    """

    slices_done: int = 0
    slices: int = 0
    rows: int = 0
    requests: int = 0
    retries: int = 0
    seconds_left: float | None = None


class Progress(Protocol):
    """Told what is being done and how much of all is done, a fraction from 0 to 1."""

    def __call__(
        self, what: str, fraction: float, counters: Counters | None = None
    ) -> None:
        """Tell it."""


NoteRequest = Callable[[Mapping[str, object]], None]


def silent(what: str, fraction: float, counters: Counters | None = None) -> None:
    """Show no progress."""


def unread(request: Mapping[str, object]) -> None:
    """Keep no ledger of requests."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of one offered file; counts of rows and days."""

    origin: str
    offered: int = 0
    accepted: int = 0
    quarantined: int = 0
    published_days: int = 0
    known_days: int = 0
    held_back: tuple[tuple[date, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to take rows in.

    `accept` are days that a person publishes against the gate; `replace` lets new
    days take the place of stored ones; `wait_seconds` is how long to wait for another
    ingest to end. `progress` is told how far the ingest is, `note_request` of each
    request it made: `runs.REQUEST_COLUMNS`.
    """

    accept: frozenset[date] = frozenset()
    replace: bool = False
    wait_seconds: float = 30.0
    folders_are_nights: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    progress: Progress = silent
    note_request: NoteRequest = unread


def part_of(options: Options, number: int, count: int) -> Options:
    """Return options whose progress is that of the part `number` of `count`."""

    def tell(what: str, fraction: float, counters: Counters | None = None) -> None:
        options.progress(what, (number + fraction) / count, counters)

    return replace(options, progress=tell)


def take_days(
    writer: Writer,
    matched: Mapping[str, str],
    *,
    source: str,
    origin: str,
    digest: str,
    options: Options,
    notes: Sequence[str] = (),
    draws_lines: bool = True,
    details: pa.Table | None = None,
) -> Taken:
    """Publish the days of the rows that the writer has read as `raw`.

    `details` is what a provider gave beside the quotes, see `Writer.publish_days`.
    Without `draws_lines` their break points are left for memberships to draw.
    """
    offered = writer.stage(matched, origin)
    staged = writer.staged_days()
    stored = writer.store.days()
    published = set(stored.loc[stored["status"] == PUBLISHED, "snapshot_date"].dt.date)
    known = set() if options.replace else settled_days(stored, source) & set(staged)
    days = [day for day in staged if day not in known]
    rows = writer.rows(days)
    rows |= classes(writer.versions(), rows)
    offers = _split(rows)
    other_kind = (stored["source"] == ESTIMATE) != (source == ESTIMATE)
    apart = set(stored.loc[other_kind, "snapshot_date"].dt.date)
    verdicts = _judge(writer.store, offers, options, origin, apart)
    numbers, reasons = _refusals(offers, verdicts, rows["row_number"])
    writer.refuse(numbers, reasons, origin)
    taken = Taken(
        origin=origin,
        offered=offered,
        accepted=sum(len(o.symbol_id) for o in _published(offers, verdicts)),
        quarantined=writer.refused_count(),
        published_days=len(_published(offers, verdicts)),
        known_days=len(known),
        held_back=tuple(
            (offer.snapshot_date, verdict.held_back)
            for offer, verdict in zip(offers, verdicts, strict=True)
            if verdict.held_back
        ),
        note="; ".join(
            [*notes, *([f"{len(known)} days were already stored"] if known else [])]
        ),
    )
    writer.publish_days(
        _snapshots(offers, verdicts, rows, source),
        _day_table(offers, verdicts, source, options.accept, published),
        {
            "source": source,
            "origin": origin,
            "digest": digest,
            "offered_count": taken.offered,
            "accepted_count": taken.accepted,
            "quarantined_count": taken.quarantined,
            "note": taken.note,
            "decided_by": _person() if options.accept & set(days) else None,
        },
        reconstitution.break_points if draws_lines else None,
        details,
    )
    options.progress(origin, 1.0)
    return taken


def settled_days(stored: pd.DataFrame, source: str) -> set[date]:
    """Return the published days that rows of `source` do not take the place of.

    An estimate gives way to what was seen on the day; nothing else gives way unasked.
    `stored` is `Store.days`.
    """
    is_settled = stored["status"] == PUBLISHED
    if source != ESTIMATE:
        is_settled &= stored["source"] != ESTIMATE
    return set(stored.loc[is_settled, "snapshot_date"].dt.date)


def existing(path: Path) -> Path:
    """Return the path of a file that is there and not empty.

    Raises
    ------
    SourceUnreadable
        If there is none, or a folder in its place.
    """
    if path.is_dir():
        raise SourceUnreadable(f"{path} is a folder; a file is expected here.")
    if not path.is_file():
        raise SourceUnreadable(f"There is no file {path}.")
    if path.stat().st_size == 0:
        raise SourceUnreadable(f"{path.name} is empty.")
    return path


def digest_of(path: Path, mapping: Mapping[str, str] | None = None) -> str:
    """Return the SHA-256 of a file's content, as hexadecimal text.

    A `mapping` of columns belongs to it: read by another one, the same file says
    something else.
    """
    digest = hashlib.sha256()
    if mapping:
        digest.update(repr(sorted(mapping.items())).encode())
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def knows(store: Store, source: str, digest: str) -> bool:
    """Tell whether this very content was ingested from this kind of source before."""
    ledger = store.ledger()
    return bool(((ledger["digest"] == digest) & (ledger["source"] == source)).any())


def already(origin: str) -> Taken:
    """Report that nothing had to be done."""
    return Taken(origin=origin, note="already in the store; nothing changed")


def _judge(
    store: Store, offers: list[Day], options: Options, origin: str, apart: set[date]
) -> list[Verdict]:
    """Walk the offered days in order, remembering the stored ones among them.

    Stored days of `apart` are not remembered: estimates hold fewer listings than the
    market, and neither is a measure of the other.
    """
    gate, verdicts = Gate(), []
    if not offers:
        return []
    since = offers[0].snapshot_date - timedelta(days=MEMORY_DAYS)
    replaced = apart | {offer.snapshot_date for offer in offers}
    stored = _stored(store, since, offers[-1].snapshot_date, replaced)
    upcoming = next(stored, None)
    for number, offer in enumerate(offers):
        while upcoming and upcoming[0].snapshot_date < offer.snapshot_date:
            gate.remember(*upcoming)
            upcoming = next(stored, None)
        accepted = offer.snapshot_date in options.accept
        verdicts.append(gate.check(offer, accepted=accepted))
        if number % 10 == 0:
            options.progress(
                f"{origin} {offer.snapshot_date}", 0.2 + 0.6 * number / len(offers)
            )
    return verdicts


def _stored(
    store: Store, since: date, until: date, but: set[date]
) -> Iterator[tuple[Day, np.ndarray, np.ndarray]]:
    """Stored days as the gate remembers them: the day, its caps, sessions carried."""
    quotes = store.quotes(since, until)
    securities = store.securities(since, until)
    ids = securities["security_id"].to_numpy()
    symbol_id = np.zeros(int(ids.max(initial=0)) + 1, dtype=int)
    symbol_id[ids] = securities["symbol_id"].to_numpy()
    stamps = quotes["snapshot_date"].to_numpy("datetime64[D]")
    for stamp in np.unique(stamps):
        day = stamp.astype(object)
        if day in but:
            continue
        span = slice(*np.searchsorted(stamps, [stamp, stamp + 1]))
        row = {name: quotes[name].to_numpy()[span] for name in REMEMBERED}
        caps = row["total_market_cap_usd"]
        remembered = Day(
            snapshot_date=day,
            symbol_id=symbol_id[row["security_id"]],
            close_usd=row["close_usd"],
            total_market_cap_usd=caps,
            volume_shares=row["volume_shares"],
        )
        yield remembered, caps, row["carried_sessions"].astype(int)


def _split(rows: Mapping[str, np.ndarray]) -> list[Day]:
    """Cut parallel arrays, sorted by day, into one `Day` each."""
    days = rows["snapshot_date"].astype("datetime64[D]")
    is_first = np.append(True, days[1:] != days[:-1])[: len(days)]
    starts = np.flatnonzero(is_first)
    ends = np.append(starts[1:], len(days))[: len(starts)]
    return [
        Day(
            snapshot_date=days[start].astype(object),
            **{name: rows[name][start:end] for name in GATE_COLUMNS},
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def _published(offers: list[Day], verdicts: list[Verdict]) -> list[Day]:
    return [
        offer
        for offer, verdict in zip(offers, verdicts, strict=True)
        if verdict.held_back is None
    ]


def _refusals(
    offers: list[Day], verdicts: list[Verdict], row_number: np.ndarray
) -> tuple[np.ndarray, pa.Array]:
    """Row numbers that go to the quarantine, each with its reason."""
    rows, reasons, start = [np.empty(0, np.int64)], [pa.array([], pa.string())], 0
    for offer, verdict in zip(offers, verdicts, strict=True):
        size = len(offer.symbol_id)
        states: Iterable[tuple[str, np.ndarray]] = [
            (reason, np.flatnonzero(verdict.cap_state == state))
            for state, reason in CAP_REASONS.items()
        ]
        if verdict.held_back:
            states = [(f"day held back: {verdict.held_back}", np.arange(size))]
        for reason, at in states:
            if len(at):
                rows.append(row_number[start + at].astype(np.int64))
                reasons.append(
                    pa.array([reason]).take(pa.array(np.zeros(len(at), int)))
                )
        start += size
    return np.concatenate(rows), pa.concat_arrays(reasons)


def _snapshots(
    offers: list[Day],
    verdicts: list[Verdict],
    rows: Mapping[str, np.ndarray],
    source: str,
) -> pa.Table:
    """Rows of the published days, as the store keeps them."""
    kept = np.concatenate(
        [
            np.full(len(offer.symbol_id), verdict.held_back is None)
            for offer, verdict in zip(offers, verdicts, strict=True)
        ]
        or [np.empty(0, bool)]
    )
    caps = [verdict.total_market_cap_usd for verdict in verdicts] or [np.empty(0)]
    carried = [verdict.carried_sessions for verdict in verdicts] or [np.empty(0, int)]
    values = {
        "snapshot_date": rows["snapshot_date"].astype("datetime64[D]")[kept],
        "security_id": rows["security_id"][kept],
        "total_market_cap_usd": _known_only(np.concatenate(caps)[kept]),
        "carried_sessions": np.concatenate(carried).astype(np.int16)[kept],
    }
    for name in ("close_usd", "shares_outstanding", "available_shares"):
        values[name] = _known_only(rows[name][kept])
    volume = rows["volume_shares"][kept]
    values["volume_shares"] = _known_only(volume).cast(pa.int64(), safe=False)
    source_column = pa.array([source]).take(pa.array(np.zeros(int(kept.sum()), int)))
    return pa.table({**values, "source": source_column})


def _known_only(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype(float), from_pandas=True)


def _day_table(
    offers: list[Day],
    verdicts: list[Verdict],
    source: str,
    accept: frozenset[date],
    published: set[date],
) -> pd.DataFrame:
    """One row per offered day, published or held back.

    A day that is `published` already stays so where the new rows of it are held back.
    """
    return pd.DataFrame(
        [
            {
                "snapshot_date": offer.snapshot_date,
                "status": HELD_BACK if verdict.held_back else PUBLISHED,
                "reason": verdict.held_back,
                "security_count": len(offer.symbol_id),
                "with_cap_count": int((~np.isnan(verdict.total_market_cap_usd)).sum()),
                "carried_count": int((verdict.carried_sessions > 0).sum()),
                "quarantined_count": int(
                    np.isin(verdict.cap_state, list(CAP_REASONS)).sum()
                ),
                "total_market_cap_usd": float(np.nansum(verdict.total_market_cap_usd)),
                "source": source,
                "decided_by": _person() if offer.snapshot_date in accept else None,
            }
            for offer, verdict in zip(offers, verdicts, strict=True)
            if not (verdict.held_back and offer.snapshot_date in published)
        ],
        columns=[
            "snapshot_date",
            "status",
            "reason",
            "security_count",
            "with_cap_count",
            "carried_count",
            "quarantined_count",
            "total_market_cap_usd",
            "source",
            "decided_by",
        ],
    ).astype({"reason": "object", "decided_by": "object"})


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "not known"
