"""Which lines the demo market lists: companies, their classes, and their days.

One row per symbol, sorted by symbol. `first` and `end` are positions among the
sessions, `end` the first one without the line; `ln_usd` and `ln_price` are logs of
the market cap and the price, in USD, on the first. A line `follows` itself, or the
line whose price and shares its own are tied to.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from recon.sources import demo_names as names
from recon.sources.demo_names import Draw, new_draw
from recon.sources.demo_paper import other_paper

_YEAR = 252  # sessions
_COMPANIES, _FOREIGN, _IPOS_A_YEAR, _DEATHS_A_YEAR = 4480, 450, 150, 200
_NEW_SYMBOLS = 30
# Billions of USD at a rank by size, on the first day and on the last.
_SIZES = names.read("sizes")
# By log10 of the size in USD: price, daily volatility of its own, share on NYSE.
_BY_SIZE = names.read("prices")
_USUAL = {
    "exchange": "NASDAQ",
    "country": "United States",
    "ipo_year": 0,  # not given
    "kind": "company",
    "fate": "listed",  # "new", "bought", "failed", "paired", "renamed"
    "given": "yes",  # the market cap: "yes", "zero" or "null"
    "first": 0,
    "ln_ratio": 0.0,  # of the price to that of the line it follows
    "ln_part": 0.0,  # of the shares behind its cap to those of the line it follows
    "beta": 1.0,
    "pull": 0.001,  # of a price back to where its factors put it, per session
}


class Pair(NamedTuple):
    """How companies with two listed classes appear: the first class, the second."""

    ranks: Sequence[float]  # by size, about which such companies stand
    exchange: str
    suffixes: tuple[str, str]
    wording: tuple[str, str]
    given: tuple[str, str] = ("yes", "yes")
    parts: tuple[float, float] = (1.0, 1.0)  # of all shares, behind each market cap
    ratio: float = 1.0  # of the second price to the first
    issuer: str = ""  # for tracking stocks, which share theirs


_A, _B, _C = " Class A Common Stock", " Class B Common Stock", " Class C Capital Stock"
_PAIRS = (
    Pair((9,), "NYSE", ("/B", "/A"), ("", ""), parts=(1.0, 1 / 1500), ratio=1500.0),
    Pair((4, 12, 60), "NASDAQ", ("", "L"), (_C, _A), ratio=0.985),
    Pair(range(150, 2600, 280), "NASDAQ", ("A", "B"), (_A, _B), ratio=1.06),
    Pair(range(75, 2900, 350), "NASDAQ", ("", "B"), (_A, _B), parts=(0.8, 0.2)),
    Pair(range(120, 2200, 330), "NYSE", ("", "/A"), (_A, ""), ("yes", "null")),
    Pair((330,), "NYSE", ("/B", "/A"), ("", ""), ("null", "null")),
    *(
        Pair(
            (rank,),
            "NASDAQ",
            ("K", "A"),
            (f" Series C {group} Common Stock", f" Series A {group} Common Stock"),
            issuer="Marrowgate Media Corporation",
        )
        for rank, group in (
            (420, "Marrowgate Live Group"),
            (700, "Marrowgate Racing Group"),
        )
    ),
)


def lines(rng: np.random.Generator, years: np.ndarray) -> pd.DataFrame:
    """Return every line of the market; `years` has the year of each session."""
    draw = new_draw(rng)
    home = _named(draw, _companies(rng, years))
    abroad = _named(draw, _foreign(rng))
    home, second = _two_classes(draw, home)
    home, renamed = _new_symbols(draw, home)
    paper = other_paper(draw, years, home[home["fate"] == "listed"])
    table = pd.concat([home, abroad, second, renamed, paper])
    table["end"] = table["end"].fillna(len(years))
    table["follows"] = table["follows"].fillna(table["symbol"])
    table = table.fillna(_USUAL).sort_values("symbol", ignore_index=True)
    return table.astype({"first": int, "end": int, "ipo_year": int})


def size_at_rank(count: int, *, last: bool) -> np.ndarray:
    """Return `count` sizes, log USD, largest first: of the last day or the first."""
    ln_usd = np.log(_SIZES["last_bn" if last else "first_bn"]) + np.log(1e9)
    return np.interp(np.log(np.arange(1, count + 1)), np.log(_SIZES["rank"]), ln_usd)


def _industry(rng: np.random.Generator, count: int) -> np.ndarray:
    weight = np.array([industry.companies for industry in names.INDUSTRIES])
    return rng.choice(len(weight), count, p=weight / weight.sum())


def _stocks(
    rng: np.random.Generator, ln_usd: np.ndarray, industry: np.ndarray
) -> pd.DataFrame:
    """Return what size and industry say of a stock: price, volatility, exchange."""
    count, size, at = len(ln_usd), ln_usd / np.log(10), _BY_SIZE["log10_usd"]
    label = np.array([industry.name for industry in names.INDUSTRIES])[industry]
    biotech = np.char.startswith(label, "Biotech")
    nyse = np.interp(size, at, _BY_SIZE["on_nyse"]) * np.where(biotech, 0.3, 1.0)
    amex = (size < 8.5) & (rng.random(count) < 0.12)
    price = np.interp(size, at, np.log(_BY_SIZE["price_usd"]))
    price += 0.85 * rng.standard_normal(count)
    own = np.interp(size, at, _BY_SIZE["volatility"]) * np.where(biotech, 1.4, 1.0)
    return pd.DataFrame(
        {
            "ln_usd": ln_usd,
            "code": industry,
            "sector": [names.INDUSTRIES[i].sector for i in industry],
            "industry": label,
            "exchange": np.where(
                rng.random(count) < nyse, "NYSE", np.where(amex, "AMEX", "NASDAQ")
            ),
            "ln_price": price,
            "volatility": own * rng.lognormal(0.0, 0.2, count),
        }
    )


def _companies(rng: np.random.Generator, years: np.ndarray) -> pd.DataFrame:
    """Return the companies of the country, largest first, with their days and fates."""
    sessions, born = len(years), round(_IPOS_A_YEAR * len(years) / _YEAR)
    code = _industry(rng, _COMPANIES + born)
    tilt, spread = np.array([(i.tilt, i.spread) for i in names.INDUSTRIES])[code].T
    score = tilt + spread * rng.standard_normal(len(code))
    ln_usd = np.log(3.5e8) + 1.5 * score
    ln_usd[np.argsort(-score[:_COMPANIES])] = size_at_rank(_COMPANIES, last=False)
    first = np.append(np.zeros(_COMPANIES, int), rng.integers(3, sessions, born))
    listed = np.maximum(years[0] - rng.exponential(9, len(code)).astype(int), 1972)
    no_cap = (score < 1) & (rng.random(len(code)) < 0.006)
    table = _stocks(rng, ln_usd, code).assign(
        first=first,
        end=sessions,
        ipo_year=np.where(rng.random(len(code)) < 0.4, listed, 0),
        given=np.where(no_cap, rng.choice(["zero", "null"], len(code)), "yes"),
        fate="listed",
    )
    new = first > 0
    table.loc[new, "fate"] = "new"
    table.loc[new, "ipo_year"] = years[first[new]]
    table.loc[new, "ln_price"] = rng.normal(np.log(16), 0.35, born)
    table = table.sort_values("ln_usd", ascending=False, ignore_index=True)
    return _ended(rng, table, round(_DEATHS_A_YEAR * sessions / _YEAR))


def _ended(rng: np.random.Generator, table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the companies with `count` of them bought, or failing, on the way."""
    old = np.flatnonzero(table["fate"] == "listed")
    bought = rng.choice(old[250:3300], round(0.45 * count), replace=False)
    weak = np.setdiff1d(old[2600:], bought)
    failed = rng.choice(weak, count - len(bought), replace=False)
    table.loc[bought, "fate"], table.loc[failed, "fate"] = "bought", "failed"
    gone = np.append(bought, failed)
    table.loc[gone, "end"] = rng.integers(2, table["end"].max(), count)
    return table


