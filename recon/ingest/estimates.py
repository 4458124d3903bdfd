"""History without an archive: closes times share counts, all of it estimates."""

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from recon import schedule
from recon.errors import BadRequest, SourceSilent
from recon.ingest.days import take_days
from recon.ingest.options import Options
from recon.ingest.outcome import Taken
from recon.ingest.resume import (
    SYMBOL_STATES,
    RequestCount,
    cached_responses,
    check_listed,
    is_due,
    note_symbol,
    read_notes,
    refuse_demo,
    write_notes,
)
from recon.sources.http_client import RetryPolicy
from recon.sources.yahoo import history, symbols
from recon.sources.yahoo.client import Yahoo
from recon.sources.yahoo.quotes import last_over
from recon.sources.yahoo.states import State
from recon.store import ESTIMATE, PUBLISHED, YAHOO, Store
from recon.store.staging import ATTRIBUTES
from recon.store.writer import open_writer

BATCH = 100
COUNTS_BEFORE_DAYS = 200  # how old a count may be that holds on the first day


def estimate(
    folder: Path,
    options: Options,
    *,
    since: date,
    until: date | None = None,
    only: Sequence[str] = (),
    largest: int | None = None,
    now: datetime | None = None,
    policy: RetryPolicy | None = None,
) -> list[Taken]:
    """Estimate the sessions from `since` to `until` for which the store has no day.

    The listings are those of the store's last day: what was delisted since is missing.

    Parameters
    ----------
    until
        Last day; None for the one before the store's first.
    only
        Symbols as the store spells them; all with a market cap if empty.
    largest
        Only this many listings, the largest by market cap.

    Raises
    ------
    SnapshotMissing
        If the store holds no day to take the listings from.
    BadRequest
        If there is no session to estimate, or a symbol is not listed on the last day.
    SourceBlocked
        If Yahoo refuses; the same command resumes where it stopped.
    """
    refuse_demo(folder)
    today = last_over(now or datetime.now(UTC))
    store = Store(folder)
    try:
        listings = _listings(store, only, largest)
        first = store.published_days()[0].date()
        in_market = _in_market(store)
    finally:
        store.close()
    until = min(until or schedule.session_before(first), today)
    wanted = schedule.sessions_in(since, until)
    if not len(wanted):
        raise BadRequest(
            f"No New York session lies between {since} and {until}; the store's first "
            f"day is {first}. Choose an earlier --since."
        )
    counts, notes = RequestCount(options), read_notes(folder, SYMBOL_STATES)
    run = f"estimate {since} {until} {today} {len(listings)}"
    with cached_responses(folder, run) as cache:
        yahoo = Yahoo(counts, cache, policy)
        fetcher = _Fetcher(yahoo, counts, notes, in_market, since, until, today)
        try:
            found = list(fetcher.histories(listings))
        finally:
            write_notes(folder, SYMBOL_STATES, notes)
        fetcher.refuse_a_part()
        return [_publish(folder, found, listings, fetcher, wanted, options)]


