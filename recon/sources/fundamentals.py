"""Fundamentals from tables: any vendor's, and those that their columns identify.

A table is wide (one row per company, one column per measure) or long (symbol, measure,
value). Both become rows of table `Fundamentals` and rows refused with a reason.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd

from recon.errors import SourceUnreadable
from recon.fundamental_measures import MEASURES
from recon.sources import column_names, finviz, quote_summary, simfin

COLUMNS = ("symbol", "measure", "value", "period_end", "known_on", "source")
REFUSED = ("known_on", "symbol", "reason", "offered")
FACTS: dict[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "tickersymbol", "tickerkey"),
    "measure": ("measure",),
    "value": ("value",),
    "period_end": ("periodend", "perioddate", "fiscalperiodend", "quarterend"),
    "known_on": ("knownon", "asof", "asofdate", "date", "reportdate"),
    "source": ("source",),
}
KNOWN_AS = {
    ours: (ours.replace("_", ""), *names)
    for ours, names in (
        *FACTS.items(),
        *((name, measure.known_as) for name, measure in MEASURES.items()),
    )
}
PERCENT = re.compile(r"%|pct|percent", re.IGNORECASE)
IGNORED = rf"{PERCENT.pattern}|[^a-z0-9]"
NOTHING = ("", "-", "--", "n/a", "na", "nan", "none", "null", "nat", "<na>")


class Provider(Protocol):
    """A module that knows one provider's tables by their columns.

    `COLUMNS` has the table's own column for each of ours, or how it comes of several.
    """

    NAME: str
    COLUMNS: dict[str, str]

    def recognizes(self, table: pd.DataFrame) -> bool:
        """Tell whether a table has the provider's columns."""

    def to_wide(self, table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
        """Return symbol, days, source and our measures, with a note on them."""


PROVIDERS: tuple[Provider, ...] = (finviz, quote_summary, simfin)


def recognized(table: pd.DataFrame) -> Provider | None:
    """Return the provider whose columns a table has; None for any other table."""
    return next((each for each in PROVIDERS if each.recognizes(table)), None)


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """Rows of table `Fundamentals`, refused rows (`REFUSED`), and a note."""

    rows: pd.DataFrame
    refused: pd.DataFrame
    note: str = ""


def parse(
    table: pd.DataFrame,
    origin: str,
    known_on: date | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Parsed:
    """Parse a table of fundamentals, identified by its columns or as any vendor's.

    `known_on` is the day the values were known, for a table without such a column;
    `mapping` gives the table's column for ours. Columns whose header says percent are
    divided by 100.

    Raises
    ------
    SourceUnreadable
        If there is no column of symbols, of any measure, or no day.
    """
    note = ""
    if not mapping and (provider := recognized(table)) is not None:
        table, note = provider.to_wide(table)
    columns = _columns(table, origin, dict(mapping or {}))
    if "known_on" not in columns and known_on is None:
        raise SourceUnreadable(
            f"{origin} has no column for the day its values were known; give the day "
            "with --known-on YYYY-MM-DD, or the column with --map known_on=THEIRS."
        )
    return judge(_long(table, columns, origin, known_on), note)


def judge(rows: pd.DataFrame, note: str = "") -> Parsed:
    """Sort rows of `COLUMNS` into good ones and ones refused with a reason.

    `value` may hold texts; a row without a value is left out.
    """
    written = rows["value"].astype("str").str.strip()
    rows = rows[~(rows["value"].isna() | written.str.lower().isin(NOTHING))]
    written = written[rows.index]
    plain = _without_thousands(written.str.replace("$", ""))
    value = pd.to_numeric(plain, errors="coerce").astype(float)
    symbol = rows["symbol"].astype("str").str.strip()
    days = {
        name: pd.to_datetime(rows[name], format="mixed", errors="coerce")
        for name in DAYS
    }
    known = rows["measure"].isin(list(MEASURES))
    low, high = (
        rows["measure"]
        .map({name: getattr(m, end) for name, m in MEASURES.items()})
        .astype(float)
        for end in ("low", "high")
    )
    key = symbol.str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)
    again = pd.DataFrame({**days, "s": key, "m": rows["measure"], "o": rows["source"]})
    reasons = (
        (again.duplicated(), "repeated: another row has it for the same day"),
        ((value < low) | (value > high), "outside what the measure can be"),
        (value.isna() | np.isinf(value), "not a number"),
        (days["period_end"].isna() & rows["period_end"].notna(), "period is no day"),
        (days["known_on"].isna(), "known_on is not a day"),
        (~known, "not a measure of this program"),
        (symbol.str.contains("^", regex=False), "the symbol of a preferred share"),
        (key.eq("") | rows["symbol"].isna(), "no symbol"),
    )
    reason = pd.Series(pd.NA, index=rows.index, dtype="object")
    for fails, words in reasons:
        reason = reason.mask(fails.astype(bool), words)
    good = reason.isna()
    kept = rows.assign(symbol=key, value=value, **days)[good]
    shown = rows["measure"].astype("str") + " = " + written.str[:40]
    refused = pd.DataFrame(
        {
            "known_on": days["known_on"],
            "symbol": symbol,
            "reason": reason,
            "offered": shown,
        }
    )[~good]
    return Parsed(
        rows=kept[list(COLUMNS)].reset_index(drop=True),
        refused=refused.reset_index(drop=True),
        note=note,
    )


DAYS = ("period_end", "known_on")


def _columns(
    table: pd.DataFrame, origin: str, mapping: dict[str, str]
) -> dict[str, str]:
    """Return, for each of our columns that the table has, the table's own."""
    header = [str(name) for name in table.columns]
    column_names.check(header, origin, mapping, KNOWN_AS, "measure")
    found = column_names.recognized(header, KNOWN_AS, IGNORED) | mapping
    found = {ours: theirs for ours, theirs in found.items() if theirs}
    is_long = {"measure", "value"} <= set(found)
    if "symbol" not in found or not (is_long or set(found) & set(MEASURES)):
        lacks = "a symbol" if "symbol" not in found else "any measure"
        raise SourceUnreadable(
            f"{origin} has no column for {lacks}; its header reads "
            f"{column_names.listed(header)}. Name columns with --map OURS=THEIRS; "
            f"measures are {', '.join(MEASURES)}."
        )
    return found


def _long(
    table: pd.DataFrame, columns: dict[str, str], origin: str, known_on: date | None
) -> pd.DataFrame:
    """Return one row per company and measure, values as offered."""
    facts = pd.DataFrame({"symbol": table[columns["symbol"]].astype("object")})
    for name, otherwise in (
        ("period_end", None),
        ("known_on", None if known_on is None else pd.Timestamp(known_on)),
        ("source", origin),
    ):
        given = columns.get(name)
        facts[name] = otherwise if given is None else table[given].astype("object")
    facts["source"] = facts["source"].fillna(origin).astype("str")
    if {"measure", "value"} <= set(columns):
        texts = table[columns["measure"]].astype("str")
        return facts.assign(measure=texts, value=table[columns["value"]])
    parts = [
        facts.assign(measure=name, value=_value(table[columns[name]], columns[name]))
        for name in MEASURES
        if name in columns
    ]
    return pd.concat(parts, ignore_index=True).astype({"value": "object"})


def _without_thousands(texts: pd.Series) -> pd.Series:
    """Return texts without the commas between thousands; another comma stays.

    "2,5" is two and a half to some, and no number here.
    """
    is_grouped = texts.str.fullmatch(r"\s*[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?\s*")
    return texts.mask(is_grouped, texts.str.replace(",", ""))


def _value(column: pd.Series, head: str) -> pd.Series:
    """Return the values of a column, those in percent as fractions."""
    texts = column.astype("object")
    in_percent = bool(PERCENT.search(head)) | texts.astype("str").str.endswith("%")
    plain = _without_thousands(texts.astype("str").str.replace(r"[%$]", "", regex=True))
    numbers = pd.to_numeric(plain, errors="coerce")
    as_fractions = (numbers / 100).where(numbers.notna(), texts)
    return as_fractions.where(in_percent, texts) if np.any(in_percent) else texts
