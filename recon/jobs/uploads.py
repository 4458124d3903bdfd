"""Files uploaded through the app: kept until loaded, and previewed."""

import hashlib
import re
import secrets
import shutil
import time
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recon.errors import BadRequest, SourceUnreadable
from recon.ingest.files import read_xlsx
from recon.jobs import runs
from recon.store import delimited
from recon.store.generations import INCOMING

TABLES = (".csv", ".gz", ".txt", ".tsv", ".parquet", ".xlsx")
SHOWN_ROWS = 4
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


def preview(path: Path) -> pd.DataFrame:
    """Return the first rows of a table as texts, under its own column names.

    Raises
    ------
    SourceUnreadable
        If there is no such file, or it is not a table.
    """
    if not path.is_file():
        raise SourceUnreadable(
            f"There is no file {path} on the machine that runs this program."
        )
    if path.suffix.lower() not in TABLES:
        raise SourceUnreadable(f"{path.name} is no {', '.join(TABLES)} file.")
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    if path.suffix.lower() == ".xlsx":
        table = read_xlsx(path, SHOWN_ROWS).to_pandas()
        return table.drop(columns="row_number").fillna("")
    names, *rows = delimited.preview(path, SHOWN_ROWS)
    width = len(names)
    return pd.DataFrame([(row + [""] * width)[:width] for row in rows], columns=names)


def _parquet(path: Path) -> pd.DataFrame:
    try:
        file = pq.ParquetFile(path)
        batch = next(file.iter_batches(batch_size=SHOWN_ROWS), None)
        table = batch.to_pandas() if batch else file.schema_arrow.empty_table()
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise SourceUnreadable(
            f"{path.name} could not be read as Parquet: {first}."
        ) from error
    return pd.DataFrame(table).astype(str)


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
