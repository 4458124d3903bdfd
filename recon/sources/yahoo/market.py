"""The whole market from slices: every promised row must arrive, and only once.

A page that lacks rows is fetched again, then its slice; slices that share a symbol are
both fetched again. What still falls short is reported, and nothing of the day is used.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from recon.errors import SourceSilent
from recon.sources.yahoo.quotes import Quote, merge
from recon.sources.yahoo.slices import (
    MOST_ROWS,
    PAGE_ROWS,
    Slice,
    by_cap,
    by_sector,
)

PAGE_TURNS, SLICE_TURNS, ROUNDS = 4, 4, 4
MOST_PAGES = 400  # a market has about 55; a provider that ignores filters has no end
FetchPage = Callable[[Slice, int, int], dict[str, object]]
ReportSlice = Callable[[str, int, int, int], None]  # slice, slices done, slices, rows


@dataclass
class Received:
    """One slice as received: its rows by symbol, and how many were promised."""

    slice: Slice
    promised: int
    quotes: dict[str, Quote] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The whole market: one row per symbol, and each symbol's sector if it has one.

    `repeated` counts rows that arrived more than once, `conflicts` those of them whose
    price or market cap differed.
    """

    quotes: dict[str, Quote]
    sectors: dict[str, str]
    slices: int
    promised: int
    repeated: int
    conflicts: int
    shortfalls: tuple[str, ...] = ()


def whole_market(
    fetch: FetchPage, report: ReportSlice, *, accepts_short: bool = False
) -> Whole:
    """Fetch every slice; return the whole market.

    `accepts_short` takes slices that stay short as they are, because a person decided
    so; `Whole.shortfalls` then says what was missing.

    Raises
    ------
    SourceSilent
        If a slice stays short of what was promised, or slices keep overlapping.
    """
    fetcher = _Fetcher(fetch, accepts_short)
    caps, sectors = by_cap(), by_sector()
    rows = 0
    received: list[list[Received]] = [[], []]
    for number, slice_ in enumerate([*caps, *sectors]):
        report(slice_.name, number, len(caps) + len(sectors), rows)
        parts = fetcher.slice(slice_)
        rows += sum(len(part.quotes) for part in parts)
        received[number >= len(caps)] += parts
    by_cap_, by_sector_ = map(fetcher.disjoint, received)
    return _merged(by_cap_, by_sector_, tuple(fetcher.shortfalls))


