"""Sources to quality to a new generation of the store; the only writer's caller.

Every function takes one kind of source in, asks the gate day by day, and returns what
became of each file. Content that is already in the store changes nothing.
"""

import getpass
import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recon import membership, reconstitution, schedule
from recon.errors import SourceUnreadable
from recon.indexes import INDEXES
from recon.quality import CAP_REASONS, Day, Gate, Verdict, judge_list
from recon.sources import columns, demo, ishares, nasdaq
from recon.store import PUBLISHED, Store
from recon.store.writer import Writer, open_writer

HELD_BACK = "held back"
MEMORY_DAYS = 45  # calendar days that hold every session the gate remembers
CHUNK = 1 << 20

Progress = Callable[[str, float], None]


def _silent(what: str, fraction: float) -> None:
    """Show no progress."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of one offered file; counts of rows and days."""

    origin: str
    offered: int = 0
    accepted: int = 0
    quarantined: int = 0
    published_days: int = 0
    known_days: int = 0
    held_back: tuple[tuple[date, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to take rows in.

    `accept` are days that a person publishes against the gate; `replace` lets new
    days take the place of stored ones; `wait_seconds` is how long to wait for another
    ingest to end.
    """

    accept: frozenset[date] = frozenset()
    replace: bool = False
    wait_seconds: float = 30.0
    mapping: Mapping[str, str] = field(default_factory=dict)
    progress: Progress = _silent


def listings(folder: Path, paths: Sequence[Path], options: Options) -> list[Taken]:
    """Ingest tables of all listings by day, CSV or Parquet, one generation a file."""
    return _tables(folder, paths, options, "listings")


def vendor(folder: Path, paths: Sequence[Path], options: Options) -> list[Taken]:
    """Ingest any CSV, Parquet or XLSX with date, symbol, price and market cap."""
    return _tables(folder, paths, options, "vendor")


def archive(folder: Path, paths: Sequence[Path], options: Options) -> list[Taken]:
    """Ingest Nasdaq screener archives: dated folders, or a local git clone."""
    taken = []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for path in paths:
            days = _archived_days(path)
            for year, group in groupby(days, key=lambda item: item[0].year):
                taken.append(_archive_year(writer, path, year, list(group), options))
    return taken


def memberships(
    folder: Path, paths: Sequence[Path], options: Options, index: str | None = None
) -> list[Taken]:
    """Ingest index membership: iShares holdings CSV, or tables of dated holdings."""
    taken = []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for path in paths:
            digest = _digest(_file(path))
            if _knows(writer.store, "memberships", digest):
                taken.append(_already(path.name))
                continue
            options.progress(f"reading {path.name}", 0.0)
            members, refused = _membership_rows(path, index)
            taken.append(_take_memberships(writer, members, refused, path.name, digest))
            options.progress(path.name, 1.0)
    return taken


def demo_market(folder: Path, options: Options) -> list[Taken]:
    """Build the synthetic demo market and its index memberships."""
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
            taken.append(
                _take_days(
                    writer,
                    columns.match(names, origin),
                    source="demo",
                    origin=origin,
                    digest=f"demo {demo.__doc__ and year} {len(table)}",
                    options=options,
                    last=number == len(market.listings) - 1,
                )
            )
        taken.append(_demo_memberships(writer, market, days, options))
    return taken


def redraw(folder: Path, market: str, wait_seconds: float = 30.0) -> None:
    """Draw the break points of every stored day anew, as after a rule changed."""
    with open_writer(folder, market, wait_seconds) as writer:
        writer.redraw(reconstitution.break_points)


def _tables(
    folder: Path, paths: Sequence[Path], options: Options, source: str
) -> list[Taken]:
    taken = []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for path in paths:
            digest = _digest(_file(path))
            if (
                not options.accept
                and not options.replace
                and _knows(writer.store, source, digest)
            ):
                taken.append(_already(path.name))
                continue
            options.progress(f"reading {path.name}", 0.0)
            offered = _xlsx(path) if path.suffix.lower() == ".xlsx" else path
            names = writer.columns_of(offered)
            taken.append(
                _take_days(
                    writer,
                    columns.match(names, path.name, options.mapping),
                    source=source,
                    origin=path.name,
                    digest=digest,
                    options=options,
                )
            )
    return taken


def _take_days(
    writer: Writer,
    matched: Mapping[str, str],
    *,
    source: str,
    origin: str,
    digest: str,
    options: Options,
    notes: Sequence[str] = (),
    last: bool = True,
) -> Taken:
    """Publish the days of the rows that the writer has read as `raw`."""
    offered = writer.stage(matched, origin)
    staged = writer.staged_days()
    stored = writer.store.days()
    published = stored.loc[stored["status"] == PUBLISHED, "snapshot_date"].dt.date
    known = set() if options.replace else set(published) & set(staged)
    days = [day for day in staged if day not in known]
    rows = writer.rows(days)
    offers = _split(rows)
    verdicts = _judge(writer.store, offers, options, origin)
    numbers, reasons = _refusals(offers, verdicts, rows["row_number"])
    writer.refuse(numbers, reasons, origin)
    taken = Taken(
        origin=origin,
        offered=offered,
        accepted=sum(len(o.symbol_id) for o in _published(offers, verdicts)),
        quarantined=writer.refused_count(),
        published_days=len(_published(offers, verdicts)),
        known_days=len(known),
        held_back=tuple(
            (offer.snapshot_date, verdict.held_back)
            for offer, verdict in zip(offers, verdicts, strict=True)
            if verdict.held_back
        ),
        note="; ".join(
            [*notes, *([f"{len(known)} days were already stored"] if known else [])]
        ),
    )
    writer.publish_days(
        _snapshots(offers, verdicts, rows, source),
        _day_table(offers, verdicts, source, options.accept),
        {
            "source": source,
            "origin": origin,
            "digest": digest,
            "offered_count": taken.offered,
            "accepted_count": taken.accepted,
            "quarantined_count": taken.quarantined,
            "note": taken.note,
            "decided_by": _person() if options.accept & set(days) else None,
        },
        reconstitution.break_points,
    )
    options.progress(origin, 1.0)
    return taken


def _judge(
    store: Store, offers: list[Day], options: Options, origin: str
) -> list[Verdict]:
    """Walk the offered days in order, remembering the stored ones among them."""
    gate, verdicts = Gate(), []
    if not offers:
        return []
    since = offers[0].snapshot_date - timedelta(days=MEMORY_DAYS)
    replaced = {offer.snapshot_date for offer in offers}
    stored = _stored(store, since, offers[-1].snapshot_date, replaced)
    upcoming = next(stored, None)
    for number, offer in enumerate(offers):
        while upcoming and upcoming[0].snapshot_date < offer.snapshot_date:
            gate.remember(*upcoming)
            upcoming = next(stored, None)
        accepted = offer.snapshot_date in options.accept
        verdicts.append(gate.check(offer, accepted=accepted))
        if number % 10 == 0:
            options.progress(
                f"{origin} {offer.snapshot_date}", 0.2 + 0.6 * number / len(offers)
            )
    return verdicts


def _stored(
    store: Store, since: date, until: date, but: set[date]
) -> Iterator[tuple[Day, np.ndarray, np.ndarray]]:
    """Stored days as the gate remembers them: the day, its caps, sessions carried."""
    quotes = store.quotes(since, until)
    symbols = store.securities(since, until).set_index("security_id")["symbol_id"]
    for stamp, rows in quotes.groupby("snapshot_date"):
        day = pd.Timestamp(stamp).date()
        if day in but:
            continue
        caps = rows["total_market_cap_usd"].to_numpy(float)
        remembered = Day(
            snapshot_date=day,
            symbol_id=symbols.loc[rows["security_id"]].to_numpy(),
            close_usd=rows["close_usd"].to_numpy(float),
            total_market_cap_usd=caps,
            volume_shares=rows["volume_shares"].to_numpy(float),
        )
        yield remembered, caps, rows["carried_sessions"].to_numpy(int)


def _split(rows: Mapping[str, np.ndarray]) -> list[Day]:
    """Cut parallel arrays, sorted by day, into one `Day` each."""
    days = rows["snapshot_date"].astype("datetime64[D]")
    starts = np.flatnonzero(np.append(True, days[1:] != days[:-1])) if len(days) else []
    ends = np.append(starts[1:], len(days)) if len(days) else []
    return [
        Day(
            snapshot_date=days[start].astype(object),
            **{name: rows[name][start:end] for name in GATE_COLUMNS},
        )
        for start, end in zip(starts, ends, strict=True)
    ]


GATE_COLUMNS = ("symbol_id", "close_usd", "total_market_cap_usd", "volume_shares")


def _published(offers: list[Day], verdicts: list[Verdict]) -> list[Day]:
    return [
        offer
        for offer, verdict in zip(offers, verdicts, strict=True)
        if verdict.held_back is None
    ]


def _refusals(
    offers: list[Day], verdicts: list[Verdict], row_number: np.ndarray
) -> tuple[np.ndarray, pa.Array]:
    """Row numbers that go to the quarantine, each with its reason."""
    rows, reasons, start = [np.empty(0, np.int64)], [pa.array([], pa.string())], 0
    for offer, verdict in zip(offers, verdicts, strict=True):
        size = len(offer.symbol_id)
        states: Iterable[tuple[str, np.ndarray]] = [
            (reason, np.flatnonzero(verdict.cap_state == state))
            for state, reason in CAP_REASONS.items()
        ]
        if verdict.held_back:
            states = [(f"day held back: {verdict.held_back}", np.arange(size))]
        for reason, at in states:
            if len(at):
                rows.append(row_number[start + at].astype(np.int64))
                reasons.append(
                    pa.array([reason]).take(pa.array(np.zeros(len(at), int)))
                )
        start += size
    return np.concatenate(rows), pa.concat_arrays(reasons)


def _snapshots(
    offers: list[Day],
    verdicts: list[Verdict],
    rows: Mapping[str, np.ndarray],
    source: str,
) -> pa.Table:
    """Rows of the published days, as the store keeps them."""
    kept = np.concatenate(
        [
            np.full(len(offer.symbol_id), verdict.held_back is None)
            for offer, verdict in zip(offers, verdicts, strict=True)
        ]
        or [np.empty(0, bool)]
    )
    caps = [verdict.total_market_cap_usd for verdict in verdicts] or [np.empty(0)]
    carried = [verdict.carried_sessions for verdict in verdicts] or [np.empty(0, int)]
    values = {
        "snapshot_date": rows["snapshot_date"].astype("datetime64[D]")[kept],
        "security_id": rows["security_id"][kept],
        "total_market_cap_usd": _known_only(np.concatenate(caps)[kept]),
        "carried_sessions": np.concatenate(carried).astype(np.int16)[kept],
    }
    for name in ("close_usd", "shares_outstanding", "available_shares"):
        values[name] = _known_only(rows[name][kept])
    volume = rows["volume_shares"][kept]
    values["volume_shares"] = _known_only(volume).cast(pa.int64(), safe=False)
    source_column = pa.array([source]).take(pa.array(np.zeros(int(kept.sum()), int)))
    return pa.table({**values, "source": source_column})


def _known_only(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype(float), from_pandas=True)


def _day_table(
    offers: list[Day], verdicts: list[Verdict], source: str, accept: frozenset[date]
) -> pd.DataFrame:
    """One row per offered day, published or held back."""
    return pd.DataFrame(
        [
            {
                "snapshot_date": offer.snapshot_date,
                "status": HELD_BACK if verdict.held_back else PUBLISHED,
                "reason": verdict.held_back,
                "security_count": len(offer.symbol_id),
                "with_cap_count": int((~np.isnan(verdict.total_market_cap_usd)).sum()),
                "carried_count": int((verdict.carried_sessions > 0).sum()),
                "quarantined_count": int(
                    np.isin(verdict.cap_state, list(CAP_REASONS)).sum()
                ),
                "total_market_cap_usd": float(np.nansum(verdict.total_market_cap_usd)),
                "source": source,
                "decided_by": _person() if offer.snapshot_date in accept else None,
            }
            for offer, verdict in zip(offers, verdicts, strict=True)
        ],
        columns=[
            "snapshot_date",
            "status",
            "reason",
            "security_count",
            "with_cap_count",
            "carried_count",
            "quarantined_count",
            "total_market_cap_usd",
            "source",
            "decided_by",
        ],
    ).astype({"reason": "object", "decided_by": "object"})


def _archived_days(path: Path) -> list[tuple[date, Callable[[], Iterator]]]:
    """Every archived day with a way to read its files."""
    if path.is_dir() and nasdaq.is_clone(path):
        return [
            (day, lambda day=day, commit=commit: nasdaq.clone_files(path, day, commit))
            for day, commit in nasdaq.clone_commits(path).items()
        ]
    return [
        (day, lambda day=day, files=files: nasdaq.folder_files(day, files))
        for day, files in nasdaq.archive_days(path).items()
    ]


def _archive_year(
    writer: Writer,
    path: Path,
    year: int,
    days: list[tuple[date, Callable[[], Iterator]]],
    options: Options,
) -> Taken:
    """Publish one year of an archive; a day with a bad or absent file is left out."""
    origin, rows, notes, digest = f"{path.name} {year}", [], [], hashlib.sha256()
    stored = writer.store.days()
    published = set(stored.loc[stored["status"] == PUBLISHED, "snapshot_date"].dt.date)
    skipped = 0
    for number, (day, read) in enumerate(days):
        if day in published and not options.replace:
            skipped += 1
            continue
        options.progress(f"{origin} {day}", 0.2 * number / len(days))
        files = list(read())
        for file in files:
            digest.update(file.content)
        try:
            found = {file.exchange for file in files}
            missing = [name for name in nasdaq.EXCHANGES if name not in found]
            if missing:
                raise SourceUnreadable(f"{day} lacks the file of {', '.join(missing)}.")
            for file in files:
                rows.extend(nasdaq.parse_screener(file))
        except SourceUnreadable as error:
            rows = [row for row in rows if row["snapshot_date"] != day.isoformat()]
            notes.append(f"{day} left out: {error}")
    hexdigest = digest.hexdigest()
    if not options.accept and not options.replace:
        if skipped == len(days) or _knows(writer.store, "archive", hexdigest):
            return _already(origin)
    if skipped:
        notes.append(f"{skipped} days were already stored")
    names = writer.columns_of(nasdaq.to_table(rows))
    return _take_days(
        writer,
        {name: name for name in names if name in nasdaq.COLUMNS},
        source="archive",
        origin=origin,
        digest=hexdigest,
        options=options,
        notes=notes,
    )


def _membership_rows(
    path: Path, index: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    nothing = pd.DataFrame(columns=["index", "as_of", "symbol", "reason"])
    try:
        if path.suffix.lower() == ".parquet":
            table = pq.read_table(path).to_pandas()
            return ishares.parse_table(table, path.name, INDEXES)
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if text.splitlines() and "as_of" in text.splitlines()[0]:
            table = pd.read_csv(path, dtype=str)
            return ishares.parse_table(table, path.name, INDEXES)
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else "no reason given"
        raise SourceUnreadable(f"{path.name} could not be read: {first}.") from error
    return ishares.parse_holdings(text, path.name, index), nothing


def _take_memberships(
    writer: Writer,
    members: pd.DataFrame,
    refused: pd.DataFrame,
    origin: str,
    digest: str,
    source: str = "memberships",
) -> Taken:
    keys = ["index", "as_of", "source"]
    lists = members.groupby(keys, as_index=False).agg(security_count=("symbol", "size"))
    ranks = lists["index"].map(
        {
            code: entry.last_rank - entry.first_rank + 1
            for code, entry in INDEXES.items()
        }
    )
    reason = [
        judge_list(count, size)
        for count, size in zip(lists["security_count"], ranks, strict=True)
    ]
    lists = lists.assign(
        usable=[text is None for text in reason],
        reason=pd.Series(reason, index=lists.index, dtype="object"),
    )
    unusable = lists[~lists["usable"]]
    notes = [
        f"{row['index']} of {row['as_of']:%Y-%m-%d} not used: {row['reason']}"
        for row in unusable.to_dict("records")
    ]
    why = refused["reason"].value_counts()
    notes += [f"{count} rows refused: {text}" for text, count in why.items()]
    taken = Taken(
        origin=origin,
        offered=len(members) + len(refused),
        accepted=len(members),
        quarantined=len(refused),
        note="; ".join([f"{len(lists)} lists", *notes]),
    )
    writer.publish_memberships(
        lists,
        members,
        {
            "source": source,
            "origin": origin,
            "digest": digest,
            "offered_count": taken.offered,
            "accepted_count": taken.accepted,
            "quarantined_count": taken.quarantined,
            "note": taken.note,
            "decided_by": None,
        },
        reconstitution.break_points,
    )
    return taken


def _demo_memberships(
    writer: Writer, market: "demo.DemoMarket", days: list[date], options: Options
) -> Taken:
    """Draw the demo's "official" lists: our rules on caps the screener does not show."""
    events = [
        event
        for event in schedule.reconstitutions()
        if event.rank_day >= days[0] and event.effective_open <= days[-1]
    ]
    facts = _OfficialFacts(writer.store, market.official)
    lists: list[pd.DataFrame] = []
    for rank_day, as_of in [
        (days[0], days[0]),
        *((event.rank_day, event.effective_open) for event in events),
    ]:
        options.progress(f"demo memberships {as_of}", 0.9)
        projection = reconstitution.project(facts.with_members(lists), rank_day)
        lists.append(_official_lists(projection, as_of))
    members = pd.concat(lists, ignore_index=True)
    nothing = pd.DataFrame(columns=["index", "as_of", "symbol", "reason"])
    return _take_memberships(
        writer, members, nothing, "demo memberships", f"demo {len(members)}", "demo"
    )


def _official_lists(projection: reconstitution.Projection, as_of: date) -> pd.DataFrame:
    table = projection.securities
    table = table[table["projected_index"].isin([membership.LARGE, membership.SMALL])]
    return pd.DataFrame(
        {
            "index": table["projected_index"].to_numpy(),
            "as_of": pd.Timestamp(as_of),
            "symbol": table["key"].to_numpy(),
            "weight_frac": np.nan,
            "source": "demo market, synthetic",
        }
    ).drop_duplicates(["index", "symbol"])


class _OfficialFacts:
    """A store seen as the demo's index provider sees it: true caps, true nationality."""

    def __init__(self, store: Store, official: pd.DataFrame) -> None:
        self._store, self._official = store, official.set_index("symbol")
        self._members = pd.DataFrame(columns=list(ishares.COLUMNS))
        self.day_on_or_before = store.day_on_or_before
        self.published_days = store.published_days
        self.trailing = store.trailing

    def with_members(self, lists: list[pd.DataFrame]) -> "_OfficialFacts":
        if lists:
            self._members = pd.concat(lists, ignore_index=True)
        return self

    def securities(self, since: date, until: date) -> pd.DataFrame:
        table = self._store.securities(since, until)
        hidden = table["symbol"].map(self._official["officially_ineligible"])
        is_out = hidden.astype("boolean").fillna(False)
        return table.assign(
            security_type=table["security_type"].mask(is_out, "warrant")
        )

    def quotes(self, since: date, until: date) -> pd.DataFrame:
        quotes = self._store.quotes(since, until)
        symbols = self._store.securities(since, until).set_index("security_id")[
            "symbol"
        ]
        ratio = symbols.map(self._official["official_cap_ratio"]).fillna(1.0)
        times = ratio.reindex(quotes["security_id"]).to_numpy()
        return quotes.assign(
            total_market_cap_usd=quotes["total_market_cap_usd"] * times
        )

    def membership_lists(self) -> pd.DataFrame:
        return (
            self._members.groupby(["index", "as_of", "source"], as_index=False)
            .agg(security_count=("symbol", "size"))
            .assign(usable=True)
        )

    def members(self, since: date, until: date) -> pd.DataFrame:
        return self._members


def _xlsx(path: Path) -> pa.Table:
    """Return the first sheet of a workbook as texts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = [
            str(name or f"column {n}") for n, name in enumerate(next(rows, ()), 1)
        ]
        texts = [
            [_cell(value) for value in row]
            for row in rows
            if any(value is not None for value in row)
        ]
    except Exception as error:
        raise SourceUnreadable(
            f"{path.name} could not be read as XLSX: {error}."
        ) from error
    if not header:
        raise SourceUnreadable(f"{path.name} has an empty first sheet.")
    cells = [
        [row[n] if n < len(row) else None for row in texts] for n in range(len(header))
    ]
    return pa.table(
        {name: pa.array(c, pa.string()) for name, c in zip(header, cells, strict=True)}
    )


def _cell(value: object) -> str | None:
    if value is None:
        return None
    return value.date().isoformat() if hasattr(value, "date") else str(value)


def _file(path: Path) -> Path:
    if path.is_dir():
        raise SourceUnreadable(f"{path} is a folder; a file is expected here.")
    if not path.is_file():
        raise SourceUnreadable(f"There is no file {path}.")
    if path.stat().st_size == 0:
        raise SourceUnreadable(f"{path.name} is empty.")
    return path


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def _knows(store: Store, source: str, digest: str) -> bool:
    ledger = store.ledger()
    return bool(((ledger["digest"] == digest) & (ledger["source"] == source)).any())


def _already(origin: str) -> Taken:
    return Taken(origin=origin, note="already in the store; nothing changed")


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "not known"
