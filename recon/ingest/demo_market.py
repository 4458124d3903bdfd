"""The demo market: invented listings, and the index lists that go with them."""

import glob
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from recon import reconstitution, schedule
from recon.errors import StoreBusy, StoreFormat, StoreMissing
from recon.indexes import IN_BROAD
from recon.ingest.days import take_days
from recon.ingest.fundamentals import take_fundamentals
from recon.ingest.holdings import take_memberships
from recon.ingest.options import Options, part_of
from recon.ingest.outcome import Taken
from recon.sources import column_names, demo, demo_rates, fundamentals, ishares
from recon.store import Store, locks
from recon.store.generations import (
    MANIFEST,
    MOVING,
    is_ours,
    read_manifest,
    remove_leftovers,
    sync_folder,
    write_lock,
)
from recon.store.writer import Writer, open_writer


def demo_market(folder: Path, options: Options) -> list[Taken]:
    """Build the synthetic demo market and its index memberships, whole or not at all.

    It is built in a folder beside the store and moved into place; an existing store
    stays as it is.

    Raises
    ------
    MarketMixed
        If `folder` holds a store of real data.
    StoreFormat
        If it holds anything else.
    """
    folder = Path(folder)
    if _holds_something(folder):
        with open_writer(folder, "demo", options.wait_seconds) as writer:
            days = len(writer.store.published_days())
        return [Taken(origin="demo market", note=f"already there, {days} days")]
    if folder.exists():
        _check_free(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder)
    making = Path(tempfile.mkdtemp(prefix=_prefix(folder), dir=folder.parent))
    try:
        with locks.held(making / MAKING, 0):
            taken = _make(making, options)
            _move_in(making, folder, options.wait_seconds)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return taken


MAKING = "making.lock"  # held for as long as somebody builds in the folder


def _prefix(folder: Path) -> str:
    return f"{folder.name}.making-"


def _remove_abandoned(folder: Path) -> None:
    """Remove what builds that were killed have left beside a store."""
    for left in folder.parent.glob(f"{glob.escape(_prefix(folder))}*"):
        if (left / MAKING).exists() and not locks.is_held(left / MAKING):
            shutil.rmtree(left, ignore_errors=True)


def remove_demo(folder: Path, wait_seconds: float = 30.0) -> list[Taken]:
    """Remove the demo market from a store, which can then take real data.

    Raises
    ------
    StoreMissing
        If there is no store.
    MarketMixed
        If the store holds real data: it stays.
    """
    read_manifest(folder)
    with open_writer(folder, "demo", wait_seconds) as writer:
        days = len(writer.store.published_days())
        writer.clear()
    return [Taken(origin="demo market", note=f"{days:,} days removed")]


def _holds_something(folder: Path) -> bool:
    """Tell whether a folder holds a market in which something was published."""
    try:
        return not read_manifest(folder).is_blank
    except StoreMissing:
        return False


def _check_free(folder: Path) -> None:
    """Refuse a folder with anything but the remains of an unpublished store."""
    others = [path.name for path in folder.iterdir() if not is_ours(path)]
    if others:
        raise StoreFormat(
            f"{folder} is not a store and not empty (it holds {others[0]}); name an "
            "empty or new folder with --store."
        )


def _move_in(made: Path, folder: Path, wait_seconds: float) -> None:
    """Move a store into a folder that holds none, the manifest last."""
    with write_lock(folder, wait_seconds):
        if _holds_something(folder):
            raise StoreBusy(
                f"Another market was loaded into {folder} meanwhile; it stays."
            )
        remove_leftovers(folder, None)
        os.replace(made / MANIFEST, folder / MOVING)  # says what the files are
        for pattern in ("*.duckdb*", "generation-*.json"):
            for path in made.glob(pattern):
                os.replace(path, folder / path.name)
        os.replace(folder / MOVING, folder / MANIFEST)
        sync_folder(folder)


def _make(folder: Path, options: Options) -> list[Taken]:
    sessions = schedule.sessions()
    wanted = (sessions >= pd.Timestamp(demo.DEMO_START)) & (
        sessions <= pd.Timestamp(demo.DEMO_END)
    )
    days = [session.date() for session in sessions[wanted]]
    options.progress("inventing the market", 0.0)
    market = demo.market(days)
    taken = []
    with open_writer(folder, "demo", options.wait_seconds) as writer:
        for number, table in enumerate(market.listings):
            year = table["date"][0].as_py().year
            origin = f"demo market {year}"
            names = writer.columns_of(table)
            of_year = take_days(
                writer,
                column_names.match(names, origin),
                source="demo",
                origin=origin,
                digest=f"demo {year} {len(table)}",
                options=part_of(options, number, len(market.listings) + 1),
                draws_lines=False,
            )
            taken.append(_as_planned(of_year, market.broken_day))
        reported = _demo_fundamentals(writer, market)
        taken.append(_demo_memberships(writer, market, days, options))
        taken.append(reported)
        taken.append(_demo_rates(writer, days))
    return taken


