"""What the demo market is called: industries, countries, issuers and tickers.

Every issuer is put together from invented syllables; only the wording around it is
the Nasdaq screener's: sectors, industries, countries, descriptions of the shares.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

LISTS = ("words", "suffixes", "industries", "wording")


def read(name: str) -> pd.DataFrame:
    """Return a table of ``demo_data/``, lists in the columns of `LISTS`."""
    path = Path(__file__).with_name("demo_data") / f"{name}.csv"
    table = pd.read_csv(path, keep_default_na=False)
    lists = [column for column in LISTS if column in table]
    split = table[lists].map(lambda text: text.split("|") if text else [])
    return table.assign(**split)


# `companies` and `listings` are weights; in standard deviations, `tilt` is how far a
# sector's companies stand above others in size, `spread` how far apart, and `growth`
# how far they grow faster
INDUSTRIES = list(read("industries").itertuples(index=False))
COUNTRIES = list(read("countries").itertuples(index=False))
_UNFIT = ("CRAP", "FAG", "SEX")  # as a symbol
LEGAL = (
    ("Inc.",) * 12 + ("Corporation", "Corp.") * 4 + ("Holdings Inc.",) * 3 + ("Inc",)
)
SHARES = ("Common Stock",) * 20 + (
    "Class A Common Stock",
    "Class A Common Stock",
    "Common Shares",
    "(DE) Common Stock",
    "Common Stock ($0.01 par value)",
)


class Draw(NamedTuple):
    """What every step draws from: chance, unused names, and the symbols in use."""

    rng: np.random.Generator
    roots: Iterator[str]
    taken: set[str]

    def one_of(self, choices: Sequence[str]) -> str:
        """Return one of the choices, each as likely as another."""
        return choices[int(self.rng.integers(len(choices)))]


def new_draw(rng: np.random.Generator) -> Draw:
    """Return a draw with every first word of an issuer once, in random order."""
    firsts, lasts, places, features = read("syllables")["words"]
    coined = [first + last for first in firsts for last in lasts]
    named = [f"{place} {feature}" for place in places for feature in features]
    roots = iter(str(root) for root in rng.permutation(coined + named))
    return Draw(rng=rng, roots=roots, taken=set(_UNFIT))


def ticker(issuer: str, length: int, taken: set[str]) -> str:
    """Return letters of the issuer, in order, that nobody has; adds them to `taken`."""
    letters = [letter for letter in issuer.upper() if letter.isalpha()]
    for rest in combinations(letters[1:], length - 1):
        symbol = letters[0] + "".join(rest)
        if symbol not in taken:
            taken.add(symbol)
            return symbol
    return ticker(issuer, length + 1, taken)
