"""A made-up market, so that a fresh clone shows charts before it has any data.

Sizes, volatilities, turnover, wording and errors are like those of the Nasdaq
screener's daily lists; companies, tickers and days are drawn from a seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from recon.sources.demo_fundamentals import fundamentals
from recon.sources.demo_lines import lines, size_at_rank

DEMO_START = date(2023, 11, 20)
DEMO_END = date(2026, 11, 19)

# Log level of the market, and of small against large companies, by the part of the
# period gone: a fall of 15% before the middle; small companies lag, then catch up.
_MARKET = (
    (0.0, 0.12, 0.25, 0.417, 0.461, 0.55, 0.7, 0.78, 0.9, 1.0),
    (0.0, 0.10, 0.13, 0.26, 0.05, 0.25, 0.38, 0.33, 0.43, 0.52),
)
_SMALL = (
    (0.0, 0.1, 0.417, 0.461, 0.7, 0.88, 1.0),
    (0.0, 0.04, -0.06, -0.14, -0.16, -0.20, -0.03),
)
# Part of a company's shares traded on a quiet day, by log10 of its size in USD.
_TURNOVER = (
    (6.0, 7.0, 8.0, 9.5, 11.0, 12.5),
    (0.015, 0.004, 0.003, 0.005, 0.0035, 0.002),
)
_SHARE_ISSUES, _ABSURD_CAPS = 1350, 12  # in the whole period
# Where some companies are registered whose business is in the United States.
_AT_HOME_AFTER_ALL = ("Bermuda", "Cayman Islands", "Ireland")
_BROKEN = 0.62  # part of the period before the broken day
_STRINGS = ("symbol", "exchange", "name", "country", "sector", "industry")
_COLUMNS = (
    "date symbol exchange name price volume market_cap country ipo_year sector industry"
).split()


@dataclass(frozen=True, kw_only=True)
class DemoMarket:
    """The listings, a table per calendar year, and what the index provider knows.

    `official` has a row per symbol: `official_cap_ratio`, the provider's cap for
    ranking over the screener's, and `officially_ineligible`, true of everything that
    nationality or structure keeps out, also where the screener does not show it.
    `fundamentals` is the table of that name. On
    `broken_day` the second half of the symbols is missing.
    """

    listings: tuple[pa.Table, ...]
    official: pd.DataFrame
    fundamentals: pd.DataFrame
    broken_day: date


def market(sessions: Sequence[date], seed: int = 2026) -> DemoMarket:
    """Return the market of these sessions (ascending, at least 60); one per seed."""
    rng = np.random.default_rng(seed)
    days, broken = len(sessions), int(_BROKEN * len(sessions))
    table = lines(rng, np.array([day.year for day in sessions])).to_records()
    walk, ln_shares = _walk(rng, table, days), _shares(rng, table, days)
    _end_at_size(table, walk, ln_shares)
    ln_price = walk + table["ln_price"]
    _split(rng, table, ln_price, ln_shares)
    _follow(rng, table, walk, ln_price, ln_shares)
    price = np.exp(ln_price)
    price = np.where(price < 1, np.maximum(price.round(4), 0.0001), price.round(2))
    shares = np.rint(np.exp(ln_shares))
    reported = fundamentals(table, sessions, price * shares, seed)
    figures = {
        "price": price,
        "volume": (shares * _turnover(rng, table, walk)).astype(np.int64),
        "market_cap": _market_caps(rng, table, price * shares, broken),
    }
    listed = _listed(table, days, broken)
    return DemoMarket(
        listings=_tables(table, np.array(sessions, "datetime64[D]"), listed, figures),
        official=_official(rng, table),
        fundamentals=reported,
        broken_day=sessions[broken],
    )


def _sum(shocks: np.ndarray, pull: np.ndarray | float) -> np.ndarray:
    """Sum the shocks in place over the days, losing `pull` of the sum every day."""
    for day in range(1, len(shocks)):
        shocks[day] += shocks[day - 1] * (1 - pull)
    return shocks


def _walk(rng: np.random.Generator, table: np.recarray, days: int) -> np.ndarray:
    """Return the log of each price over its first one (days, lines), before splits."""
    count, gone = len(table), np.linspace(0, 1, days)
    walk = rng.standard_t(4, (days, count))
    walk.clip(-12, 12, out=walk)
    walk *= table["volatility"] / np.sqrt(2)
    _sum(walk, table["pull"])
    stock = table["kind"] != "paper"
    beta = table["beta"] * rng.normal(1, 0.2, count)
    market = np.interp(gone, *_MARKET) + _sum(rng.normal(0, 0.007, days), 0.1)
    walk += np.multiply.outer(market, beta)
    small = np.interp(gone, *_SMALL) + _sum(rng.normal(0, 0.0025, days), 0.05)
    smallness = np.clip((np.log(5e9) - table["ln_usd"]) / 4, -0.4, 1)
    walk += np.multiply.outer(small, smallness * stock)
    sector = pd.Categorical(table["sector"]).codes
    sectors = rng.normal(0, 0.006, (days, sector.max() + 2)).cumsum(axis=0)
    walk += sectors[:, sector] * stock
    walk -= walk[table["first"], np.arange(count)]
    _last_months(rng, table, walk)
    return walk


def _last_months(
    rng: np.random.Generator, table: np.recarray, walk: np.ndarray
) -> None:
    """Let bought companies jump to a price and stay there, failed ones fade away."""
    day = np.arange(len(walk))
    for at in np.flatnonzero(table["fate"] == "bought"):
        bid = max(table["end"][at] - int(rng.integers(40, 110)), 1)
        calm = rng.normal(0, 0.0015, len(walk) - bid)
        walk[bid:, at] = walk[bid - 1, at] + rng.uniform(0.15, 0.5) + calm
    for at in np.flatnonzero(table["fate"] == "failed"):
        walk[:, at] -= 2.2 * np.clip(day / 250 + 1 - table["end"][at] / 250, 0, 1)


def _shares(rng: np.random.Generator, table: np.recarray, days: int) -> np.ndarray:
    """Return the log of each line's shares (days, lines), growing by share issues."""
    ln_shares = np.zeros((days, len(table)))
    stock = np.flatnonzero(table["kind"] != "paper")
    day, at = rng.integers(1, days, _SHARE_ISSUES), rng.choice(stock, _SHARE_ISSUES)
    ln_shares[day, at] = np.log1p(rng.uniform(0.05, 0.2, _SHARE_ISSUES))
    ln_shares[0] = table["ln_usd"] - table["ln_price"]
    return ln_shares.cumsum(axis=0)


