"""Which tags of US-GAAP, IFRS and the cover page are read, and as which fact."""

import csv
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

SPAN = "span"  # a fact of a period, others are of a day


@dataclass(frozen=True, kw_only=True)
class Tag:
    """One tag; of several for one fact the lowest `order` in a report is taken."""

    fact: str
    order: int
    unit: str
    is_of_span: bool


@cache
def tags() -> dict[tuple[str, str], Tag]:
    """Return the tags on record by taxonomy and name."""
    text = files("recon.record").joinpath("filing_tags.csv").read_text("utf-8")
    return {
        (row["taxonomy"], row["tag"]): Tag(
            fact=row["fact"],
            order=order,
            unit=_unit(row["fact"]),
            is_of_span=row["period"] == SPAN,
        )
        for order, row in enumerate(csv.DictReader(text.splitlines()))
    }


def _unit(fact: str) -> str:
    """Return the unit that EDGAR writes a fact in; one in another is not read."""
    if "per_share" in fact:
        return "USD/shares"
    return "USD" if fact.endswith("_usd") else "shares"


@cache
def tag_table() -> pd.DataFrame:
    """Return the same as a table: taxonomy, tag, fact, order, unit, is_of_span."""
    rows = [
        {"taxonomy": taxonomy, "tag": name, **asdict(tag)}
        for (taxonomy, name), tag in tags().items()
    ]
    return pd.DataFrame(rows)
