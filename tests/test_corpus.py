"""Files that are not what they seem: every reader against every kind of damage.

A file is read, in part or whole, or refused in one sentence; nothing else may happen,
and no file is larger than its damage needs.
"""

import gzip
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from docx import Document
from pptx import Presentation

from recon.errors import ReconError
from recon.ingest.files import read_xlsx
from recon.ingest.fundamentals import _read
from recon.ingest.guessing import guess
from recon.ingest.holdings import _membership_rows
from recon.note import keeping, output
from recon.sources import fundamentals, nasdaq
from recon.sources.response_cache import CachedResponse, ResponseCache
from recon.store import generations, staging
from tests import market

DAY = date(2024, 3, 1)
Damage = Callable[[bytes], bytes]
Read = Callable[[Path], object]
TABLE = market.calm([DAY])


def table_as(ending: str) -> bytes:
    stream = io.BytesIO()
    if ending == ".csv":
        return TABLE.to_csv(index=False).encode()
    if ending == ".csv.gz":
        return gzip.compress(TABLE.to_csv(index=False).encode(), mtime=0)
    if ending == ".parquet":
        TABLE.to_parquet(stream, index=False)
    else:
        TABLE.to_excel(stream, index=False)
    return stream.getvalue()


def office(made: object) -> bytes:
    stream = io.BytesIO()
    made.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


SCREENER = json.dumps(
    [{"symbol": "A", "lastsale": "$1.00", "marketCap": "2", "name": "A Inc."}] * 9
).encode()
HOLDINGS = (
    b'iShares Fund\nFund Holdings as of,"Mar 01, 2024"\n\n'
    b"Ticker,Name,Asset Class,Weight (%),Exchange\n"
    b"A,A Inc.,Equity,50,NYSE\nB,B Inc.,Equity,50,NYSE\n"
)
FUND = json.dumps({"aaData": [["A", "A Inc.", "X", "Equity", {"raw": 1}, {"raw": 50}]]})
BOOKS = b"symbol,known_on,price_to_book\nA,2024-03-01,2.5\nB,2024-03-01,1.5\n"
NOTE = json.dumps({"recon_note": 1, "title": "A", "lead": "", "pieces": []}).encode()
MANIFEST = json.dumps(
    {"format": 1, "generation": 3, "market": "real", "core": "core-000003.duckdb",
     "years": {"2024": "y2024-000003.duckdb"}, "kept": [], "blank": False}
).encode()  # fmt: skip


def stage(path: Path) -> object:
    spill = str(path.parent / "spill")
    with duckdb.connect(config={"temp_directory": spill}) as con:
        staging.read_file(con, path)
        return con.execute("select count(*) from raw").fetchall()


def screener(path: Path) -> object:
    (file,) = nasdaq.folder_files(DAY, [path])
    return nasdaq.parse_screener(file)


def kept_answer(path: Path) -> object:
    cache = ResponseCache(path.parent / "cache")
    cache.put("x", CachedResponse(status=200, url="x", content=b"[]"))
    (held,) = (path.parent / "cache").glob("*.gz")
    held.write_bytes(path.read_bytes())
    return cache.get("x")


READERS: dict[str, tuple[str, bytes, Read]] = {
    "a CSV": ("a.csv", table_as(".csv"), stage),
    "a CSV, packed": ("a.csv.gz", table_as(".csv.gz"), stage),
    "a Parquet": ("a.parquet", table_as(".parquet"), stage),
    "a workbook": ("a.xlsx", table_as(".xlsx"), read_xlsx),
    "a guess": ("a.csv", table_as(".csv"), guess),
    "a guess of a Parquet": ("a.parquet", table_as(".parquet"), guess),
    "a guess of a workbook": ("a.xlsx", table_as(".xlsx"), guess),
    "a screener's file": ("nyse_full_tickers.json", SCREENER, screener),
    "a screener's file, packed": (
        "nyse_full_tickers.json.gz", gzip.compress(SCREENER, mtime=0), screener,
    ),
    "holdings": ("IWM.csv", HOLDINGS, lambda p: _membership_rows(p, "R2000", DAY)),
    "a fund's page": (
        "IWM.json", FUND.encode(), lambda p: _membership_rows(p, "R2000", DAY),
    ),
    "fundamentals": (
        "b.csv", BOOKS, lambda p: fundamentals.parse(_read(p), p.name, DAY, None),
    ),
    "a note": ("n.json", NOTE, lambda p: keeping.loaded(p.read_bytes(), p.name)),
    "slides": (
        "t.pptx", office(Presentation()),
        lambda p: output.checked_template(p.read_bytes(), p.name),
    ),
    "a document": (
        "t.docx", office(Document()),
        lambda p: output.checked_template(p.read_bytes(), p.name),
    ),
    "a manifest": (
        "CURRENT", MANIFEST,
        lambda p: generations.parse_manifest(p.read_bytes(), p.parent, p.name),
    ),
    "a kept answer": ("k.gz", gzip.compress(b'{"status": 200}\n[]'), kept_answer),
}  # fmt: skip


def noise(seed: int, size: int = 3_000) -> Damage:
    return lambda good: random.Random(seed).randbytes(size)