def _end_at_size(table: np.recarray, walk: np.ndarray, ln_shares: np.ndarray) -> None:
    """Bend the walks so that the last day's companies are as large as they should."""
    size = walk[-1] + ln_shares[-1] + table["ln_price"]
    own = (table["kind"] == "company") & (table["follows"] == table["symbol"])
    staying = own & ((table["end"] == len(walk)) | (table["fate"] == "renamed"))
    ladder = np.sort(size[staying])
    short = size_at_rank(len(ladder), last=True)[::-1] - ladder
    bend = np.interp(size, ladder, short) * (table["kind"] != "paper")
    walk += np.multiply.outer(np.linspace(0, 1, len(walk)), bend)


def _split(
    rng: np.random.Generator,
    table: np.recarray,
    ln_price: np.ndarray,
    ln_shares: np.ndarray,
) -> None:
    """Split some high prices, and reverse-split some low ones, ten for one."""
    stock = table["kind"] != "paper"
    for day in range(30, len(ln_price), 63):
        chance = rng.random(len(table))
        low = stock & (ln_price[day] < np.log(0.5)) & (chance < 0.4)
        high = stock & (ln_price[day] > np.log(500)) & (chance < 0.1)
        for at in np.flatnonzero(low | high):
            since = day + rng.integers(1, 63)
            ln_factor = np.log(10 if low[at] else 0.1)
            ln_price[since:, at] += ln_factor
            ln_shares[since:, at] -= ln_factor


def _follow(
    rng: np.random.Generator,
    table: np.recarray,
    walk: np.ndarray,
    ln_price: np.ndarray,
    ln_shares: np.ndarray,
) -> None:
    """Tie second classes, units and new symbols to the lines they follow."""
    lead = pd.Index(table["symbol"]).get_indexer(table["follows"])
    at = np.flatnonzero(lead != np.arange(len(table)))
    for tied in (walk, ln_price, ln_shares):
        tied[:, at] = tied[:, lead[at]]
    loose = np.where(table["fate"][at] == "renamed", 0.0, 0.002)
    ln_price[:, at] += table["ln_ratio"][at]
    ln_price[:, at] += _sum(rng.normal(0, 1, (len(walk), len(at))) * loose, 0.1)


