"""Numbers and dates as an analyst writes them: ``$5.7bn``, ``−1.2%``, ``30 Apr 2026``.

Pages and figures take their words from here, so that one quantity reads the same
everywhere. Missing is ``not known``, never zero. A dollar sign in a sentence that
becomes Markdown is the page's to escape.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

MINUS = "\u2212"
NOT_KNOWN = "not known"
NOT_HELD = "Not in Russell 3000"
SCALES = ((1e12, "tn"), (1e9, "bn"), (1e6, "mn"))
INDEX_NAMES = {"R1000": "Russell 1000", "R2000": "Russell 2000", "MICRO": "Microcap"}
CODE_NAMES = {
    **INDEX_NAMES,
    "R3000": "Russell 3000",
    "R3000E": "Russell 3000E",
    "R2500": "Russell 2500",
    "TOP50": "Russell Top 50",
    "TOP200": "Russell Top 200",
    "TOP500": "Russell Top 500",
    "MIDCAP": "Russell Midcap",
    **{
        f"{code}{letter}": f"{INDEX_NAMES[code]} {style}"
        for code in ("R1000", "R2000")
        for letter, style in (("G", "Growth"), ("V", "Value"))
    },
}
CODE = re.compile(rf"\b(?:{'|'.join(CODE_NAMES)})\b")
MOVE_WORDS = {
    "addition": "+ in",
    "deletion": f"{MINUS} out",
    "migration up": "▲ up",
    "migration down": "▼ down",
    "stays": "stays",
    "none": "stays out",
}

SHIFT_WORDS = {
    "to value": "▸ to value",
    "to growth": "◂ to growth",
    "new": "+ new",
}


def is_missing(value: object) -> bool:
    """Tell whether a single value is not known."""
    return value is None or bool(pd.isna(value))


def usd(value: float | None, decimals: int | None = None) -> str:
    """Return dollars in the largest fitting unit.

    One decimal, or `decimals`, below 100 of a unit and none above.

    >>> usd(5.734e9), usd(5.734e9, 2), usd(-348e6), usd(None)
    ('$5.7bn', '$5.73bn', '−$348mn', 'not known')
    """
    if is_missing(value):
        return NOT_KNOWN
    assert value is not None
    size = abs(value)
    scale, unit = next(
        ((scale, unit) for scale, unit in SCALES if size >= scale * 0.9995), (1.0, "")
    )
    scaled = size / scale
    if unit:
        decimals = (1 if decimals is None else decimals) if scaled < 99.95 else 0
    elif decimals is None:
        decimals = 2
    sign = MINUS if value < 0 and round(scaled, decimals) else ""
    return f"{sign}${scaled:,.{decimals}f}{unit}"


def usd_signed(value: float | None) -> str:
    """Return dollars with their sign, as of a trade; in millions at least.

    >>> usd_signed(12.3e6), usd_signed(-4e6), usd_signed(130e3)
    ('+$12.3mn', '−$4.0mn', '+$0.1mn')
    """
    if is_missing(value):
        return NOT_KNOWN
    assert value is not None
    size = usd(abs(value)) if abs(value) >= 1e6 else f"${abs(value) / 1e6:.1f}mn"
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{size}"


def tick(value: float) -> str:
    """Return dollars as the label of an axis tick, no longer than it must be.

    >>> tick(5e9), tick(1.5e9), tick(200e6), tick(1e12), tick(0)
    ('$5bn', '$1.5bn', '$200mn', '$1tn', '$0')
    """
    scale, unit = next(
        ((scale, unit) for scale, unit in SCALES if value >= scale * 0.9995), (1.0, "")
    )
    return f"${value / scale:g}{unit}"


def percent(frac: float | None, decimals: int = 1, signed: bool = False) -> str:
    """Return a fraction as percent with one decimal and a true minus.

    >>> percent(0.0234), percent(-0.012), percent(0.05, signed=True), percent(-1e-9)
    ('2.3%', '−1.2%', '+5.0%', '0.0%')
    """
    if is_missing(frac):
        return NOT_KNOWN
    assert frac is not None
    return f"{number(frac * 100, decimals, signed)}%"


def number(value: float | None, decimals: int = 0, signed: bool = False) -> str:
    """Return a plain number with thousands and a true minus.

    >>> number(3628), number(-12), number(3, signed=True), number(float("nan"))
    ('3,628', '−12', '+3', 'not known')
    """
    if is_missing(value):
        return NOT_KNOWN
    assert value is not None
    rounded = round(float(value), decimals)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,.{decimals}f}"


def day(value: date | None) -> str:
    """Return a day as ``30 Apr 2026``.

    >>> day(date(2026, 4, 30)), day(None)
    ('30 Apr 2026', 'not known')
    """
    if is_missing(value):
        return NOT_KNOWN
    assert value is not None
    return f"{value.day} {value:%b %Y}"


def day_short(value: date | None) -> str:
    """Return a day of a year that is clear, as ``Fri 26 Jun``.

    >>> day_short(date(2026, 6, 26))
    'Fri 26 Jun'
    """
    if is_missing(value):
        return NOT_KNOWN
    assert value is not None
    return f"{value:%a} {value.day} {value:%b}"


def count(quantity: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> count(1, "name"), count(38, "name"), count(2, "company", "companies")
    ('1 name', '38 names', '2 companies')
    """
    return f"{quantity:,} {one if quantity == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them.

    >>> listed(["20"]), listed(["20", "60", "250"])
    ('20', '20, 60 and 250')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def capitalized(words: str) -> str:
    """Return words with a capital first, the others as they are.

    >>> capitalized("debt, short and long"), capitalized("I/B/E/S growth")
    ('Debt, short and long', 'I/B/E/S growth')
    """
    return words[:1].upper() + words[1:]


