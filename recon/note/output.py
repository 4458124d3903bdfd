"""A note written out: slides, document, workbook, web page, or all of them in a ZIP."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

from recon.charts import pictures, printing
from recon.errors import BadRequest, ReconError
from recon.exhibits import Exhibit, Made
from recon.export import documents, files, slides, web, workbook
from recon.export.pieces import Note
from recon.note import keeping, paper

ENDINGS = (".pptx", ".docx", ".pdf", ".xlsx", ".html", ".zip", ".json")
TABLE_FORMS = (".csv", ".xlsx", ".json", ".pptx", ".docx", ".html")
PICTURES = (".svg", ".png")
EXHIBIT_FORMS = (*PICTURES, *TABLE_FORMS)
OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA = {
    ".pptx": f"{OFFICE}presentationml.presentation",
    ".docx": f"{OFFICE}wordprocessingml.document",
    ".pdf": "application/pdf",
    ".xlsx": f"{OFFICE}spreadsheetml.sheet",
    ".html": "text/html",
    ".zip": "application/zip",
    ".json": "application/json",
}
PICTURE_SCALE = 3  # 320 dots an inch at the width of a page's text


def written(
    note: Note, ending: str, template: bytes | None = None, name: str = "template"
) -> bytes:
    """Return a note in the form that a file's ending names.

    `template` is a user's own deck or document, for ``.pptx`` and ``.docx``.

    Raises
    ------
    BadRequest
        If there is no such form, the note is empty, or the template is refused.
    """
    forms: dict[str, Callable[[], bytes]] = {
        ".pptx": lambda: slides.pptx(note, template, name),
        ".docx": lambda: documents.docx(note, drawn(note), template, name),
        ".pdf": lambda: paper.printed(
            lambda: documents.docx(note, drawn(note)),
            lambda: web.html(note, printing.script()),
        ),
        ".xlsx": lambda: workbook.xlsx(note),
        ".html": lambda: web.html(note, printing.script()),
        ".zip": lambda: _all(note),
        ".json": lambda: keeping.saved(note),
    }
    if ending not in forms:
        raise BadRequest(
            f"A note cannot be written as '{ending}'; choose one of "
            f"{', '.join(ENDINGS)}."
        )
    if not note.pieces and ending != ".json":
        raise BadRequest("The note is empty; add a chart or a table to it first.")
    if template is not None:
        checked_template(template, name)
    return forms[ending]()


def check_form(exhibit: Exhibit, ending: str) -> None:
    """Refuse a file that an exhibit cannot be written as.

    Raises
    ------
    BadRequest
        Naming the forms that there are.
    """
    forms = EXHIBIT_FORMS if exhibit.is_chart else TABLE_FORMS
    if ending not in forms:
        what = "chart" if exhibit.is_chart else "table"
        raise BadRequest(
            f"{exhibit.key} is a {what} and cannot be written as "
            f"'{ending or 'a file without an ending'}'; choose one of "
            f"{', '.join(forms)}."
        )
    if ending in PICTURES and (reason := pictures.unavailable()):
        raise BadRequest(reason)


def of_exhibit(made: Made, ending: str) -> bytes:
    """Return one exhibit in the form that a file's ending names; see `check_form`."""
    check_form(made.exhibit, ending)
    link = made.path()
    if ending in PICTURES:
        piece = made.piece(link)
        return _picture(piece.figure, ending[1:], piece.stamp())
    provenance = replace(made.provenance, link=link)
    if ending == ".csv":
        return files.csv(made.file_table(), provenance)
    if ending == ".xlsx" and not made.exhibit.is_chart:
        return files.xlsx(made.file_table(), provenance, made.labels())
    if ending == ".json":
        return files.json(made.file_table(), provenance)
    note = Note(title=made.piece(link).title, pieces=(made.piece(link),))
    return written(note, ending)


def checked_template(template: bytes, name: str) -> None:
    """Refuse a template that no note could be written on.

    Raises
    ------
    BadRequest
        If it is no deck or document, or lacks a layout or style.
    """
    empty = Note(title="")
    try:
        if name.lower().endswith(".docx"):
            documents.docx(empty, {}, template, name)
        else:
            slides.pptx(empty, template, name)
    except ReconError:
        raise
    except Exception as error:  # whatever a part that is missing or odd ends in
        raise BadRequest(
            f"{name} cannot be used as a template: a part of it is missing or damaged. "
            "Save it again with an office program."
        ) from error


def drawn(note: Note) -> dict[int, bytes]:
    """Return a PNG of each chart by its number; none where no picture can be drawn."""
    if pictures.unavailable():
        return {}
    found = {}
    for number, piece in enumerate(note.pieces):
        figure = piece.drawing()
        if figure is None or not figure.can_be_native:
            continue
        try:
            found[number] = _picture(piece.figure, "png", "")
        except BadRequest:
            continue
    return found


def _picture(figure: object, form: str, stamp: str) -> bytes:
    paper = printing.for_page(figure, stamp)  # type: ignore[arg-type]
    layout = paper["layout"]
    scale = PICTURE_SCALE if form == "png" else 1
    return pictures.picture(
        paper, form, width=layout["width"], height=layout["height"], scale=scale
    )


def _all(note: Note) -> bytes:
    """Pack every form, and the charts as pictures where they can be drawn here."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in ENDINGS:
            if ending != ".zip":
                archive.writestr(f"note{ending}", written(note, ending))
        reason = pictures.unavailable()
        if reason:
            archive.writestr("charts/README.txt", reason + "\n")
        for number, piece in enumerate(note.pieces, start=1):
            is_drawn = piece.is_chart and not reason
            for form in pictures.FORMATS if is_drawn else ():
                try:
                    data = _picture(piece.figure, form, piece.stamp())
                except BadRequest as error:
                    archive.writestr(f"charts/{number:02d}-{form}.txt", f"{error}\n")
                    continue
                archive.writestr(f"charts/{number:02d}.{form}", data)
    return stream.getvalue()
