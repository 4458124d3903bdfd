"""The whole market out of slices: what was promised must have come, each row once.

A page that lacks rows is asked for again, then its slice; slices that share a symbol
are both asked for again. What still falls short is reported, and nothing of the day is
used.
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
AskPage = Callable[[Slice, int, int], dict[str, object]]
Tell = Callable[[str, int, int, int], None]  # slice, slices done, slices, rows


@dataclass
class Received:
    """What came of one slice: its rows by symbol, and how many were promised."""

    slice: Slice
    promised: int
    quotes: dict[str, Quote] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The whole market: a row a symbol, and each symbol's sector where it has one.

    `repeated` counts rows that came more than once, `conflicts` those of them whose
    price or market cap differed.
    """

    quotes: dict[str, Quote]
    sectors: dict[str, str]
    slices: int
    promised: int
    repeated: int
    conflicts: int


def whole_market(ask: AskPage, tell: Tell) -> Whole:
    """Ask for every slice; return the market, whole.

    Raises
    ------
    SourceSilent
        If a slice stays short of what was promised, or slices keep overlapping.
    """
    turns: dict[tuple[Slice, int], int] = {}

    def page(slice_: Slice, offset: int) -> dict[str, object]:
        turns[slice_, offset] = turns.get((slice_, offset), 0) + 1
        return ask(slice_, offset, turns[slice_, offset])

    caps, sectors = by_cap(), by_sector()
    rows = 0
    received: list[list[Received]] = [[], []]
    for number, slice_ in enumerate([*caps, *sectors]):
        tell(slice_.name, number, len(caps) + len(sectors), rows)
        parts = _slice(page, slice_)
        rows += sum(len(part.quotes) for part in parts)
        received[number >= len(caps)] += parts
    by_cap_, by_sector_ = (_disjoint(page, parts) for parts in received)
    return _merged(by_cap_, by_sector_)


def _slice(page: Callable[[Slice, int], dict[str, object]], slice_: Slice) -> list:
    """Return a slice whole, in parts where it is large."""
    missing = ""
    for _ in range(SLICE_TURNS):
        first = _page(page, slice_, 0, None)
        if first["total"] > MOST_ROWS:
            return [r for part in slice_.halves() for r in _slice(page, part)]
        got = Received(slice_, int(first["total"]))
        _take(got, first)
        for offset in range(PAGE_ROWS, got.promised, PAGE_ROWS):
            _take(got, _page(page, slice_, offset, got.promised))
        if len(got.quotes) == got.promised:
            return [got]
        missing = f"{len(got.quotes):,} of {got.promised:,} rows"
    raise _short(slice_, missing)


def _page(
    page: Callable[[Slice, int], dict[str, object]],
    slice_: Slice,
    offset: int,
    promised: int | None,
) -> dict:
    """Return a page that has the rows it should, all of them of its slice."""
    found = 0
    for _ in range(PAGE_TURNS):
        answer = page(slice_, offset)
        total, rows = answer.get("total"), answer.get("quotes")
        if not isinstance(total, int) or not isinstance(rows, list):
            continue
        due = min(PAGE_ROWS, max(0, total - offset))
        kept = [row for row in rows if _is_of(slice_, row)]
        found = len({row["symbol"] for row in kept})
        if found == due == len(rows) and promised in (None, total):
            return {"total": total, "quotes": kept}
    raise _short(slice_, f"{found:,} rows from row {offset:,} on")


def _is_of(slice_: Slice, row: object) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("symbol"), str):
        return False
    return slice_.holds(row.get("exchange"), row.get("marketCap"))


def _take(got: Received, answer: dict) -> None:
    for row in answer["quotes"]:
        got.quotes[row["symbol"]] = merge(got.quotes.get(row["symbol"]), row)


def _disjoint(
    page: Callable[[Slice, int], dict[str, object]], parts: list[Received]
) -> list[Received]:
    """Ask again for slices that share a symbol, until each symbol is in one."""
    for _ in range(ROUNDS):
        shared = _shared(parts)
        if not shared:
            return parts
        parts = [
            again
            for part in parts
            for again in (
                [part] if shared.isdisjoint(part.quotes) else _slice(page, part.slice)
            )
        ]
    names = [part.slice.name for part in parts if not shared.isdisjoint(part.quotes)]
    raise SourceSilent(
        f"Yahoo keeps giving the same {len(shared)} symbols in several slices "
        f"({', '.join(names[:4])}), so that others are missing. The day is not "
        "published; run the same command again later."
    )


def _shared(parts: Iterable[Received]) -> set[str]:
    seen: set[str] = set()
    shared: set[str] = set()
    for part in parts:
        shared |= seen & part.quotes.keys()
        seen |= part.quotes.keys()
    return shared


def _merged(by_cap_: list[Received], by_sector_: list[Received]) -> Whole:
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
    )


def _short(slice_: Slice, what: str) -> SourceSilent:
    return SourceSilent(
        f"Yahoo's slice '{slice_.name}' stays short: {what} came. The day is not "
        "published; what was answered is kept: run the same command again later."
    )
