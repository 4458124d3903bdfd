"""What became of a file or a request, for the person at work and for the ledger."""

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from recon.errors import SourceUnreadable


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of one file or request; counts of rows and days.

    `known_days` were stored already, `revised_days` are stored days that were judged
    again because earlier ones came in; `held_back` has each day and why; `refusal`
    says why a file was not read.
    """

    origin: str
    offered: int = 0
    accepted: int = 0
    quarantined: int = 0
    published_days: int = 0
    known_days: int = 0
    revised_days: int = 0
    held_back: tuple[tuple[date, str], ...] = ()
    refusal: str = ""
    note: str = ""

    def ledger_entry(
        self, source: str, digest: str, decided_by: str | None = None
    ) -> dict[str, object]:
        """Return the entry of the ledger; `decided_by` overruled the gate."""
        return {
            "source": source,
            "origin": self.origin,
            "digest": digest,
            "offered_count": self.offered,
            "accepted_count": self.accepted,
            "quarantined_count": self.quarantined,
            "note": self.note,
            "decided_by": decided_by,
        }


def of_rows(
    origin: str, rows: Sized, refused: pd.DataFrame, what: str, notes: list[str]
) -> Taken:
    """Report published rows, and refused ones by reason; `what` is such as ``rows``."""
    why = refused["reason"].value_counts()
    return Taken(
        origin=origin,
        offered=len(rows) + len(refused),
        accepted=len(rows),
        quarantined=len(refused),
        note="; ".join([*notes, *(f"{n} {what} refused: {w}" for w, n in why.items())]),
    )


def already_stored(origin: str) -> Taken:
    """Report that there was nothing to do."""
    return Taken(origin=origin, note="already in the store; nothing changed")


def of_each(paths: Sequence[Path], take: Callable[[int, Path], Taken]) -> list[Taken]:
    """Take files one after another; one that cannot be read does not stop the others.

    Raises
    ------
    SourceUnreadable
        If none of them could be read.
    """
    taken = []
    for number, path in enumerate(paths):
        try:
            taken.append(take(number, path))
        except SourceUnreadable as error:
            taken.append(Taken(origin=path.name, refusal=str(error)))
    if taken and all(each.refusal for each in taken):
        raise SourceUnreadable(" ".join(each.refusal for each in taken))
    return taken