def move(value: str) -> str:
    """Return a move as shape and word.

    >>> move("migration up"), move("deletion")
    ('▲ up', '− out')
    """
    return MOVE_WORDS.get(value, NOT_KNOWN)


def change(value: str) -> str:
    """Return the cause of a trade: a move as shape and word, or the words as they are.

    >>> change("migration up"), change("style only")
    ('▲ up', 'style only')
    """
    return MOVE_WORDS.get(value, value)


def style(value_weight_frac: float | None) -> str:
    """Return a value weight as a style: one of the two, or its part of value.

    >>> style(1.0), style(0.0), style(0.604), style(None)
    ('value', 'growth', '60% value', 'not known')
    """
    if is_missing(value_weight_frac):
        return NOT_KNOWN
    assert value_weight_frac is not None
    if value_weight_frac in (0, 1):
        return "value" if value_weight_frac else "growth"
    return f"{percent(value_weight_frac, 0)} value"


def shift(value: str) -> str:
    """Return a shift of style as shape and word.

    >>> shift("to value"), shift("stays")
    ('▸ to value', 'stays')
    """
    return SHIFT_WORDS.get(value, value)


def index_name(code: str | None) -> str:
    """Return the name of an index a company is held in, or that it is in none.

    >>> index_name("R1000"), index_name(None)
    ('Russell 1000', 'Not in Russell 3000')
    """
    return NOT_HELD if is_missing(code) else INDEX_NAMES.get(str(code), str(code))


def indexes_spelled(words: str) -> str:
    """Return words with the codes of indexes spelled out, as in a sentence.

    >>> indexes_spelled("R1000 of 28 Mar 2024; R2000G and TOP200; MICRO")
    'Russell 1000 of 28 Mar 2024; Russell 2000 Growth and Russell Top 200; Microcap'
    """
    return CODE.sub(lambda found: CODE_NAMES[found.group()], words)


def index_code(name: str) -> str:
    """Return an index by its code where it is told by its number, to save room.

    >>> index_code("Russell 1000"), index_code("Microcap"), index_code(NOT_HELD)
    ('R1000', 'Microcap', 'none')
    """
    return "none" if name == NOT_HELD else name.replace("Russell ", "R")


