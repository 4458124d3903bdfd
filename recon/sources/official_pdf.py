"""Official lists as PDF: titles, headed columns, one name a line, several side by side.

The documents differ from year to year in what stands beside a name (ticker first or
last, an industry, two or three columns of names on a page) and are alike in their
parts: a title with index, action and kind, lines with a date, a head over each column,
names, and small print. Every line must be one of these, else the file is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pdfplumber
from pdfplumber.utils.exceptions import PdfminerException

from recon.errors import SourceUnreadable
from recon.sources.official_lists import (
    FINAL,
    MEMBER,
    PRELIMINARY,
    TICKER,
    Told,
    as_rows,
)
from recon.vocabulary import ADDITION, DELETION

Word = dict[str, float | str]
# words so near are of one line, of one column, of one head
LINE_PT, COLUMN_PT, PHRASE_PT = 3.0, 3.0, 8.0
INDEX = re.compile(r"russell\s*(1000|2000|2500|3000e|3000|micro\s?cap|midcap)", re.I)
CODES = {"MICROCAP": "MICRO", "MIDCAP": "MIDCAP"}
ACTION_WORDS = (
    (re.compile(r"\badditions?\b", re.I), ADDITION),
    (re.compile(r"\bdeletions?\b", re.I), DELETION),
    (re.compile(r"\b(membership|members|constituents)\b", re.I), MEMBER),
)
UPDATE = re.compile(r"\bupdated?\s*(?:list\s*)?#?\s*([1-4])\b", re.I)
DAYS = (
    (
        re.compile(r"\b([A-Z][a-z]{2,8}) (\d{1,2}),? (\d{4})\b"),
        "{0} {1} {2}",
        "%B %d %Y",
    ),
    (re.compile(r"\b(\d{1,2}) ([A-Z][a-z]{2,8}) (\d{4})\b"), "{1} {0} {2}", "%B %d %Y"),
    (re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b"), "{0} {1} {2}", "%m %d %Y"),
    (re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b"), "{1} {2} {0}", "%m %d %Y"),
)
EFFECTIVE = re.compile(r"\beffective\b|\bas of the open\b|\bafter the close\b", re.I)
HEADS = {
    "company": "name",
    "name": "name",
    "security": "name",
    "ticker": "symbol",
    "symbol": "symbol",
    "industry": "industry",
    "sector": "industry",
}
HEAD_FILLERS = {"icb", "rgs", "description", "code"}
SMALL_PRINT = re.compile(
    r"^(source\b|©|note\b|notes\b|disclaimer|this (list|document)|for (more|further)|"
    r"www\.|ftse ?russell\.com|about ftse|all rights|all information|the information|"
    r"no (part|member)|(page )?\d+( (of|/) \d+)?$|total\b|count\b|"
    r".*\bftserussell\.com\b)",
    re.I,
)
CLOSING = re.compile(r"^(©|disclaimer|about ftse|all information|all rights)", re.I)


@dataclass(frozen=True)
class _Column:
    """A headed column: what it holds, where it begins, and its place side by side."""

    what: str
    left: float
    group: int


@dataclass
class _State:
    """What the lines so far have said."""

    told: Told
    columns: tuple[_Column, ...] = ()
    rows: list[dict[str, object]] = field(default_factory=list)
    is_closed: bool = False


def parse(path: Path, told: Told) -> pd.DataFrame:
    """Return the rows of a document, as `official_lists.parse_table` does.

    What the document says goes before what is `told`.

    Raises
    ------
    SourceUnreadable
        If a line is none of the parts of a list: its page and line. Nothing is
        returned of a document that only partly can be read.
    """
    state = _State(told=told)
    try:
        with pdfplumber.open(path) as document:
            for page, lines in enumerate(map(_lines, document.pages), start=1):
                state.is_closed = False
                for number, words in enumerate(lines, start=1):
                    try:
                        _read(words, state)
                    except ValueError as error:
                        raise SourceUnreadable(
                            f"{path.name}, page {page}, line {number}: {error}. "
                            "Nothing of the file was taken."
                        ) from None
    except PdfminerException as error:
        raise SourceUnreadable(
            f"{path.name} could not be read as PDF: {error}."
        ) from None
    if not state.rows:
        raise SourceUnreadable(
            f"{path.name} has no names under a head such as 'Company  Ticker'; is it "
            "a scan? A list of additions, deletions or members is expected."
        )
    for row in state.rows:
        row.update(
            kind=state.told.kind,
            posted_on=state.told.posted_on,
            effective_on=state.told.effective_on,
        )
    return as_rows(state.rows)


def _lines(page: pdfplumber.page.Page) -> Iterator[list[Word]]:
    """Return the words of each line of a page, from the top, left to right."""
    words = sorted(page.extract_words(x_tolerance=1.5), key=lambda word: word["top"])
    line: list[Word] = []
    for word in words:
        if line and word["top"] - line[0]["top"] > LINE_PT:
            yield sorted(line, key=lambda each: each["x0"])
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda each: each["x0"])


def _read(words: list[Word], state: _State) -> None:
    """Take a line as small print, head, title or names; ValueError if it is none."""
    text = " ".join(str(word["text"]) for word in words)
    if state.is_closed or CLOSING.search(text):
        state.is_closed = True
    elif columns := _head(words):
        state.columns = columns
    elif state.columns and (names := _names(words, state.columns)):
        if state.told.index is None or state.told.action is None:
            missing = "index" if state.told.index is None else "action"
            raise ValueError(
                f"no title before it says the {missing}; name it with --{missing}"
            )
        about = {"index": state.told.index, "action": state.told.action}
        state.rows += [{**about, **name} for name in names]
    elif _is_title(text):
        state.told = _with_title(text, state.told)
    elif not SMALL_PRINT.search(text):
        if state.columns:
            raise ValueError(f"'{text[:60]}' is no name with its ticker")


def _head(words: list[Word]) -> tuple[_Column, ...]:
    """Return the columns that a line is the head of; none if it is no head."""
    found: list[_Column] = []
    seen: set[str] = set()
    group = 0
    for phrase in _phrases(words):
        texts = [str(word["text"]).lower().strip(":*") for word in phrase]
        what = next((HEADS[text] for text in texts if text in HEADS), None)
        if what is None or not set(texts) <= HEADS.keys() | HEAD_FILLERS:
            return ()
        if what in seen:
            group, seen = group + 1, set()
        seen.add(what)
        found.append(_Column(what, float(phrase[0]["x0"]), group))
    kinds = {column.what for column in found}
    return tuple(found) if {"name", "symbol"} <= kinds else ()


def _phrases(words: list[Word]) -> Iterator[list[Word]]:
    """Return the words of a line that stand together."""
    phrase: list[Word] = []
    for word in words:
        if phrase and float(word["x0"]) - float(phrase[-1]["x1"]) > PHRASE_PT:
            yield phrase
            phrase = []
        phrase.append(word)
    if phrase:
        yield phrase


def _names(words: list[Word], columns: tuple[_Column, ...]) -> list[dict[str, object]]:
    """Return the names of a line; none if not one of its groups is a name's.

    ValueError if one group is and another is not.
    """
    cells: dict[tuple[int, str], list[str]] = {}
    for word in words:
        left = float(word["x0"]) + COLUMN_PT
        before = [column for column in columns if column.left <= left]
        column = before[-1] if before else columns[0]
        cells.setdefault((column.group, column.what), []).append(str(word["text"]))
    found: list[dict[str, object]] = []
    wrong = []
    for group in sorted({group for group, _ in cells}):
        own = {
            what: " ".join(words) for (of, what), words in cells.items() if of == group
        }
        symbol = own.get("symbol", "")
        if "name" in own and TICKER.fullmatch(symbol):
            found.append(
                {
                    "symbol": symbol,
                    "name": own["name"],
                    "industry": own.get("industry"),
                }
            )
        else:
            wrong.append(" ".join(own.values()))
    if found and wrong:
        raise ValueError(f"'{wrong[0][:60]}' is no name with its ticker")
    return found


def _is_title(text: str) -> bool:
    return bool(
        INDEX.search(text)
        or any(pattern.search(text) for pattern, _ in ACTION_WORDS)
        or re.search(r"\b(preliminary|updated?|final|reconstitution)\b", text, re.I)
        or _day(text)
    )


def _with_title(text: str, told: Told) -> Told:
    """Return what is told with what a title line says."""
    if found := INDEX.search(text):
        code = re.sub(r"\s", "", found[1]).upper()
        told = replace(told, index=CODES.get(code, f"R{code}"))
    for pattern, action in ACTION_WORDS:
        if pattern.search(text):
            told = replace(told, action=action)
    if update := UPDATE.search(text):
        told = replace(told, kind=f"update {update[1]}")
    elif re.search(r"\bpreliminary\b", text, re.I):
        told = replace(told, kind=PRELIMINARY)
    elif re.search(r"\bfinal\b", text, re.I):
        told = replace(told, kind=FINAL)
    if day := _day(text):
        if EFFECTIVE.search(text):
            told = replace(told, effective_on=day)
        else:
            told = replace(told, posted_on=day)
    return told


def _day(text: str) -> date | None:
    for pattern, order, form in DAYS:
        if found := pattern.search(text):
            words = order.format(*found.groups())
            for each in (form, form.replace("%B", "%b")):
                try:
                    return datetime.strptime(words, each).date()
                except ValueError:
                    continue
    return None
