"""The notes that visitors are writing, kept in the store's folder until cleared.

A visitor is known by a random word that the browser keeps, so that a note is still
there after a reload. What is read back is checked as a stranger's file is.
"""

import contextlib
from pathlib import Path

from recon.errors import BadRequest
from recon.export.pieces import Note
from recon.note import keeping
from recon.store import drawers

FOLDER, ENDING = "notes", ".json"


def put(store: Path, visitor: str, note: Note) -> None:
    """Keep a visitor's note in place of the last one; an empty note is taken out."""
    content = keeping.saved(note) if note.pieces else b""
    drawers.put(store / FOLDER, visitor, ENDING, content)


def get(store: Path, visitor: str) -> Note | None:
    """Return a visitor's note, None where there is none that can be read."""
    content = drawers.get(store / FOLDER, visitor, ENDING)
    with contextlib.suppress(BadRequest):
        return None if content is None else keeping.loaded(content)
    return None
