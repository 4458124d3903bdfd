"""The only door to DuckDB: a read-only view of one published generation.

`Store` has one method per query file in ``queries/``; every call runs on a cursor of
its own. A new generation is seen by the next call, without a restart.
"""

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from recon.errors import SnapshotMissing
from recon.fundamental_measures import MEASURES, STATEMENTS, informing
from recon.store import fallback
from recon.store.generations import MANIFEST, Manifest

LOCK_DOWN = (
    "set enable_progress_bar = false",  # it writes to standard output
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set python_enable_replacements = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
CORE_TABLES = (
    "securities",
    "memberships",
    "membership_lists",
    "days",
    "break_points",
    "believed_caps",
    "segment_days",
    "rates",
    "segment_lists",
    "ledger",
    "official_lists",
    "official_names",
    "fundamentals",
    "fund_assets",
    "forecasts",
    "calibrations",
    "filers",
    "filer_names",
    "filer_symbols",
    "filings",
    "filing_facts",
)
YEAR_TABLES = ("snapshots", "quarantine", "quote_details", "offered_caps")
# what DuckDB raises where a file is not as it was written
DAMAGE = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
)
PUBLISHED = "published"
# sources of days that several parts of the program must know
YAHOO = "yahoo"
ESTIMATE = "estimate"  # marked as estimated wherever it shows
ABSENT = "absent"

REPORTED = informing(STATEMENTS)
RULED = [name for name in MEASURES if name not in REPORTED]


