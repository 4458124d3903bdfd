"""A market as Yahoo writes it: quotes, charts, share counts and profiles.

The forms are those of recorded answers; the numbers come from a store (such as the
demo market's) or from a handful of made-up listings.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from recon import schedule
from recon.store import Store

NEW_YORK = ZoneInfo("America/New_York")
SECTORS = {
    "Technology": "Technology",
    "Health Care": "Healthcare",
    "Finance": "Financial Services",
    "Consumer Discretionary": "Consumer Cyclical",
    "Consumer Staples": "Consumer Defensive",
    "Industrials": "Industrials",
    "Energy": "Energy",
    "Utilities": "Utilities",
    "Real Estate": "Real Estate",
    "Basic Materials": "Basic Materials",
    "Telecommunications": "Communication Services",
}
PAPER = (
    ("Warrant", "-WT", " - Warrants"),
    ("Unit", "-UN", " - Units"),
    ("Right", "-RI", " - Rights"),
)


@dataclass
class Line:
    """The history of one listing, as it was traded: no figure is adjusted."""

    day: list[date]
    close: np.ndarray
    volume: np.ndarray
    shares: np.ndarray  # of the whole company, at this line's close
    split_on: dict[date, float] = field(default_factory=dict)  # new shares for one


@dataclass
class Market:
    """What a Yahoo-like server knows."""

    session: date
    quotes: dict[str, dict[str, object]]
    sectors: dict[str, str]
    countries: dict[str, str] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    history: "History | None" = None

    def line(self, symbol: str) -> Line | None:
        """Return a listing's history, None where there is no such listing."""
        if symbol not in self.lines and self.history and symbol in self.quotes:
            self.lines[symbol] = self.history.line(symbol)
        return self.lines.get(symbol)


def quote(
    symbol: str,
    name: str,
    exchange: str,
    close: float,
    cap: float | None,
    session: date,
    *,
    volume: float = 1_000_000,
    class_shares: float | None = None,
    short_name: str | None = None,
    **more: object,
) -> dict[str, object]:
    """Return one row of a screener answer, in the recorded form.

    `cap` is the whole company's; `class_shares` are those of this class alone.
    """
    implied = round(cap / close) if cap else None
    closed = schedule.closes_at(session)
    row = {
        "language": "en-US",
        "region": "US",
        "quoteType": "EQUITY",
        "typeDisp": "Equity",
        "quoteSourceName": "Delayed Quote",
        "currency": "USD",
        "financialCurrency": "USD",
        "marketState": "CLOSED",
        "market": "us_market",
        "exchange": exchange,
        "fullExchangeName": {"NYQ": "NYSE", "ASE": "NYSE American"}.get(
            exchange, "NasdaqGS"
        ),
        "exchangeTimezoneName": "America/New_York",
        "symbol": symbol,
        "shortName": (short_name or name)[:31],
        "longName": name,
        "regularMarketPrice": close,
        "regularMarketTime": int(closed.timestamp()) + 1,
        "regularMarketVolume": int(volume),
        "averageDailyVolume3Month": int(volume * 1.1),
        "firstTradeDateMilliseconds": 1_092_922_200_000,
        "sharesOutstanding": class_shares or implied,
        "impliedSharesOutstanding": implied,
        "marketCap": cap,
        "bookValue": round(close / 3, 3),
        "priceToBook": round(close / round(close / 3, 3), 6) if close > 0.01 else None,
        "forwardPE": 18.5,
        "epsForward": round(close / 18.5, 4),
        **more,
    }
    return {key: value for key, value in row.items() if value is not None}