@dataclasses.dataclass
class _Fetcher:
    """Fetches closes in batches and each symbol's share counts."""

    yahoo: Yahoo
    counts: RequestCount
    notes: dict[str, dict[str, object]]
    in_market: frozenset[str] | None
    since: date
    until: date
    today: date
    resting: int = 0
    silent: int = 0
    blocked: list[str] = dataclasses.field(default_factory=list)

    def refuse_a_part(self) -> None:
        """Raise where symbols are missing only for now: the days would lack them."""
        if self.blocked:
            raise SourceSilent(
                f"{len(self.blocked):,} symbols are unavailable for now "
                f"({', '.join(self.blocked[:5])}), so nothing is published; the "
                "responses are kept: run the same command again."
            )

    def histories(self, listings: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """Return each listing's estimated days; note the symbols without data."""
        due = [name for name in listings.index if is_due(self.notes, name, self.today)]
        self.resting = len(listings) - len(due)
        rows = 0
        for start in range(0, len(due), BATCH):
            batch = due[start : start + BATCH]
            self.counts.report("closes", start, len(due), rows)
            theirs = {symbols.to_yahoo(name): name for name in batch}
            table = self.yahoo.prices(list(theirs), self.since, self.today)
            for number, (symbol, name) in enumerate(theirs.items()):
                self.counts.report(f"shares of {name}", start + number, len(due), rows)
                bars = _bars_of(table, symbol)
                self._note(name, len(bars) > 0)
                if bars.empty:
                    self.silent += 1
                    continue
                found = self._history(name, symbol, bars, listings)
                rows += len(found)
                yield found

    def _history(
        self, name: str, symbol: str, bars: pd.DataFrame, listings: pd.DataFrame
    ) -> pd.DataFrame:
        before = self.since - pd.Timedelta(days=COUNTS_BEFORE_DAYS)
        counts = self.yahoo.share_counts(symbol, before, self.today)
        shares = listings.loc[name, "implied_shares"]
        table = history.estimate(bars, counts, shares if shares == shares else None)
        inside = table["snapshot_date"].between(
            pd.Timestamp(self.since), pd.Timestamp(self.until)
        )
        return table[inside].assign(symbol=name)

    def _note(self, name: str, has_rows: bool) -> None:
        state = note_symbol(
            self.notes,
            name,
            self.counts.outcomes,
            today=self.today,
            has_rows=has_rows,
            has_session=len(schedule.sessions_in(self.since, self.today)) > 0,
            is_in_market=None if self.in_market is None else name in self.in_market,
        )
        if state is State.BLOCKED:
            self.blocked.append(name)


def _listings(store: Store, only: Sequence[str], largest: int | None) -> pd.DataFrame:
    """Attributes, market cap and company shares of the last day, by symbol."""
    day = store.day_on_or_before(date.max)
    described = store.securities(day, day)
    quotes = store.quotes(day, day)[["security_id", "total_market_cap_usd"]]
    details = store.quote_details(day)[["security_id", "implied_shares"]]
    table = (
        described.merge(quotes, on="security_id", validate="one_to_one")
        .merge(details, on="security_id", how="left", validate="one_to_one")
        .sort_values("total_market_cap_usd", ascending=False)
        .drop_duplicates("symbol")
        .set_index("symbol")
    )
    if only:
        check_listed(only, table.index, day)
        return table.loc[list(only)]
    table = table[table["total_market_cap_usd"].notna()]
    return table.head(largest) if largest else table


def _in_market(store: Store) -> frozenset[str] | None:
    """Symbols of the last whole market that Yahoo showed, None if it never did."""
    days = store.days()
    shown = days[(days["source"] == YAHOO) & (days["status"] == PUBLISHED)]
    if shown.empty:
        return None
    day = shown["snapshot_date"].max().date()
    return frozenset(store.securities(day, day)["symbol"])


def _bars_of(table: pd.DataFrame, symbol: str) -> pd.DataFrame:
    """One symbol's bars from a batch, found by name and never by position."""
    columns = ["Close", "Volume", "Stock Splits"]
    if symbol not in table.columns.get_level_values(0):
        return pd.DataFrame(columns=columns)
    bars = table[symbol]
    if not set(columns) <= set(bars.columns):
        return pd.DataFrame(columns=columns)
    return bars[columns].dropna(subset=["Close"])


def _publish(
    folder: Path,
    found: Sequence[pd.DataFrame],
    listings: pd.DataFrame,
    fetcher: _Fetcher,
    wanted: pd.DatetimeIndex,
    options: Options,
) -> Taken:
    rows = pd.concat(found) if found else pd.DataFrame()
    if rows.empty:
        raise BadRequest(
            f"None of {len(listings):,} symbols has closes between {wanted[0].date()} "
            f"and {wanted[-1].date()}; choose later days."
        )
    rows = rows[rows["snapshot_date"].isin(wanted)]
    attributes = [name for name in ATTRIBUTES if name in listings]
    rows = rows.join(listings[attributes], on="symbol", validate="many_to_one")
    table = pa.Table.from_pandas(rows, preserve_index=False)
    without = int(rows.groupby("symbol")["total_market_cap_usd"].max().isna().sum())
    notes = [
        f"estimated from {rows['symbol'].nunique():,} listings of the last day, "
        f"{fetcher.counts.note()}",
        *([f"{without:,} without a share count"] if without else []),
        *([f"{fetcher.silent:,} without data"] if fetcher.silent else []),
    ]
    if fetcher.resting:
        notes.append(f"{fetcher.resting:,} skipped, without data before")
    origin = f"Yahoo estimate {wanted[0].date()} to {wanted[-1].date()}"
    with open_writer(folder, "real", options.wait_seconds) as writer:
        names: Mapping[str, str] = {name: name for name in writer.columns_of(table)}
        return take_days(
            writer,
            names,
            source=ESTIMATE,
            origin=origin,
            digest=hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest(),
            options=options,
            notes=notes,
        )
