"""The one writer of a store: stages offered rows, publishes a new generation.

Nothing of the published generation is ever changed. A generation is built in new
files, synced to disk and then named by the manifest in one rename. Killed before that,
it leaves files that the next writer removes.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from recon.errors import MarketMixed, StoreMissing
from recon.store import Store, create_tables, generations, sql_path, staging
from recon.store.generations import Manifest

STORAGE_VERSION = "v1.5.0"  # also read by the previous major version of DuckDB
ALWAYS = date(1, 1, 1), date(9999, 12, 31)

BreakPointsOf = Callable[[Store, date, date], pd.DataFrame]


@contextmanager
def open_writer(
    folder: Path, market: str, wait_seconds: float = 30.0
) -> Iterator["Writer"]:
    """Hold the store for writing, creating it when the folder holds none.

    Raises
    ------
    StoreBusy
        If another ingest still holds it after `wait_seconds`.
    MarketMixed
        If the store holds the other kind of market (real, demo).
    StoreFormat
        If another version of the program wrote it.
    """
    folder = Path(folder)
    with ExitStack() as stack:
        stack.enter_context(generations.write_lock(folder, wait_seconds))
        try:
            manifest = generations.read_manifest(folder)
        except StoreMissing:
            manifest = None
        is_decided = manifest is not None and not manifest.is_blank
        if manifest is not None and is_decided and manifest.market != market:
            raise MarketMixed(
                f"The store in {folder} holds the {manifest.market} market and these "
                f"rows are of the {market} one; name another folder with --store."
            )
        generations.remove_leftovers(folder, manifest)
        writer = Writer(folder, market, manifest)
        stack.callback(writer.close)
        yield writer


class Writer:
    """One ingest at work; made by `open_writer`, which holds the lock.

    The order of calls is `stage`, then `rows`, `refuse` and `publish_days`; or
    `publish_memberships` alone. Each publish makes one generation.
    """

    def __init__(self, folder: Path, market: str, manifest: Manifest | None) -> None:
        self.folder = folder
        self._con = duckdb.connect(
            config={"threads": 2, "temp_directory": str(folder / generations.SPILL)}
        )
        self._con.execute("set enable_progress_bar = false")  # it writes to stdout
        if manifest is None or manifest.market != market:
            manifest = self._blank(market, manifest)
        self.manifest = manifest
        self.store = Store(folder)

    def close(self) -> None:
        """Let go of every file."""
        self.store.close()
        self._con.close()
        shutil.rmtree(self.folder / generations.SPILL, ignore_errors=True)

    def clear(self) -> None:
        """Publish a generation with nothing in it, open to either market."""
        self.manifest = self._blank(self.manifest.market, self.manifest)

    def _blank(self, market: str, before: Manifest | None) -> Manifest:
        number = before.generation + 1 if before else 1  # a path is never used again
        after = Manifest(
            generation=number, market=market, core="", years={}, is_blank=True
        )
        after = replace(after, core=self._make("core", after, None))
        generations.write_manifest(self.folder, after)
        return after

    def columns_of(self, offered: Path | pa.Table) -> list[str]:
        """Read a file or table as `raw` and return the names of its columns."""
        if isinstance(offered, Path):
            staging.read_file(self._con, offered)
        else:
            staging.read_table(self._con, offered)
        return staging.column_names(self._con)

    def stage(self, columns: Mapping[str, str], origin: str) -> int:
        """Tell the rows of `raw` apart into offered and refused; return their number.

        `columns` names the raw column of each canonical one (`staging.COLUMNS`).
        """
        self._origin = origin
        staging.normalise(self._con, columns, origin)
        self._number_securities()
        return staging.offered_count(self._con)

    def staged_days(self) -> list[date]:
        """Every day that the offered rows are of, in order."""
        return [
            row[0]
            for row in self._con.execute(
                "select distinct snapshot_date from offered order by 1"
            ).fetchall()
        ]

    def rows(self, days: Sequence[date]) -> dict[str, np.ndarray]:
        """Return the offered rows of `days` as parallel arrays, by day and symbol.

        Keys: snapshot_date, symbol_id, security_id, row_number and the numbers of
        `staging.NUMBERS` (NaN where not given).
        """
        self._con.register("wanted", pa.table({"day": pa.array(days, pa.date32())}))
        numbers = ", ".join(
            f"coalesce({name}, 'nan'::double) as {name}" for name in staging.NUMBERS
        )
        columns = self._con.execute(
            f"""
            select snapshot_date, symbol_id, security_id, row_number, {numbers}
            from offered join resolved using (symbol, version_hash)
            where snapshot_date in (select day from wanted)
            order by snapshot_date, symbol_id
            """
        ).fetchnumpy()
        return {name: np.asarray(values) for name, values in columns.items()}

    def versions(self) -> pd.DataFrame:
        """One row per version of a security's attributes among the offered rows."""
        return self._con.execute(
            """
            select distinct r.security_id, v.symbol, v.name, v.industry,
                   v.security_type, v.cik
            from resolved r join versions v using (symbol, version_hash)
            order by r.security_id
            """
        ).df()

    def refuse(self, row_numbers: np.ndarray, reasons: pa.Array, origin: str) -> None:
        """Add offered rows to the refused ones, each with a reason of its own."""
        table = pa.table({"row_number": row_numbers, "reason": reasons})
        self._con.register("judged", table)
        self._con.execute(
            """
            insert into refused
            select snapshot_date, symbol, judged.reason,
                   json_object('close_usd', close_usd, 'total_market_cap_usd',
                               total_market_cap_usd, 'volume_shares',
                               volume_shares)::varchar,
                   1, $origin, row_number
            from judged join offered using (row_number)
            """,
            {"origin": origin},
        )

    def refused_count(self) -> int:
        """Count the rows refused so far."""
        ((count,),) = self._con.execute(
            "select coalesce(sum(repeats), 0) from refused"
        ).fetchall()
        return int(count)

    def publish_days(
        self,
        snapshots: pa.Table,
        days: pd.DataFrame,
        ledger: Mapping[str, object],
        break_points: BreakPointsOf | None,
        details: pa.Table | None = None,
    ) -> None:
        """Publish one generation with these days added.

        `snapshots` holds the columns of the table of that name; days it holds replace
        stored ones. `details` are rows of `quote_details` with symbol in place of
        security_id. `days` is the day table without `ingest_id`; `break_points` draws
        the lines of the newly published days, None leaves them for later.
        """
        ingest_id = self._next_ingest_id()
        self._con.register("new_snapshots", snapshots)
        self._con.register("new_days", days)
        if details is not None:
            self._con.register("new_details", details)
        after = self._next()
        years = dict(after.years)
        new_years = sorted({day.year for day in days["snapshot_date"]})
        for year in new_years:
            has_details = details is not None
            years[year] = self._write_year(year, after, ingest_id, has_details)
        core = self._make("core", after, self.manifest.core)
        with self._attached(core):
            self._write_core(ingest_id, ledger, new_years)
        after = replace(after, core=core, years=years)
        new = days.loc[days["status"] == "published", "snapshot_date"]
        if len(new) and break_points:
            self._draw(after, new.min(), new.max(), break_points)
        self._publish(after)

    def publish_memberships(
        self,
        lists: pd.DataFrame,
        members: pd.DataFrame,
        refused: pd.DataFrame,
        ledger: Mapping[str, object],
        break_points: BreakPointsOf,
    ) -> None:
        """Publish membership lists; a list already stored is replaced.

        `lists` has index, as_of, source, security_count, usable and reason; `members`
        is table `Memberships`; `refused` has index, as_of, symbol and reason of rows
        for the quarantine. Lines of the days they bear on are drawn anew.
        """
        after = self._next()
        core = self._make("core", after, self.manifest.core)
        with self._attached(core):
            self._con.register("new_lists", lists)
            self._con.register("new_members", members)
            for table, rows in (
                ("membership_lists", "new_lists"),
                ("memberships", "new_members"),
            ):
                self._con.execute(
                    f'delete from work.{table} where ("index", as_of, source) in '
                    '(select ("index", as_of::date, source) from new_lists)'
                )
                self._con.execute(
                    f"insert into work.{table} by name select * replace (as_of::date "
                    f'as as_of) from {rows} order by as_of, "index", source'
                )
            ingest_id = self._next_ingest_id()
            self._con.register("refused_members", refused.astype({"symbol": "str"}))
            self._con.execute(
                """
                insert into work.quarantine by name
                select as_of::date as snapshot_date, symbol, reason, 1 as repeats,
                       json_object('index', "index", 'symbol', symbol)::varchar
                       as offered, $origin as origin, $ingest_id as ingest_id
                from refused_members
                """,
                {"origin": ledger["origin"], "ingest_id": ingest_id},
            )
            self._write_ledger(ingest_id, ledger)
        after = replace(after, core=core)
        days = self.store.published_days()
        if len(lists) and len(days):
            since = max(lists["as_of"].min(), days[0]).date()
            self._draw(after, since, days[-1].date(), break_points)
        self._publish(after)

    def publish_fundamentals(
        self, rows: pd.DataFrame, refused: pd.DataFrame, ledger: Mapping[str, object]
    ) -> None:
        """Publish table `Fundamentals`; what a source said of the same day is replaced.

        `refused` has known_on, symbol, reason and offered of rows for the quarantine.
        """
        after = self._next()
        core = self._make("core", after, self.manifest.core)
        ingest_id = self._next_ingest_id()
        with self._attached(core):
            self._con.register("new_rows", rows)
            self._con.execute(
                """
                delete from work.fundamentals f using new_rows n
                where f.symbol = n.symbol and f.measure = n.measure
                  and f.known_on = n.known_on::date and f.source = n.source
                  and f.period_end is not distinct from n.period_end::date
                """
            )
            self._con.execute(
                """
                insert into work.fundamentals by name
                select symbol, measure, value, period_end::date as period_end,
                       known_on::date as known_on, source
                from new_rows order by known_on, measure, symbol
                """
            )
            self._con.register("refused_values", refused.astype("object"))
            self._con.execute(
                """
                insert into work.quarantine by name
                select known_on::date as snapshot_date, symbol::varchar as symbol,
                       reason::varchar as reason, 1 as repeats,
                       offered::varchar as offered, $origin as origin,
                       $ingest_id as ingest_id
                from refused_values
                """,
                {"origin": ledger["origin"], "ingest_id": ingest_id},
            )
            self._write_ledger(ingest_id, ledger)
        self._publish(replace(after, core=core))

    def redraw(self, break_points: BreakPointsOf) -> None:
        """Publish the same days with every line drawn anew, as after a rule changed."""
        days = self.store.published_days()
        if not len(days):
            return
        after = self._next()
        after = replace(after, core=self._make("core", after, self.manifest.core))
        self._draw(after, days[0].date(), days[-1].date(), break_points)
        self._publish(after)

    def _next(self) -> Manifest:
        number = self.manifest.generation + 1
        return replace(self.manifest, generation=number, is_blank=False)

    def _number_securities(self) -> None:
        """Make `new_securities` and `resolved`: a `security_id` for every version."""
        self._con.register("known", self.store.securities(*ALWAYS))
        names = ", ".join(staging.ATTRIBUTES)
        same = " and ".join(
            f"v.{name} is not distinct from k.{name}" for name in staging.ATTRIBUTES
        )
        self._con.execute(
            f"""
            create or replace temp table new_securities as
            with fresh as (
                select distinct symbol, {names} from versions v
                where symbol in (select symbol from offered) and not exists (
                    select 1 from known k where v.symbol = k.symbol and {same})),
            numbered as (
                select symbol, row_number() over (order by symbol)
                       + (select coalesce(max(symbol_id), -1) from known) as symbol_id
                from (select distinct symbol from fresh
                      where symbol not in (select symbol from known)))
            select (row_number() over (order by symbol, {names})
                    + (select coalesce(max(security_id), -1) from known))::integer
                   as security_id,
                   coalesce(n.symbol_id, k.symbol_id)::integer as symbol_id,
                   symbol, {names}
            from fresh left join numbered n using (symbol)
            left join (select symbol, min(symbol_id) as symbol_id
                       from known group by symbol) k using (symbol)
            """
        )
        self._con.execute(
            f"""
            create or replace temp table resolved as
            with every as (
                select security_id, symbol_id, symbol, {names} from known
                union all by name select * from new_securities)
            select v.symbol, v.version_hash, min(k.security_id)::integer as security_id,
                   min(k.symbol_id)::integer as symbol_id
            from versions v join every k on v.symbol = k.symbol and {same}
            group by v.symbol, v.version_hash
            """
        )

    def _write_year(
        self, year: int, after: Manifest, ingest_id: int, has_details: bool
    ) -> str:
        """Make the new file of a year: the old days, less the new ones, plus those."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        stored = self.store.published_days()
        in_year = stored[stored.year == year]
        ((new_first,),) = self._con.execute(
            "select min(snapshot_date) from new_snapshots "
            "where snapshot_date between $first and $last",
            {"first": first, "last": last},
        ).fetchall()
        appended = not len(in_year) or not new_first or in_year[-1].date() < new_first
        old = self.manifest.years.get(year)
        name = self._make(f"y{year}", after, old if appended else None)
        with self._attached(name), ExitStack() as stack:
            before = "select * from work.snapshots where false"
            if old and not appended:
                stack.enter_context(
                    self._attached(old, alias="old", options="read_only")
                )
                before = (
                    "select * from old.snapshots where snapshot_date not in "
                    "(select snapshot_date from new_snapshots)"
                )
                self._con.execute(
                    "insert into work.quarantine select * from old.quarantine"
                )
                self._keep_details()
            self._con.execute(
                f"""
                insert into work.snapshots by name
                select * from ({before} union all by name select * from new_snapshots
                    where snapshot_date between $first and $last)
                order by snapshot_date, total_market_cap_usd desc nulls last,
                         security_id
                """,
                {"first": first, "last": last},
            )
            if has_details:
                self._write_details()
            self._write_quarantine(ingest_id, "year(snapshot_date) = $year", year)
        return name

    def _keep_details(self) -> None:
        """Copy the details of the old days; a file of an earlier version has none."""
        ((count,),) = self._con.execute(
            "select count(*) from duckdb_tables() "
            "where database_name = 'old' and table_name = 'quote_details'"
        ).fetchall()
        if count:
            self._con.execute(
                "insert into work.quote_details by name select * from "
                "old.quote_details where snapshot_date not in "
                "(select snapshot_date from new_snapshots)"
            )

    def _write_details(self) -> None:
        """Keep the details of the rows that are published in this file."""
        self._con.execute(
            """
            insert into work.quote_details by name
            with known as (
                select symbol, min(security_id)::integer as security_id
                from resolved group by symbol)
            select d.* exclude (symbol), known.security_id
            from new_details d join known using (symbol)
            where exists (
                select 1 from new_snapshots s
                where s.snapshot_date = d.snapshot_date
                  and s.security_id = known.security_id)
            order by snapshot_date, security_id
            """
        )

    def _write_quarantine(self, ingest_id: int, where: str, year: object) -> None:
        """Keep the refused rows of `where`; a day judged anew keeps its new ones."""
        self._con.execute(
            "delete from work.quarantine where origin = $origin "
            "and snapshot_date in (select snapshot_date::date from new_days)",
            {"origin": self._origin},
        )
        self._con.execute(
            f"""
            insert into work.quarantine by name
            select *, {ingest_id} as ingest_id from refused r
            where {where} and not exists (
                select 1 from work.quarantine q
                where q.origin = r.origin and q.reason = r.reason
                  and q.offered = r.offered
                  and q.symbol is not distinct from r.symbol
                  and q.snapshot_date is not distinct from r.snapshot_date
                  and q.row_number is not distinct from r.row_number)
            """,
            {"year": year},
        )

    def _write_core(
        self, ingest_id: int, ledger: Mapping[str, object], years: Sequence[int]
    ) -> None:
        self._con.execute(
            """
            insert into work.securities by name
            select n.*, s.first_date, s.last_date
            from new_securities n join (
                select security_id, min(snapshot_date) as first_date,
                       max(snapshot_date) as last_date
                from new_snapshots group by security_id) s using (security_id)
            order by security_id
            """
        )
        self._con.execute(
            """
            update work.securities k set first_date = least(k.first_date, s.first_date),
                   last_date = greatest(k.last_date, s.last_date)
            from (select security_id, min(snapshot_date) as first_date,
                         max(snapshot_date) as last_date
                  from new_snapshots group by security_id) s
            where k.security_id = s.security_id
              and (s.first_date < k.first_date or s.last_date > k.last_date)
            """
        )
        self._con.execute(
            "delete from work.days where snapshot_date in "
            "(select snapshot_date::date from new_days)"
        )
        self._con.execute(
            f"insert into work.days by name select * replace (snapshot_date::date "
            f"as snapshot_date), {ingest_id} as ingest_id from new_days order by 1"
        )
        # refused rows of no day, and of years that got no new day
        elsewhere = "coalesce(not list_contains($year, year(snapshot_date)), true)"
        self._write_quarantine(ingest_id, elsewhere, list(years))
        self._write_ledger(ingest_id, ledger)

    def _write_ledger(self, ingest_id: int, ledger: Mapping[str, object]) -> None:
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        row = {"ingest_id": ingest_id, "finished_at": now, **ledger}
        names = ", ".join(row)
        marks = ", ".join(f"${name}" for name in row)
        self._con.execute(f"insert into work.ledger ({names}) values ({marks})", row)

    def _draw(
        self, after: Manifest, since: date, until: date, break_points: BreakPointsOf
    ) -> None:
        """Put the lines of the days from `since` to `until` into the new core file."""
        candidate = Store(self.folder, after)
        lines = break_points(candidate, since, until)
        candidate.close()
        self._con.register("new_lines", lines)
        with self._attached(after.core):
            self._con.execute(
                "delete from work.break_points where snapshot_date between $since "
                "and $until",
                {"since": since, "until": until},
            )
            self._con.execute(
                "insert into work.break_points by name select * replace "
                "(snapshot_date::date as snapshot_date) from new_lines "
                "order by snapshot_date, rank"
            )

    def _next_ingest_id(self) -> int:
        ledger = self.store.ledger()
        return 1 if ledger.empty else int(ledger["ingest_id"].max()) + 1

    def _make(self, stem: str, after: Manifest, old: str | None) -> str:
        """Make a new file, a copy of the `old` one or empty; it has every table."""
        name = f"{stem}-{after.generation:06d}.duckdb"
        options = f"storage_version '{STORAGE_VERSION}'"
        if old is not None:
            shutil.copyfile(self.folder / old, self.folder / name)
            options = ""
        with self._attached(name, options=options):
            self._con.execute("use work")
            create_tables(self._con, with_core=stem == "core")
            self._con.execute("use memory")
        return name

    @contextmanager
    def _attached(
        self, name: str, alias: str = "work", options: str = ""
    ) -> Iterator[None]:
        suffix = f" ({options})" if options else ""
        path = sql_path(self.folder / name)
        self._con.execute(f"attach '{path}' as {alias}{suffix}")
        try:
            yield
            if options != "read_only":
                self._con.execute(f"checkpoint {alias}")
        finally:
            self._con.execute("use memory")
            self._con.execute(f"detach {alias}")

    def _publish(self, after: Manifest) -> None:
        previous = self.manifest
        for name in set(after.file_names()) - set(previous.file_names()):
            generations.sync_file(self.folder / name)
        generations.sync_folder(self.folder)
        kept = (previous.file_names(), *previous.kept)
        after = replace(after, kept=kept[: generations.KEPT_GENERATIONS - 1])
        generations.write_manifest(self.folder, after)
        self.manifest = after
        generations.remove_leftovers(self.folder, after)
