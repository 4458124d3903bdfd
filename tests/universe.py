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

from recon.rulebook import Line, Rulebook, rulebook
from recon.rules import ranking

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


def missing_as_none(values: pd.Series) -> list[object]:
    """Values of a column, None where one is missing."""
    return [None if pd.isna(value) else value for value in values]


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


class Tables:
    """The universe as facts: one session of the dozen, and lists of the same day."""

    def __init__(self, dozen: Sequence[Company] = UNIVERSE) -> None:
        self.dozen = dozen
        self.day = pd.Timestamp(RANK_DAY)

    def day_on_or_before(self, as_of: date) -> date:
        assert as_of >= RANK_DAY
        return RANK_DAY

    def published_days(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex([self.day])

    def securities(self, since: date, until: date) -> pd.DataFrame:
        rows = [
            {"symbol": c.symbol, "name": c.name + " Common Stock"} for c in self.dozen
        ]
        return securities(*rows)

    def quotes(self, since: date, until: date) -> pd.DataFrame:
        cap = np.array([c.cap_bn * 1e9 for c in self.dozen])
        close = np.array([c.close_usd for c in self.dozen])
        return pd.DataFrame(
            {
                "snapshot_date": self.day,
                "security_id": np.arange(1, len(cap) + 1),
                "close_usd": close,
                "total_market_cap_usd": cap,
                "volume_shares": 1e6,
                "shares_outstanding": np.nan,
                "available_shares": np.nan,
                "close_change_frac": np.nan,
                "carried_sessions": 0,
            }
        ).sort_values("total_market_cap_usd", ascending=False)

    def caps(self, since: date, until: date) -> pd.DataFrame:
        return self.quotes(since, until)

    def priced_on(self, days: Sequence[date]) -> pd.DataFrame:
        return self.quotes(RANK_DAY, RANK_DAY)[["snapshot_date", "security_id"]]

    def trailing(
        self, since: date, until: date, symbol_ids: Sequence[int]
    ) -> pd.DataFrame:
        none = {"snapshot_date": self.day, "symbol_id": 0}
        return pd.DataFrame([none | {"close_usd": 0.0, "volume_shares": 0.0}]).iloc[:0]

    def filers(self, as_of: date) -> pd.DataFrame:
        return pd.DataFrame(columns=["cik", "known_on"])

    def free_floats(self, as_of: date) -> pd.DataFrame:
        return pd.DataFrame(columns=["symbol", "known_on", "free_float_frac"])

    def membership_lists(self) -> pd.DataFrame:
        rows = [
            {"list_id": n, "index": code, "as_of": self.day, "source": "fund"}
            for n, code in enumerate(INDEXES, start=1)
        ]
        return pd.DataFrame(rows).assign(security_count=1, usable=True, reason=None)

    def members(self, since: date, until: date) -> pd.DataFrame:
        rows = [
            {"list_id": n, "index": code, "as_of": self.day, "symbol": c.symbol}
            for n, code in enumerate(INDEXES, start=1)
            for c in self.dozen
            if c.now == code
        ]
        return pd.DataFrame(rows).assign(weight_frac=np.nan, source="fund")


INDEXES = ("R1000", "R2000", "MICRO")
CROWD = 3_300


def crowd(days: Sequence[date]) -> pd.DataFrame:
    """Rows of listings: companies by size, and a few whose names say their role.

    Their ranks change a little every day. One class is absent on `RANK_DAY`.
    """
    place = np.arange(CROWD)
    shares = np.round(2e9 * (place + 5.0) ** -0.4)
    frames = []
    for turn, day in enumerate(days):
        sway = 1 + 0.05 * np.sin(place * 12.9898 + turn)
        close = np.round(1_000 * (place + 5.0) ** -0.6 * sway, 2)
        frames.append(_rows(day, [f"C{n:04d}" for n in place], close, shares, turn))
        roles = [
            role for role in ROLES if not (role[0] == "LEAK.B" and day == RANK_DAY)
        ]
        symbols, names, closes, counts, countries = zip(*roles, strict=True)
        wiggle = np.array(closes) * (1 + 0.01 * np.sin(turn + np.arange(len(roles))))
        rows = _rows(day, list(symbols), wiggle.round(4), np.array(counts), turn)
        frames.append(rows.assign(name=names, country=countries))
    return pd.concat(frames, ignore_index=True)


# symbol, name, close in USD, shares, country
ROLES = (
    ("LEAK.A", "Leaky Classes Inc. Class A Common Stock", 11.0, 3e8, "United States"),
    ("LEAK.B", "Leaky Classes Inc. Class B Common Stock", 10.0, 2e8, "United States"),
    ("PAIR.A", "Paired Classes Inc. Class A Common Stock", 50.0, 2e8, "United States"),
    ("PAIR.B", "Paired Classes Inc. Class B Common Stock", 45.0, 1e8, "United States"),
    ("ABRD", "Based Abroad plc Ordinary Shares", 60.0, 4e8, "Ireland"),
    ("MABR", "Member Based Abroad plc Ordinary Shares", 60.0, 4e8, "Ireland"),
    ("PENY", "Member Below A Dollar Inc. Common Stock", 0.9, 1e9, "United States"),
    ("CHEP", "Newcomer Below A Dollar Inc. Common Stock", 0.9, 1e9, "United States"),
    ("PAPR", "Some Bank 5.50% Series C Preferred Stock", 25.0, 1e8, "United States"),
    ("FNDS", "Manager Dynamic Income Fund Common Stock", 12.0, 3e8, "United States"),
)


def _rows(
    day: date, symbols: list[str], close: np.ndarray, shares: np.ndarray, turn: int
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": pd.Timestamp(day),
            "symbol": symbols,
            "exchange": "NYSE",
            "name": [f"Company {symbol} Inc. Common Stock" for symbol in symbols],
            "price": close,
            "volume": np.arange(len(symbols)) % 977 * 100 + 1_000 + turn,
            "market_cap": np.round(close * shares),
            "country": "United States",
            "ipo_year": 2001,
            "sector": "Industrials",
            "industry": "Industrial Machinery/Components",
        }
    )


def holdings(day: date, shift: int = 0) -> pd.DataFrame:
    """Lists of both indexes on a day: the crowd by size, `shift` ranks off.

    Some in each index are far too large or small for it, some only a little.
    """
    place = [(n + shift) % CROWD for n in range(CROWD)]
    for above, below in ((500, 1500), (950, 1050)):
        place[above : above + 10], place[below : below + 10] = (
            place[below : below + 10],
            place[above : above + 10],
        )
    order = [f"C{n:04d}" for n in place]
    large = [*order[:1000], "LEAKB", "PAIRA", "MABR"]
    small = [*order[1000:2990], "PENY"]
    return pd.DataFrame(
        {
            "index": ["R1000"] * len(large) + ["R2000"] * len(small),
            "as_of": pd.Timestamp(day),
            "ticker": large + small,
            "source": "fund",
        }
    )
