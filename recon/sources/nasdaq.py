"""The Nasdaq screener's own JSON, archived by day in folders or in a git clone.

Each day has three files, one per exchange. The screener shows the state after the
close, so a day's files are that session's; a clone's commit is dated by the
New York day on which it was made.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from recon.errors import SourceUnreadable
from recon.sources.git_objects import MOST_BYTES, Clone

EXCHANGES = ("nasdaq", "nyse", "amex")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
FIELDS = {
    "symbol": "symbol",
    "name": "name",
    "lastsale": "close_usd",
    "volume": "volume_shares",
    "marketCap": "total_market_cap_usd",
    "pctchange": "close_change_frac",
    "country": "country",
    "ipoyear": "ipo_year",
    "industry": "industry",
    "sector": "sector",
}
COLUMNS = ("snapshot_date", "exchange", *FIELDS.values())
REFUSAL = "refusal"


@dataclass(frozen=True, kw_only=True)
class ScreenerFile:
    """One exchange's file of one day, unread; `fault` says why it could not be had."""

    snapshot_date: date
    exchange: str
    origin: str
    content: bytes
    fault: str = ""


def parse_screener(file: ScreenerFile) -> list[dict[str, str | None]]:
    """Return the file's rows with our column names; every value is text or None.

    Raises
    ------
    SourceUnreadable
        If the content is not a screener file: not JSON, truncated, or of another form.
    """
    text = _unzipped(file)
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceUnreadable(
            f"{file.origin} is not complete JSON: {error}."
        ) from error
    if isinstance(rows, dict):  # the live service wraps the rows
        data = rows.get("data") or {}
        rows = data.get("rows") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceUnreadable(
            f"{file.origin} holds no list of listings; expected objects with "
            f"{', '.join(FIELDS)}."
        )
    named = {"symbol", "lastsale", "marketCap"}
    if rows and not any(named <= row.keys() for row in rows):
        raise SourceUnreadable(
            f"{file.origin} lacks symbol, lastsale or marketCap; its first row has "
            f"{', '.join(rows[0])[:200] or 'nothing'}."
        )
    exchange = file.exchange.upper()
    day = file.snapshot_date.isoformat()
    return [
        {
            "snapshot_date": day,
            "exchange": exchange,
            **{ours: _text(row.get(theirs)) for theirs, ours in FIELDS.items()},
        }
        for row in rows
    ]


def to_table(rows: list[dict[str, str | None]]) -> pa.Table:
    """Return parsed rows as a table of texts: `COLUMNS` and the reason of refusal."""
    schema = pa.schema([(name, pa.string()) for name in (*COLUMNS, REFUSAL)])
    return pa.Table.from_pylist(rows, schema=schema)


def archive_days(folder: Path) -> dict[date, list[Path]]:
    """Return the files of each ``YYYY-MM-DD`` folder below `folder`.

    Raises
    ------
    SourceUnreadable
        If there is no such folder in it.
    """
    days: dict[date, list[Path]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        try:
            day = date.fromisoformat(path.name)
        except ValueError:
            continue
        found = [_archived(path, exchange) for exchange in EXCHANGES]
        days[day] = [file for file in found if file is not None]
    if not days:
        raise SourceUnreadable(
            f"{folder} holds no folders named YYYY-MM-DD; expected files such as "
            "2024-04-30/nasdaq_full_tickers.json.gz."
        )
    return days


def clone_commits(clone: Clone) -> dict[date, str]:
    """Return the last commit of each New York day of a clone, in order of day."""
    days: dict[date, tuple[int, str]] = {}
    for commit in clone.commits():
        try:
            moment = EPOCH + timedelta(seconds=commit.made_at)
            day = moment.astimezone(NEW_YORK).date()
        except OverflowError:  # of no day that there is
            continue
        days[day] = max(days.get(day, (0, "")), (commit.made_at, commit.name))
    return {day: days[day][1] for day in sorted(days)}


def clone_files(clone: Clone, day: date, commit: str) -> Iterator[ScreenerFile]:
    """Read the three files of a commit from the clone, without checking it out."""
    for exchange in EXCHANGES:
        path = f"{exchange}/{exchange}_full_tickers.json"
        content, fault = b"", ""
        try:
            content = clone.file(commit, path) or b""
        except SourceUnreadable as error:
            fault = str(error)
        if content or fault:
            yield ScreenerFile(
                snapshot_date=day,
                exchange=exchange,
                origin=f"{commit[:10]}:{path}",
                content=content,
                fault=fault,
            )


def folder_files(day: date, paths: list[Path]) -> Iterator[ScreenerFile]:
    """Read the files of one archived day."""
    for path in paths:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        yield ScreenerFile(
            snapshot_date=day,
            exchange=path.name.split("_")[0],
            origin=f"{path.parent.name}/{path.name}",
            content=content,
        )


def _archived(folder: Path, exchange: str) -> Path | None:
    for suffix in (".json.gz", ".json"):
        path = folder / f"{exchange}_full_tickers{suffix}"
        if path.is_file():
            return path
    return None


def _unzipped(file: ScreenerFile) -> bytes:
    if file.fault:
        raise SourceUnreadable(file.fault)
    if not file.content:
        raise SourceUnreadable(f"{file.origin} is empty; expected JSON.")
    content = file.content
    if content.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(io.BytesIO(content)) as stream:
                content = stream.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceUnreadable(
                f"{file.origin} is not a complete gzip file: {error}."
            ) from error
    if len(content) > MOST_BYTES:
        raise SourceUnreadable(
            f"{file.origin} holds more than {MOST_BYTES >> 20} MB; an exchange's file "
            "has about 2 MB."
        )
    return content


def _text(value: object) -> str | None:
    # JSON can hold half of a surrogate pair, which is not text
    return None if value is None else str(value).encode("utf-8", "replace").decode()
