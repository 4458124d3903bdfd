"""Days on their way into a draft: numbered securities, snapshots, refusals, counts."""

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa

from recon.store import Store
from recon.store.draft import Draft, attached, run

ALWAYS = date(1, 1, 1), date(9999, 12, 31)
OFFERED_CAPS = pa.schema(
    [
        ("snapshot_date", pa.date32()),
        ("security_id", pa.int32()),
        ("total_market_cap_usd", pa.float64()),
    ]
)
REVISED_ROWS = OFFERED_CAPS.append(pa.field("carried_sessions", pa.int16()))


@dataclass(frozen=True, kw_only=True)
class Revision:
    """Stored days that were judged again, as tables.

    `rows` has snapshot_date, security_id, total_market_cap_usd and carried_sessions of
    every quote that changed; `offered_caps` what was offered where another figure now
    stands in. `days` has the new counts of each day, `refusals` the refused market
    caps of those days as a quarantine keeps them, their numbers in columns; `reasons`
    are all reasons such refusals may have.
    """

    rows: pa.Table
    offered_caps: pa.Table
    days: pd.DataFrame
    refusals: pa.Table
    reasons: tuple[str, ...]

    def years(self) -> set[int]:
        """Return the calendar years of the revised days."""
        return set(self.days["snapshot_date"].dt.year)


def number_securities(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Make `new_securities` and `resolved`: a security for every offered version."""
    con.register("known", store.securities(*ALWAYS))
    run(con, "number_securities")
    run(con, "resolve_securities")


def write_year(
    draft: Draft,
    store: Store,
    year: int,
    *,
    origin: str,
    ingest_id: int,
    has_details: bool,
    revision: Revision | None,
) -> None:
    """Make the file of a year: its stored days, less replaced ones, plus new ones.

    New days after all stored ones are appended to a copy of the old file.
    """
    con, span = draft.con, {"first": date(year, 1, 1), "last": date(year, 12, 31)}
    stored = store.published_days()
    in_year = stored[stored.year == year]
    ((new_first,),) = run(con, "first_new_day", **span).fetchall()
    is_revised = revision is not None and year in revision.years()
    is_after = not len(in_year) or not new_first or in_year[-1].date() < new_first
    old = draft.before.years.get(year)
    is_copied = is_after and not is_revised
    name = draft.make_year(year, old if is_copied else None)
    with attached(con, draft.folder / name), ExitStack() as stack:
        if old and not is_copied:
            path = draft.folder / old
            stack.enter_context(attached(con, path, "old", "read_only"))
            _register(con, revision)
            _keep_old(con)
            run(con, "merge_snapshots", **span)
        else:
            run(con, "insert_snapshots", **span)
        run(con, "insert_offered_caps", **span)
        if has_details:
            run(con, "insert_details")
        write_refused(con, [year], origin, ingest_id)
        if revision is not None and is_revised:
            run(con, "forget_revised", reasons=list(revision.reasons))
            run(con, "insert_revised_refusals", year=year)


def write_refused(
    con: duckdb.DuckDBPyConnection,
    years: Collection[int],
    origin: str,
    ingest_id: int,
    *,
    is_inside: bool = True,
) -> None:
    """Keep the refused rows of `years`, or all others; a day judged anew, its new."""
    run(con, "forget_refused", origin=origin)
    run(
        con,
        "insert_refused",
        years=list(years),
        is_inside=is_inside,
        ingest_id=ingest_id,
    )


def write_core(
    con: duckdb.DuckDBPyConnection, ingest_id: int, revision: Revision | None
) -> None:
    """Write securities and days to the core file, which is attached."""
    run(con, "insert_securities")
    run(con, "extend_securities")
    run(con, "delete_days")
    run(con, "insert_days", ingest_id=ingest_id)
    if revision is not None:
        con.register("revised_days", revision.days)
        run(con, "revise_days")


def _register(con: duckdb.DuckDBPyConnection, revision: Revision | None) -> None:
    rows = REVISED_ROWS.empty_table() if revision is None else revision.rows
    con.register("revised_rows", rows)
    if revision is not None:
        con.register("revised_days", revision.days)
        con.register("revised_refusals", revision.refusals)


def _keep_old(con: duckdb.DuckDBPyConnection) -> None:
    """Copy what a year's old file holds beside its snapshots."""
    run(con, "keep_quarantine")
    present = {name for (name,) in run(con, "old_tables").fetchall()}
    for table, statement in (
        ("quote_details", "keep_details"),
        ("offered_caps", "keep_offered_caps"),
    ):
        if table in present:
            run(con, statement)
