"""A note as a document: headings, comments, pictures of charts, and real tables.

Pictures are handed in, since they need a browser to be drawn; a chart without one
comes as its table. Tables are written as XML at once: cell by cell takes seconds.
"""

import io
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Inches, Pt, RGBColor

from recon.errors import BadRequest
from recon.export import cells, chart_data, templates
from recon.export.pieces import Note, Piece

TEXT_INCHES = 7.0
INK, MUTED = RGBColor.from_string("16202C"), RGBColor.from_string("6B7280")
NEEDED = ("Title", "Heading 1", "Normal")
SOURCE_STYLE = "Source note"
TABLE_HALF_POINTS, LEAST_HALF_POINTS = 16, 12  # 8 pt, and 6 where a table is wide
KEPT_ROWS = 15  # a table of no more is not broken over two pages
MOST_CHARACTERS = 96  # of a line of a table in 8 pt
NO_PICTURE = (
    "The numbers of the chart stand here, since its picture could not be drawn: that "
    "needs Chrome or Chromium on the machine that writes the document."
)


def docx(
    note: Note,
    pictures: Mapping[int, bytes],
    template: bytes | None = None,
    name: str = "template",
) -> bytes:
    """Return a note as a document.

    `pictures` has a PNG by the number of its piece, of as many as could be drawn.

    Raises
    ------
    BadRequest
        If the template is refused or lacks a style.
    """
    paper = _house() if template is None else _own(template, name)
    paper.add_paragraph(_text(note.title), style="Title")
    for line in [note.lead, *cells.about(note)]:
        if line:
            paper.add_paragraph(_text(line), style=SOURCE_STYLE)
    for number, piece in enumerate(note.pieces):
        _piece(paper, piece, pictures.get(number))
    paper.core_properties.title = _text(note.title)[:255]
    paper.core_properties.author = "recon"
    stream = io.BytesIO()
    paper.save(stream)
    return stream.getvalue()


def _house() -> Any:
    """Return an empty document in the look of the house."""
    paper = Document()
    section = paper.sections[0]
    section.left_margin = section.right_margin = Inches(0.75)
    section.top_margin = section.bottom_margin = Inches(0.8)
    sizes = {"Title": 22, "Heading 1": 14, "Normal": 10.5}
    for style, size in sizes.items():
        font = paper.styles[style].font
        font.size, font.color.rgb, font.name = Pt(size), INK, "Calibri"
        fonts = paper.styles[style].element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
    title = paper.styles["Title"].element.get_or_add_pPr()
    for border in title.findall(qn("w:pBdr")):
        title.remove(border)
    _add_source_style(paper)
    return paper


def _own(template: bytes, name: str) -> Any:
    """Return a user's document without its text, its styles and sections kept."""
    stream = templates.checked(template, name, templates.DOCUMENT)
    try:
        paper = Document(stream)
    except Exception as error:
        raise BadRequest(f"{name} could not be read as a document: {error}") from None
    has = {style.name for style in paper.styles}
    for needed in NEEDED:
        if needed not in has:
            raise BadRequest(
                f"{name} has no style called “{needed}”; a template needs "
                f"{', '.join(NEEDED)}. Add it, or leave the template out."
            )
    body = paper.element.body
    for element in list(body):
        if element.tag != qn("w:sectPr"):
            body.remove(element)
    if SOURCE_STYLE not in has:
        _add_source_style(paper)
    return paper


def _add_source_style(paper: Any) -> None:
    style = paper.styles.add_style(SOURCE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = paper.styles["Normal"]
    style.font.size, style.font.color.rgb = Pt(8.5), MUTED
    style.paragraph_format.space_after = Pt(2)


def _piece(paper: Any, piece: Piece, picture: bytes | None) -> None:
    paper.add_paragraph(_text(piece.title), style="Heading 1")
    if piece.comment:
        for line in piece.comment.splitlines():
            said = paper.add_paragraph(_text(line))
            said.paragraph_format.keep_with_next = True
    figure = piece.drawing()
    if figure is not None and figure.subtitle:
        below = paper.add_paragraph(_text(figure.subtitle), style=SOURCE_STYLE)
        below.paragraph_format.keep_with_next = True
    if figure is not None and picture is not None and figure.can_be_native:
        paper.add_picture(io.BytesIO(picture), width=_width(paper))
        frame = paper.paragraphs[-1]._p.find(f".//{qn('wp:docPr')}")
        frame.set("descr", _text(figure.alt))
        paper.paragraphs[-1].paragraph_format.keep_with_next = True
    else:
        if figure is not None and figure.can_be_native:
            paper.add_paragraph(NO_PICTURE, style=SOURCE_STYLE)
        _table(paper, *cells.of(piece, thin=True))
    paper.add_paragraph(_text(piece.stamp()), style=SOURCE_STYLE)


def _width(paper: Any) -> int:
    section = paper.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    return int(min(Inches(TEXT_INCHES), room))


def _table(paper: Any, table: pd.DataFrame, columns: cells.Columns) -> None:
    """Add a table whose head repeats on every page and whose rows stay whole."""
    if not columns:
        paper.add_paragraph(cells.NOTHING)
        return
    shown = cells.texts(table, columns)
    widths = cells.widths(shown, columns, is_head_broken=True)
    fits = MOST_CHARACTERS * min(1.0, _width(paper) / Inches(TEXT_INCHES))
    type_size = max(
        LEAST_HALF_POINTS, int(TABLE_HALF_POINTS * min(1, fits / sum(widths)))
    )
    whole = _width(paper) / 635  # twentieths of a point
    sizes = [int(whole * width / sum(widths)) for width in widths]
    rights = [cells.is_number(column) for column in columns.values()]
    heads = [column.label for column in columns.values()]
    look = {"is_kept": len(shown) <= KEPT_ROWS}
    rows = [_row(heads, sizes, rights, type_size, is_head=True, **look)]
    rows += [
        _row(line, sizes, rights, type_size, is_head=False, **look)
        for line in shown.itertuples(index=False, name=None)
    ]
    grid = "".join(f'<w:gridCol w:w="{size}"/>' for size in sizes)
    xml = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(sizes)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="40" w:type="dxa"/>'
        '<w:right w:w="40" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    paper.element.body.insert_element_before(parse_xml(xml), "w:sectPr")


def _row(
    words: Any,
    sizes: list[int],
    rights: list[bool],
    type_size: int,
    *,
    is_head: bool,
    is_kept: bool,
) -> str:
    """Return a row; one that `is_kept` stands on the page of what comes below it."""
    stays = "<w:keepNext/>" if is_kept else ""
    line = '<w:bottom w:val="single" w:sz="{}" w:color="{}"/>'.format(
        *((8, "16202C") if is_head else (2, "B4BDC9"))
    )
    found = []
    for text, size, is_right in zip(words, sizes, rights, strict=True):
        side = '<w:jc w:val="right"/>' if is_right else ""
        bold = "<w:b/>" if is_head else ""
        found.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{size}" w:type="dxa"/><w:tcBorders>{line}'
            f'</w:tcBorders></w:tcPr><w:p><w:pPr>{stays}<w:spacing w:before="20" '
            f'w:after="20" w:line="240" w:lineRule="auto"/>{side}</w:pPr><w:r><w:rPr>'
            f'{bold}<w:sz w:val="{type_size}"/></w:rPr>'
            f'<w:t xml:space="preserve">{escape(_text(text))}</w:t></w:r></w:p></w:tc>'
        )
    head = "<w:tblHeader/>" if is_head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(found)}</w:tr>"


def _text(words: object) -> str:
    return str(words).translate(chart_data.CONTROL)
