"""Random files: refused with a sentence or taken in, and never a row lost."""

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon import ingest
from recon.errors import ReconError
from recon.ingest.quality import CAP_REASONS
from recon.sources import ishares, nasdaq
from recon.store import Store
from tests.market import Options

QUICK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DAY = "2024-03-01"
HEADER = ["date", "symbol", "price", "market_cap", "volume", "name"]
texts = st.text(max_size=12)
cells = st.one_of(
    texts,
    st.floats().map(str),
    st.integers(-10, 10**19).map(str),
    st.sampled_from(["", "NA", '"', "'", "\n", ",", "\r\n", "$1,000.50", "\0", "1,5"]),
)
days = st.sampled_from([DAY] * 6 + ["2024-03-02", "1.3.2024", "2019-07-04", ""])
symbols = st.one_of(st.sampled_from(["AAA", "NA", "TRUE", "BRK.B", "A'B"]), texts)
rows = st.lists(st.tuples(days, symbols, *[cells] * 4), max_size=8)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def added_up(folder: Path, path: Path, count: int | None) -> None:
    """Ingest a file into a new store and count its rows."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        try:
            (taken,) = ingest.vendor(Path(name), [path], Options())
        except ReconError as error:
            assert str(error).startswith(path.name)
            assert count is None
            return
        store = Store(Path(name))
        refused = store.quarantine(row_limit=10**9)
        stored = len(store.quotes(date.min, date.max))
        store.close()
    carried = refused["reason"].isin(CAP_REASONS.values()).sum()
    assert refused["repeats"].sum() == taken.quarantined
    assert stored == taken.accepted
    assert taken.offered == taken.accepted + taken.quarantined - carried
    if count is not None:
        assert taken.offered == count


@pytest.mark.long
@pytest.mark.slow
@QUICK
@given(
    rows=rows, delimiter=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"])
)
def test_no_row_of_a_whole_csv_file_is_lost(
    folder: Path, rows: list[tuple[str, ...]], delimiter: str, end: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL
    )
    writer.writerows([HEADER, *rows])
    path = folder / "whole.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="", errors="replace")
    added_up(folder, path, len(rows))


@pytest.mark.slow
@QUICK
@given(lines=st.lists(st.text(alphabet='A1,;"\t-. $\u00e9', max_size=30), max_size=8))
def test_no_line_of_an_odd_csv_file_is_lost(folder: Path, lines: list[str]) -> None:
    path = folder / "odd.csv"
    lines = [line.replace('"', "'") for line in lines if line]
    text = "\n".join([",".join(HEADER), *lines])
    path.write_text(text, encoding="utf-8", newline="")
    added_up(folder, path, len(lines))


@pytest.mark.slow
@QUICK
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode))
)
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx", ".csv.gz"])
def test_random_bytes_are_refused_with_a_sentence(
    folder: Path, suffix: str, content: bytes
) -> None:
    path = folder / f"bytes{suffix}"
    path.write_bytes(content)
    added_up(folder, path, None)


@pytest.mark.long
@pytest.mark.slow
@QUICK
@given(tail=st.binary(max_size=200))
def test_random_bytes_below_a_header_do_not_stop_it(folder: Path, tail: bytes) -> None:
    path = folder / "tail.csv"
    head = ",".join(HEADER) + f"\n{DAY},AAA,1,1000,5,A\n"
    path.write_bytes(head.encode() + tail)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        (taken,) = ingest.vendor(Path(name), [path], Options())
    assert taken.offered >= 1
    assert taken.offered == taken.accepted + taken.quarantined


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
)
listings = st.lists(
    st.dictionaries(st.sampled_from([*nasdaq.FIELDS, "other"]), values, max_size=9),
    max_size=6,
)


@pytest.mark.long
@pytest.mark.slow
@QUICK
@given(
    document=st.one_of(
        values, listings, listings.map(lambda rows: {"data": {"rows": rows}})
    )
)
def test_no_row_of_random_json_is_lost(folder: Path, document: object) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        home = Path(name)
        (home / DAY).mkdir()
        whole = [
            {"symbol": exchange.upper(), "lastsale": "$2.00", "marketCap": "3e9"}
            for exchange in nasdaq.EXCHANGES
        ]
        for exchange, row in zip(nasdaq.EXCHANGES, whole, strict=True):
            path = home / DAY / f"{exchange}_full_tickers.json"
            path.write_text(json.dumps([row] if exchange != "nyse" else document))
        (taken,) = ingest.archive(home / "store", [home], Options())
        store = Store(home / "store")
        refused = store.quarantine(row_limit=10**9)
        stored = len(store.quotes(date.min, date.max))
        store.close()
    assert refused["repeats"].sum() == taken.quarantined
    carried = refused["reason"].isin(CAP_REASONS.values()).sum()
    assert taken.offered == stored + taken.quarantined - carried
    assert taken.offered >= 2


@settings(QUICK, max_examples=300)
@given(
    content=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode))
)
def test_random_bytes_are_no_screener_file(content: bytes) -> None:
    file = nasdaq.ScreenerFile(
        snapshot_date=date(2024, 3, 1), exchange="nyse", origin="x", content=content
    )
    try:
        rows = nasdaq.parse_screener(file)
    except ReconError as error:
        assert str(error).startswith("x ")
    else:
        assert nasdaq.to_table(rows).num_rows == len(rows)


@settings(QUICK, max_examples=300)
@given(
    tail=st.text(max_size=200),
    head=st.sampled_from(["", "Ticker,", "Ticker,Asset Class,Weight (%)\n"]),
)
def test_random_text_is_no_list_of_holdings(head: str, tail: str) -> None:
    start = 'iShares Russell 1000 ETF\nFund Holdings as of,"Apr 30, 2024"\n'
    for text in (tail, start + head + tail):
        try:
            table = ishares.parse_holdings(text, "x.csv")
        except ReconError as error:
            assert str(error).startswith("x.csv ")
        else:
            assert list(table) == list(ishares.COLUMNS)
