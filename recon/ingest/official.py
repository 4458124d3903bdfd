"""Official lists of an event, as FTSE Russell posts them: CSV, XLSX, Parquet or PDF.

A list is kept as it was posted and never changed; a later list of the same event takes
precedence where it is read. A file is taken whole or not at all.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recon import formatting, schedule
from recon.errors import SourceUnreadable
from recon.ingest.files import digest_of, existing, is_known, read_xlsx
from recon.ingest.holdings import NOTHING, take_memberships
from recon.ingest.options import Options
from recon.ingest.outcome import Taken, already_stored
from recon.schedule import Reconstitution
from recon.sources import official_lists, official_pdf
from recon.sources.official_lists import FINAL, MEMBER, PRELIMINARY, Told
from recon.store.writer import Writer, open_writer

SOURCE, POSTER = "official", "FTSE Russell"
EVENT_DAYS = 31  # between the day a list takes effect and its event's
HEAD = ["index", "action", "event", "kind", "posted_on", "effective_on"]


def official(
    folder: Path, paths: Sequence[Path], options: Options, told: Told | None = None
) -> list[Taken]:
    """Ingest official lists, one generation a file; `told` is what no file says.

    Lists of members after an event become membership lists, as fund holdings do.

    Raises
    ------
    SourceUnreadable
        If a file cannot be read whole, in its page or row and line, or if neither it
        nor `told` says which event and which list it is; files before it are taken.
    """
    told = told or Told()
    digests = [digest_of(existing(path)) for path in paths]
    taken = []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for path, digest in zip(paths, digests, strict=True):
            if is_known(writer.store, SOURCE, digest):
                taken.append(already_stored(path.name))
                continue
            options.progress(f"reading {path.name}", 0.0)
            rows = _dated(_rows(path, told), path.name)
            taken.append(_take(writer, rows, path.name, digest))
            options.progress(path.name, 1.0)
    return taken


def _rows(path: Path, told: Told) -> pd.DataFrame:
    """Return the rows of a file, see `official_lists.parse_table`."""
    kind = path.suffix.lower()
    if kind == ".pdf":
        return official_pdf.parse(path, told)
    try:
        if kind == ".parquet":
            table = pq.read_table(path).to_pandas()
        elif kind == ".xlsx":
            table = read_xlsx(path).to_pandas().drop(columns="row_number")
        else:
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else "no reason given"
        raise SourceUnreadable(f"{path.name} could not be read: {first}.") from error
    return official_lists.parse_table(table, path.name, told)


def _dated(rows: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Add `event`, and kind and days where the schedule tells them.

    A list that does not say when it was posted was posted on the schedule's day of its
    kind, a final one at the implementation close (decision 0051).
    """
    heads = rows[["kind", "posted_on", "effective_on"]].drop_duplicates()
    parts = []
    for head in heads.to_dict("records"):
        kind = None if formatting.is_missing(head["kind"]) else head["kind"]
        posted, effective = (
            None if pd.isna(head[name]) else head[name].date()
            for name in ("posted_on", "effective_on")
        )
        event = _event(posted, effective, origin)
        kind = kind or _kind(event, posted, origin)
        posted = posted or _posted(event, kind, origin)
        same = [
            rows[name].eq(value) | (rows[name].isna() & pd.isna(value))
            for name, value in head.items()
        ]
        parts.append(
            rows[same[0] & same[1] & same[2]].assign(
                event=event.name,
                kind=kind,
                posted_on=pd.Timestamp(posted),
                effective_on=pd.Timestamp(effective or event.implementation_close),
            )
        )
    return pd.concat(parts, ignore_index=True)


def _event(posted: date | None, effective: date | None, origin: str) -> Reconstitution:
    if effective is not None:
        near = [
            event
            for event in schedule.reconstitutions()
            if abs((event.implementation_close - effective).days) <= EVENT_DAYS
        ]
        if near:
            return near[0]
        raise SourceUnreadable(
            f"{origin} takes effect on {effective}, and no reconstitution is within "
            f"{EVENT_DAYS} days of it; name the day with --effective."
        )
    if posted is not None:
        return schedule.coming(posted)
    raise SourceUnreadable(
        f"{origin} says neither when it was posted nor when it takes effect; name one "
        "of the days with --posted or --effective."
    )


def _kind(event: Reconstitution, posted: date | None, origin: str) -> str:
    days = {event.preliminary_list: PRELIMINARY} | {
        day: f"update {number}" for number, day in enumerate(event.updates, start=1)
    }
    if posted is not None and posted in days:
        return days[posted]
    when = "" if posted is None else f", and none was due on {formatting.day(posted)}"
    raise SourceUnreadable(
        f"{origin} does not say which list of {event.name} it is{when}; name it with "
        f"--kind: {', '.join(official_lists.KINDS)}."
    )


def _posted(event: Reconstitution, kind: str, origin: str) -> date:
    days = {PRELIMINARY: event.preliminary_list, FINAL: event.implementation_close} | {
        f"update {number}": day for number, day in enumerate(event.updates, start=1)
    }
    day = days.get(kind)
    if day is None:
        raise SourceUnreadable(
            f"{origin} does not say when it was posted, and the schedule of "
            f"{event.name} has no day for the list '{kind}'; name it with --posted."
        )
    return day


def _take(writer: Writer, rows: pd.DataFrame, origin: str, digest: str) -> Taken:
    """Check the rows of a file and publish them; return what became of them."""
    twice = rows[rows.duplicated([*HEAD, "key"])]
    if len(twice):
        row = twice.iloc[0]
        raise SourceUnreadable(
            f"{origin} names {row['symbol']} twice in the {row['kind']} list of "
            f"{row['index']} {row['action']}s; nothing of the file was taken."
        )
    is_member = rows["action"] == MEMBER
    if is_member.any() and not is_member.all():
        raise SourceUnreadable(
            f"{origin} holds members beside additions or deletions; make it two files."
        )
    if is_member.all():
        return _take_members(writer, rows, origin, digest)
    rows = rows.assign(number=rows.groupby(HEAD, sort=True).ngroup())
    lists = rows.groupby(["number", *HEAD], as_index=False).agg(
        security_count=("key", "size")
    )
    lists = lists.assign(origin=origin, digest=digest)
    words = [
        f"{row['index']} {row['action']}s, {row['kind']} of {row['event']}, posted "
        f"{formatting.day(row['posted_on'])}: {row['security_count']:,}"
        for row in lists.to_dict("records")
    ]
    taken = Taken(
        origin=origin, offered=len(rows), accepted=len(rows), note="; ".join(words)
    )
    names = rows[["number", "symbol", "key", "name", "industry"]]
    writer.publish_official(lists, names, taken.ledger_entry(SOURCE, digest))
    return taken


def _take_members(
    writer: Writer, rows: pd.DataFrame, origin: str, digest: str
) -> Taken:
    early = rows[rows["kind"] != FINAL]
    if len(early):
        raise SourceUnreadable(
            f"{origin} is a list of members called {early['kind'].iloc[0]}; only final "
            "ones say who is a member. Name it with --kind final if it is one."
        )
    members = pd.DataFrame(
        {
            "index": rows["index"],
            "as_of": rows["effective_on"],
            "symbol": rows["key"],
            "weight_frac": float("nan"),
            "source": POSTER,
        }
    )
    return take_memberships(writer, members, NOTHING.copy(), origin, digest, SOURCE)