def _foreign(rng: np.random.Generator) -> pd.DataFrame:
    ln_usd = np.clip(rng.normal(np.log(4e8), 2.0, _FOREIGN), np.log(4e6), np.log(3e11))
    weight = np.array([country.listings for country in names.COUNTRIES])
    abroad = rng.choice(len(weight), _FOREIGN, p=weight / weight.sum())
    table = _stocks(rng, ln_usd, _industry(rng, _FOREIGN))
    return table.assign(kind="foreign", abroad=abroad, beta=0.9)


def _named(draw: Draw, table: pd.DataFrame) -> pd.DataFrame:
    """Return the companies with `symbol`, `root`, `issuer`, `name` and `country`."""
    rows = []
    for company in table.to_dict("records"):
        root = next(draw.roots)
        stem = f"{root} {draw.one_of(names.INDUSTRIES[company['code']].words)}"
        country, legal = "United States", draw.one_of(names.LEGAL)
        shares = draw.one_of(names.SHARES)
        if "abroad" in company:
            _, country, legal, shares = names.COUNTRIES[company["abroad"]]
        letters = 4 if company["exchange"] == "NASDAQ" else 3 - (company["ln_usd"] > 25)
        rows.append(
            {
                "symbol": names.ticker(stem, letters, draw.taken),
                "root": root,
                "issuer": f"{stem} {legal}",
                "name": f"{stem} {legal} {shares}",
                "country": country,
            }
        )
    return table.join(pd.DataFrame(rows))


