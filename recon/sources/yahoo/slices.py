"""The whole market cut into queries small enough to come back whole.

Yahoo's screener returns 250 rows a page and repeats itself far down a list, so the
market is fetched by exchange and market cap, and once more by sector, because a row
does not say its sector. Edges: decision 0016.
"""

import math
from dataclasses import dataclass, replace

PAGE_ROWS = 250
MOST_ROWS = 2_500  # of one slice; the screener repeats itself from about 10,000 on
NASDAQ, NYSE, OTHERS = ("NMS", "NGM", "NCM"), ("NYQ",), ("ASE", "BTS", "PCX")
EXCHANGES = dict.fromkeys(NASDAQ, "NASDAQ") | {"NYQ": "NYSE"}
EXCHANGES |= {"ASE": "AMEX", "BTS": "CBOE", "PCX": "ARCA"}
CAP_EDGES_USD = (
    (NASDAQ, (5e7, 2.5e8, 1e9, 4e9)),
    (NYSE, (5e8, 2e9, 1e10)),
    (OTHERS, ()),
)
SECTORS = (
    "Basic Materials|Communication Services|Consumer Cyclical|Consumer Defensive|"
    "Energy|Financial Services|Healthcare|Industrials|Real Estate|Technology|Utilities"
).split("|")
TOLERANCE_FRAC = 0.02  # a row's cap may be of another moment than the slice's


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One query: exchanges, market cap from `low` to below `high` USD, sector."""

    exchanges: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    sector: str | None = None

    @property
    def name(self) -> str:
        """Such as ``NYQ 500m to 2bn`` or ``Energy``."""
        if self.sector and len(self.exchanges) > len(NASDAQ):
            return self.sector
        parts = [self.sector] if self.sector else []
        parts.append("+".join(self.exchanges))
        if self.low is not None:
            parts.append(f"from {_short(self.low)}")
        if self.high is not None:
            parts.append(f"below {_short(self.high)}")
        return " ".join(parts)

    def holds(self, exchange: object, given_cap: object) -> bool:
        """Tell whether a row may belong to this slice; near an edge it may."""
        cap = given_cap if isinstance(given_cap, int | float) else None
        if exchange not in self.exchanges:
            return False
        if self.low is not None and (cap or 0) < self.low * (1 - TOLERANCE_FRAC):
            return False
        return self.high is None or (
            cap is not None and cap < self.high * (1 + TOLERANCE_FRAC)
        )

    def halves(self) -> tuple["Slice", ...]:
        """Return smaller slices that together make up this one."""
        groups = [
            tuple(e for e in group if e in self.exchanges) for group, _ in CAP_EDGES_USD
        ]
        groups = [group for group in groups if group]
        if len(groups) > 1:
            return tuple(replace(self, exchanges=group) for group in groups)
        if len(self.exchanges) > 1:
            return tuple(replace(self, exchanges=(e,)) for e in self.exchanges)
        low, high = self.low or 1e6, self.high or 1e13
        middle = float(f"{math.sqrt(low * high):.2g}")
        return replace(self, high=middle), replace(self, low=middle)


def by_cap() -> list[Slice]:
    """Return slices that hold every listing with a market cap once."""
    found = []
    for exchanges, edges in CAP_EDGES_USD:
        if not edges:
            found.append(Slice(exchanges=exchanges))
            continue
        bounds = [None, *edges, None]
        found += [
            Slice(exchanges=exchanges, low=low, high=high)
            for low, high in zip(bounds, bounds[1:], strict=False)
        ]
    return found


def by_sector() -> list[Slice]:
    """Return one slice per sector, across all exchanges."""
    every = (*NASDAQ, *NYSE, *OTHERS)
    return [Slice(exchanges=every, sector=sector) for sector in SECTORS]


def _short(usd: float) -> str:
    return f"{usd / 1e9:g}bn" if usd >= 1e9 else f"{usd / 1e6:g}m"