def from_store(
    folder: Path, day: date | None = None, names: int | None = None
) -> Market:
    """Return the market of a stored session (the last), its first `names` listings."""
    store = Store(folder)
    session = day or store.published_days()[-1].date()
    described = store.securities(session, session).set_index("security_id")
    quotes = store.quotes(session, session)
    if names:
        step = max(1, len(quotes) // names)
        quotes = quotes.iloc[::step].head(names)
    rows, sectors, countries, ours = {}, {}, {}, {}
    for entry in quotes.to_dict("records"):
        listing = described.loc[entry["security_id"]]
        symbol, name, short = _yahoo_names(listing["symbol"], listing["name"])
        cap = entry["total_market_cap_usd"]
        row = quote(
            symbol,
            name,
            _exchange(listing["exchange"], cap),
            entry["close_usd"],
            round(cap) if cap == cap else None,
            session,
            volume=entry["volume_shares"],
            short_name=short,
        )
        rows[symbol] = row
        if listing["sector"] in SECTORS:
            sectors[symbol] = SECTORS[listing["sector"]]
        if isinstance(listing["country"], str):
            countries[symbol] = listing["country"]
        ours[symbol] = listing["symbol"]
    return Market(session, rows, sectors, countries, history=History(store, ours))


def crowd(names: int, session: date, seed: int = 7) -> Market:
    """Return a nameless market: every cap band, every sector, some without either."""
    draw = np.random.default_rng(seed)
    exchanges = draw.choice(["NMS", "NGM", "NCM", "NYQ", "ASE"], names)
    caps = np.exp(draw.normal(20.5, 2.3, names)).round()
    closes = np.exp(draw.normal(3, 1, names)).round(2) + 0.01
    sectors = sorted(set(SECTORS.values()))
    rows, of_sector = {}, {}
    for at in range(names):
        symbol = f"N{at:04d}"
        cap = float(caps[at]) if draw.random() > 0.04 else None
        rows[symbol] = quote(
            symbol,
            f"{symbol} Incorporated",
            str(exchanges[at]),
            float(closes[at]),
            cap,
            session,
            volume=float(draw.integers(1_000, 5_000_000)),
        )
        if cap is None or draw.random() > 0.05:
            of_sector[symbol] = sectors[int(draw.integers(len(sectors)))]
    return Market(session, rows, of_sector)


class History:
    """Histories read from a store when somebody asks."""

    def __init__(self, store: Store, ours: dict[str, str]) -> None:
        self._store, self._ours = store, ours
        self._days = store.published_days()

    def line(self, symbol: str) -> Line:
        """Read one listing's stored sessions."""
        table = self._store.histories(
            [self._ours[symbol]], self._days[0].date(), self._days[-1].date()
        ).dropna(subset=["close_usd", "total_market_cap_usd"])
        close = table["close_usd"].to_numpy(float)
        shares = table["total_market_cap_usd"].to_numpy(float) / close
        days = [day.date() for day in pd.DatetimeIndex(table["snapshot_date"])]
        ratio = shares[1:] / shares[:-1] if len(shares) else shares
        moved = close[1:] / close[:-1] if len(close) else close
        split = {
            days[at + 1]: 10.0 if ratio[at] > 1 else 0.1
            for at in np.flatnonzero((np.abs(np.log(ratio)) > 2) & (ratio * moved < 2))
            if 0.5 < ratio[at] * moved[at]
        }
        volume = np.nan_to_num(table["volume_shares"].to_numpy(float))
        return Line(days, close, volume, shares, split)


def chart(market: Market, symbol: str, since: int, until: int) -> dict[str, object]:
    """Return daily bars as Yahoo has them: adjusted for every later split."""
    line = market.line(symbol)
    row = market.quotes.get(symbol, {})
    if line is None:
        return {
            "chart": {
                "result": None,
                "error": {
                    "code": "Not Found",
                    "description": "No data found, symbol may be delisted",
                },
            }
        }
    opens = np.array([_opens(day) for day in line.day], dtype=np.int64)
    at = np.flatnonzero((opens >= since) & (opens < until))
    factor = np.ones(len(line.day))
    for day, ratio in line.split_on.items():
        factor[[d < day for d in line.day]] *= ratio
    close = line.close / factor
    volume = np.rint(line.volume * factor).astype(np.int64)
    splits = {
        str(_opens(day)): {
            "date": _opens(day),
            "numerator": ratio if ratio >= 1 else 1,
            "denominator": 1 if ratio >= 1 else round(1 / ratio),
            "splitRatio": f"{ratio:g}:1" if ratio >= 1 else f"1:{round(1 / ratio)}",
        }
        for day, ratio in line.split_on.items()
        if since <= _opens(day) < until
    }
    bars: dict[str, object] = {
        "meta": {
            "currency": "USD",
            "symbol": symbol,
            "exchangeName": row.get("exchange", "NYQ"),
            "instrumentType": "EQUITY",
            "firstTradeDate": int(opens[0]) if len(opens) else None,
            "regularMarketTime": row.get("regularMarketTime"),
            "hasPrePostMarketData": True,
            "gmtoffset": -18000,
            "timezone": "EST",
            "exchangeTimezoneName": "America/New_York",
            "regularMarketPrice": row.get("regularMarketPrice"),
            "priceHint": 2,
            "currentTradingPeriod": _trading_period(market.session),
            "dataGranularity": "1d",
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "1y", "max"],
        },
        "indicators": {"quote": [{}], "adjclose": [{}]},
    }
    if len(at):
        prices = [round(float(value), 6) for value in close[at]]
        bars["timestamp"] = opens[at].tolist()
        bars["indicators"] = {
            "quote": [
                {
                    "close": prices,
                    "open": prices,
                    "high": prices,
                    "low": prices,
                    "volume": volume[at].tolist(),
                }
            ],
            # dividends make it differ: nobody should rank by it
            "adjclose": [{"adjclose": [round(0.9 * price, 6) for price in prices]}],
        }
    if splits:
        bars["events"] = {"splits": splits}
    return {"chart": {"result": [bars], "error": None}}