@dataclass
class _Fetcher:
    """Fetches pages and slices until they are whole; counts how often each."""

    fetch: FetchPage
    accepts_short: bool
    turns: dict[tuple[Slice, int], int] = field(default_factory=dict)
    shortfalls: list[str] = field(default_factory=list)

    def slice(self, slice_: Slice) -> list[Received]:
        """Return a slice whole, in parts where it is large."""
        got = Received(slice_, 0)
        for _ in range(SLICE_TURNS):
            promised, quotes = self._page(slice_, 0, None)
            if promised > MOST_ROWS:
                return [r for half in slice_.halves() for r in self.slice(half)]
            got = Received(slice_, promised)
            _take(got, quotes)
            for offset in range(PAGE_ROWS, promised, PAGE_ROWS):
                total, quotes = self._page(slice_, offset, promised)
                _take(got, quotes)
                if total != promised:  # a listing came or went meanwhile
                    break
            if len(got.quotes) == promised:
                return [got]
        self._fall_short(slice_, f"{len(got.quotes):,} of {got.promised:,} rows")
        return [got]

    def disjoint(self, parts: list[Received]) -> list[Received]:
        """Fetch slices that share a symbol again, until each symbol is in one.

        Slices that share the very same symbols again overlap at the provider: each is
        whole, and nothing is missing.
        """
        before: set[str] = set()
        for _ in range(ROUNDS):
            shared = _shared(parts)
            if not shared or shared == before:
                return parts
            before = shared
            again: list[Received] = []
            for part in parts:
                is_apart = shared.isdisjoint(part.quotes)
                again += [part] if is_apart else self.slice(part.slice)
            parts = again
        named = [p.slice.name for p in parts if not _shared(parts).isdisjoint(p.quotes)]
        raise SourceSilent(
            f"Yahoo keeps returning the same symbols in several slices "
            f"({', '.join(named[:4])}), so that others are missing. The day is not "
            "published; run the same command again later."
        )

    def _page(
        self, slice_: Slice, offset: int, promised: int | None
    ) -> tuple[int, list[dict]]:
        """Return how many rows are promised, and the rows of the page.

        Rows that seem to be of another slice, or a changed number of promised rows,
        are believed when they arrive twice: the provider's own figures may differ, and
        a fault does not repeat itself.
        """
        before: set[str] = set()
        kept: dict[str, dict] = {}
        total = promised or 0
        for _ in range(PAGE_TURNS):
            answer = self._answer(slice_, offset)
            if answer is None:
                continue
            total, rows = answer
            due = min(PAGE_ROWS, max(0, total - offset))
            kept |= {row["symbol"]: row for row in rows}
            found = {row["symbol"] for row in rows}
            is_full = len(found) == due == len(rows)
            is_sure = promised in (None, total) and all(
                slice_.holds(row.get("exchange"), row.get("marketCap")) for row in rows
            )
            if is_full and (is_sure or found == before):
                return total, rows
            before = found
        self._fall_short(slice_, f"{len(kept):,} rows from row {offset:,} on")
        return promised or total, list(kept.values())

    def _answer(self, slice_: Slice, offset: int) -> tuple[int, list[dict]] | None:
        if sum(self.turns.values()) >= MOST_PAGES:
            raise SourceSilent(
                f"Yahoo does not keep to what is requested: {MOST_PAGES} pages, and "
                f"'{slice_.name}' is still not whole. The day is not published; run "
                "the same command again later."
            )
        turn = self.turns[slice_, offset] = self.turns.get((slice_, offset), 0) + 1
        answer = self.fetch(slice_, offset, turn)
        total, rows = answer.get("total"), answer.get("quotes")
        if not isinstance(total, int) or not isinstance(rows, list):
            return None
        if not all(
            isinstance(r, dict) and isinstance(r.get("symbol"), str) for r in rows
        ):
            return None
        return total, rows

    def _fall_short(self, slice_: Slice, what: str) -> None:
        if not self.accepts_short:
            raise SourceSilent(
                f"Yahoo's slice '{slice_.name}' stays short: {what} arrived. The day "
                "is not published; the responses are kept: run the same command again "
                "later, or with --accept DAY to publish it as it is."
            )
        self.shortfalls.append(f"{slice_.name}: {what}")


def _take(got: Received, quotes: list[dict]) -> None:
    for row in quotes:
        got.quotes[row["symbol"]] = merge(got.quotes.get(row["symbol"]), row)


def _shared(parts: Iterable[Received]) -> set[str]:
    seen: set[str] = set()
    shared: set[str] = set()
    for part in parts:
        shared |= seen & part.quotes.keys()
        seen |= part.quotes.keys()
    return shared


def _merged(
    by_cap_: list[Received], by_sector_: list[Received], shortfalls: tuple[str, ...]
) -> Whole:
    quotes: dict[str, Quote] = {}
    sectors: dict[str, str] = {}
    repeated, conflicts = 0, 0
    for part in [*by_cap_, *by_sector_]:
        for symbol, row in part.quotes.items():
            before = quotes.get(symbol)
            if before is not None:
                repeated += 1
                conflicts += any(
                    before.get(name) != row.get(name)
                    for name in ("regularMarketPrice", "marketCap")
                )
            quotes[symbol] = merge(before, row)
            if part.slice.sector:
                sectors[symbol] = part.slice.sector
    return Whole(
        quotes=quotes,
        sectors=sectors,
        slices=len(by_cap_) + len(by_sector_),
        promised=sum(part.promised for part in by_cap_),
        repeated=repeated,
        conflicts=conflicts,
        shortfalls=shortfalls,
    )
