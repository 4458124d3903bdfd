"""Bulk archives and folders of filings, streamed: a member is read, parsed and let go.

Archives hold up to a million members; their list is read once, and no more than one
member is unpacked at a time.
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePath

import pyarrow as pa
import pyarrow.parquet as pq

from recon.errors import SourceUnreadable
from recon.sources.filings import (
    Told,
    company_facts,
    daily_index,
    data_sets,
    fact_tables,
    submissions,
    tickers,
)

GZIP, ZIP, PARQUET = ".gz", ".zip", ".parquet"
MEMBERS = (".json", ".idx")
MOST_BYTES = 256 << 20  # of one member; the largest of company facts has 15 MB
UNPACKED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, KeyError)


def files_of(path: Path) -> list[Path]:
    """Return what of a path is read: itself, or the files of a folder, by name.

    Raises
    ------
    SourceUnreadable
        If there is nothing of filings.
    """
    if not path.exists():
        raise SourceUnreadable(f"There is no file or folder {path}.")
    found = list(_files(path))
    if not found:
        raise SourceUnreadable(
            f"{path.name} holds no filings: expected submissions.zip, "
            "companyfacts.zip, quarters of the Financial Statement Data Sets, "
            "company_tickers.json, daily indexes (.idx), or folders of them."
        )
    return found


def _files(path: Path) -> Iterator[Path]:
    inside = sorted(path.iterdir()) if path.is_dir() else []
    if not path.is_dir() or data_sets.is_quarter([each.name for each in inside]):
        yield path
        return
    yield from (each for each in inside if each.is_file() and _is_read(each))
    for folder in inside:
        if folder.is_dir():
            yield from _files(folder)


def _is_read(path: Path) -> bool:
    suffix = PurePath(path.name.removesuffix(GZIP)).suffix
    return suffix in (*MEMBERS, PARQUET, ZIP)


def read(path: Path, known_on: date, skip: int = 0) -> Iterator[tuple[str, Told]]:
    """Yield name and content of each member of a file, after the first `skip`.

    `known_on` is the day of lists that do not say theirs. A member of an archive that
    cannot be read says why.

    Raises
    ------
    SourceUnreadable
        If the file could not be read.
    """
    if path.is_dir():
        with (path / data_sets.SUB).open("rb") as sub:
            with (path / data_sets.NUM).open("rb") as num:
                yield from _after(skip, data_sets.parse(sub, num, path.name), path)
    elif path.suffix == ZIP:
        with _archive(path) as archive:
            yield from _members(archive, path, known_on, skip)
    elif skip:
        return
    elif path.suffix == PARQUET:
        yield path.name, _table(path, known_on)
    else:
        yield path.name, of_content(_content(path), path.name, known_on)


def count(path: Path) -> int:
    """Return how many members a file has, for progress; 0 where only reading tells."""
    if path.is_dir() or path.suffix != ZIP:
        return 0
    with _archive(path) as archive:
        return len(_names(archive))


def _names(archive: zipfile.ZipFile) -> list[str]:
    return sorted(
        name for name in archive.namelist() if PurePath(name).suffix in MEMBERS
    )


def _after(skip: int, parts: Iterator[Told], path: Path) -> Iterator[tuple[str, Told]]:
    for number, told in enumerate(parts):
        if number >= skip:
            yield path.name, told


def _members(
    archive: zipfile.ZipFile, path: Path, known_on: date, skip: int
) -> Iterator[tuple[str, Told]]:
    by_name = {PurePath(each).name: each for each in archive.namelist()}
    if data_sets.is_quarter(list(by_name)):
        try:
            with archive.open(by_name[data_sets.SUB]) as sub:
                with archive.open(by_name[data_sets.NUM]) as num:
                    yield from _after(skip, data_sets.parse(sub, num, path.name), path)
        except UNPACKED as error:
            raise SourceUnreadable(
                f"{path.name} could not be unpacked: {error}."
            ) from error
        return
    names = _names(archive)
    if not names:
        raise SourceUnreadable(
            f"{path.name} holds neither JSON of EDGAR nor {data_sets.SUB} and "
            f"{data_sets.NUM}."
        )
    for name in names[skip:]:
        try:
            with archive.open(name) as stream:
                content = stream.read(MOST_BYTES + 1)
            yield name, of_content(_of_size(content, name), name, known_on)
        except UNPACKED as error:
            yield name, Told(refusal=f"{name} could not be unpacked: {error}.")
        except SourceUnreadable as error:
            yield name, Told(refusal=str(error))


def of_content(content: bytes, name: str, known_on: date) -> Told:
    """Parse what a file or a member holds, told by its own words.

    Raises
    ------
    SourceUnreadable
        If it is of no form that is known here.
    """
    name = PurePath(name.removesuffix(GZIP)).name
    if submissions.recognizes(content, name):
        is_part = submissions.PART.search(name)
        if not is_part and not submissions.is_of_a_company(content):
            return Told()
        return submissions.parse(content, name)
    if company_facts.recognizes(content):
        return company_facts.parse(content, name)
    if tickers.recognizes(content):
        return tickers.parse(content, name, known_on)
    if daily_index.recognizes(content):
        return daily_index.parse(content, name)
    if not content.strip(b" {}\r\n\t"):  # a company that has tagged nothing
        return Told()
    raise SourceUnreadable(f"{name} is of no form of EDGAR's data that is known here.")


def _content(path: Path) -> bytes:
    try:
        with (gzip.open if path.suffix == GZIP else open)(path, "rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except UNPACKED as error:
        raise SourceUnreadable(f"{path.name} could not be read: {error}.") from error
    return _of_size(content, path.name)


def _of_size(content: bytes, name: str) -> bytes:
    if len(content) > MOST_BYTES:
        raise SourceUnreadable(f"{name} has more than {MOST_BYTES >> 20:,} MB.")
    return content


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceUnreadable(f"{path.name} is no ZIP archive: {error}.") from error


def _table(path: Path, known_on: date) -> Told:
    try:
        columns = set(pq.read_schema(path).names)
        if fact_tables.recognizes(columns):
            return fact_tables.parse(pq.read_table(path).to_pandas(), known_on)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise SourceUnreadable(f"{path.name} could not be read: {error}.") from error
    raise SourceUnreadable(
        f"{path.name} is no table of facts, filers or tickers; its columns are "
        f"{', '.join(sorted(columns)[:12])}."
    )