def above_or_below(frac: float | None, than: str) -> str:
    """Say where something stands against something else.

    >>> above_or_below(0.031, "rank day"), above_or_below(-0.02, "it")
    ('3.1% above rank day', '2.0% below it')
    """
    if is_missing(frac) or not np.isfinite(float(frac or 0)):
        return f"at a distance not known from {than}"
    assert frac is not None
    if round(abs(frac), 3) == 0:
        return f"level with {than}"
    return f"{percent(abs(frac))} {'above' if frac > 0 else 'below'} {than}"


@dataclass(frozen=True)
class Column:
    """How a column of a table reads on a page: head with unit, and its numbers.

    `kind` is one of `KINDS`; `help` says what the head abbreviates; `width` is small,
    medium, large or pixels; `missing` what an empty cell means; one that `is_more` is
    on a page only when the reader asks the table's menu for it.
    """

    label: str
    kind: str = "text"
    help: str | None = None
    width: Literal["small", "medium", "large"] | int | None = None
    missing: str = NOT_KNOWN
    is_more: bool = False

    @property
    def scale(self) -> float:
        """Factor from the stored unit to the unit of the head."""
        return KINDS[self.kind].scale

    @property
    def printf(self) -> str:
        """Format for a browser; empty for what is no number."""
        return KINDS[self.kind].printf

    def text(self, value: object) -> str:
        """Return one value as it reads in the column."""
        return self.missing if is_missing(value) else KINDS[self.kind].text(value)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    text: Callable
    scale: float = 1
    printf: str = ""


KINDS = {
    "text": _Kind(text=str),
    "usd_bn": _Kind(text=lambda v: number(v / 1e9, 2), scale=1e-9, printf="%,.2f"),
    "usd_mn": _Kind(text=lambda v: number(v / 1e6), scale=1e-6, printf="%,.0f"),
    "usd_bn_always": _Kind(
        text=lambda v: number(v / 1e9, 2), scale=1e-9, printf="%,.2f"
    ),
    "change": _Kind(text=change),
    "yes": _Kind(text=lambda v: "yes" if v else "no"),
    "usd_mn_signed": _Kind(
        text=lambda v: number(v / 1e6, 1, True), scale=1e-6, printf="%+,.1f"
    ),
    "tenths": _Kind(text=lambda v: number(v, 1), printf="%,.1f"),
    "usd_tn": _Kind(text=lambda v: number(v / 1e12, 2), scale=1e-12, printf="%,.2f"),
    "usd": _Kind(text=lambda v: number(v, 2), printf="%,.2f"),
    "percent": _Kind(text=lambda v: number(v * 100, 1), scale=100, printf="%,.1f"),
    "percent_signed": _Kind(
        text=lambda v: number(v * 100, 1, True), scale=100, printf="%+,.1f"
    ),
    "number": _Kind(text=number, printf="localized"),
    "whole": _Kind(text=number, printf="%,.0f"),  # of what may have a fraction
    "number_signed": _Kind(text=lambda v: number(v, 0, True), printf="%+,d"),
    "day": _Kind(text=day),
    "move": _Kind(text=move),
    "index": _Kind(text=index_name),
    "index_code": _Kind(text=index_code),
    "style": _Kind(text=style),
    "shift": _Kind(text=shift),
    # pictures in the cells of a page
    "bar": _Kind(text=str),
    "trail": _Kind(text=str),
    "multiple": _Kind(text=lambda v: number(v, 1), printf="%,.1f"),
    "score": _Kind(text=lambda v: number(v, 2), printf="%,.2f"),
}
DRAWN_KINDS = ("bar", "trail")


def in_one_unit(
    columns: Mapping[str, Column], table: pd.DataFrame
) -> dict[str, Column]:
    """Return columns with dollars in millions where a value is below a billion.

    >>> table = pd.DataFrame({"cap_usd": [4.6e9, 148e6]})
    >>> in_one_unit({"cap_usd": Column("Cap, $bn", "usd_bn")}, table)["cap_usd"].label
    'Cap, $mn'
    """
    return {
        name: replace(column, label=column.label.replace("$bn", "$mn"), kind="usd_mn")
        if column.kind == "usd_bn" and _has_millions(table[name])
        else column
        for name, column in columns.items()
    }


def _has_millions(values: pd.Series) -> bool:
    return bool(values.abs().between(0, 0.9995e9, inclusive="neither").any())
