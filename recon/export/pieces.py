"""What a note is made of: pieces in an order, each a chart or a table with its source.

A piece holds its data, so that it can be shown tomorrow as it was today; and `kind`
and `parameters`, the page, the place on it and its controls, by which it is made anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from recon.errors import BadRequest
from recon.export import figure_reader
from recon.export.figure_reader import Drawing
from recon.export.provenance import Provenance
from recon.formatting import Column, day

FROZEN = "frozen"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One chart or one table of a note.

    `figure` is a Plotly figure as plain data in print colours; `columns` says how the
    columns of `table` read, in their order. A chart has no table of its own: its
    numbers are read from the figure.
    """

    kind: str
    title: str
    provenance: Provenance
    parameters: Mapping[str, list[str]] = field(default_factory=dict)
    figure: Mapping | None = None
    table: pd.DataFrame | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    comment: str = ""
    note: str = ""
    is_frozen: bool = False

    def __post_init__(self) -> None:
        """Refuse a piece that is neither chart nor table, or says not where from."""
        if not isinstance(self.provenance, Provenance):
            raise BadRequest(
                f"“{self.title}” does not say where it is from; a piece needs a "
                "Provenance."
            )
        if (self.figure is None) == (self.table is None):
            raise BadRequest(
                f"“{self.title}” holds neither a chart nor a table alone; give one."
            )

    @property
    def is_chart(self) -> bool:
        """Whether it is a chart."""
        return self.figure is not None

    def drawing(self) -> Drawing | None:
        """Return a chart as a drawing, None for a table."""
        return None if self.figure is None else figure_reader.read(self.figure)

    def source(self) -> str:
        """Return the source note that stands under the piece, with all its marks."""
        mark = f"{FROZEN} as of {self.provenance.day()}" if self.is_frozen else ""
        parts = [self.provenance.sentence(), self.note, mark]
        return " · ".join(part for part in parts if part)

    def stamp(self) -> str:
        """Return the source note with rulebook, program and a link others can open."""
        about = self.provenance
        parts = [self.source(), about.versions(), about.public_link()]
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Note:
    """Pieces in the order of reading, under one title."""

    title: str
    pieces: tuple[Piece, ...] = ()
    lead: str = ""

    def days(self) -> str:
        """Return the day or days that its pieces speak of."""
        days = sorted({piece.provenance.as_of for piece in self.pieces})
        return ", ".join(map(day, days))

    def with_pieces(self, pieces: "tuple[Piece, ...] | list[Piece]") -> "Note":
        """Return the note with other pieces."""
        return replace(self, pieces=tuple(pieces))
