"""Which column of a provider's table is which of ours.

Names are compared without case, spaces and punctuation; an explicit mapping takes
precedence over the names known here.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from recon.errors import SourceUnreadable

_TEXT = Path(__file__).with_suffix(".csv").read_text("utf-8")
_ROWS = list(csv.DictReader(_TEXT.splitlines()))
LABELS = {row["name"]: row["label"] for row in _ROWS}
KNOWN_AS = {row["name"]: tuple(row["known_as"].split()) for row in _ROWS}
REQUIRED = ("snapshot_date", "symbol", "close_usd", "total_market_cap_usd")


def match(
    found: Sequence[str], where: str, mapping: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return, for each of our columns that the table has, the table's own column.

    `mapping` maps our names to theirs and wins, an empty name leaves the column out;
    `where` names the file in errors.

    Raises
    ------
    SourceUnreadable
        If a required column is absent, or a mapped one does not exist.
    """
    mapping = mapping or {}
    check(found, where, mapping, KNOWN_AS, "column")
    chosen = {**recognized(found), **mapping}
    chosen = {ours: theirs for ours, theirs in chosen.items() if theirs}
    missing = [ours for ours in REQUIRED if ours not in chosen]
    if missing:
        expected = " and ".join(
            f"{ours} (such as '{KNOWN_AS[ours][0]}')" for ours in missing
        )
        raise SourceUnreadable(
            f"{where} has no column for {expected}; its header reads "
            f"{listed(found)}. Name the columns with --map OURS=THEIRS."
        )
    return chosen


def check(
    found: Sequence[str],
    where: str,
    mapping: Mapping[str, str],
    known_as: Mapping[str, Sequence[str]],
    what: str,
) -> None:
    """Refuse a mapping from a name that is none of ours, or to a missing column."""
    for ours, theirs in mapping.items():
        if ours not in known_as:
            raise SourceUnreadable(
                f"'{ours}' is not a {what} of this program; map one of "
                f"{', '.join(known_as)}."
            )
        if theirs and theirs not in found:
            raise SourceUnreadable(
                f"{where} has no column '{theirs}' to take {ours} from; it has "
                f"{listed(found)}."
            )


def recognized(
    found: Sequence[str],
    known_as: Mapping[str, Sequence[str]] = KNOWN_AS,
    ignored: str = r"[^a-z0-9]",
) -> dict[str, str]:
    """Return the table's own column for each of ours that its name identifies.

    >>> recognized(["Ticker", "Market Cap", "Notes"])
    {'symbol': 'Ticker', 'total_market_cap_usd': 'Market Cap'}
    """
    plain = {re.sub(ignored, "", name.lower()): name for name in reversed(found)}
    known = {
        ours: next((plain[name] for name in names if name in plain), None)
        for ours, names in known_as.items()
    }
    return {ours: theirs for ours, theirs in known.items() if theirs is not None}


def listed(names: Sequence[str]) -> str:
    """Return the first names of a header for an error."""
    shown = ", ".join(str(name)[:30] for name in list(names)[:12])
    return shown + (", ..." if len(names) > 12 else "") if names else "nothing"
