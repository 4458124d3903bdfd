"""One universe of a dozen companies whose names say their role, and small builders.

The universe is cut at ranks 2, 4, 8 and 10 instead of 200, 1,000, 3,000 and 4,000, by
the same rules: `RULES` is the rulebook of 2024 with other ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from recon import ranking
from recon.rulebook import Line, Rulebook, rulebook

RANK_DAY = date(2024, 4, 30)
RULES = replace(
    rulebook(RANK_DAY),
    lines=(
        Line(rank=2, band_frac=0),
        Line(rank=4, band_frac=0.05),
        Line(rank=8, band_frac=0),
        Line(rank=10, band_frac=0),
    ),
    large_count=4,
    broad_count=8,
    universe_count=10,
)
SHARED = Path(__file__).parents[2] / "shared" / "data"
NO_SHARED = f"the real files of {SHARED.parent.name}/{SHARED.name} are not here"
TEXTS = (
    "symbol",
    "exchange",
    "name",
    "country",
    "sector",
    "industry",
    "security_type",
    "incorporation_country",
    "cik",
)


@dataclass(frozen=True)
class Company:
    """One company: cap in billions of USD, close in USD, index now and by the rules."""

    symbol: str
    name: str
    cap_bn: float
    close_usd: float
    now: str | None
    then: str | None
    move: str


# the first ten add up to 100; the band reaches from 75 to 85 of them
UNIVERSE = (
    Company("BIG", "Always Largest Inc.", 40, 100, "R1000", "R1000", "stays"),
    Company("NEWL", "New And Large Inc.", 20, 50, None, "R1000", "addition"),
    Company("UP", "Grew Above The Band Inc.", 12, 40, "R2000", "R1000", "migration up"),
    Company("HELD", "Grew Into The Band Inc.", 8, 30, "R2000", "R2000", "stays"),
    Company("KEPT", "Shrank Into The Band Inc.", 4, 20, "R1000", "R1000", "stays"),
    Company(
        "DOWN",
        "Shrank Below The Band Inc.",
        3.9,
        25,
        "R1000",
        "R2000",
        "migration down",
    ),
    Company("CALM", "Small And Steady Inc.", 3.5, 35, "R2000", "R2000", "stays"),
    Company("NEWS", "New And Small Inc.", 3, 15, None, "R2000", "addition"),
    Company(
        "FELL", "Fell Out At The Bottom Inc.", 2.9, 9, "R2000", "MICRO", "deletion"
    ),
    Company("TINY", "Micro And Steady Inc.", 2.7, 8, "MICRO", "MICRO", "stays"),
    Company("PAST", "Past The Universe Inc.", 1, 5, None, None, "none"),
    Company("CHEAP", "Closes Below A Dollar Inc.", 5, 0.5, None, None, "none"),
)


def securities(*rows: dict[str, object]) -> pd.DataFrame:
    """Table `Securities`, one row a dict; else an ordinary US company."""
    usual = dict.fromkeys(TEXTS) | {
        "symbol": "SYM",
        "exchange": "NYSE",
        "name": "Ordinary Inc. Common Stock",
        "country": "United States",
        "industry": "Industrial Machinery/Components",
        "ipo_year": np.nan,
    }
    table = pd.DataFrame([usual | row for row in rows])
    table = table.astype(dict.fromkeys(TEXTS, "str"))
    numbered = {
        "security_id": np.arange(1, len(table) + 1),
        "symbol_id": pd.factorize(table["symbol"])[0] + 1,
    }
    return table.assign(**{k: v for k, v in numbered.items() if k not in table})


def companies(
    caps: Sequence[float],
    *,
    symbols: Sequence[str] | None = None,
    current: Sequence[str | None] | None = None,
    day: date = RANK_DAY,
) -> pd.DataFrame:
    """Companies to rank, with caps in USD, in the order given."""
    count = len(caps)
    names = symbols if symbols is not None else [f"C{n:04d}" for n in range(count)]
    return pd.DataFrame(
        {
            "snapshot_date": pd.Series(
                [pd.Timestamp(day)] * count, dtype="datetime64[us]"
            ),
            "company_id": np.arange(count),
            "symbol": pd.Series(names, dtype="str"),
            "symbol_order": pd.Series(names, dtype="str")
            .rank(method="dense")
            .astype(int),
            "pricing_vehicle": np.arange(count) + 1,
            "total_market_cap_usd": np.asarray(caps, dtype=float),
            "current_index": pd.Series(
                current if current is not None else [None] * count, dtype="str"
            ),
        }
    )


def ranked(table: pd.DataFrame, rules: Rulebook = RULES) -> pd.DataFrame:
    """Rank companies, whatever order they come in."""
    return ranking.rank(ranking.arrange(table), rules)