class Store:
    """Read access to a store folder; safe to share between threads.

    `manifest` pins one generation (a writer's unpublished one); without it each call
    reads the newest.

    Raises
    ------
    StoreMissing
        If the folder holds no store.
    StoreFormat
        If another version of the program wrote it.
    """

    def __init__(self, folder: Path, manifest: Manifest | None = None) -> None:
        self.folder = Path(folder)
        self._pinned = manifest
        self._served: tuple[object, Manifest, str] | None = None
        self._published: tuple[Manifest, pd.DatetimeIndex] | None = None
        self._open_manifest: Manifest | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()
        self.manifest()

    def manifest(self) -> Manifest:
        """Return the generation that the next call reads."""
        return self._pinned or self._newest()[0]

    def notice(self) -> str:
        """Say why an older generation than the newest is read; empty where none is."""
        return "" if self._pinned else self._newest()[1]

    def _newest(self) -> tuple[Manifest, str]:
        """Return `fallback.served`, looked up once for every manifest."""
        try:
            found = (self.folder / MANIFEST).stat()
            stamp: object = (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:
            stamp = None
        known = self._served
        if stamp is None or known is None or known[0] != stamp:
            known = self._served = (stamp, *fallback.served(self.folder))
        return known[1], known[2]

    @property
    def generation(self) -> int:
        """Number of the newest generation; part of every cache key."""
        return self.manifest().generation

    @property
    def is_demo(self) -> bool:
        """Tell whether the store holds the synthetic demo market."""
        return self.manifest().market == "demo"

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._open_manifest = None, None

    def days(self) -> pd.DataFrame:
        """One row per offered day, published or held back, in order of day."""
        return self._frame("days")

    def published_days(self) -> pd.DatetimeIndex:
        """Every published session, in order; read once for a generation."""
        manifest, known = self.manifest(), self._published
        if known is None or known[0] != manifest:
            table = self.days()
            is_published = table["status"] == PUBLISHED
            days = pd.DatetimeIndex(table.loc[is_published, "snapshot_date"])
            known = self._published = (manifest, days)
        return known[1]

    def day_on_or_before(self, as_of: date) -> date:
        """Return the last published session not after `as_of`.

        Raises
        ------
        SnapshotMissing
            If there is none.
        """
        days = self.published_days()
        earlier = days[days <= pd.Timestamp(as_of)]
        if len(earlier):
            return earlier[-1].date()
        has = f"the first is {days[0].date()}" if len(days) else "there is none yet"
        raise SnapshotMissing(
            f"No published day on or before {as_of}; {has}. Choose a later day, or "
            "load earlier listings with 'python -m recon ingest listings FILE'."
        )

    def securities(self, since: date, until: date) -> pd.DataFrame:
        """Table `Securities`: attribute versions seen between the two days."""
        return self._frame("securities", since=since, until=until)

    def quotes(self, since: date, until: date) -> pd.DataFrame:
        """Table `Quotes` of the sessions between the two days, as stored."""
        return self._arrays("quotes", since=since, until=until)

    def offered_caps(self, since: date, until: date) -> pd.DataFrame:
        """One row per quote whose stored market cap stands in for the offered one.

        `total_market_cap_usd` is the offered one, missing where none was given.
        """
        return self._frame("offered_caps", since=since, until=until)

    def cap_refusals(
        self, since: date, until: date, reasons: Sequence[str]
    ) -> pd.DataFrame:
        """One row per session and symbol refused for one of the reasons."""
        return self._frame(
            "cap_refusals", since=since, until=until, reasons=list(reasons)
        )

    def quote_details(self, as_of: date) -> pd.DataFrame:
        """One row per security of a session: its provider's figures beside the quote.

        Share counts, ratios and USD per share, missing where not given; empty where
        the session's provider gives nothing more.
        """
        return self._frame("quote_details", as_of=as_of)

    def caps(self, since: date, until: date) -> pd.DataFrame:
        """What break points are drawn from of table `Quotes`, as stored."""
        return self._arrays("caps", since=since, until=until)

    def quotes_on(
        self, days: Sequence[date], symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame:
        """One row per session and chosen security: name, close, market cap."""
        ids = list(map(int, symbol_ids))
        return self._frame("quotes_on", days=list(days), symbol_ids=ids)

    def priced_on(self, days: Sequence[date]) -> pd.DataFrame:
        """One row per session and security_id that shows a market cap."""
        return self._arrays("priced_on", days=list(days))

    def trailing(
        self, since: date, until: date, symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame:
        """One row per session and chosen security: close_usd, volume_shares."""
        ids = list(map(int, symbol_ids))
        return self._arrays("trailing", since=since, until=until, symbol_ids=ids)

    def refused_quotes(self, since: date, until: date) -> pd.DataFrame:
        """One row per refused quote of the published sessions between two days."""
        return self._frame("refused_quotes", since=since, until=until)

    def price_changes(
        self, since: date, until: date, symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame:
        """One row per session and chosen security, in no order.

        close_usd, total_market_cap_usd, volume_shares, and close_change_frac: the
        provider's change against the previous close, adjusted for splits.
        """
        ids = list(map(int, symbol_ids))
        return self._arrays("price_changes", since=since, until=until, symbol_ids=ids)

    def membership_lists(self) -> pd.DataFrame:
        """One row per membership list (index, as_of, source) and whether it is used."""
        return self._frame("membership_lists")

    def members(self, since: date, until: date) -> pd.DataFrame:
        """Table `Memberships` of the lists dated between the two days, by list_id."""
        table = self._frame("members", since=since, until=until)
        return table.astype({"symbol": object})

    def official_lists(self) -> pd.DataFrame:
        """One row per official list of an event, in the order in which they came."""
        return self._frame("official_lists")

    def official_names(self, as_of: date) -> pd.DataFrame:
        """One row per name of an official list posted on or before a day."""
        return self._frame("official_names", as_of=as_of)

    def fund_holdings(self, since: date, until: date) -> pd.DataFrame:
        """Table `FundHoldings` of the usable lists between the two days."""
        return self._frame("fund_holdings", since=since, until=until)

    def fund_values(self, as_of: date) -> pd.DataFrame:
        """One row per usable list with market values, up to a day: its sum."""
        return self._frame("fund_values", as_of=as_of)

    def fund_assets(self, as_of: date) -> pd.DataFrame:
        """One row per fund and day that a reader kept, up to a day."""
        return self._frame("fund_assets", as_of=as_of)

    def volumes(
        self, since: date, until: date, symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame:
        """One row per session and chosen security: close, its change, volume."""
        ids = list(map(int, symbol_ids))
        return self._arrays("volumes", since=since, until=until, symbol_ids=ids)

    def memberships_of(self, symbols: Sequence[str]) -> pd.DataFrame:
        """One row per list that held one of the symbols (without punctuation)."""
        return self._frame("memberships_of", symbols=list(symbols))

    def break_points(self, since: date, until: date) -> pd.DataFrame:
        """Table `BreakPoints` of the sessions between the two days."""
        return self._frame("break_points", since=since, until=until)

    def segment_days(self, since: date, until: date) -> pd.DataFrame:
        """Table `SegmentDays` of the sessions between the two days."""
        return self._frame("segment_days", since=since, until=until)

    def segment_lists(self) -> pd.DataFrame:
        """One row per entry of segments kept by hand; empty: those on record hold."""
        return self._frame("segment_lists")

    def rates(self, as_of: date) -> pd.DataFrame:
        """One row per series and day of rates and prices, as known on a day."""
        return self._frame("rates", as_of=as_of)

    def sectors(self, until: date) -> pd.DataFrame:
        """One row per version of a security seen by a day: sector and industry."""
        return self._frame("sectors", until=until)

    def histories(
        self, symbols: Sequence[str], since: date, until: date
    ) -> pd.DataFrame:
        """One row per session and symbol, by symbol then session."""
        return self._frame("histories", symbols=list(symbols), since=since, until=until)

    def first_sessions(self, since: date, until: date) -> pd.DataFrame:
        """One row per symbol first listed between the two days: symbol, first_session.

        On the first day of the store every symbol is.
        """
        return self._frame("first_sessions", since=since, until=until)

    def fundamentals(
        self, as_of: date, measures: Sequence[str] = RULED
    ) -> pd.DataFrame:
        """Table `Fundamentals`: the latest known on `as_of` by symbol and measure.

        `measures` are those that the rules ask for; see `statements` for the others.
        """
        return self._frame("fundamentals", as_of=as_of, measures=list(measures))

    def statements(
        self, as_of: date, ends_after: date, measures: Sequence[str] = REPORTED
    ) -> pd.DataFrame:
        """Table `Fundamentals`: annual statements as known on `as_of`.

        Of each symbol and measure the last fiscal year, if it ends after a day.
        """
        return self._frame(
            "statements",
            as_of=as_of,
            ends_after=ends_after,
            measures=list(measures),
        )

    def free_floats(self, as_of: date) -> pd.DataFrame:
        """One row per symbol and day its free float became known, oldest first."""
        return self._frame("free_floats", as_of=as_of)

    def sales_histories(self, as_of: date) -> pd.DataFrame:
        """One row per symbol and period: sales per share as known on `as_of`."""
        return self._frame("sales_histories", as_of=as_of)

    def fundamental_counts(self) -> pd.DataFrame:
        """One row per measure, source and day it became known, newest first."""
        return self._frame("fundamental_counts")

    def fundamental_years(self, as_of: date) -> pd.DataFrame:
        """One row per year, source and measure known by a day: of how many symbols."""
        return self._frame("fundamental_years", as_of=as_of)

    def fingerprints(self) -> pd.DataFrame:
        """One row per kind of fact and day it became known, with a fingerprint."""
        return self._frame("fingerprints")

    def filers(self, as_of: date) -> pd.DataFrame:
        """One row per filer and change of what it is, stated by a day, oldest first."""
        return self._frame("filers", as_of=as_of)

    def filer_symbols(self, as_of: date) -> pd.DataFrame:
        """One row per filer and symbol (without punctuation) stated by a day."""
        return self._frame("filer_symbols", as_of=as_of)

    def filings(self, as_of: date, forms: Sequence[str]) -> pd.DataFrame:
        """One row per filing of some forms by a day, oldest first."""
        return self._frame("filings", as_of=as_of, forms=list(forms))

    def filing_facts(
        self, as_of: date, facts: Sequence[str], ciks: Sequence[int] = ()
    ) -> pd.DataFrame:
        """One row per figure of some facts filed by a day; of every filer if none."""
        return self._frame(
            "filing_facts", as_of=as_of, facts=list(facts), ciks=list(map(int, ciks))
        )

    def filed_by_country(self, as_of: date) -> pd.DataFrame:
        """One row per filer, fact, year, country and figure; of the whole without."""
        return self._frame("filed_by_country", as_of=as_of)

    def filed_annual(
        self, facts: Sequence[str], ciks: Sequence[int] | np.ndarray
    ) -> pd.DataFrame:
        """One row per filer, fact, period and figure of it, as they were filed.

        Of facts of a period those of fiscal years, of facts of a day every one.
        """
        ids = list(map(int, ciks))
        return self._frame("filed_annual", facts=list(facts), ciks=ids)

    def filing_counts(self) -> pd.DataFrame:
        """One row: how much of filings is kept, and the days it spans."""
        return self._frame("filing_counts")

    def ledger(self) -> pd.DataFrame:
        """One row per ingested file or request, newest first."""
        return self._frame("ledger")

    def forecasts(self) -> pd.DataFrame:
        """One row per forecast on record, in the order in which they were frozen."""
        return self._frame("forecasts")

    def calibrations(self) -> pd.DataFrame:
        """One row at most: how good odds were, as last worked out."""
        return self._frame("calibrations")

    def quarantine(
        self, reason: str = "%", symbol: str = "%", row_limit: int = 10_000
    ) -> pd.DataFrame:
        """Refused rows whose reason and symbol match the SQL patterns, newest first."""
        return self._frame(
            "quarantine", reason=reason, symbol=symbol, row_limit=row_limit
        )

    def quarantine_counts(self) -> pd.DataFrame:
        """One row per reason of refusal, with counts and the days it spans."""
        return self._frame("quarantine_counts")

    def refusals(
        self, as_of: date, reason: str = "", symbol: str = "", row_limit: int = 10_000
    ) -> pd.DataFrame:
        """Rows refused up to a day, with close, cap and volume as they were offered.

        Of one reason and one symbol, where given. Those refused with their whole day
        (`is_of_held_day`) come last, large market caps first.
        """
        return self._frame(
            "refusals",
            as_of=as_of,
            reason=reason,
            symbol=symbol.upper(),
            row_limit=row_limit,
        )

    def believed_caps(self, since: date, until: date) -> pd.DataFrame:
        """One row per market cap that the gate refused and a person believes."""
        return self._frame("believed_caps", since=since, until=until)

    def refusal_counts(self, as_of: date, row_limit: int = 500) -> pd.DataFrame:
        """One row per reason of refusal up to a day, most rows first."""
        return self._frame("refusal_counts", as_of=as_of, row_limit=row_limit)

    def refused_alone(self, as_of: date) -> pd.DataFrame:
        """How many entries were refused up to a day without their whole day: one row.

        `row_count`, and symbol, snapshot_date and total_market_cap_usd of the largest.
        """
        return self._frame("refused_alone", as_of=as_of)

    def _frame(self, name: str, **values: object) -> pd.DataFrame:
        with self._answering() as cursor:
            table = cursor.execute(query_text(name), values).df()
        # a column with nothing but missing texts arrives without a type
        untyped = list(table.columns[table.dtypes == "object"])
        return table.astype(dict.fromkeys(untyped, "str")) if untyped else table

    def _arrays(self, name: str, **values: object) -> pd.DataFrame:
        with self._answering() as cursor:
            columns = cursor.execute(query_text(name), values).fetchnumpy()
        plain = {key: _plain(column) for key, column in columns.items()}
        return pd.DataFrame(plain, copy=False)

    @contextmanager
    def _answering(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hand out a cursor; a file that cannot be read is told in a sentence."""
        cursor = self._cursor()
        try:
            yield cursor
        except DAMAGE as error:
            raise fallback.damaged(self.folder, error) from error
        finally:
            cursor.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        manifest = self.manifest()
        with self._lock:
            if self._connection is None or manifest != self._open_manifest:
                # open cursors keep the old instance alive until they close
                self._connection, self._open_manifest = self._opened(manifest)
            return self._connection.cursor()

    def _opened(self, manifest: Manifest) -> tuple[duckdb.DuckDBPyConnection, Manifest]:
        try:
            return connect(self.folder, manifest), manifest
        except duckdb.Error as error:
            newest = self.manifest()
            if newest == manifest:
                raise fallback.damaged(self.folder, error) from error
            # a new generation was published and the old one pruned meanwhile
            return self._opened(newest)


def connect(folder: Path, manifest: Manifest) -> duckdb.DuckDBPyConnection:
    """Open one generation read-only in a locked-down in-memory instance."""
    spill = str(Path(tempfile.gettempdir()) / f"recon-spill-{os.getpid()}")
    con = duckdb.connect(
        config={"threads": 2, "memory_limit": "1GB", "temp_directory": spill}
    )
    con.execute(f"attach '{sql_path(folder / manifest.core)}' as core (read_only)")
    for year, name in manifest.years.items():
        con.execute(f"attach '{sql_path(folder / name)}' as y{year} (read_only)")
    years = [f"y{year}" for year in sorted(manifest.years)]
    present = _present(con)
    for tables, homes in ((CORE_TABLES, ["core"]), (YEAR_TABLES, ["core", *years])):
        for table in tables:
            found = [home for home in homes if (home, table) in present]
            parts = (f"select * from {home}.{table}" for home in [ABSENT, *found])
            union = " union all by name ".join(parts)
            con.execute(f"create view {table} as {union}")
    for statement in LOCK_DOWN:
        con.execute(statement)
    return con


def _present(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Return which tables are in which attached file, and make empty ones in `ABSENT`.

    A file written by an earlier version of the program lacks later tables and columns;
    the empty tables stand in for what no file has.
    """
    rows = con.execute("select database_name, table_name from duckdb_tables()")
    present = set(rows.fetchall())
    con.execute(f"create schema {ABSENT}; use {ABSENT}")
    create_tables(con, with_core=True)
    con.execute("use memory.main")
    return present


def create_tables(con: duckdb.DuckDBPyConnection, *, with_core: bool) -> None:
    """Make the tables that a year's file or the core file lacks."""
    schemas = ["schema_year.sql", *(["schema_core.sql"] if with_core else [])]
    for schema in schemas:
        con.execute(files(__name__).joinpath(schema).read_text("utf-8"))


@cache
def query_text(name: str, folder: str = "queries") -> str:
    """Return the SQL of one query, or of one of the ``statements`` that write."""
    return files(__name__).joinpath(folder, f"{name}.sql").read_text("utf-8")


def _plain(column: np.ndarray) -> np.ndarray:
    if not isinstance(column, np.ma.MaskedArray):
        return column
    if not column.mask.any():
        return column.data
    return np.ma.filled(column.astype(float), np.nan)


def sql_path(path: Path) -> str:
    """Return a path as the inside of an SQL text."""
    return str(path).replace("'", "''")
