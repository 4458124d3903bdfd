"""What a file suggests of itself: prices or fundamentals, and how it is written.

Only a suggestion: a reader sees it beside the first rows as they are understood, and
has the last word.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from recon import schedule
from recon.fundamental_measures import MEASURES
from recon.ingest.files import first_lines, first_rows
from recon.ingest.quality import FEWEST_NAMES
from recon.rulebook import HEURISTICS
from recon.sources import column_names, fundamentals
from recon.store.notation import (
    CAP_UNITS,
    DAY_FIRST,
    MONTH_FIRST,
    YEAR_FIRST,
    Notation,
)

PRICES, FUNDAMENTALS = "prices", "fundamentals"
DAY, CAP = "snapshot_date", "total_market_cap_usd"
NUMBERS = ("close_usd", CAP, "shares_outstanding")
HEAD_LINES = 25  # a header further down is not looked for
LOOKED_AT_ROWS = 20_000  # more than one day of the market
NAMED_UNITS = {
    "mn": re.compile(
        r"\b(mn|mm|mio|mln|mil|mill|millions?)\b|[$€] ?m\b", re.IGNORECASE
    ),
    "bn": re.compile(r"\b(bn|bln|bil|billions?)\b|[$€] ?b\b", re.IGNORECASE),
}
CURRENCY = re.compile(r"\b(in|us|usd|dollars?)\b|[$()\[\],]", re.IGNORECASE)
DECIMAL_COMMA = r"[-+]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d+,(?:\d{1,2}|\d{4,})"
DECIMAL_POINT = r"[-+]?\d{1,3}(?:,\d{3})+\.\d+|[-+]?\d+\.(?:\d{1,2}|\d{4,})"
DAY_IN_PARTS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
DAY_LIKE = (
    r"\d{4}-\d\d-\d\d|\d{1,2}([./-])\d{1,2}\1\d{4}|\d{1,2}[-. ][A-Za-z]{3}[-. ]\d"
)
DAY_BEFORE_MONTH = re.compile(r"\d{1,2}[-. ]+[a-z]{3}", re.IGNORECASE)
MONTH_BEFORE_DAY = re.compile(r"[a-z]{3,9}[-. ]+\d{1,2}\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a file seems to be.

    `kind` is prices or fundamentals, `matched` has, for each kind, its column for each
    of ours; `rows` are its first rows as they stand. A table of a `provider` is known
    by its columns: there is nothing to match.
    """

    kind: str
    provider: str = ""
    rows_above: int
    matched: Mapping[str, Mapping[str, str]]
    rows: pd.DataFrame


def guess(path: Path, rows_above: int | None = None) -> Guess:
    """Return what a table seems to be.

    `rows_above` is how many lines stand above its header, None to find that out.

    Raises
    ------
    SourceUnreadable
        If it is not a table.
    """
    rows_above = _rows_above(path) if rows_above is None else rows_above
    table = first_rows(path, LOOKED_AT_ROWS, Notation(rows_above=rows_above))
    names = [str(name) for name in table.columns]
    prices, measures = price_columns(names), _measure_columns(names)
    if DAY not in prices and (day := _day_column(table)):
        prices[DAY] = day
    has_measures = "symbol" in measures and bool(
        {"measure", "value"} <= set(measures) or set(measures) & set(MEASURES)
    )
    provider = fundamentals.recognized(table)
    if provider is not None:
        measures, has_measures = dict(provider.COLUMNS), True
    # without an exchange no listing can be ranked
    needed = {*column_names.REQUIRED, *(["exchange"] if has_measures else [])}
    return Guess(
        kind=FUNDAMENTALS if has_measures and not needed <= set(prices) else PRICES,
        provider=provider.NAME if provider is not None else "",
        rows_above=rows_above,
        matched={PRICES: prices, FUNDAMENTALS: measures},
        rows=table,
    )


def price_columns(names: Sequence[str]) -> dict[str, str]:
    """Return a table's own column for each of ours, units in its heads left aside.

    >>> price_columns(["Day", "Ticker", "Last ($)", "Mkt Cap ($mn)"])["close_usd"]
    'Last ($)'
    """
    bare = {_bare(name): name for name in reversed(names)}
    found = {
        ours: bare[name] for ours, name in column_names.recognized(list(bare)).items()
    }
    return {**found, **column_names.recognized(names)}