def flipped(seed: int) -> Damage:
    def damage(good: bytes) -> bytes:
        draw, content = random.Random(seed), bytearray(good)
        for _ in range(12):
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        return bytes(content)

    return damage


def cut(frac: float) -> Damage:
    return lambda good: good[: int(len(good) * frac)]


def zipped(content: bytes, name: str = "[Content_Types].xml") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


ZEROS = zlib.compress(bytes(80 << 20), 9)
ENTITIES = (
    b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + b"".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>".encode()
        for n in range(9)
    )
    + b"]><x>&j;</x>"
)
DAMAGES: dict[str, Damage] = {
    "nothing": lambda good: b"",
    "one byte": lambda good: b"\x00",
    "a line end": lambda good: b"\n",
    "zeros": lambda good: bytes(5_000),
    "ones": lambda good: b"\xff" * 5_000,
    "half of it": cut(0.5),
    "a tenth of it": cut(0.1),
    "all but the end": lambda good: good[:-1],
    "all but the beginning": lambda good: good[1:],
    "twice": lambda good: good * 2,
    "backwards": lambda good: good[::-1],
    "noise before it": lambda good: noise(1, 100)(good) + good,
    "noise after it": lambda good: good + noise(2, 100)(good),
    "noise": noise(3),
    "other noise": noise(4),
    "bits turned": flipped(5),
    "other bits turned": flipped(6),
    "more bits turned": flipped(7),
    "a mark before it": lambda good: b"\xef\xbb\xbf" + good,
    "a mark of two bytes": lambda good: b"\xff\xfe" + good,
    "two bytes a character": lambda good: good.decode("latin-1").encode("utf-16"),
    "a page": lambda good: b"<!doctype html><html><body>404</body></html>",
    "entities of entities": lambda good: ENTITIES,
    "brackets without end": lambda good: b"[" * 100_000,
    "braces without end": lambda good: b'{"a":' * 50_000,
    "a long line": lambda good: b"a" * 1_000_000,
    "many columns": lambda good: b"a," * 20_000 + b"\n" + b"1," * 20_000,
    "quotes without end": lambda good: good + b'\n"' + b"x\n" * 500,
    "null": lambda good: b"null",
    "a list": lambda good: b"[]",
    "an object": lambda good: b"{}",
    "a number": lambda good: b"1e999",
    "not a number": lambda good: b"[NaN, Infinity, -Infinity]",
    "half a character": lambda good: b'["\\ud800"]',
    "a formula": lambda good: b"=cmd|' /C calc'!A0,b\n1,2\n",
    "a program": lambda good: b"\x7fELF" + bytes(500),
    "a picture": lambda good: b"\x89PNG\r\n\x1a\n" + bytes(500),
    "an empty archive": lambda good: zipped(b"", "a"),
    "an archive of zeros": lambda good: zipped(bytes(70_000_000)),
    "zeros, packed": lambda good: gzip.compress(bytes(80 << 20), 9, mtime=0),
    "packed twice": lambda good: gzip.compress(gzip.compress(good)),
    "a packed half": lambda good: gzip.compress(good)[:-9],
}  # fmt: skip


@pytest.fixture(scope="module")
def damaged() -> Callable[[str, bytes], bytes]:
    """Damage is done once where it does not depend on the file."""
    held: dict[str, bytes] = {}

    def make(name: str, good: bytes) -> bytes:
        content = DAMAGES[name](good)
        return held.setdefault(name, content) if "zeros" in name else content

    return make


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("kind", READERS)
def test_a_file_is_read_or_refused_in_one_sentence(
    tmp_path: Path, damaged: Callable[[str, bytes], bytes], kind: str, name: str
) -> None:
    file, good, read = READERS[kind]
    path = tmp_path / file
    path.write_bytes(damaged(name, good))
    try:
        read(path)
    except ReconError as refused:
        words = str(refused)
        assert words and "\n" not in words
        assert len(words) < 1_500
        assert "Traceback" not in words


@pytest.mark.parametrize("kind", READERS)
def test_an_undamaged_file_is_read(tmp_path: Path, kind: str) -> None:
    file, good, read = READERS[kind]
    (tmp_path / file).write_bytes(good)
    assert read(tmp_path / file) is not Ellipsis


def test_two_stray_quotes_do_not_swallow_the_listings_between(tmp_path: Path) -> None:
    rows = market.crowd(700, [DAY]).to_csv(index=False).splitlines()
    rows[50] = rows[50].replace("N0049 Inc.", '"N0049 Inc.')
    rows[650] = rows[650].replace("N0649 Inc.", 'N0649" Inc.')
    path = tmp_path / "a.csv"
    path.write_text("\n".join(rows) + "\n")
    with pytest.raises(ReconError, match="a quoted value does not end"):
        stage(path)


def test_a_sheet_of_the_largest_size_with_nothing_in_it_is_left_soon(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.xlsx"
    frame = pd.DataFrame({"symbol": ["A"]})
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        frame.to_excel(writer, index=False)
        writer.sheets["Sheet1"].cell(1_048_576, 16_384, "x")
    assert path.stat().st_size < 20_000
    with pytest.raises(ReconError, match="columns"):
        read_xlsx(path)
