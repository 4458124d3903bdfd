"""What else the demo market lists: preferreds, notes, warrants, funds, blank checks.

These lines test the screens: none is a company's common stock, though some are
described as one, and some carry the market cap of the company that issued them.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from recon.sources.demo_names import Draw, read, ticker

_BLANK_CHECK_LIFE = 480  # sessions


class Paper(NamedTuple):
    """A kind of line: how many, medians in USD, spreads of logs, how it moves.

    `suffixes` go after the symbol of the company that issues it, none if it is an
    issuer of its own; `given` is the market cap the screener shows: "yes", "zero" or
    "null"; `pull` the part of a price's distance to where its factors put it that a
    session removes.
    """

    suffixes: list[str]
    lines: int
    given: str
    usd: float
    usd_spread: float
    price: float
    price_spread: float
    volatility: float
    beta: float
    pull: float
    sector: str
    industries: list[str]
    wording: list[str]


*_PAPERS, _BLANK_CHECK, _RIGHT = (
    Paper(*row) for row in read("paper").itertuples(index=False)
)
# What stands beside a blank check company's shares: its share of them all, and name.
_BESIDE = {
    "U": (0.6, "Units, each consisting of one share and one-half of one Warrant"),
    "W": (0.75, "Warrants"),
    "R": (0.25, "Rights"),
}


def other_paper(draw: Draw, years: np.ndarray, companies: pd.DataFrame) -> pd.DataFrame:
    """Return every line that is no company's stock; some of it `companies` issue."""
    lines = [
        _issued(draw, paper, companies)
        if paper.suffixes
        else _own(draw, paper, paper.lines)
        for paper in _PAPERS
    ]
    return pd.concat([*lines, _blank_checks(draw, years)])


def _figures(rng: np.random.Generator, paper: Paper, count: int) -> pd.DataFrame:
    usd, price = rng.standard_normal((2, count))
    return pd.DataFrame(
        {
            "kind": "paper",
            "ln_usd": np.log(paper.usd) + paper.usd_spread * usd,
            "ln_price": np.log(paper.price) + paper.price_spread * price,
            "volatility": paper.volatility,
            "beta": paper.beta,
            "pull": paper.pull,
            "given": paper.given,
        }
    )


def _issued(draw: Draw, paper: Paper, companies: pd.DataFrame) -> pd.DataFrame:
    """Return paper of listed companies, as many lines as find a free symbol."""
    fits = companies["exchange"] == ("NYSE" if "^A" in paper.suffixes else "NASDAQ")
    if "W" not in paper.suffixes:
        fits &= companies["sector"].isin(["Finance", "Real Estate", "Utilities"])
    rows = []
    for at in draw.rng.choice(companies.index[fits], paper.lines):
        company = companies.loc[at]
        for letter, suffix in zip("ABCD", paper.suffixes, strict=False):
            if company["symbol"] + suffix not in draw.taken:
                rows.append(_line(draw, paper, company, suffix, letter))
                break
    return pd.DataFrame(rows).join(_figures(draw.rng, paper, len(rows)))


def _line(
    draw: Draw, paper: Paper, company: pd.Series, suffix: str, letter: str
) -> dict[str, str]:
    symbol = company["symbol"] + suffix
    draw.taken.add(symbol)
    name = draw.one_of(paper.wording).format(
        name=company["issuer"],
        rate=f"{draw.rng.integers(17, 36) / 4:.2f}",
        year=draw.rng.integers(2027, 2040),
        letter=letter,
    )
    return {"symbol": symbol, "exchange": company["exchange"], "name": name}


def _own(draw: Draw, paper: Paper, count: int) -> pd.DataFrame:
    """Return so many lines, each of an issuer of its own."""
    on_nyse = draw.rng.random(count) < (0.9 if paper.pull < 0.01 else 0.0)
    rows = []
    for nyse in on_nyse:
        name = draw.one_of(paper.wording).format(root=next(draw.roots))
        rows.append(
            {
                "symbol": ticker(name, 3 if nyse else 4, draw.taken),
                "exchange": "NYSE" if nyse else "NASDAQ",
                "name": name,
                "sector": paper.sector,
                "industry": draw.one_of(paper.industries),
            }
        )
    return pd.DataFrame(rows).join(_figures(draw.rng, paper, count))


def _blank_checks(draw: Draw, years: np.ndarray) -> pd.DataFrame:
    """Return blank check companies, coming and going, and what stands beside them."""
    count = round(_BLANK_CHECK.lines * (len(years) / _BLANK_CHECK_LIFE + 1))
    start = draw.rng.integers(-_BLANK_CHECK_LIFE, len(years), count)
    shares = _own(draw, _BLANK_CHECK, count).assign(
        first=np.maximum(start, 0),
        end=np.clip(start + _BLANK_CHECK_LIFE, 1, len(years)),
        ipo_year=years[np.maximum(start, 0)] - (start < 0),
    )
    beside = []
    for suffix, (part, described) in _BESIDE.items():
        some = shares[draw.rng.random(count) < part].reset_index(drop=True)
        issuer = some["name"].str.replace(" Class A.*", "", regex=True)
        figures = _figures(draw.rng, _RIGHT, len(some))
        if suffix == "U":
            figures = figures[["kind"]].assign(follows=some["symbol"], ln_ratio=0.02)
        beside.append(
            some.assign(
                symbol=some["symbol"] + suffix,
                name=issuer + " " + described,
                **{column: figures[column] for column in figures},
            )
        )
    return pd.concat([shares, *beside])
