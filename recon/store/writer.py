"""The one writer of a store: stages offered rows, publishes a new generation.

Nothing of the published generation is ever changed. A generation is built in new
files, synced to disk and then named by the manifest in one rename. Killed before that,
it leaves files that the next writer removes.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from recon.errors import MarketMixed, StoreMissing
from recon.store import Store, day_tables, faults, generations, staging
from recon.store.day_tables import Revision
from recon.store.draft import Draft, DrawnOf, count, make_tables, run
from recon.store.fallback import damaged
from recon.store.generations import Manifest
from recon.store.notation import PLAIN, Notation

FILED = "SEC filings"  # source of the fundamentals that are made of filings
FILING_TABLES = ("filers", "filer_names", "filer_symbols", "filings", "filing_facts")
MEMORY = "2GB"  # of DuckDB; what does not fit is spilled beside the store


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
        If another version of the program wrote it, or it is damaged.
    StoreUnwritable
        If the disk is full or read-only, or memory does not suffice.
    """
    folder = Path(folder)
    with ExitStack() as stack, faults.told(folder):
        stack.enter_context(generations.write_lock(folder, wait_seconds))
        try:
            manifest = generations.read_manifest(folder)
            if missing := generations.missing_part(folder, manifest):
                raise damaged(folder, missing)
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

    Days go through `columns_of`, `stage`, `rows` and `refuse` to `publish_days`;
    memberships and fundamentals are published alone. Each publish makes one generation.
    A `ledger_entry` has the columns of the ledger but for ingest_id and finished_at.
    """

    def __init__(self, folder: Path, market: str, manifest: Manifest | None) -> None:
        self.folder = folder
        spill = str(folder / generations.SPILL)
        self._con = duckdb.connect(
            config={"threads": 2, "memory_limit": MEMORY, "temp_directory": spill}
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

    def discard_draft(self) -> None:
        """Remove the files of a generation that is not to be published."""
        generations.remove_leftovers(self.folder, self.manifest)

    def clear(self) -> None:
        """Publish a generation with nothing in it, open to either market."""
        self.manifest = self._blank(self.manifest.market, self.manifest)

    def columns_of(self, offered: Path | pa.Table, rows_above: int = 0) -> list[str]:
        """Read a file or table as `raw` and return the names of its columns.

        `rows_above` lines above a CSV file's header are passed over.
        """
        if isinstance(offered, Path):
            staging.read_file(self._con, offered, rows_above)
        else:
            staging.read_table(self._con, offered)
        return staging.column_names(self._con)

    def stage(
        self, columns: Mapping[str, str], origin: str, notation: Notation = PLAIN
    ) -> int:
        """Sort the rows of `raw` into offered and refused ones; return their number.

        `columns` names the raw column of each canonical one (`staging.COLUMNS`),
        `notation` says how its texts are written.
        """
        self._origin = origin
        staging.normalise(self._con, columns, origin, notation)
        day_tables.number_securities(self._con, self.store)
        return count(self._con, "count_offered")

    def staged_days(self) -> list[date]:
        """Every day of the offered rows, in order."""
        return [day for (day,) in run(self._con, "staged_days").fetchall()]

    def rows(self, days: Sequence[date]) -> dict[str, np.ndarray]:
        """Return the offered rows of `days` as parallel arrays, by day and symbol.

        Keys: snapshot_date, symbol_id, security_id, row_number and the numbers of
        `staging.NUMBERS` (NaN where not given).
        """
        self._con.register("wanted", pa.table({"day": pa.array(days, pa.date32())}))
        columns = run(self._con, "staged_rows").fetchnumpy()
        return {name: np.asarray(values) for name, values in columns.items()}

    def versions(self) -> pd.DataFrame:
        """One row per version of a security's attributes among the offered rows."""
        return run(self._con, "staged_versions").df()

    def refuse(self, row_numbers: np.ndarray, reasons: pa.Array, origin: str) -> None:
        """Add offered rows to the refused ones, each with a reason of its own."""
        table = pa.table({"row_number": row_numbers, "reason": reasons})
        self._con.register("judged", table)
        run(self._con, "refuse_rows", origin=origin)

    def refused_reasons(self) -> pd.DataFrame:
        """Count the rows refused so far by reason (reason, row_count), most first."""
        return run(self._con, "count_refused_by_reason").df()

    def first_rows(self, most: int) -> pd.DataFrame:
        """Return the first rows of `raw` as they were understood, at most so many.

        Columns: row_number, snapshot_date, symbol, close_usd, total_market_cap_usd,
        volume_shares, exchange, name, and the reason where a row is refused.
        """
        return run(self._con, "first_rows", row_limit=most).df()

    def refused_count(self) -> int:
        """Count the rows refused so far."""
        return count(self._con, "count_refused")

    def publish_days(
        self,
        snapshots: pa.Table,
        offered_caps: pa.Table,
        days: pd.DataFrame,
        ledger_entry: Mapping[str, object],
        drawn_of: DrawnOf | None,
        details: pa.Table | None = None,
        revision: Revision | None = None,
        believed: pd.DataFrame | None = None,
    ) -> None:
        """Publish one generation with these days added.

        Parameters
        ----------
        snapshots
            Rows of the table of that name; days it holds replace stored ones.
        offered_caps
            Rows of the table of that name: offered figures that were not used.
        days
            The day table without `ingest_id`.
        drawn_of
            Draws the lines and segments of the new days, and of all stored days after
            the first of them; None leaves them for later.
        details
            Rows of `quote_details` with symbol in place of security_id.
        revision
            Stored days that were judged again because of the new ones, or of
        believed
            Market caps that a person believes: snapshot_date, symbol, decided_by.
        """
        ingest_id = self._next_ingest_id()
        self._con.register("new_snapshots", snapshots)
        self._con.register("new_days", days)
        if details is not None:
            self._con.register("new_details", details)
        new_caps = [offered_caps] + ([revision.offered_caps] if revision else [])
        self._con.register("new_offered_caps", pa.concat_tables(new_caps))
        draft = self._draft()
        new_years = {day.year for day in days["snapshot_date"]}
        for year in sorted(new_years | (revision.years() if revision else set())):
            day_tables.write_year(
                draft,
                self.store,
                year,
                origin=self._origin,
                ingest_id=ingest_id,
                has_details=details is not None,
                revision=revision,
            )
        draft.copy_core()
        with draft.core():
            day_tables.write_core(self._con, ingest_id, revision)
            day_tables.write_refused(
                self._con, new_years, self._origin, ingest_id, is_inside=False
            )
            if believed is not None:
                self._con.register("new_believed_caps", believed)
                run(self._con, "insert_believed_caps", ingest_id=ingest_id)
            draft.enter(ingest_id, ledger_entry)
        changed = list(days.loc[days["status"] == "published", "snapshot_date"])
        changed += (
            [] if revision is None else list(revision.days["snapshot_date"].dt.date)
        )
        if changed and drawn_of:
            stored = self.store.published_days()
            last = max([*changed, *stored[-1:].date])
            draft.draw(min(changed), last, drawn_of)
        self.manifest = draft.publish()

    def publish_memberships(
        self,
        lists: pd.DataFrame,
        members: pd.DataFrame,
        refused: pd.DataFrame,
        ledger_entry: Mapping[str, object],
        drawn_of: DrawnOf,
    ) -> None:
        """Publish membership lists; a list already stored is replaced.

        `lists` has index, as_of, source, security_count, usable and reason; `members`
        is table `Memberships`; `refused` has index, as_of, symbol and reason of rows
        for the quarantine. Lines of the days they bear on are drawn anew.
        """
        draft, ingest_id = self._draft(), self._next_ingest_id()
        draft.copy_core()
        self._con.register("new_lists", lists)
        self._con.register("new_members", members)
        self._con.register("refused_members", refused.astype({"symbol": "str"}))
        with draft.core():
            for table in ("lists", "members"):
                run(self._con, f"delete_{table}")
                run(self._con, f"insert_{table}")
            origin = ledger_entry["origin"]
            run(self._con, "insert_refused_members", origin=origin, ingest_id=ingest_id)
            draft.enter(ingest_id, ledger_entry)
        days = self.store.published_days()
        if len(lists) and len(days):
            since = max(lists["as_of"].min(), days[0]).date()
            draft.draw(since, days[-1].date(), drawn_of)
        self.manifest = draft.publish()

    def publish_official(
        self,
        lists: pd.DataFrame,
        names: pd.DataFrame,
        ledger_entry: Mapping[str, object],
    ) -> None:
        """Publish official lists beside the stored ones, which stay as they are.

        `lists` has number (the list's place among these), index, action, event, kind,
        posted_on, effective_on, security_count, origin and digest; `names` number,
        symbol, key, name and industry.
        """
        draft, ingest_id = self._draft(), self._next_ingest_id()
        stored = self.store.official_lists()["list_id"]
        offset = int(stored.max()) + 1 if len(stored) else 1
        draft.copy_core()
        numbered = [
            table.assign(list_id=table["number"] + offset).drop(columns="number")
            for table in (lists, names)
        ]
        self._con.register("new_official", numbered[0].assign(ingest_id=ingest_id))
        self._con.register("new_names", numbered[1])
        with draft.core():
            run(self._con, "insert_official_lists")
            run(self._con, "insert_official_names")
            draft.enter(ingest_id, ledger_entry)
        self.manifest = draft.publish()

    def publish_fundamentals(
        self,
        rows: pd.DataFrame,
        refused: pd.DataFrame,
        ledger_entry: Mapping[str, object],
    ) -> None:
        """Publish table `Fundamentals`; values of the same source and day are replaced.

        `refused` has known_on, symbol, reason and offered of rows for the quarantine.
        """
        draft, ingest_id = self._draft(), self._next_ingest_id()
        draft.copy_core()
        self._con.register("new_rows", rows)
        self._con.register("refused_values", refused.astype("object"))
        with draft.core():
            run(self._con, "delete_fundamentals")
            run(self._con, "insert_fundamentals")
            origin = ledger_entry["origin"]
            run(self._con, "insert_refused_values", origin=origin, ingest_id=ingest_id)
            draft.enter(ingest_id, ledger_entry)
        self.manifest = draft.publish()

    def publish_filings(
        self,
        tables: Mapping[str, object],
        refused: pd.DataFrame,
        ledger_entry: Mapping[str, object],
        derived_of: Callable[[Store, Sequence[int]], pd.DataFrame],
        turned_on: Callable[[Store, Store], date | None],
        drawn_of: DrawnOf,
    ) -> None:
        """Publish filings beside the stored ones: what is new of each filer.

        `tables` are Arrow datasets by the names of `sources.filings.TABLES`; `refused`
        is as for fundamentals. `derived_of` makes table `Fundamentals` of the filers
        that have new rows, in place of what was made of them before; `turned_on` gives
        the first day on which the store as it was and as it will be rank differently,
        and `drawn_of` draws the days from then on anew.
        """
        draft, ingest_id = self._draft(), self._next_ingest_id()
        draft.copy_core()
        for name, offered in tables.items():
            self._con.register(f"new_{name}", offered)
        with draft.core():
            for table in FILING_TABLES:
                for step in ("merge", "delete", "insert"):
                    run(self._con, f"{step}_{table}")
            touched = run(self._con, "touched_filers").fetchnumpy()
        candidate = Store(self.folder, draft.manifest)
        try:
            rows = derived_of(candidate, list(map(int, touched["cik"])))
            since = turned_on(self.store, candidate)
        finally:
            candidate.close()
        self._con.register("new_rows", rows)
        self._con.register("refused_values", refused.astype("object"))
        with draft.core():
            run(self._con, "delete_filed_fundamentals", source=FILED)
            run(self._con, "insert_fundamentals")
            origin = ledger_entry["origin"]
            run(self._con, "insert_refused_values", origin=origin, ingest_id=ingest_id)
            draft.enter(ingest_id, ledger_entry)
        days = self.store.published_days()
        if since is not None and len(days) and since <= days[-1].date():
            draft.draw(max(since, days[0].date()), days[-1].date(), drawn_of)
        self.manifest = draft.publish()

    def publish_fund_assets(
        self,
        rows: pd.DataFrame,
        ledger_entry: Mapping[str, object],
        *,
        replace: bool,
    ) -> None:
        """Publish what a reader keeps of funds: fund, index, as_of, assets_usd, source.

        A row replaces that of the same fund, index and day; `replace` drops all others.
        """
        draft, ingest_id = self._draft(), self._next_ingest_id()
        draft.copy_core()
        self._con.register("new_assets", rows)
        with draft.core():
            now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
            run(self._con, "delete_fund_assets", replace=replace)
            run(self._con, "insert_fund_assets", kept_at=now)
            draft.enter(ingest_id, ledger_entry)
        self.manifest = draft.publish()

    def publish_segment_lists(
        self,
        rows: pd.DataFrame,
        ledger_entry: Mapping[str, object],
        drawn_of: DrawnOf,
    ) -> None:
        """Publish segments kept by hand in place of the ones before; draw all anew."""
        draft, ingest_id = self._draft(), self._next_ingest_id()
        draft.copy_core()
        self._con.register("new_segment_lists", rows)
        with draft.core():
            run(self._con, "delete_segment_lists")
            run(self._con, "insert_segment_lists")
            draft.enter(ingest_id, ledger_entry)
        days = self.store.published_days()
        if len(days):
            draft.draw(days[0].date(), days[-1].date(), drawn_of)
        self.manifest = draft.publish()

    def publish_rates(
        self, rows: pd.DataFrame, ledger_entry: Mapping[str, object]
    ) -> None:
        """Publish rows of table `rates`; one of the same series and day is replaced."""
        draft, ingest_id = self._draft(), self._next_ingest_id()
        draft.copy_core()
        self._con.register("new_rates", rows)
        with draft.core():
            run(self._con, "delete_rates")
            run(self._con, "insert_rates")
            draft.enter(ingest_id, ledger_entry)
        self.manifest = draft.publish()

    def publish_forecast(self, entry: Mapping[str, object]) -> None:
        """Publish one more forecast on record; `entry` has the table's columns."""
        draft = self._draft()
        draft.copy_core()
        with draft.core():
            run(self._con, "insert_forecast", **entry)
        self.manifest = draft.publish()

    def publish_calibration(self, entry: Mapping[str, object]) -> None:
        """Publish how good odds were; `entry` has the table's columns."""
        draft = self._draft()
        draft.copy_core()
        with draft.core():
            run(self._con, "delete_calibrations")
            run(self._con, "insert_calibration", **entry)
        self.manifest = draft.publish()

    def redraw(self, drawn_of: DrawnOf, since: date = date.min) -> None:
        """Publish the days from `since` with all that is drawn anew."""
        days = self.store.published_days()
        if not len(days) or since > days[-1].date():
            return
        draft = self._draft()
        draft.copy_core()
        draft.draw(max(since, days[0].date()), days[-1].date(), drawn_of)
        self.manifest = draft.publish()

    def _draft(self) -> Draft:
        return Draft(self._con, self.folder, self.manifest)

    def _blank(self, market: str, before: Manifest | None) -> Manifest:
        number = before.generation + 1 if before else 1  # a path is never used again
        core = f"core-{number:06d}.duckdb"
        make_tables(self._con, self.folder / core, with_core=True)
        after = Manifest(
            generation=number,
            market=market,
            core=core,
            years={},
            marks={core: generations.mark_of(self.folder / core)},
            is_blank=True,
        )
        generations.write_manifest(self.folder, after)
        return after

    def _next_ingest_id(self) -> int:
        ledger = self.store.ledger()
        return 1 if ledger.empty else int(ledger["ingest_id"].max()) + 1
