"""Delimited text on its way in: every line is a row or refused with its number.

Delimiter and encoding are taken from the header alone, so no odd value further down
can change how the rest is read. Memory does not grow with the file.

DuckDB's own `store_rejects` will not do: it refuses lines that are not UTF-8 and files
of mixed line ends, takes all after an open quote for one line, and does not number the
rows it accepts.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from recon.errors import SourceUnreadable

DELIMITERS = ",;\t|"
BLOCK_BYTES = 8 << 20  # also the longest line
MOST_RATIO, RATIO_FROM_BYTES = 100, 64 << 20  # what a gzip file may unpack to
LONG_VALUE, MOST_VALUE_LINES = 400, 3  # a value of more lines swallowed listings
HEADER_BYTES = 1 << 20
MOST_MISFITS = 100_000  # distinct ones; a file with more is of another form
MOST_COLUMNS = 1_000
SHOWN_CHARACTERS = 2_000
LINE_END = re.compile(r"\r\n|\r|\n")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# what a file that is damaged or of another kind ends in
UNREADABLE = (
    pa.ArrowException,
    OSError,
    EOFError,
    ValueError,
    csv.Error,
    zlib.error,
)


@dataclass
class Misfits:
    """Lines whose number of values differs from the header's: their text and place."""

    repeats: Counter[tuple[int, str]] = field(default_factory=Counter)
    first: dict[tuple[int, str], int] = field(default_factory=dict)
    numbers: array = field(default_factory=lambda: array("q"))

    def take(self, line: pcsv.InvalidRow) -> str:
        """Note one line; `number` counts the header as the first."""
        key = line.actual_columns, line.text[:SHOWN_CHARACTERS]
        if len(self.first) >= MOST_MISFITS and key not in self.first:
            return "error"
        self.repeats[key] += 1
        self.first.setdefault(key, line.number - 1)
        self.numbers.append(line.number - 1)
        return "skip"

    def row_numbers(self, first: int, count: int) -> np.ndarray:
        """Row numbers in the file of `count` good rows, the `first` one on."""
        good = np.arange(first, first + count)
        bad = np.frombuffer(self.numbers, dtype=np.int64) if self.numbers else good[:0]
        return good + np.searchsorted(bad - np.arange(len(bad)), good, side="right")

    def table(self, expected: int) -> pa.Table:
        """One row per different line: reason, offered, repeats, row_number."""
        words = [
            f"the line has {n} values, the header {expected}" for n, _ in self.first
        ]
        return pa.table(
            {
                "reason": pa.array(words, pa.string()),
                "offered": pa.array([text for _, text in self.first], pa.string()),
                "repeats": pa.array(self.repeats.values(), pa.int64()),
                "row_number": pa.array(self.first.values(), pa.int64()),
            }
        )


def to_parquet(path: Path, target: Path, rows_above: int = 0) -> pa.Table:
    """Write the rows of a CSV file, texts as they stand, and return the misfits.

    The Parquet file has the header's columns and `row_number`, counted from 1 after
    the header; blank lines do not count. `rows_above` lines above the header are passed
    over. See `Misfits.table` for what is returned.

    Raises
    ------
    SourceUnreadable
        If the file is empty, binary, truncated, or of another form.
    """
    try:
        with _opened(path) as stream:
            encoding, head = _head(stream)
        names, delimiter = _header(_below(head, rows_above), path.name)
        misfits = Misfits()
        with _opened(path) as stream:
            most = max(RATIO_FROM_BYTES, MOST_RATIO * path.stat().st_size)
            reader = pcsv.open_csv(
                pa.PythonFile(_Utf8(stream, encoding, most, rows_above), mode="r"),
                pcsv.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK_BYTES,
                    column_names=names,
                    skip_rows_after_names=1,
                ),
                pcsv.ParseOptions(
                    delimiter=delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=misfits.take,
                ),
                pcsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                ),
            )
            _write(reader, misfits, target)
        return misfits.table(len(names))
    except UNREADABLE as error:
        said = (str(error) or "it ends too early").strip().splitlines()[0]
        if "straddling" in said:
            said = "a quoted value does not end"
        elif "CSV parse error" in said:
            said = f"more than {MOST_MISFITS:,} lines are not like the header"
        raise SourceUnreadable(
            f"{path.name} could not be read as CSV: {said}."
        ) from error


def preview(path: Path, count: int, rows_above: int = 0) -> list[list[str]]:
    """Return the header of a CSV file and its first rows, as texts.

    `rows_above` lines above the header are passed over.

    Raises
    ------
    SourceUnreadable
        If the file is empty or binary.
    """
    try:
        with _opened(path) as stream:
            _, head = _head(stream)
        head = _below(head, rows_above)
        names, delimiter = _header(head, path.name)
        rows = csv.reader(io.StringIO(head, ""), delimiter=delimiter)
        filled = (row for row in rows if row)
        next(filled)
        return [names, *islice(filled, count)]
    except (*UNREADABLE, StopIteration) as error:
        raise SourceUnreadable(
            f"{path.name} could not be read as CSV: {error}."
        ) from error


