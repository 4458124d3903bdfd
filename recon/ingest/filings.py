"""Filings of the SEC from archives, folders and files, one generation each.

A store sees all of a load or nothing; one that was killed goes on where it stopped.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from recon import formatting, reconstitution
from recon.errors import SourceUnreadable
from recon.ingest import filed_fundamentals, resume
from recon.ingest.files import digest_of, is_known
from recon.ingest.options import Counters, Options
from recon.ingest.outcome import Taken, already_stored, of_each
from recon.ingest.staged_filings import MOST_REFUSED, REFUSED, Staged, in_parts
from recon.reconstitution.filed import judged_by_symbol
from recon.rulebook import rulebook
from recon.sources.filings import bulk
from recon.store import Store, generations
from recon.store.writer import open_writer

SOURCE = "filings"


def filings(
    folder: Path,
    paths: Sequence[Path],
    options: Options,
    since: date | None = None,
    known_on: date | None = None,
) -> list[Taken]:
    """Ingest filings: files, folders and archives of EDGAR's forms.

    `since` leaves out what was filed before; `known_on` is the day of lists of tickers
    and filers that do not say theirs, today's if None.

    Raises
    ------
    SourceUnreadable
        If nothing could be understood; of several paths the others are taken.
    """
    resume.refuse_demo(folder)
    today = options.today or datetime.now(ZoneInfo("America/New_York")).date()

    def take(number: int, path: Path) -> Taken:
        files = bulk.files_of(path)
        digest = _digest(files, since, known_on)
        with open_writer(folder, "real", options.wait_seconds) as writer:
            if is_known(writer.store, SOURCE, digest):
                return already_stored(path.name)
        run = f"{SOURCE} {digest[:16]}"
        with resume.cached_responses(folder, run):
            staged = Staged(Path(folder) / generations.RESPONSES / run, since, today)
            _read(files, known_on or today, staged, options)
            return publish(folder, staged, path.name, digest, options)

    return of_each(paths, take)


def _digest(files: Sequence[Path], since: date | None, known_on: date | None) -> str:
    digest = hashlib.sha256(f"{since} {known_on}".encode())
    for path in files:
        parts = sorted(path.iterdir()) if path.is_dir() else [path]
        for part in parts:
            if part.is_file():
                digest.update(digest_of(part).encode())
    return digest.hexdigest()


def _read(
    files: Sequence[Path], known_on: date, staged: Staged, options: Options
) -> None:
    """Stage what the files hold, after what an earlier run has staged of them."""
    for place, path in enumerate(files):
        options.progress(f"reading {path.name}", 0.8 * place / len(files))
        name = f"{place} {path.name}"
        before, of = staged.done(name), bulk.count(path)
        for done, parts in in_parts(bulk.read(path, known_on, before), before):
            staged.put(name, done, parts)
            share = min(done / of, 1.0) if of else 0.5
            options.progress(
                f"reading {path.name}",
                0.8 * (place + share) / len(files),
                Counters(slices_done=done, slices=of, rows=sum(staged.counts.values())),
            )


def publish(
    folder: Path, staged: Staged, origin: str, digest: str, options: Options
) -> Taken:
    """Publish what is staged as one generation; return what became of it.

    Raises
    ------
    SourceUnreadable
        If nothing was understood.
    """
    accepted = sum(staged.counts.values())
    refused = pd.concat(staged.refused, ignore_index=True) if staged.refused else None
    quarantined = 0 if refused is None else len(refused)
    if not accepted and staged.unread:
        raise SourceUnreadable(f"{origin}: {staged.first_unread}")
    counts = [
        formatting.count(staged.counts.get(name, 0), *words)
        for name, words in NAMED.items()
        if staged.counts.get(name)
    ]
    notes = [", ".join(counts)]
    if quarantined and refused is not None:
        why = refused["reason"].value_counts()
        notes += [f"{count:,} rows refused: {words}" for words, count in why.items()]
    if staged.passed_over:
        notes.append(f"{staged.passed_over:,} values of other units or periods")
    if staged.unread:
        whose = formatting.count(staged.unread, "member")
        notes.append(f"{whose} not read, the first: {staged.first_unread}")
    taken = Taken(
        origin=origin,
        offered=accepted + quarantined,
        accepted=accepted,
        quarantined=quarantined,
        note="; ".join(filter(None, notes)),
    )
    options.progress("publishing", 0.85)
    with open_writer(folder, "real", options.wait_seconds) as writer:
        writer.publish_filings(
            staged.tables(),
            pd.DataFrame(columns=REFUSED)
            if refused is None
            else refused.head(MOST_REFUSED),
            taken.ledger_entry(SOURCE, digest),
            filed_fundamentals.derive,
            _turned_on,
            reconstitution.draw,
        )
    options.progress(origin, 1.0)
    return taken


NAMED = {
    "filers": ("filer",),
    "symbols": ("symbol",),
    "forms": ("filing",),
    "facts": ("fact",),
}


def _turned_on(before: Store, after: Store) -> date | None:
    """Return the first day on which two stores' filings judge a symbol differently."""
    rules = rulebook(date.max)
    tables = [judged_by_symbol(store, rules) for store in (before, after)]
    every = pd.concat([table[list(JUDGED)] for table in tables], ignore_index=True)
    speaks = (every[["structure", "country"]] != "").any(axis=1)
    every = every[every["symbol"].isin(every.loc[speaks, "symbol"].unique())]
    changed = every.drop_duplicates(keep=False)
    return changed["known_on"].min().date() if len(changed) else None


JUDGED = ("symbol", "known_on", "seen_on", "structure", "country")
