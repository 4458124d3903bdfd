"""What a load of filings has read so far: rows judged, and parts kept until published.

A part is whole or not there, so that a load that was killed goes on with the first
member that it had not read.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from recon.sources.filings import DAYS as DAY_COLUMNS
from recon.sources.filings import TABLES, WHOLE_NUMBERS, Told, tables_of
from recon.vocabulary import membership_key

PART_ROWS = 100_000
MOST_REFUSED = 1_000  # rows that are kept with their reason; the others are counted
NEEDED = {
    "filers": ["cik", "known_on"],
    "former_names": ["cik", "name"],
    "symbols": ["cik", "symbol", "known_on"],
    "forms": ["cik", "form", "filed_on", "accession"],
    "facts": ["cik", "fact", "value", "period_end", "known_on"],
}
DAY_OF = {"filers": "known_on", "symbols": "known_on", "facts": "known_on"}
DAY_OF |= {"forms": "filed_on"}
REFUSED = ["known_on", "symbol", "reason", "offered"]


def in_parts(
    told: Iterator[tuple[str, Told]], done: int
) -> Iterator[tuple[int, list[Told]]]:
    """Yield what members told, as many as make a part, and how many are done."""
    parts: list[Told] = []
    rows = 0
    for _, each in told:
        parts.append(each)
        done, rows = done + 1, rows + each.row_count() + 1
        if rows >= PART_ROWS:
            yield done, parts
            parts, rows = [], 0
    if parts:
        yield done, parts


@dataclass
class Staged:
    """What a load has read so far, in a folder: parts that are whole or not there."""

    folder: Path
    since: date | None
    today: date
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[pd.DataFrame] = field(default_factory=list)
    passed_over: int = 0
    unread: int = 0
    first_unread: str = ""
    number: int = 0

    def done(self, file: str) -> int:
        """Return how many members of a file are staged, and take in what they held."""
        done = 0
        for path in sorted(self.folder.glob("part-*.json")):
            note = json.loads(path.read_text("utf-8"))
            if note["file"] != file:
                continue
            done = note["done"]
            self.number = max(self.number, int(path.stem.split("-")[1]) + 1)
            self._count(note)
            refused = self.folder / f"{path.stem}-refused.parquet"
            self.refused.append(pd.read_parquet(refused))
        return done

    def put(self, file: str, done: int, parts: Sequence[Told]) -> None:
        """Stage what members told; `done` of the file's are in then."""
        stem = f"part-{self.number:06d}"
        kept, refused = judged(tables_of(parts), self.since, self.today)
        for name, table in kept.items():
            if len(table):
                _write(table, self.folder / f"{stem}-{name}.parquet")
        _write(refused, self.folder / f"{stem}-refused.parquet")
        unread = [each.refusal for each in parts if each.refusal]
        note: dict[str, Any] = {
            "file": file,
            "done": done,
            "counts": {name: len(table) for name, table in kept.items()},
            "passed_over": sum(each.passed_over for each in parts),
            "unread": len(unread),
            "first_unread": "".join(unread[:1]),
        }
        temporary = self.folder / f"{stem}.new"
        temporary.write_text(json.dumps(note), encoding="utf-8")
        os.replace(temporary, self.folder / f"{stem}.json")  # the part counts from here
        self._count(note)
        self.refused.append(refused)
        self.number += 1

    def tables(self) -> dict[str, ds.Dataset]:
        """Return the tables of all parts as datasets, which are read when asked."""
        found = {}
        stems = [path.stem for path in sorted(self.folder.glob("part-*.json"))]
        for name, columns in TABLES.items():
            paths = [self.folder / f"{stem}-{name}.parquet" for stem in stems]
            files = [str(path) for path in paths if path.exists()]
            schema = pa.schema([(column, _arrow(column)) for column in columns])
            found[name] = ds.dataset(files, schema=schema, format="parquet")
        return found

    def _count(self, note: dict[str, Any]) -> None:
        for name, rows in note["counts"].items():
            self.counts[name] = self.counts.get(name, 0) + rows
        self.passed_over += note["passed_over"]
        self.unread += note["unread"]
        self.first_unread = self.first_unread or note["first_unread"]


def judged(
    tables: dict[str, pd.DataFrame], since: date | None, today: date
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Sort rows into good ones and ones refused with a reason.

    Symbols are written as membership lists write them. Reports of 8-K without an item
    that is read, and rows filed before `since`, are left out.
    """
    kept, refused = {}, []
    for name, table in tables.items():
        if name == "symbols":
            table = table.assign(symbol=membership_key(table["symbol"]))
            table = table[table["symbol"].notna()]
        if name == "forms":
            is_blank = table["form"].str.startswith("8-K") & table["items"].isna()
            table = table[~is_blank]
        reason = pd.Series(pd.NA, index=table.index, dtype="object")
        reason = reason.mask(table[NEEDED[name]].isna().any(axis=1), "no day or number")
        if day := DAY_OF.get(name):
            late = table[day] > pd.Timestamp(today)
            reason = reason.mask(late & reason.isna(), "filed after today")
            if since is not None and name in ("forms", "facts"):
                early = table[day] < pd.Timestamp(since)
                table, reason = table[~early], reason[~early]
        is_bad = reason.notna()
        kept[name] = table[~is_bad].reset_index(drop=True)
        if is_bad.any():
            bad = table[is_bad]
            words = pd.Series("", index=bad.index)
            for column in NEEDED[name][1:]:
                words += " " + bad[column].astype("str").fillna("nothing")
            refused.append(
                pd.DataFrame(
                    {
                        "known_on": bad[day] if day else pd.NaT,
                        "symbol": "CIK " + bad["cik"].astype("str"),
                        "reason": reason[is_bad],
                        "offered": words.str[1:81],
                    }
                )
            )
    empty = pd.DataFrame(columns=REFUSED).astype(dict.fromkeys(REFUSED[1:], "str"))
    empty = empty.astype({"known_on": "datetime64[us]"})
    return kept, pd.concat([empty, *refused], ignore_index=True)


def _arrow(column: str) -> pa.DataType:
    if column in WHOLE_NUMBERS:
        return pa.int64()
    if column == "value":
        return pa.float64()
    return pa.timestamp("us") if column in DAY_COLUMNS else pa.string()


def _write(table: pd.DataFrame, path: Path) -> None:
    columns = {name: table[name] for name in table.columns}
    schema = pa.schema([(name, _arrow(name)) for name in columns])
    with path.open("wb") as stream:
        whole = pa.Table.from_pandas(table, schema=schema, preserve_index=False)
        pq.write_table(whole, stream, compression="zstd")
        stream.flush()
        os.fsync(stream.fileno())
