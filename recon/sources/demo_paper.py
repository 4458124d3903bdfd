"""What else the demo market lists: preferreds, notes, warrants, funds, blank checks.

These lines test the screens: none is a company's common stock, though some are
described as one, and some carry the market cap of the company that issued them.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from recon.sources.demo_names import Draw, ticker

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


# Suffixes, the figures in the order above, sector, industries; then how lines of the
# kind are described: {name} is the issuing company, {root} a first word of its own.
_KINDS = """
^A ^B ^C ^D;230;null;3e8;0.5;23;0.12;0.006;0.1;0.02;;
{name} {rate}% Series {letter} Cumulative Redeemable Preferred Stock
{name} Depositary Shares Each Representing a 1/1000th Interest in a Share of {rate}% \
Non-Cumulative Perpetual Preferred Stock Series {letter}

P O N;70;yes;1e9;1.0;23;0.12;0.006;0.1;0.02;;
{name} {rate}% Series {letter} Perpetual Preferred Stock
{name} Depositary Shares

L Z I;110;zero;1e9;0.8;24;0.04;0.003;0.03;0.03;;
{name} {rate}% Notes due {year}
{name} {rate}% Senior Notes due {year}

W;110;yes;3e6;1.5;0.25;1.2;0.08;1.5;0.01;;
{name} Warrants

;250;zero;3.5e8;0.7;12;0.4;0.006;0.4;0.003;Finance;Investment Managers,\
Trusts Except Educational Religious and Charitable,Finance Companies
{root} Municipal Income Fund Common Shares of Beneficial Interest
{root} California Quality Municipal Income Fund
{root} High Income Fund Inc. Common Stock
{root} Credit Opportunities Fund Common Shares of Beneficial Interest
{root} Floating Rate Income Trust
{root} Global Equity Income Fund Inc. Common Stock

;42;yes;7e8;1.0;14;0.4;0.009;0.7;0.003;Finance;Finance: Consumer Services,\
Investment Managers
{root} Capital Corporation Common Stock
{root} Specialty Lending Inc. Common Stock
{root} BDC Inc. Common Stock
{root} Secured Lending Fund Common Shares of Beneficial Interest

;40;yes;2e9;1.5;20;0.6;0.014;0.8;0.002;Utilities;Natural Gas Distribution,\
Oil/Gas Transmission
{root} Midstream Partners L.P. Common Units
{root} Energy Partners LP Common Units Representing Limited Partner Interests
{root} Partners L.P. Common Stock

;14;yes;2e8;0.8;8;0.8;0.02;0.5;0.002;Energy;Oil & Gas Production
{root} Royalty Trust Common Stock
{root} Royalty Trust Units of Beneficial Interest

;130;zero;2e8;0.3;10.6;0.02;0.0015;0.0;0.05;Finance;Blank Checks
{root} Acquisition Corp. Class A Ordinary Shares
{root} Acquisition Corp. II Class A Ordinary Share
{root} Acquisition Corporation Class A Common Stock
{root} Growth Opportunity Corp. I Class A Common Stock

;0;zero;5e6;0.3;0.12;0.7;0.07;0.0;0.02;;
{name} Rights
"""


def _kind(block: str) -> Paper:
    figures, *wording = block.split("\n")
    suffixes, lines, given, *numbers, sector, industries = figures.split(";")
    ends = [sector, industries.split(","), wording]
    return Paper._make(
        [suffixes.split(), int(lines), given, *map(float, numbers), *ends]
    )


*_PAPERS, _BLANK_CHECK, _RIGHT = map(_kind, _KINDS.strip().split("\n\n"))
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
