"""`recon note`: research notes without a browser."""

import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from recon.commands import DEFAULT_STORE, StoreFolder, day_of
from recon.errors import BadRequest
from recon.exhibits import Answers
from recon.export.pieces import Note
from recon.note import keeping, making, output
from recon.note.preview import preview as preview_of
from recon.store import Store

OutputFile = Annotated[
    Path,
    typer.Option("-o", "--output", help="File: .pptx .docx .xlsx .html .zip .json."),
]
Template = Annotated[
    Path | None,
    typer.Option(help="Your own .pptx or .docx, of the same kind as the output."),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Day, YYYY-MM-DD.")]


def preview(
    output_file: OutputFile,
    as_of: AsOf = None,
    store: StoreFolder = DEFAULT_STORE,
    template: Template = None,
) -> None:
    """Write the reconstitution preview of a day: lines, moves, names, accuracy.

    Without --as-of of the last session. The ending of the file says what is written;
    .zip is every form and the charts as pictures.
    """
    _check(output_file, template)
    start = time.perf_counter()
    answers = Answers(Store(store))
    note = preview_of(answers, day_of(as_of, "as-of") or date.max)
    _write(note, output_file, template, start)


def export(
    note_file: Annotated[Path, typer.Argument(help="A note saved as JSON.")],
    output_file: OutputFile,
    as_of: AsOf = None,
    store: StoreFolder = DEFAULT_STORE,
    template: Template = None,
) -> None:
    """Write a saved note, made anew for --as-of, or as it was kept without it.

    Frozen pieces stay as they were, and say so.
    """
    _check(output_file, template)
    start = time.perf_counter()
    note = keeping.loaded(note_file.read_bytes(), note_file.name)
    if day := day_of(as_of, "as-of"):
        note, told = making.refreshed_note(note, Answers(Store(store)), day)
        for words in told:
            print(f"recon: {words}", file=sys.stderr)
    _write(note, output_file, template, start)


def _check(path: Path, template: Path | None) -> None:
    """Refuse what cannot be written before anything is worked out."""
    ending = path.suffix.lower()
    if ending not in output.ENDINGS:
        raise BadRequest(
            f"A note cannot be written as '{path.name}'; end the name in one of "
            f"{', '.join(output.ENDINGS)}."
        )
    if template is not None and template.suffix.lower() != ending:
        raise BadRequest(
            f"{template.name} is no template for {ending or 'this file'}; give one "
            f"that ends in {ending or '.pptx'}."
        )


def _write(note: Note, path: Path, template: Path | None, start: float) -> None:
    given = None if template is None else template.read_bytes()
    name = template.name if template is not None else ""
    data = output.written(note, path.suffix.lower(), given, name)
    path.write_bytes(data)
    seconds = time.perf_counter() - start
    print(
        f"{path}: {len(note.pieces)} pieces as of {note.days()}, "
        f"{len(data) / 1e6:,.1f} MB in {seconds:.1f} s"
    )