def _turnover(
    rng: np.random.Generator, table: np.recarray, walk: np.ndarray
) -> np.ndarray:
    """Return the part of its shares a line trades (days, lines), more on big moves."""
    size = table["ln_usd"] / np.log(10)
    usual = np.interp(size, _TURNOVER[0], np.log(_TURNOVER[1]))
    usual += rng.normal(0, 0.9, len(table)) * np.clip((13 - size) / 4, 0.2, 1)
    usual -= 1.5 * (table["ln_ratio"] != 0)
    surprise = np.abs(np.diff(walk, axis=0, prepend=walk[:1]))
    surprise /= table["volatility"]
    np.minimum(surprise, 8, out=surprise)
    surprise *= 0.22
    surprise += 0.45 * rng.standard_normal(walk.shape, dtype=np.float32)
    return np.exp(surprise + usual)


def _market_caps(
    rng: np.random.Generator, table: np.recarray, cap: np.ndarray, broken: int
) -> np.ndarray:
    """Return the caps the screener gives, in USD; NaN where none, a few absurd."""
    cap = np.rint(cap * np.exp(table["ln_part"]))
    cap[:, table["given"] == "zero"] = 0.0
    cap[:, table["given"] == "null"] = np.nan
    usual = (table["fate"] == "listed") & (table["kind"] == "company")
    large = usual & (table["given"] == "yes") & (table["ln_usd"] > np.log(2e8))
    at = rng.choice(np.flatnonzero(large), _ABSURD_CAPS, replace=False)
    day = rng.choice(np.setdiff1d(np.arange(30, len(cap) - 20), broken), _ABSURD_CAPS)
    cap[day, at] = np.rint(cap[day, at] * np.resize([10, 20, 0.001], _ABSURD_CAPS))
    return cap


def _listed(table: np.recarray, days: int, broken: int) -> np.ndarray:
    """Return where a line has a row (days, lines): half of them on the broken day."""
    day = np.arange(days)[:, None]
    listed = (day >= table["first"]) & (day < table["end"])
    listed[broken, len(table) // 2 :] = False
    return listed


def _tables(
    table: np.recarray,
    days: np.ndarray,
    listed: np.ndarray,
    figures: dict[str, np.ndarray],
) -> tuple[pa.Table, ...]:
    """Return the rows of the lines and their figures, a table per calendar year."""
    day, at = np.nonzero(listed)
    columns = {"date": pa.array(days[day])}
    for name, values in figures.items():
        columns[name] = pa.array(values[listed], from_pandas=True)
    for name in _STRINGS:
        values = pa.array(table[name], pa.string(), from_pandas=True)
        columns[name] = values.dictionary_encode().take(pa.array(at))
    ipo_year = table["ipo_year"].astype(np.int16)[at]
    columns["ipo_year"] = pa.array(ipo_year, mask=ipo_year == 0)
    whole = pa.table({name: columns[name] for name in _COLUMNS})
    _, starts = np.unique(days[day].astype("datetime64[Y]"), return_index=True)
    ends = [*starts[1:], len(whole)]
    return tuple(whole.slice(a, b - a) for a, b in zip(starts, ends, strict=True))


def _official(rng: np.random.Generator, table: np.recarray) -> pd.DataFrame:
    """Return what the index provider knows, the same for every class of a company."""
    differs, hidden = rng.random((2, len(table)))
    ratio = np.clip(rng.lognormal(0, 0.1, len(table)), 0.8, 1.25)
    ratio[differs > 0.06] = 1.0
    at_home = np.isin(table["country"], _AT_HOME_AFTER_ALL) & (hidden < 0.4)
    abroad = (table["kind"] == "foreign") & ~at_home
    out = (table["kind"] == "paper") | abroad | (hidden < 0.015)
    lead = pd.Index(table["symbol"]).get_indexer(table["follows"])
    return pd.DataFrame(
        {
            "symbol": table["symbol"],
            "official_cap_ratio": ratio[lead],
            "officially_ineligible": out[lead],
        }
    )
