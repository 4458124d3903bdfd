"""Files uploaded through the app: kept until they are loaded."""

import hashlib
import re
import secrets
import shutil
import time
from pathlib import Path
from typing import BinaryIO

from recon.errors import BadRequest, SourceUnreadable
from recon.ingest.files import existing
from recon.jobs import runs
from recon.store.generations import INCOMING

TABLES = (".csv", ".gz", ".txt", ".tsv", ".parquet", ".xlsx")
QUOTA_BYTES = 2_000_000_000
KEPT_SECONDS = 7 * 24 * 3600.0
CHUNK = 1 << 20


def keep(store: Path, name: str, content: BinaryIO) -> Path:
    """Keep an uploaded file under its name; return its path.

    The same content uploaded again is the same file. Files that no run names are
    deleted after a week.

    Raises
    ------
    BadRequest
        If what is kept has no room for more.
    """
    folder = store / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    _prune(store)
    held = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if held > QUOTA_BYTES:
        raise BadRequest(
            f"Uploads kept here hold {held / 1e9:,.1f} GB of {QUOTA_BYTES / 1e9:,.0f}; "
            "they are deleted a week after their load: try again then, or load the "
            "file with 'python -m recon ingest'."
        )
    digest = hashlib.sha256()
    while block := content.read(CHUNK):
        digest.update(block)
    content.seek(0)
    path = folder / digest.hexdigest()[:12] / _plain(name)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(f"{secrets.token_hex(4)}.new")  # two may upload it at once
        with new.open("wb") as target:
            shutil.copyfileobj(content, target, CHUNK)
        new.replace(path)
    return path


def check(path: Path) -> None:
    """Refuse what is no file of a table.

    Raises
    ------
    SourceUnreadable
        If there is no such file, it is empty, or not a table by its name.
    """
    if not path.is_file():
        raise SourceUnreadable(
            f"There is no file {path} on the machine that runs this program."
        )
    if path.suffix.lower() not in TABLES:
        raise SourceUnreadable(f"{path.name} is no {', '.join(TABLES)} file.")
    existing(path)


def _plain(name: str) -> str:
    """Return a name that is safe for a file in any folder."""
    plain = re.sub(r"[^\w.\- ]", "_", Path(name).name).lstrip(".- ")
    return plain[-120:] or "file"


def _prune(store: Path) -> None:
    named = " ".join(" ".join(run.arguments) for run in runs.past(store))
    for folder in (store / INCOMING).iterdir():
        age = time.time() - folder.stat().st_mtime
        if age > KEPT_SECONDS and str(folder) not in named:
            shutil.rmtree(folder, ignore_errors=True)
