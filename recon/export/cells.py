"""How the tables of a note read on paper: cells in words, widths, and what is a number.

A chart's own numbers become a table here too, for documents that show no chart.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recon.export import chart_data, figure_reader
from recon.export.figure_reader import Drawing
from recon.export.pieces import Note, Piece
from recon.export.provenance import DEMO, NOTE
from recon.formatting import Column

Columns = Mapping[str, Column]
WIDEST_CHARACTERS, LEAST_CHARACTERS, TRIED_ROWS = 32, 5, 200
THINNED_ROWS = 40
NOTHING = "There is nothing to show."
COMMON = 0.97  # of the cells fit their column in one line


def about(note: Note) -> list[str]:
    """Return what a cover says of all pieces: days, sources, rules and program."""
    if not note.pieces:
        return [NOTE]
    first = note.pieces[0].provenance
    sources = dict.fromkeys(piece.provenance.source for piece in note.pieces)
    is_demo = any(piece.provenance.is_demo for piece in note.pieces)
    frozen = sum(piece.is_frozen for piece in note.pieces)
    return [
        *([DEMO] if is_demo else []),
        f"As of {note.days()}",
        f"Source: {', '.join(sources)}",
        *([f"{frozen} of {len(note.pieces)} pieces are frozen"] if frozen else []),
        first.versions(),
        NOTE,
    ]


def of(piece: Piece, *, thin: bool = False) -> tuple[pd.DataFrame, Columns]:
    """Return the table of a piece and how its columns read.

    A chart's is what it draws; `thin` keeps of many days the last of each month.
    """
    figure = piece.drawing()
    if figure is None:
        assert piece.table is not None
        return piece.table[list(piece.columns)], piece.columns
    return _of_drawing(figure, thin=thin)


def _of_drawing(figure: Drawing, *, thin: bool) -> tuple[pd.DataFrame, Columns]:
    """Return the numbers of a chart as a table, dollars in billions."""
    table = figure_reader.table(figure)
    if table.empty:
        return table, {}
    factor = chart_data.scale(figure)
    unit = ", $bn" if factor != 1 else ""
    columns: dict[str, Column] = {}
    for name in table.columns:
        if name == "at":
            kind = "day" if figure.kind == figure_reader.TIME else "text"
            columns[name] = Column("Day" if kind == "day" else "", kind, missing="")
        elif name in ("series", "name"):
            columns[name] = Column(str(name).capitalize(), missing="")
        elif name == "x" and np.issubdtype(table[name].dtype, np.datetime64):
            columns[name] = Column("Day", "day", missing="")
        elif name == "x":
            label = "Times the line" if figure.x.is_log else figure.x.title or "Rank"
            columns[name] = Column(label, _kind(table[name], 1))
        else:
            label = "Value" if name == "y" else str(name)
            columns[name] = Column(label + unit, _kind(table[name], factor), missing="")
    if not figure.x.is_shown and "y" in table and figure.kind == figure_reader.POINTS:
        table = table.drop(columns=["series", "y"]).sort_values("x")
        columns = {"x": Column("Day", "day"), "name": Column("What")}
        table = table[["x", "name"]]
    if thin and figure.kind == figure_reader.TIME and len(table) > THINNED_ROWS:
        table = _monthly(table)
    return table.reset_index(drop=True), columns


def texts(table: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Return a table in words, as a reader of the page sees it."""
    return pd.DataFrame(
        {name: table[name].map(column.text) for name, column in columns.items()},
        columns=list(columns),
    )


def is_number(column: Column) -> bool:
    """Tell whether a column holds numbers, which stand right."""
    return bool(column.printf)


def widths(
    shown: pd.DataFrame, columns: Columns, *, is_head_broken: bool = False
) -> list[int]:
    """Return the width of each column in characters.

    A head that may be broken takes the room of its longest word alone.
    """
    found = []
    for name, column in columns.items():
        lengths = shown[name].head(TRIED_ROWS).astype("str").str.len()
        longest = int(lengths.quantile(COMMON)) if len(lengths) else 0
        head = column.label.split() if is_head_broken else [column.label]
        # heads are bold
        most = max(longest, max(map(len, head), default=0) + 1, LEAST_CHARACTERS)
        found.append(min(most, WIDEST_CHARACTERS) + 2)
    return found


def _monthly(table: pd.DataFrame) -> pd.DataFrame:
    known = table[table.drop(columns="at").notna().any(axis=1)]
    months = pd.to_datetime(known["at"]).dt.to_period("M")
    return known[~months.duplicated(keep="last").to_numpy()].tail(THINNED_ROWS)


def _kind(values: pd.Series, factor: float) -> str:
    if factor != 1:
        return "usd_bn"
    known = values.dropna()
    is_whole = bool(len(known)) and bool(np.all(np.mod(known.astype(float), 1) == 0))
    return "number" if is_whole else "usd"
