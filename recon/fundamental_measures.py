"""What is known of a company beside its listing: every measure, its unit, once.

A proxy is a measure that stands for another one which is not known here; it is named
as a proxy wherever it shows. Fractions are plain (0.12 is 12%), yearly rates a year.
"""

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of a company, as reported or forecast.

    `informs` is what the rules use it for, or a study; `stands_for` says what a proxy
    is a proxy of, empty where the measure is the thing itself; only values of one
    `scale` are ranked together; one below `low` or above `high` is no value of it.
    `known_as` are headers of other tables, without case, blanks and punctuation.
    """

    name: str
    label: str
    unit: str
    informs: str
    stands_for: str
    scale: str
    low: float
    high: float
    known_as: tuple[str, ...]


BOOK_TO_PRICE = "book to price"
GROWTH_FORECAST = "growth forecast"
SALES_GROWTH = "sales growth"
ANALYSTS = "analysts"
FREE_FLOAT = "free float"
STATEMENTS = "statements"  # annual; no rule of the methodology asks for them
VARIABLES = (BOOK_TO_PRICE, GROWTH_FORECAST, SALES_GROWTH)
NO_LIMIT = 1e15


def _read() -> dict[str, Measure]:
    """Return the measures on record; within one use the first to be preferred."""
    text = files("recon.record").joinpath("fundamental_measures.csv").read_text("utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        limits = float(row.pop("low") or -NO_LIMIT), float(row.pop("high") or NO_LIMIT)
        known_as = tuple(row.pop("known_as").split())
        found[row["name"]] = Measure(
            **row, low=limits[0], high=limits[1], known_as=known_as
        )
    return found


MEASURES: dict[str, Measure] = _read()


def informing(use: str) -> list[str]:
    """Return the names of the measures for a use, the one to be preferred first."""
    return [name for name, measure in MEASURES.items() if measure.informs == use]
