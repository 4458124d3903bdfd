"""A note as a small JSON file, and back.

The file holds the data of each piece as it was, so that a frozen piece stays what it
was, and what is needed to make it anew. A file from a stranger is read as data: only
what a note knows is taken from it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from recon.charts import markup
from recon.errors import BadRequest
from recon.exhibits.exhibit import MOST_ROWS
from recon.export import web
from recon.export.chart_data import CONTROL
from recon.export.pieces import Note, Piece
from recon.export.provenance import Provenance
from recon.formatting import KINDS, Column
from recon.note.making import MOST_PIECES

SCHEMA_VERSION = 1
LIMIT_BYTES = 20_000_000
TRACES = ("scatter", "scattergl", "bar", "waterfall")
# what of a layout could ask somebody else for a picture or a map
OUTSIDE = ("images", "map", "mapbox", "geo", "template")
MOST_TEXT = 20_000
MOST_COLUMNS = 60  # a slide or a page holds fewer still


def saved(note: Note) -> bytes:
    """Return a note as JSON."""
    kept = {
        "recon_note": SCHEMA_VERSION,
        "title": note.title,
        "lead": note.lead,
        "pieces": [_saved(piece) for piece in note.pieces],
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def loaded(data: bytes, name: str = "The file") -> Note:
    """Read a note back.

    Raises
    ------
    BadRequest
        If it is no note, one of a later version, or larger than a note may be.
    """
    if len(data) > LIMIT_BYTES:
        raise BadRequest(
            f"{name} has {len(data) / 1e6:,.0f} MB; a note may have "
            f"{LIMIT_BYTES / 1e6:,.0f}."
        )
    try:
        kept = json.loads(data)
        version = kept["recon_note"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadRequest(
            f"{name} is no note; give a JSON file that this page or "
            "`python -m recon note` has saved."
        ) from None
    if version != SCHEMA_VERSION:
        raise BadRequest(
            f"{name} is a note of version {version!r}; this program reads version "
            f"{SCHEMA_VERSION}. Open it with the program that saved it."
        )
    try:
        count = len(kept["pieces"])
        note = _note(kept) if count <= MOST_PIECES else None
    except Exception as error:  # whatever a stranger's file may hold
        raise BadRequest(f"{name} is a note that is damaged: {error}.") from None
    if note is None:
        raise BadRequest(f"{name} has {count:,} pieces; a note may have {MOST_PIECES}.")
    return note


def _note(kept: Mapping[str, Any]) -> Note:
    """Return the note, once it has been seen that it can be shown and written."""
    note = Note(
        title=_text(kept["title"]),
        lead=_text(kept.get("lead", "")),
        pieces=tuple(_loaded(piece) for piece in kept["pieces"]),
    )
    web.html(note, "")
    saved(note)
    return note


def _saved(piece: Piece) -> dict[str, Any]:
    figure, table = piece.figure, piece.table
    if figure is not None:
        layout = dict(figure.get("layout") or {})
        layout.pop("template", None)
        figure = {"data": figure.get("data", []), "layout": layout}
    return {
        "kind": piece.kind,
        "title": piece.title,
        "comment": piece.comment,
        "note": piece.note,
        "is_frozen": piece.is_frozen,
        "parameters": dict(piece.parameters),
        "provenance": {
            **asdict(piece.provenance),
            "as_of": piece.provenance.as_of.isoformat(),
        },
        "figure": figure,
        "columns": {
            name: {
                key: value
                for key, value in asdict(column).items()
                if value or key == "missing"
            }
            for name, column in piece.columns.items()
        },
        "table": None
        if table is None
        else {name: [_cell(value) for value in table[name]] for name in piece.columns},
    }


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_cell(each) for each in value]
    if value is None or pd.isna(value):
        return None
    if isinstance(value, (date, pd.Timestamp)):
        return pd.Timestamp(value).isoformat()
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return None
    return plain


def _loaded(kept: Mapping[str, Any]) -> Piece:
    columns = {_text(name): _column(column) for name, column in kept["columns"].items()}
    return Piece(
        kind=_text(kept["kind"]),
        title=_text(kept["title"]),
        comment=_text(kept.get("comment", "")),
        note=_text(kept.get("note", "")),
        is_frozen=bool(kept.get("is_frozen", False)),
        parameters={
            _text(name): [_text(value) for value in values]
            for name, values in kept.get("parameters", {}).items()
        },
        provenance=_provenance(kept["provenance"]),
        figure=None if kept["figure"] is None else _figure(kept["figure"]),
        table=None if kept["table"] is None else _table(kept["table"], columns),
        columns=columns,
    )


def _provenance(kept: Mapping[str, Any]) -> Provenance:
    words = {field.name for field in fields(Provenance)} - {"is_demo"}
    whole: dict[str, Any] = {name: _text(kept[name]) for name in words if name in kept}
    link = whole.get("link", "")
    is_link = urlsplit(link).scheme in ("http", "https") or link.startswith("/")
    whole["as_of"] = date.fromisoformat(kept["as_of"])
    whole["is_demo"] = bool(kept.get("is_demo", False))
    return Provenance(**{**whole, "link": link if is_link else ""})


def _column(kept: Mapping[str, Any]) -> Column:
    known = {field.name for field in fields(Column)}
    column = Column(**{name: value for name, value in kept.items() if name in known})
    _text(column.label + column.missing + (column.help or ""))
    if column.kind not in KINDS:
        raise ValueError(f"a column is of kind {column.kind!r}")
    return column


def _table(kept: Mapping[str, list], columns: Mapping[str, Column]) -> pd.DataFrame:
    if len(columns) > MOST_COLUMNS:
        raise ValueError(
            f"a table has {len(columns):,} columns, a note takes {MOST_COLUMNS}"
        )
    lengths = {len(kept[name]) for name in columns}
    if len(lengths) > 1 or max(lengths, default=0) > MOST_ROWS:
        raise ValueError("a table has columns of different length, or too many rows")
    table = pd.DataFrame({name: kept[name] for name in columns})
    for name, column in columns.items():
        if column.kind == "day":
            table[name] = pd.to_datetime(table[name])
        elif column.scale != 1 or column.printf:
            values = pd.to_numeric(table[name]).astype(float)
            table[name] = values.where(np.isfinite(values))
    return table


def _figure(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure of kinds that this program draws, nothing from outside."""
    drawn = [each for each in kept["data"] if each.get("type", "scatter") in TRACES]
    layout = kept.get("layout", {}).items()
    return {
        "data": [markup.without_strangers(dict(trace)) for trace in drawn],
        "layout": {
            key: value if key == "meta" else markup.without_strangers(value)
            for key, value in layout
            if key not in OUTSIDE
        },
    }


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:40]!r} is no text")
    return value[:MOST_TEXT].translate(CONTROL)
