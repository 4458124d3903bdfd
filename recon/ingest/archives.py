"""Archives of the Nasdaq screener: dated folders, or a local git clone."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path

from recon import schedule
from recon.errors import SourceUnreadable
from recon.ingest.days import settled_days, take_days
from recon.ingest.files import is_known
from recon.ingest.options import Options, part_of
from recon.ingest.outcome import Taken, already_stored
from recon.sources import nasdaq
from recon.sources.git_objects import Clone, is_clone
from recon.store.writer import Writer, open_writer

SOURCE = "archive"
ReadFiles = Callable[[], Iterator[nasdaq.ScreenerFile]]


def archive(folder: Path, paths: Sequence[Path], options: Options) -> list[Taken]:
    """Ingest Nasdaq screener archives: dated folders, or a local git clone."""
    taken = []
    with open_writer(folder, "real", options.wait_seconds) as writer:
        for path in paths:
            with ExitStack() as opened:
                days = _archived_days(path, options.folders_are_nights, opened)
                grouped = groupby(days, key=lambda item: item[0].year)
                years = [(year, list(group)) for year, group in grouped]
                for number, (year, of_year) in enumerate(years):
                    part = part_of(options, number, len(years))
                    taken.append(_archive_year(writer, path, year, of_year, part))
    return taken


def _archived_days(
    path: Path, are_nights: bool, opened: ExitStack
) -> list[tuple[date, ReadFiles]]:
    """Return every archived day with a way to read its files while `opened` lasts."""
    if path.is_dir() and is_clone(path):
        clone = opened.enter_context(closing(Clone(path)))
        return [
            (day, partial(nasdaq.clone_files, clone, day, commit))
            for day, commit in nasdaq.clone_commits(clone).items()
        ]
    days = {}
    for named, files in nasdaq.archive_days(path).items():
        day = named
        if are_nights:
            day = schedule.session_on_or_before(named - timedelta(days=1))
        days[day] = (day, partial(nasdaq.folder_files, day, files))
    return list(days.values())


def _archive_year(
    writer: Writer,
    path: Path,
    year: int,
    days: list[tuple[date, ReadFiles]],
    options: Options,
) -> Taken:
    """Publish one year of an archive; a day with a bad or absent file is left out."""
    origin, rows, notes, digest = f"{path.name} {year}", [], [], hashlib.sha256()
    settled = settled_days(writer.store.days(), SOURCE)
    skipped = 0
    for number, (day, read) in enumerate(days):
        if day in settled and not options.replace:
            skipped += 1
            continue
        options.progress(f"{origin} {day}", 0.2 * number / len(days))
        files = list(read())
        for file in files:
            digest.update(file.content)
        found, left_out = _day_rows(day, files)
        rows.extend(found)
        if left_out:
            notes.append(f"{day} left out: {left_out}")
    hexdigest = digest.hexdigest()
    if not options.accept and not options.replace:
        if skipped == len(days) or is_known(writer.store, SOURCE, hexdigest):
            return already_stored(origin)
    if skipped:
        notes.append(f"{skipped} days were already stored")
    names = writer.columns_of(nasdaq.to_table(rows))
    return take_days(
        writer,
        {name: name for name in names},
        source=SOURCE,
        origin=origin,
        digest=hexdigest,
        options=options,
        notes=notes,
    )


def _day_rows(
    day: date, files: list[nasdaq.ScreenerFile]
) -> tuple[list[dict[str, str | None]], str]:
    """Return the rows of one day, and why it is left out.

    Rows of a day that is left out carry the reason.
    """
    rows: list[dict[str, str | None]] = []
    reasons = []
    for file in files:
        try:
            rows.extend(nasdaq.parse_screener(file))
        except SourceUnreadable as error:
            reasons.append(str(error))
            rows.append({"exchange": file.exchange.upper()})
    absent = [
        name
        for name in nasdaq.EXCHANGES
        if name not in {file.exchange for file in files}
    ]
    if absent:
        reasons.append(f"{day} lacks the file of {', '.join(absent)}.")
        rows.append({"exchange": ", ".join(absent).upper()})
    if reasons:
        left_out = {"snapshot_date": day.isoformat(), nasdaq.REFUSAL: " ".join(reasons)}
        rows = [{**row, **left_out} for row in rows]
    return rows, " ".join(reasons)