def _two_classes(draw: Draw, home: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the companies, some now as the first of two classes; the second ones."""
    table, second = home.copy(), []
    for pair in _PAIRS:
        for rank in pair.ranks:
            fits = (table["fate"] == "listed") & (table["exchange"] == pair.exchange)
            bare = [suffix.strip("/") for suffix in pair.suffixes if suffix]
            at, symbol = next(
                (at, symbol)
                for at, symbol in table.loc[fits, "symbol"].loc[rank - 1 :].items()
                if not draw.taken & {symbol + letter for letter in bare}
            )
            company = table.loc[at].to_dict()
            company["issuer"] = pair.issuer or company["issuer"]
            first, other = _pair(company, pair)
            table.loc[at, list(first)] = pd.Series(first)
            second.append(other)
            draw.taken.update(symbol + letter for letter in bare)
    return table, pd.DataFrame(second)


def _pair(company: dict[str, Any], pair: Pair) -> tuple[dict[str, Any], dict[str, Any]]:
    first, second = (
        company
        | {
            "symbol": company["symbol"] + suffix,
            "name": company["issuer"] + wording,
            "sector": company["sector"] if wording else None,
            "industry": company["industry"] if wording else None,
            "given": given,
            "ln_part": np.log(part),
            "fate": "paired",
        }
        for suffix, wording, given, part in zip(
            pair.suffixes, pair.wording, pair.given, pair.parts, strict=True
        )
    )
    tie = {"follows": first["symbol"], "ln_ratio": np.log(pair.ratio)}
    return first, second | tie


def _new_symbols(draw: Draw, home: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the companies, some now ending early, and what they are called after."""
    table, steady = home.copy(), home.index[home["fate"] == "listed"]
    at = draw.rng.choice(steady[300:], _NEW_SYMBOLS, replace=False)
    before = table.loc[at].to_dict("records")
    table.loc[at, "fate"] = "renamed"
    table.loc[at, "end"] = draw.rng.integers(1, home["end"].max(), _NEW_SYMBOLS)
    after = []
    for company, day in zip(before, table.loc[at, "end"], strict=True):
        root = next(draw.roots)
        after.append(
            company
            | {
                "symbol": names.ticker(f"{root} New", 4, draw.taken),
                "name": company["name"].replace(company["root"], root),
                "follows": company["symbol"],
                "first": day,
                "fate": "renamed",
            }
        )
    return table, pd.DataFrame(after)
