"""The notes that visitors are writing, kept in the store's folder until cleared.

A visitor is known by a random word that the browser keeps, so that a note is still
there after a reload. What is read back is checked as a stranger's file is.
"""

import contextlib
import re
from pathlib import Path

from recon.errors import BadRequest
from recon.export.pieces import Note
from recon.note import keeping

FOLDER = "notes"
MOST_NOTES = 200
VISITOR = re.compile(r"[0-9a-f]{32}")


def put(store: Path, visitor: str, note: Note) -> None:
    """Keep a visitor's note in place of the last one; an empty note is taken out.

    A folder that cannot be written to keeps nothing: the note then lasts as long as
    the tab.
    """
    if not VISITOR.fullmatch(visitor):
        return
    folder = store / FOLDER
    path = folder / f"{visitor}.json"
    with contextlib.suppress(OSError):
        if not note.pieces:
            path.unlink(missing_ok=True)
            return
        folder.mkdir(exist_ok=True)
        half = path.with_suffix(".part")
        half.write_bytes(keeping.saved(note))
        half.replace(path)
        by_age = sorted(folder.glob("*.json"), key=lambda kept: kept.stat().st_mtime)
        for old in by_age[:-MOST_NOTES]:
            old.unlink(missing_ok=True)


def get(store: Path, visitor: str) -> Note | None:
    """Return a visitor's note, None where there is none that can be read."""
    if not VISITOR.fullmatch(visitor):
        return None
    try:
        return keeping.loaded((store / FOLDER / f"{visitor}.json").read_bytes())
    except (OSError, BadRequest):
        return None