def share_counts(
    market: Market, symbol: str, since: int, until: int
) -> dict[str, object]:
    """Return the share counts as they were reported, a few days late."""
    line = market.line(symbol)
    meta = {"meta": {"symbol": [symbol], "type": ["shares_out"]}}
    if line is None:
        return {"timeseries": {"result": [meta], "error": None}}
    late = 4  # days from a change to its report
    told = [
        (_opens(day + timedelta(days=late)), int(round(line.shares[n])))
        for n, day in enumerate(line.day)
        if n % 20 == 0
        or (n and abs(line.shares[n] / line.shares[n - 1] - 1) > 0.02)
        or n == len(line.day) - 1
    ]
    told = [(moment, count) for moment, count in told if since <= moment < until]
    if not told:
        return {"timeseries": {"result": [meta], "error": None}}
    meta["timestamp"] = [moment for moment, _ in told]
    meta["shares_out"] = [count for _, count in told]
    return {"timeseries": {"result": [meta], "error": None}}


def summary(market: Market, symbol: str, modules: list[str]) -> dict[str, object]:
    """Return the modules of a company's profile that were asked for."""
    row = market.quotes.get(symbol)
    if row is None:
        error = {
            "code": "Not Found",
            "description": f"Quote not found for symbol: {symbol}",
        }
        return {"quoteSummary": {"result": None, "error": error}}
    shares = row.get("impliedSharesOutstanding")
    growth = {"0y": 0.11, "+1y": 0.14, "+5y": 0.125, "-5y": 0.09}
    every = {
        "assetProfile": {
            "country": market.countries.get(symbol),
            "sector": market.sectors.get(symbol),
            "industry": "Software - Application",
        },
        "defaultKeyStatistics": {
            "floatShares": round(0.8 * shares) if shares else None,
            "sharesOutstanding": row.get("sharesOutstanding"),
            "impliedSharesOutstanding": shares,
            "bookValue": row.get("bookValue"),
            "priceToBook": row.get("priceToBook"),
        },
        "financialData": {
            "currentPrice": row["regularMarketPrice"],
            "financialCurrency": row["financialCurrency"],
            "revenueGrowth": 0.07,
            "numberOfAnalystOpinions": 12,
        },
        "quoteType": {"quoteType": "EQUITY", "symbol": symbol},
        "summaryDetail": {"marketCap": row.get("marketCap"), "currency": "USD"},
        "earningsTrend": {
            "trend": [
                {"period": period, "growth": {"raw": value, "fmt": f"{value:.2%}"}}
                for period, value in growth.items()
            ]
        },
        "industryTrend": {"estimates": []},
        "sectorTrend": {"estimates": []},
        "indexTrend": {"estimates": [{"period": "0y", "growth": 0.1}]},
    }
    wanted = {name: every[name] for name in modules if name in every}
    return {"quoteSummary": {"result": [wanted], "error": None}}


def statement(symbol: str, types: list[str]) -> dict[str, object]:
    """Return four years of each figure asked for, revenue growing by a tenth a year."""
    result = []
    for kind in types:
        figures = [
            {
                "asOfDate": f"{year}-12-31",
                "periodType": "12M",
                "currencyCode": "USD",
                "reportedValue": {"raw": 1e9 * 1.1 ** (year - 2022), "fmt": "1B"},
            }
            for year in range(2022, 2026)
        ]
        moments = [
            int(datetime(year, 12, 31).timestamp()) for year in range(2022, 2026)
        ]
        meta = {"symbol": [symbol], "type": [kind]}
        if kind.endswith("DilutedAverageShares"):
            counts = [
                {**f, "reportedValue": {"raw": 1e8, "fmt": "100M"}} for f in figures
            ]
            result.append({"meta": meta, "timestamp": moments, kind: counts})
        elif kind.endswith(("TotalRevenue", "StockholdersEquity", "DilutedEPS")):
            result.append({"meta": meta, "timestamp": moments, kind: figures})
        else:
            result.append({"meta": meta})
    return {"timeseries": {"result": result, "error": None}}


def _opens(day: date) -> int:
    return int(datetime.combine(day, time(9, 30), NEW_YORK).timestamp())


def _trading_period(session: date) -> dict[str, object]:
    start = _opens(session)
    span = {
        "timezone": "EST",
        "start": start,
        "end": start + 23400,
        "gmtoffset": -18000,
    }
    return {"pre": span, "regular": span, "post": span}


def _exchange(name: str, cap: float) -> str:
    if name == "NYSE":
        return "NYQ"
    if name == "AMEX":
        return "ASE"
    if not cap == cap or cap < 3e8:
        return "NCM"
    return "NMS" if cap > 2e9 else "NGM"


def _yahoo_names(symbol: str, name: str) -> tuple[str, str, str]:
    """Symbol, long and short name as Yahoo writes a listing of the store."""
    issuer = name.split(" Common")[0].split(" Class ")[0].split(" Ordinary")[0]
    if "^" in symbol:
        base, _, series = symbol.partition("^")
        return f"{base}-P{series}", issuer, f"{issuer[:20]} Pref"
    for word, _suffix, text in PAPER:
        if f" {word}" in name:
            short = issuer.split(f" {word}")[0]
            return symbol.replace("/", "-"), short, short[:18] + text
    if "Depositary" in name:
        return symbol.replace("/", "-"), issuer, f"{issuer[:20]} ADR"
    return symbol.replace("/", "-"), issuer, issuer
