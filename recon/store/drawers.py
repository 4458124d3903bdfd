"""What visitors keep in the store's folder: a file each, under a word of their own.

A folder that cannot be written to keeps nothing: what a visitor does then lasts as
long as the tab.
"""

import contextlib
import re
from pathlib import Path

VISITOR = re.compile(r"[0-9a-f]{32}")
MOST_FILES = 200


def put(folder: Path, visitor: str, ending: str, content: bytes) -> None:
    """Keep a visitor's content in place of the last one; nothing takes it out.

    The oldest of more than `MOST_FILES` go.
    """
    if not VISITOR.fullmatch(visitor):
        return
    path = folder / f"{visitor}{ending}"
    with contextlib.suppress(OSError):
        if not content:
            path.unlink(missing_ok=True)
            return
        folder.mkdir(exist_ok=True)
        half = path.with_suffix(".part")
        half.write_bytes(content)
        half.replace(path)
        by_age = sorted(
            folder.glob(f"*{ending}"), key=lambda kept: kept.stat().st_mtime
        )
        for old in by_age[:-MOST_FILES]:
            old.unlink(missing_ok=True)


def get(folder: Path, visitor: str, ending: str) -> bytes | None:
    """Return what a visitor keeps, None where there is nothing."""
    if not VISITOR.fullmatch(visitor):
        return None
    try:
        return (folder / f"{visitor}{ending}").read_bytes()
    except OSError:
        return None
