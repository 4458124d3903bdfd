"""One file's rows through the gate and into the store: what every source shares."""

import getpass
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from recon import formatting, places
from recon.ingest import judging, lines_of_days
from recon.ingest.classes import believed, classes
from recon.ingest.options import Options
from recon.ingest.outcome import Taken
from recon.ingest.quality import CAP_REASONS, Day, Verdict
from recon.store import ESTIMATE, PUBLISHED
from recon.store.day_tables import ALWAYS, OFFERED_CAPS
from recon.store.writer import Writer

HELD_BACK = "held back"
FIGURES = ("close_usd", "shares_outstanding", "available_shares", "close_change_frac")
GATE_COLUMNS = (
    "symbol_id",
    "close_usd",
    "total_market_cap_usd",
    "volume_shares",
    "is_one_class",
    "is_beside",
    "is_believed",
)


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

    Stored days after them are judged again, see `judging`. `details` is what a
    provider gave beside the quotes, see `Writer.publish_days`. Without `draws_lines`
    break points are left for memberships to draw. A day whose lines cannot be drawn,
    or leap away from the market, is held back, and the others judged without it.
    """
    lines = lines_of_days.Drawing(writer.store, options, source)
    while True:
        try:
            return _taken(
                writer, matched, lines, source=source, origin=origin, digest=digest,
                options=options, notes=notes, draws_lines=draws_lines, details=details,
            )  # fmt: skip
        except lines_of_days.Unfit as found:
            lines.unfit |= found.days
            writer.discard_draft()


def _taken(
    writer: Writer,
    matched: Mapping[str, str],
    lines: lines_of_days.Drawing,
    *,
    source: str,
    origin: str,
    digest: str,
    options: Options,
    notes: Sequence[str],
    draws_lines: bool,
    details: pa.Table | None,
) -> Taken:
    """Do what `take_days` does, without the days that are unfit by now."""
    offered = writer.stage(matched, origin, options.notation)
    staged = writer.staged_days()
    stored = writer.store.days()
    published = set(stored.loc[stored["status"] == PUBLISHED, "snapshot_date"].dt.date)
    known = set() if options.replace else settled_days(stored, source) & set(staged)
    days = [day for day in staged if day not in known][: options.rehearsed_days]
    rows = writer.rows(days)
    versions = writer.versions()
    rows |= classes(versions, rows)
    caps = writer.store.believed_caps(*ALWAYS)
    rows["is_believed"] = believed(caps, versions, rows)
    offers = _split(rows)
    lines.offered(offers)
    judged = judging.judge(
        writer.store,
        offers,
        kin_days(stored, source),
        options,
        origin,
        lines.unfit,
        is_whole=not options.is_sample and source != ESTIMATE,
    )
    verdicts = judged.verdicts
    pairs = list(zip(offers, verdicts, strict=True))
    kept = [offer for offer, verdict in pairs if verdict.held_back is None]
    numbers, reasons = _refusals(offers, verdicts, rows["row_number"])
    writer.refuse(numbers, reasons, origin)
    count = len(judged.revised)
    notes = [
        *notes,
        *([f"{len(known)} days were already stored"] if known else []),
        *([f"{formatting.count(count, 'later day')} judged again"] if count else []),
        *places.unknown_spellings(versions),
    ]
    taken = Taken(
        origin=origin,
        offered=offered,
        accepted=sum(len(offer.symbol_id) for offer in kept),
        quarantined=writer.refused_count(),
        published_days=len(kept),
        known_days=len(known),
        revised_days=count,
        held_back=tuple(
            (offer.snapshot_date, verdict.held_back)
            for offer, verdict in pairs
            if verdict.held_back
        ),
        note="; ".join(notes),
    )
    replaced = published & set(days) if options.replace and options.because else set()
    decides = bool(options.accept & set(days) or replaced)
    writer.publish_days(
        *snapshots_of(verdicts, rows, source),
        day_table(offers, verdicts, source, options, published),
        taken.ledger_entry(source, digest, person(options) if decides else None),
        lines.draw if draws_lines else None,
        details,
        judging.revision_of(writer.store, judged.revised),
    )
    options.progress(origin, 1.0)
    return taken


def kin_days(stored: pd.DataFrame, source: str) -> set[date]:
    """Return the published days that days of a source are measured by.

    Estimates hold fewer listings than the market; neither is a measure of the other.
    `stored` is `Store.days`.
    """
    is_kin = (stored["source"] == ESTIMATE) == (source == ESTIMATE)
    kin = stored.loc[is_kin & (stored["status"] == PUBLISHED), "snapshot_date"]
    return set(kin.dt.date)


def settled_days(stored: pd.DataFrame, source: str) -> set[date]:
    """Return the published days that rows of `source` do not take the place of.

    An estimate gives way to a day as it was seen; nothing else gives way by itself.
    `stored` is `Store.days`.
    """
    is_settled = stored["status"] == PUBLISHED
    if source != ESTIMATE:
        is_settled &= stored["source"] != ESTIMATE
    return set(stored.loc[is_settled, "snapshot_date"].dt.date)


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


def _refusals(
    offers: list[Day], verdicts: list[Verdict], row_number: np.ndarray
) -> tuple[np.ndarray, pa.Array]:
    """Return the row numbers that go to the quarantine, each with its reason."""
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


def snapshots_of(
    verdicts: list[Verdict], rows: Mapping[str, np.ndarray], source: str
) -> tuple[pa.Table, pa.Table]:
    """Return tables `snapshots` and `offered_caps` of the published days."""
    none = np.empty(0, int)
    sizes = [len(verdict.cap_state) for verdict in verdicts]
    kept = np.repeat([verdict.held_back is None for verdict in verdicts], sizes)
    kept = kept.astype(bool)
    caps = np.concatenate([none, *(each.total_market_cap_usd for each in verdicts)])
    carried = np.concatenate([none, *(each.carried_sessions for each in verdicts)])
    keys = {
        "snapshot_date": rows["snapshot_date"].astype("datetime64[D]"),
        "security_id": rows["security_id"],
    }
    values = {name: column[kept] for name, column in keys.items()}
    values["total_market_cap_usd"] = _known_only(caps[kept])
    values["carried_sessions"] = carried[kept].astype(np.int16)
    for name in FIGURES:
        values[name] = _known_only(rows[name][kept])
    volume = _known_only(rows["volume_shares"][kept])
    values["volume_shares"] = volume.cast(pa.int64(), safe=False)
    values["source"] = pa.repeat(source, int(kept.sum()))
    unused = kept & judging.is_stand_in(rows["total_market_cap_usd"], caps, carried)
    offered = {name: column[unused] for name, column in keys.items()}
    offered["total_market_cap_usd"] = _known_only(rows["total_market_cap_usd"][unused])
    return pa.table(values), pa.table(offered, schema=OFFERED_CAPS)


def _known_only(values: np.ndarray) -> pa.Array:
    """Return numbers with nulls in place of NaN."""
    return pa.array(values, mask=np.isnan(values))


def day_table(
    offers: list[Day],
    verdicts: list[Verdict],
    source: str,
    options: Options,
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
                **judging.day_counts(verdict),
                "source": source,
                "decided_by": person(options)
                if offer.snapshot_date in options.accept
                else None,
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


def person(options: Options) -> str:
    """Return who decides, and why where they said so: ``ana: checked with vendor``."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = "not known"
    return f"{name}: {options.because}" if options.because else name