def first_lines(path: Path, count: int) -> list[list[str]]:
    """Return the first lines of a CSV file, each cut where it is cut most often.

    Raises
    ------
    SourceUnreadable
        If the file is damaged.
    """
    try:
        with _opened(path) as stream:
            _, head = _head(stream)
        return [
            next(csv.reader([line], delimiter=_delimiter(line)), [])
            for line in LINE_END.split(head, maxsplit=count)[:count]
        ]
    except UNREADABLE as error:
        raise SourceUnreadable(
            f"{path.name} could not be read as CSV: {error}."
        ) from error


def _write(reader: pcsv.CSVStreamingReader, misfits: Misfits, target: Path) -> None:
    schema = reader.schema.append(pa.field("row_number", pa.int64()))
    with pq.ParquetWriter(target, schema, compression="lz4") as writer:
        first = 1
        for batch in reader:
            _check_values(batch, first)
            numbers = pa.array(misfits.row_numbers(first, batch.num_rows))
            table = pa.Table.from_batches([batch]).append_column("row_number", numbers)
            writer.write_table(table)
            first += batch.num_rows


def _check_values(batch: pa.RecordBatch, first: int) -> None:
    """Raise ValueError where a quote that does not end has swallowed lines."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if (pc.max(pc.binary_length(column)).as_py() or 0) < LONG_VALUE:
            continue
        lines = pc.count_substring(column, "\n")
        most = pc.max(lines).as_py()
        if most >= MOST_VALUE_LINES:
            row = first + pc.index(lines, most).as_py()
            raise ValueError(
                f"the {name} of row {row:,} runs over {most:,} lines: a quoted value "
                "does not end"
            )


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        is_gzip = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_gzip else path.open("rb")  # type: ignore[return-value]


def _head(stream: BinaryIO) -> tuple[str, str]:
    """Return the encoding and the first text of a file."""
    start = stream.read(HEADER_BYTES)
    encoding = next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return encoding, decoder.decode(start)


def _header(head: str, where: str) -> tuple[list[str], str]:
    """Return distinct names of the columns, and the delimiter between them."""
    line = LINE_END.split(head, maxsplit=1)[0]
    if not line:
        raise SourceUnreadable(f"{where} is empty; expected a header and rows.")
    delimiter = _delimiter(line)
    found = next(
        row for row in csv.reader(io.StringIO(head, ""), delimiter=delimiter) if row
    )
    if len(found) > MOST_COLUMNS:
        raise SourceUnreadable(
            f"{where} has {len(found):,} columns; a table of listings has up to "
            f"{MOST_COLUMNS:,}."
        )
    return distinct_names(found), delimiter


def _delimiter(line: str) -> str:
    """Return what cuts a line into most values, outside of quotes."""
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _below(text: str, rows_above: int) -> str:
    """Return a file's text from its header on: without lines above, nor blank ones."""
    for _ in range(rows_above):
        end = LINE_END.search(text)
        text = text[end.end() :] if end else ""
    return text.lstrip("\r\n")


def distinct_names(found: Sequence[str]) -> list[str]:
    """Return the column names made distinct, none of them empty."""
    names: list[str] = []
    taken = {"row_number"}
    for number, text in enumerate(found, 1):
        name = plain = text.strip() or f"column {number}"
        copy = 1
        while name.lower() in taken:
            name, copy = f"{plain}_{copy}", copy + 1
        taken.add(name.lower())
        names.append(name)
    return names


class _Utf8(io.RawIOBase):
    """A text file as UTF-8 from its header on, without its mark.

    Bytes that are not text become U+FFFD.
    """

    def __init__(
        self, stream: BinaryIO, encoding: str, most_bytes: int, rows_above: int
    ) -> None:
        super().__init__()
        self._rows_above = rows_above
        self._left = most_bytes
        self._stream, self._rest, self._ended = stream, b"", False
        self._has_begun = False
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes; none at the end."""
        while not self._ended and (size < 0 or len(self._rest) < size):
            block = self._stream.read(BLOCK_BYTES)
            self._left -= len(block)
            if self._left < 0:
                raise ValueError(f"it unpacks to more than {MOST_RATIO} times its size")
            self._ended = not block
            text = self._decoder.decode(block, final=self._ended)
            text += "\n" if self._ended else ""  # the last line may lack its own
            text = text if self._has_begun else _below(text, self._rows_above)
            self._has_begun = self._has_begun or bool(text)
            self._rest += text.encode("utf-8", "replace")
        size = len(self._rest) if size < 0 else size
        block, self._rest = self._rest[:size], self._rest[size:]
        return block
