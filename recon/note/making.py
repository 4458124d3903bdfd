"""Pieces made, made anew for another day, or kept as they were."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pandas as pd

from recon.charts import Figure, printing
from recon.errors import BadRequest, ReconError
from recon.export.pieces import Note, Piece
from recon.export.provenance import Provenance
from recon.formatting import Column
from recon.note.answers import Answers
from recon.note.kinds import KINDS

MOST_PIECES, MOST_ROWS = 60, 5_000
DRAWN_COLUMNS = ("bar", "trail")  # pictures in cells, which paper has no place for
LINK_VERSION = "1"


def of_chart(
    kind: str,
    figure: Figure,
    provenance: Provenance,
    *,
    parameters: Mapping[str, list[str]] | None = None,
    title: str = "",
    comment: str = "",
    note: str = "",
) -> Piece:
    """Return a chart as a piece, titled with its own finding, in print colours."""
    plain = printing.printed(figure)
    finding = (plain["layout"].get("meta") or {}).get("title")
    return Piece(
        kind=kind,
        title=title or finding or provenance.title,
        provenance=provenance,
        parameters=dict(parameters or {}),
        figure=plain,
        comment=comment,
        note=note,
    )


def of_table(
    kind: str,
    table: pd.DataFrame,
    columns: Mapping[str, Column],
    provenance: Provenance,
    *,
    parameters: Mapping[str, list[str]] | None = None,
    title: str = "",
    comment: str = "",
    note: str = "",
) -> Piece:
    """Return a table as a piece: the columns that are shown, without drawings.

    Raises
    ------
    BadRequest
        If it has more rows than a note is for.
    """
    kept = {name: at for name, at in columns.items() if name not in DRAWN_COLUMNS}
    if len(table) > MOST_ROWS:
        raise BadRequest(
            f"The table has {len(table):,} rows, a note takes {MOST_ROWS:,}; narrow it "
            "down with a filter, or download it as CSV."
        )
    held = table[list(kept)].reset_index(drop=True)
    known = dict(parameters or {})
    return Piece(
        kind=kind,
        title=title or _told(kind, table, known) or provenance.title,
        provenance=provenance,
        parameters=known,
        table=held,
        columns=kept,
        comment=comment,
        note=note,
    )


def can_be_refreshed(piece: Piece) -> bool:
    """Tell whether a piece can be made anew for another day."""
    return piece.kind in KINDS


def refreshed(piece: Piece, answers: Answers, as_of: date) -> Piece:
    """Return a piece for another day; a frozen one, and one with no way, as it was.

    A title that was the chart's own finding becomes the new one; what somebody wrote
    stays, and the piece says for which day it was written.
    """
    if piece.is_frozen or not can_be_refreshed(piece):
        return replace(piece, is_frozen=True)
    day = answers.day_on_or_before(as_of)
    own = piece.provenance
    kind = KINDS[piece.kind]
    about = answers.provenance(own.title, day, own.filters, own.mark)
    about = replace(about, link=_on_day(own.link, day))
    asked = {**piece.parameters, "as_of": [day.isoformat()]}
    if kind.draw is not None and piece.is_chart:
        figure = kind.draw(answers, day, asked)
        made = of_chart(piece.kind, figure, about, parameters=asked)
    elif kind.tabulate is not None and not piece.is_chart:
        table = kind.tabulate(answers, day, asked)
        held = [name for name in piece.columns if name in table]
        columns = {name: piece.columns[name] for name in held}
        made = of_table(piece.kind, table, columns, about, parameters=asked)
    else:
        return replace(piece, is_frozen=True)
    is_own_title = piece.title in (_finding(piece), own.title)
    title = made.title if is_own_title else piece.title
    is_old = day != own.as_of and (piece.comment or not is_own_title)
    note = f"words written for {own.day()}" if is_old else piece.note
    return replace(made, title=title, comment=piece.comment, note=note)


def refreshed_note(note: Note, answers: Answers, as_of: date) -> tuple[Note, list[str]]:
    """Return a note for another day, and what could not be made anew and why."""
    pieces, told = [], []
    for piece in note.pieces:
        try:
            made = refreshed(piece, answers, as_of)
        except ReconError as error:
            made = replace(piece, is_frozen=True)
            told.append(f"“{piece.title}” is kept as it was: {error}")
        pieces.append(made)
    return note.with_pieces(pieces), told


def _finding(piece: Piece) -> str:
    """Return the title that a piece has by itself."""
    if piece.table is not None:
        return _told(piece.kind, piece.table, piece.parameters)
    meta = ((piece.figure or {}).get("layout") or {}).get("meta") or {}
    return str(meta.get("title", ""))


def _told(kind: str, table: pd.DataFrame, parameters: Mapping[str, list[str]]) -> str:
    tell = KINDS[kind].tell if kind in KINDS else None
    try:
        return tell(table, parameters) if tell is not None else ""
    # a table of other columns than the page shows now, or a stranger's
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""


def page_link(page: str, day: date, **parameters: str) -> str:
    """Return a link to a page without the address of an app, for the command line.

    >>> page_link("candidates", date(2024, 4, 30), move_deletion="true")
    '/candidates?move_deletion=true&as_of=2024-04-30&v=1'
    """
    query = {**parameters, "as_of": day.isoformat(), "v": LINK_VERSION}
    return f"/{'' if page == 'overview' else page}?{urlencode(query)}"


def _on_day(link: str, day: date) -> str:
    """Return a link that opens on another day."""
    if not link:
        return ""
    parts = urlsplit(link)
    query = {**parse_qs(parts.query), "as_of": [day.isoformat()]}
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))