def guess_notation(
    table: pd.DataFrame, matched: Mapping[str, str], rows_above: int = 0
) -> Notation:
    """Return how the texts of a table seem to be written.

    `matched` has the table's own column for each of ours.
    """
    texts = {ours: table[name].astype("str") for ours, name in matched.items()}
    texts = {ours: column.str.strip() for ours, column in texts.items()}
    has_comma = _has_decimal_comma([texts[name] for name in NUMBERS if name in texts])
    caps, days = texts.get(CAP), texts.get(DAY)
    return Notation(
        day_order=YEAR_FIRST if days is None else _day_order(days),
        cap_unit="usd"
        if caps is None
        else _cap_unit(_numbers(caps, has_comma), days, matched[CAP]),
        decimal_comma=has_comma,
        rows_above=rows_above,
    )


def _day_column(table: pd.DataFrame) -> str | None:
    """Return the first column whose texts are days, whatever its name."""
    for name in table.columns:
        texts = table[name].astype("str").str.strip().head(FEWEST_NAMES)
        texts = texts[texts != ""]
        if len(texts) and texts.str.match(DAY_LIKE).all():
            return str(name)
    return None


def _bare(name: str) -> str:
    for pattern in (*NAMED_UNITS.values(), CURRENCY):
        name = pattern.sub(" ", name)
    return name


def _measure_columns(names: Sequence[str]) -> dict[str, str]:
    return column_names.recognized(names, fundamentals.KNOWN_AS, fundamentals.IGNORED)


def _rows_above(path: Path) -> int:
    """Return how many lines stand above the one whose names are known best."""
    if path.suffix.lower() == ".parquet":
        return 0
    lines = first_lines(path, HEAD_LINES)
    width = [sum(bool(name.strip()) for name in line) for line in lines]
    known = [
        max(len(price_columns(line)), len(_measure_columns(line))) for line in lines
    ]
    scores = known if max(known, default=0) else width
    found = scores.index(max(scores)) if scores else 0
    # blank lines above a CSV file's header are passed over anyway
    is_below_blanks = path.suffix.lower() != ".xlsx" and not any(width[:found])
    return 0 if is_below_blanks else found


def _has_decimal_comma(columns: Sequence[pd.Series]) -> bool:
    texts = pd.concat(columns) if columns else pd.Series(dtype="str")
    plain = texts.str.replace(r"[$€%\s]", "", regex=True)
    commas = plain.str.fullmatch(DECIMAL_COMMA).sum()
    return bool(commas > plain.str.fullmatch(DECIMAL_POINT).sum())


def _numbers(texts: pd.Series, has_comma: bool) -> pd.Series:
    decimal, thousands = (",", r"[.\s']") if has_comma else (".", r"[,\s]")
    plain = texts.str.replace(rf"[$€]|{thousands}", "", regex=True)
    plain = plain.str.replace(decimal, ".", regex=False)
    return pd.to_numeric(plain, errors="coerce")


def _day_order(days: pd.Series) -> str:
    """Return the order of days in texts: by what can be no month, else by sessions."""
    distinct = [str(text) for text in days.unique()]
    if any(DAY_BEFORE_MONTH.match(text) for text in distinct):
        return DAY_FIRST
    if any(MONTH_BEFORE_DAY.match(text) for text in distinct):
        return MONTH_FIRST
    parts = [found for text in distinct if (found := DAY_IN_PARTS.match(text))]
    if not parts:
        return YEAR_FIRST
    numbers = [(int(each[1]), int(each[3]), int(each[4])) for each in parts]
    as_days = sum(_is_session(year, second, first) for first, second, year in numbers)
    as_months = sum(_is_session(year, first, second) for first, second, year in numbers)
    if as_days != as_months:
        return DAY_FIRST if as_days > as_months else MONTH_FIRST
    return MONTH_FIRST if parts[0][2] == "/" else DAY_FIRST


def _is_session(year: int, month: int, day: int) -> bool:
    try:
        return schedule.is_session(date(year, month, day))
    except ValueError:
        return False


def _cap_unit(caps: pd.Series, days: pd.Series | None, head: str) -> str:
    """Return what market caps count: as their head says, else as makes a market."""
    for unit, pattern in NAMED_UNITS.items():
        if pattern.search(head):
            return unit
    if days is not None:
        first = caps[days == days.iloc[0]].dropna() if len(days) else caps
        least, most = HEURISTICS.day_least_total_usd, HEURISTICS.day_most_total_usd
        fitting = [
            unit
            for unit, factor in CAP_UNITS.items()
            if len(first) >= FEWEST_NAMES and least <= first.sum() * factor <= most
        ]
        if fitting:
            return fitting[0]
    median = caps.median()
    if pd.isna(median) or median >= HEURISTICS.cap_in_dollars:
        return "usd"
    return "mn" if median >= HEURISTICS.cap_in_millions else "bn"