def _as_planned(taken: Taken, broken_day: date) -> Taken:
    """Take the day that is broken on purpose for what it is: no shortfall."""
    held = dict(taken.held_back)
    if (why := held.pop(broken_day, None)) is None:
        return taken
    note = f"{broken_day} is broken on purpose and held back: {why}"
    notes = "; ".join(filter(None, [taken.note, note]))
    return replace(taken, held_back=tuple(held.items()), note=notes)


def _demo_fundamentals(writer: Writer, market: "demo.DemoMarket") -> Taken:
    rows = market.fundamentals
    refused = pd.DataFrame(columns=list(fundamentals.REFUSED))
    parsed = fundamentals.Parsed(rows=rows, refused=refused)
    return take_fundamentals(
        writer, parsed, "demo fundamentals", f"demo {len(rows)}", "demo", draws=False
    )


def _demo_rates(writer: Writer, days: list[date]) -> Taken:
    rows = demo_rates.rates(days).assign(source="demo market, synthetic")
    taken = Taken(origin="demo rates", offered=len(rows), accepted=len(rows))
    writer.publish_rates(rows, taken.ledger_entry("demo", f"demo rates {len(rows)}"))
    return taken


def _demo_memberships(
    writer: Writer, market: "demo.DemoMarket", days: list[date], options: Options
) -> Taken:
    """Draw the demo's official lists: our rules on caps the screener does not show."""
    events = [
        event
        for event in schedule.reconstitutions()
        if event.rank_day >= days[0] and event.effective_open <= days[-1]
    ]
    facts = _OfficialStore(writer.store.folder, market.official)
    lists: list[pd.DataFrame] = []
    for rank_day, as_of in [
        (days[0], days[0]),
        *((event.rank_day, event.effective_open) for event in events),
    ]:
        options.progress(f"demo memberships {as_of}", 0.95)
        projection = reconstitution.project(facts.with_members(lists), rank_day)
        lists.append(_official_lists(projection, as_of))
    facts.close()
    members = pd.concat(lists, ignore_index=True)
    nothing = pd.DataFrame(columns=["index", "as_of", "symbol", "reason"])
    return take_memberships(
        writer, members, nothing, "demo memberships", f"demo {len(members)}", "demo"
    )


def _official_lists(projection: reconstitution.Projection, as_of: date) -> pd.DataFrame:
    table = projection.securities
    table = table[table["projected_index"].isin(IN_BROAD)]
    return pd.DataFrame(
        {
            "index": table["projected_index"].to_numpy(),
            "as_of": pd.Timestamp(as_of),
            "symbol": table["key"].to_numpy(),
            "weight_frac": np.nan,
            "source": "demo market, synthetic",
        }
    ).drop_duplicates(["index", "symbol"])


class _OfficialStore(Store):
    """A store as the demo's index provider sees it: true caps and nationality."""

    def __init__(self, folder: Path, official: pd.DataFrame) -> None:
        super().__init__(folder)
        self._official = official.set_index("symbol")
        self._members = pd.DataFrame(columns=["list_id", *ishares.COLUMNS])

    def with_members(self, lists: list[pd.DataFrame]) -> "_OfficialStore":
        if lists:
            members = pd.concat(lists, ignore_index=True)
            list_id = members.groupby(["as_of", "index", "source"]).ngroup()
            members = members.assign(list_id=list_id).sort_values("list_id")
            self._members = members.astype({"symbol": object})
        return self

    def securities(self, since: date, until: date) -> pd.DataFrame:
        table = super().securities(since, until)
        hidden = table["symbol"].map(self._official["officially_ineligible"])
        is_out = hidden.astype("boolean").fillna(False)
        return table.assign(
            security_type=table["security_type"].mask(is_out, "warrant")
        )

    def quotes(self, since: date, until: date) -> pd.DataFrame:
        return self._true(super().quotes(since, until), since, until)

    def caps(self, since: date, until: date) -> pd.DataFrame:
        return self._true(super().caps(since, until), since, until)

    def quotes_on(
        self, days: Sequence[date], symbol_ids: Sequence[int] | np.ndarray
    ) -> pd.DataFrame:
        quotes = super().quotes_on(days, symbol_ids)
        return self._true(quotes, min(days), max(days))

    def _true(self, quotes: pd.DataFrame, since: date, until: date) -> pd.DataFrame:
        symbols = super().securities(since, until).set_index("security_id")["symbol"]
        ratio = symbols.map(self._official["official_cap_ratio"]).fillna(1.0)
        times = ratio.reindex(quotes["security_id"]).to_numpy()
        return quotes.assign(
            total_market_cap_usd=quotes["total_market_cap_usd"] * times
        )

    def membership_lists(self) -> pd.DataFrame:
        return (
            self._members.groupby(
                ["list_id", "index", "as_of", "source"], as_index=False
            )
            .agg(security_count=("symbol", "size"))
            .assign(usable=True)
        )

    def members(self, since: date, until: date) -> pd.DataFrame:
        return self._members
