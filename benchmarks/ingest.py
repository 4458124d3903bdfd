"""Loading a year, and adding one day to a small and to a large store.

Usage: python benchmarks/ingest.py LISTINGS.parquet [YEARS]

The year is loaded into an empty store by the program and, in turn, read by DuckDB
alone and written to a file in the order the store keeps (day, then market cap). The
large store is made of YEARS (default 20) copies of an invented year. Sides take turns
in one run; ratios are of their medians.
"""

import resource
import shutil
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recon import ingest, schedule

ROUNDS = 3
NAMES = 6_000
CTAS = "create table listings as select * from '{path}' order by date, market_cap desc"


def load(path: Path, folder: Path) -> float:
    """Load a table of listings into an empty store; return the seconds."""
    start = time.perf_counter()
    ingest.listings(folder, [path], ingest.Options())
    return time.perf_counter() - start


def copy(path: Path, folder: Path) -> float:
    """Read and write the same rows by DuckDB alone; return the seconds."""
    folder.mkdir()
    start = time.perf_counter()
    with duckdb.connect(str(folder / "plain.duckdb"), config={"threads": 2}) as con:
        con.execute(CTAS.format(path=path))
        con.execute("checkpoint")
    return time.perf_counter() - start


def invented_year(year: int) -> pa.Table:
    """One year of invented listings: the same names, caps that wander."""
    sessions = schedule.sessions()
    days = sessions[sessions.year == year]
    rng = np.random.default_rng(year)
    symbols = np.array([f"S{n:04d}" for n in range(NAMES)])
    steps = rng.normal(0, 0.01, (len(days), NAMES)).cumsum(axis=0)
    close = np.round(50 * np.exp(steps), 2)
    shares = (1e12 / (1 + np.arange(NAMES)) ** 1.1 / 50).round() + 1e6
    texts = pa.DictionaryArray.from_arrays(
        np.tile(np.arange(NAMES, dtype=np.int32), len(days)), symbols
    )
    return pa.table(
        {
            "date": pa.array(np.repeat(days.date, NAMES)),
            "symbol": texts,
            "exchange": pa.array(["NYSE"] * (NAMES * len(days))).dictionary_encode(),
            "name": texts,
            "price": close.ravel(),
            "volume": np.full(close.size, 100_000),
            "market_cap": (close * shares).ravel(),
            "country": pa.array(["United States"] * close.size).dictionary_encode(),
            "ipo_year": pa.nulls(close.size, pa.int16()),
            "sector": pa.array(["Technology"] * close.size).dictionary_encode(),
            "industry": pa.array(["Software"] * close.size).dictionary_encode(),
        }
    )


def store_of(years: range, folder: Path, scratch: Path) -> Path:
    """Make a store of invented years, the last one without its last sessions."""
    for year in years:
        table = invented_year(year)
        if year == years[-1]:
            table = table.slice(0, table.num_rows - ROUNDS * NAMES)
        path = scratch / f"{year}.parquet"
        pq.write_table(table, path)
        ingest.listings(folder, [path], ingest.Options())
    return folder


def add_days(folder: Path, year: int, scratch: Path, name: str) -> list[float]:
    """Add the last sessions of the year one by one; return the seconds of each."""
    table, seconds = invented_year(year), []
    for left in range(ROUNDS, 0, -1):
        path = scratch / f"{name}-{left}.parquet"
        pq.write_table(table.slice(table.num_rows - left * NAMES, NAMES), path)
        start = time.perf_counter()
        (taken,) = ingest.listings(folder, [path], ingest.Options())
        seconds.append(time.perf_counter() - start)
        assert taken.published_days == 1, taken
    return seconds


def main() -> None:
    """Run and print."""
    path = Path(sys.argv[1])
    years = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    scratch = Path(tempfile.mkdtemp())
    try:
        loads, copies = [], []
        for turn in range(ROUNDS):
            copies.append(copy(path, scratch / f"plain{turn}"))
            loads.append(load(path, scratch / f"store{turn}"))
        rows = pq.read_metadata(path).num_rows
        ours, plain = statistics.median(loads), statistics.median(copies)
        print(f"{path.name}, {rows:,} rows")
        print(f"DuckDB alone {plain:6.2f} s    1.00 x")
        print(f"ingest       {ours:6.2f} s   {ours / plain:5.2f} x")
        last = date.today().year - 1
        small = store_of(range(last, last + 1), scratch / "small", scratch)
        start = time.perf_counter()
        large = store_of(range(last - years + 1, last + 1), scratch / "large", scratch)
        built = time.perf_counter() - start
        one = statistics.median(add_days(small, last, scratch, "small"))
        many = statistics.median(add_days(large, last, scratch, "large"))
        size = sum(file.stat().st_size for file in large.glob("*.duckdb")) / 2**20
        print(f"one more day, 1 year stored:   {one:5.2f} s   1.00 x")
        ratio = many / one
        print(f"one more day, {years} years stored: {many:5.2f} s   {ratio:4.2f} x")
        print(f"({years} years: {size:,.0f} MB, built in {built:,.0f} s)")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"peak {peak:.1f} GB")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
