"""A reader's own watchlist among the candidates: tickers, tags and comments.

It is a text of one name a line, as one would jot it down, ``TNDM #medtech waits for the
FDA``; so it fits a link, a file and a clipboard.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from recon import formatting
from recon.errors import BadRequest
from recon.rules.distances import line_names
from recon.studies.candidates.filters import HELD, MOVE_WORDS
from recon.studies.candidates.watchlist import SHORT_LINES

MOST_NAMES, MOST_CHARACTERS = 500, 200
TICKER = re.compile(r"[A-Z][A-Z0-9]{0,9}([./-][A-Z0-9]{1,4})?")
HEADS = {"symbol", "ticker", "tickers"}
NOT_LISTED = "not listed on the day"
OF_LISTING = [
    "company",
    "current_index",
    "projected_index",
    "total_market_cap_usd",
    "close_usd",
    "sector",
]
OF_COMPANY = ["p_move", "line", "distance_to_break_point_frac", "total_market_cap_usd"]
COLUMNS = ["symbol", "standing", *OF_LISTING, *OF_COMPANY[:3], "tags", "comment"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A name of a watchlist with what its reader says of it."""

    symbol: str
    tags: tuple[str, ...] = ()
    comment: str = ""

    def line(self) -> str:
        """Return it as the line of the text."""
        return " ".join(
            filter(None, [self.symbol, *(f"#{tag}" for tag in self.tags), self.comment])
        )


def read(text: str) -> list[Entry]:
    """Return the entries of a text, or of a table with a head; a name stands once.

    Raises
    ------
    BadRequest
        Naming the first line that cannot be followed, or what is too long.
    """
    lines = text.replace("\r\n", "\n").replace("\ufeff", "").strip().split("\n")
    if re.split(r"[,;\t]", lines[0])[0].strip().lower() in HEADS:
        lines = _of_table("\n".join(lines))
    found: dict[str, Entry] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            entry = _entry(line, number)
            found.setdefault(entry.symbol, entry)
    if len(found) > MOST_NAMES:
        raise BadRequest(
            f"A watchlist holds {MOST_NAMES} names at most, and this has "
            f"{len(found):,}; leave some out."
        )
    return list(found.values())


def _of_table(text: str) -> list[str]:
    """Return the lines of a table: symbol, then tags and comment where it has them."""
    head = text.split("\n")[0]
    mark = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=mark)
    found = [head]
    for row in rows:
        cells = {str(name).strip().lower(): value or "" for name, value in row.items()}
        symbol = next(cells[name] for name in HEADS if name in cells)
        tags = re.split(r"[\s,;#]+", cells.get("tags", ""))
        words = [symbol, *(f"#{tag}" for tag in tags if tag), cells.get("comment", "")]
        found.append(" ".join(filter(None, words)))
    return ["", *found[1:]]


def _entry(line: str, number: int) -> Entry:
    words = line.split()
    symbol, rest = words[0].strip(",;").upper(), words[1:]
    if not TICKER.fullmatch(symbol):
        raise BadRequest(
            f"Line {number} of the watchlist begins with '{words[0][:20]}', which is "
            "no ticker; a line is a ticker, then #tags, then a comment."
        )
    if len(line) > MOST_CHARACTERS:
        raise BadRequest(
            f"Line {number} of the watchlist, {symbol}, is longer than "
            f"{MOST_CHARACTERS} characters; shorten its comment."
        )
    tags = [word[1:].strip(",;").lower() for word in rest if word.startswith("#")]
    comment = " ".join(word for word in rest if not word.startswith("#"))
    return Entry(
        symbol=symbol,
        tags=tuple(dict.fromkeys(filter(None, tags))),
        comment=comment,
    )


def written(entries: Sequence[Entry]) -> str:
    """Return entries as the text that `read` reads."""
    return "\n".join(entry.line() for entry in entries)


def tags(entries: Sequence[Entry]) -> list[str]:
    """Return every tag, in order of the alphabet."""
    return sorted({tag for entry in entries for tag in entry.tags})


def tagged(entries: Sequence[Entry], tag: str) -> list[Entry]:
    """Return the entries that have a tag; all of them without one."""
    return [entry for entry in entries if not tag or tag in entry.tags]


def standings(
    companies: pd.DataFrame, securities: pd.DataFrame, entries: Sequence[Entry]
) -> pd.DataFrame:
    """Return how each name of a list stands on a day, in the order of the list.

    `companies` are those of a projection with `p_move` where odds are known,
    `securities` its listings. Columns: `COLUMNS`; `standing` is the move, that the band
    holds it, or why it is not ranked; one that is not listed has no figures.
    """
    listed = securities.drop_duplicates("symbol").set_index("symbol")
    own = companies.assign(line=line_names(companies)).set_index("company_id")
    rows = []
    for entry in entries:
        row = {"symbol": entry.symbol, "standing": NOT_LISTED}
        if entry.symbol in listed.index:
            listing = listed.loc[entry.symbol]
            row |= listing.reindex(OF_LISTING).to_dict()
            row["standing"] = f"n/a: {listing['ineligible_reason']}"
            if listing["company_id"] in own.index:
                company = own.loc[listing["company_id"]]
                row |= company.reindex(OF_COMPANY).to_dict()
                move = HELD if company["is_held_by_band"] else company["move"]
                row["standing"] = MOVE_WORDS.get(move, formatting.move(move))
        rows.append({**row, "tags": ", ".join(entry.tags), "comment": entry.comment})
    table = pd.DataFrame(rows, columns=COLUMNS)
    is_listed = table["standing"].ne(NOT_LISTED)
    sides = {"now": "current_index", "then": "projected_index"}
    names = {
        name: table[column].map(formatting.index_name).where(is_listed, "")
        for name, column in sides.items()
    }
    line = table["line"].map(SHORT_LINES).astype("str").fillna("")
    return table.assign(line=line, **names)
