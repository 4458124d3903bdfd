"""Which generation readers are shown where the newest one is damaged."""

from collections.abc import Iterator
from pathlib import Path

from recon.errors import ReconError, StoreDamaged
from recon.store import generations
from recon.store.generations import RECORD, Manifest


def served(folder: Path) -> tuple[Manifest, str]:
    """Return the generation that readers are shown, and why it is not the newest.

    That is the published one, or where it is damaged the newest one whose record and
    files are there; the sentence is empty where nothing is wrong.

    Raises
    ------
    StoreMissing
        If the folder holds no store.
    StoreFormat
        If it was written by another version of the program, or nothing of it is whole.
    """
    try:
        published = generations.read_manifest(folder)
        while missing := generations.missing_part(folder, published):
            newest = generations.read_manifest(folder)
            if newest == published:
                break
            published = newest  # its files were pruned meanwhile
        if not missing:
            return published, ""
        error = damaged(folder, missing)
    except StoreDamaged as unread:
        error = unread
    for manifest in recorded(folder):
        if not manifest.is_blank and not generations.missing_part(folder, manifest):
            return manifest, f"{error} Shown is generation {manifest.generation}."
    raise error


def damaged(folder: Path, what: object) -> StoreDamaged:
    """Return the error of a store whose files are not as they were written."""
    said = str(what).strip().splitlines()[0]
    return StoreDamaged(
        f"The store in {folder} is damaged: {said}; {generations.REMEDY}."
    )


def recorded(folder: Path) -> Iterator[Manifest]:
    """Return manifests of the generations that have a record, newest first."""
    if not folder.is_dir():
        return
    names = [path.name for path in folder.iterdir() if RECORD.fullmatch(path.name)]
    for name in sorted(names, reverse=True):
        try:
            content = (folder / name).read_bytes()
            yield generations.parse_manifest(content, folder, name)
        except (ReconError, OSError):
            continue
