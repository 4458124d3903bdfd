"""Index membership: fund holdings and tables of dated holdings."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recon import reconstitution
from recon.errors import SourceUnreadable
from recon.indexes import INDEXES
from recon.ingest.days import Options, Taken, already, digest_of, existing, knows
from recon.quality import judge_list
from recon.sources import ishares
from recon.store.writer import Writer, open_writer


def memberships(
    folder: Path, paths: Sequence[Path], options: Options, index: str | None = None
) -> list[Taken]:
    """Ingest index membership: iShares holdings CSV, or tables of dated holdings."""
    digests = [digest_of(existing(path)) for path in paths]
    taken = []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for path, digest in zip(paths, digests, strict=True):
            if knows(writer.store, "memberships", digest):
                taken.append(already(path.name))
                continue
            options.progress(f"reading {path.name}", 0.0)
            members, refused = _membership_rows(path, index)
            taken.append(take_memberships(writer, members, refused, path.name, digest))
            options.progress(path.name, 1.0)
    return taken


def _membership_rows(
    path: Path, index: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    nothing = pd.DataFrame(columns=["index", "as_of", "symbol", "reason"])
    try:
        if path.suffix.lower() == ".parquet":
            table = pq.read_table(path).to_pandas()
            return ishares.parse_table(table, path.name, INDEXES)
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if text.splitlines() and "as_of" in text.splitlines()[0]:
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            return ishares.parse_table(table, path.name, INDEXES)
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else "no reason given"
        raise SourceUnreadable(f"{path.name} could not be read: {first}.") from error
    return ishares.parse_holdings(text, path.name, index), nothing


def take_memberships(
    writer: Writer,
    members: pd.DataFrame,
    refused: pd.DataFrame,
    origin: str,
    digest: str,
    source: str = "memberships",
) -> Taken:
    """Judge and publish membership lists; return what became of the rows.

    `members` is table `Memberships`; `refused` has index, as_of, symbol and reason.
    """
    keys = ["index", "as_of", "source"]
    lists = members.groupby(keys, as_index=False).agg(security_count=("symbol", "size"))
    ranks = lists["index"].map(
        {
            code: entry.last_rank - entry.first_rank + 1
            for code, entry in INDEXES.items()
        }
    )
    reason = [
        judge_list(count, size)
        for count, size in zip(lists["security_count"], ranks, strict=True)
    ]
    lists = lists.assign(
        usable=[text is None for text in reason],
        reason=pd.Series(reason, index=lists.index, dtype="object"),
    )
    unusable = lists[~lists["usable"]]
    notes = [
        f"{row['index']} of {row['as_of']:%Y-%m-%d} not used: {row['reason']}"
        for row in unusable.to_dict("records")
    ]
    why = refused["reason"].value_counts()
    notes += [f"{count} rows refused: {text}" for text, count in why.items()]
    taken = Taken(
        origin=origin,
        offered=len(members) + len(refused),
        accepted=len(members),
        quarantined=len(refused),
        note="; ".join([f"{len(lists)} lists", *notes]),
    )
    writer.publish_memberships(
        lists,
        members,
        refused,
        {
            "source": source,
            "origin": origin,
            "digest": digest,
            "offered_count": taken.offered,
            "accepted_count": taken.accepted,
            "quarantined_count": taken.quarantined,
            "note": taken.note,
            "decided_by": None,
        },
        reconstitution.break_points,
    )
    return taken
