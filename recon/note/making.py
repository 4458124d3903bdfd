"""Pieces of a note: made anew for another day, or kept as they were."""

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from recon.errors import ReconError
from recon.exhibits import EXHIBITS, Answers
from recon.export.pieces import Note, Piece

MOST_PIECES = 60


def can_be_refreshed(piece: Piece) -> bool:
    """Tell whether a piece can be made anew for another day."""
    declared = EXHIBITS.get(piece.kind)
    return declared is not None and declared.is_chart == piece.is_chart


def refreshed(piece: Piece, answers: Answers, as_of: date) -> Piece:
    """Return a piece for another day; a frozen one, and one with no way, as it was.

    A title that was the piece's own finding becomes the new one; what somebody wrote
    stays, and the piece says for which day it was written.
    """
    if piece.is_frozen or not can_be_refreshed(piece):
        return replace(piece, is_frozen=True)
    day = answers.day_on_or_before(as_of)
    own, declared = piece.provenance, EXHIBITS[piece.kind]
    # `today` applies only to the day of the piece
    asked = {name: said for name, said in piece.parameters.items() if name != "today"}
    question, _ = declared.question.read(asked, day)
    made = declared.made(answers, question)
    new = made.piece(link=_on_day(own.link, day))
    is_own_title = piece.title in (_finding(piece), own.title)
    title = new.title if is_own_title else piece.title
    is_old = day != own.as_of and (piece.comment or not is_own_title)
    note = f"words written for {own.day()}" if is_old else new.note
    return replace(new, title=title, comment=piece.comment, note=note)


def refreshed_note(note: Note, answers: Answers, as_of: date) -> tuple[Note, list[str]]:
    """Return a note for another day, and what could not be made anew and why."""
    pieces, problems = [], []
    for piece in note.pieces:
        try:
            made = refreshed(piece, answers, as_of)
        except ReconError as error:
            made = replace(piece, is_frozen=True)
            problems.append(f"“{piece.title}” is kept as it was: {error}")
        pieces.append(made)
    return note.with_pieces(pieces), problems


def _finding(piece: Piece) -> str:
    """Return the title that a piece has by itself."""
    if piece.table is None:
        meta = ((piece.figure or {}).get("layout") or {}).get("meta") or {}
        return str(meta.get("title", ""))
    if piece.kind not in EXHIBITS:
        return ""
    declared = EXHIBITS[piece.kind]
    try:
        question, _ = declared.question.read(piece.parameters, piece.provenance.as_of)
        return declared.finding_of(piece.table, question)
    # a table of other columns than the page shows now, or a stranger's
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return ""


def _on_day(link: str, day: date) -> str:
    """Return a link that opens on another day."""
    if not link:
        return ""
    parts = urlsplit(link)
    query = {**parse_qs(parts.query), "as_of": [day.isoformat()]}
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))
