"""A note as slides: native charts and tables that can be edited, each with its source.

The house template is built here; a user's own needs two layouts by name. Charts that
PowerPoint has no kind for come as a table.
"""

import io
from collections.abc import Sequence
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Emu, Inches, Pt

from recon.errors import BadRequest
from recon.export import cells, chart_data, slide_charts, templates
from recon.export.pieces import Note, Piece

TITLE_LAYOUT, PIECE_LAYOUT = "Title Slide", "Title Only"
WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
EDGE = Inches(0.55)
INK, MUTED, LINE = "16202C", "6B7280", "B4BDC9"
ACCENTS = ("1F4E9C", "C2571A", "5F6B7A", "0A8F7A", "C0392B", "6A3FA0")
ROWS_A_SLIDE, ROWS_LIMIT = 16, 64
FEW_ROWS = 3  # a table of so few has no slide of its own after a short one
EM_INCHES, LEAST_PT = 0.0091, 8  # width of a character at 1 pt
ROW = Inches(0.3)
NO_GRID = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
TABLE_PT, NOTE_PT, TEXT_PT = 11, 9, 13
SMALL_ROWS, SMALL_PT, SMALL_ROW = 11, 14, Inches(0.38)  # few rows, larger type
FOOT = Inches(0.62)


def pptx(note: Note, template: bytes | None = None, name: str = "template") -> bytes:
    """Return a note as slides, on the house template or a user's own.

    Raises
    ------
    BadRequest
        If the template is refused or lacks a layout.
    """
    deck = house() if template is None else _own(template, name)
    layouts = {layout.name: layout for layout in deck.slide_layouts}
    for needed in (TITLE_LAYOUT, PIECE_LAYOUT):
        if needed not in layouts:
            has = ", ".join(f"“{layout}”" for layout in layouts) or "none"
            raise BadRequest(
                f"{name} has no layout called “{needed}”; it has {has}. Rename one in "
                "the slide master, or leave the template out."
            )
    _cover(deck, layouts[TITLE_LAYOUT], note)
    for pieces in _by_slide(note.pieces):
        _piece(deck, layouts[PIECE_LAYOUT], *pieces)
    deck.core_properties.title = chart_data.text(note.title)
    deck.core_properties.author = "recon"
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


def house() -> Any:
    """Return an empty deck in the look of the house: wide, plain, its own colours."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    _colour_theme(deck)
    for layout in [*deck.slide_layouts]:
        if layout.name not in (TITLE_LAYOUT, PIECE_LAYOUT):
            deck.slide_layouts.remove(layout)
    boxes = {
        TITLE_LAYOUT: {0: (1.9, 1.3, 32), 1: (3.3, 2.2, 16)},
        PIECE_LAYOUT: {0: (0.32, 0.75, 22)},
    }
    for layout in deck.slide_layouts:
        for shape in [*layout.placeholders]:
            number = shape.placeholder_format.idx
            if number not in boxes[layout.name]:
                shape._element.getparent().remove(shape._element)
                continue
            top, height, size = boxes[layout.name][number]
            shape.left, shape.width = EDGE, WIDTH - 2 * EDGE
            shape.top, shape.height = Inches(top), Inches(height)
            _placeholder_type(shape, size, number == 0)
    for shape in [*deck.slide_master.placeholders]:
        if shape.placeholder_format.idx > 1:
            shape._element.getparent().remove(shape._element)
    return deck


def _placeholder_type(shape: Any, size: int, is_title: bool) -> None:
    """Set left alignment, size and weight for all text of a placeholder."""
    body = shape._element.find(qn("p:txBody"))
    styles = body.find(qn("a:lstStyle"))
    styles[:] = [
        parse_xml(
            f'<a:lvl1pPr {nsdecls("a")} algn="l" marL="0" indent="0"><a:buNone/>'
            f'<a:defRPr sz="{size * 100}" b="{int(is_title)}"><a:solidFill>'
            f'<a:srgbClr val="{INK if is_title else MUTED}"/></a:solidFill></a:defRPr>'
            "</a:lvl1pPr>"
        )
    ]
    frame = body.find(qn("a:bodyPr"))
    frame.set("anchor", "b" if is_title else "t")
    for side in ("lIns", "rIns"):
        frame.set(side, "0")
    frame[:] = [OxmlElement("a:normAutofit")]


def _colour_theme(deck: Any) -> None:
    """Give the theme our accents, so that what a user adds has them too."""
    part = next(
        rel.target_part
        for rel in deck.slide_master.part.rels.values()
        if rel.reltype.endswith("/theme")
    )
    theme = parse_xml(part.blob)
    for number, colour in enumerate(ACCENTS, start=1):
        accent = theme.find(f".//{qn('a:accent' + str(number))}")
        accent[:] = []
        _child(accent, "a:srgbClr").set("val", colour)
    part._blob = serialize_part_xml(theme)


def _own(template: bytes, name: str) -> Any:
    """Return a user's deck without its slides."""
    stream = templates.checked(template, name, templates.SLIDES)
    try:
        deck = Presentation(stream)
    except Exception as error:
        raise BadRequest(f"{name} could not be read as slides: {error}") from None
    ids = deck.slides._sldIdLst
    for each in list(ids):
        deck.part.drop_rel(each.rId)
        ids.remove(each)
    return deck


def _cover(deck: Any, layout: Any, note: Note) -> None:
    slide = deck.slides.add_slide(layout)
    if slide.shapes.title is not None:
        slide.shapes.title.text = chart_data.text(note.title)
    others = [p for p in slide.placeholders if p.placeholder_format.idx != 0]
    lines = [note.lead, *cells.about(note)]
    words = "\n".join(chart_data.text(line) for line in lines if line)
    if others:
        others[0].text = words
    else:
        box = (EDGE, Inches(3.3), deck.slide_width - 2 * EDGE, Inches(2))
        _text(slide, words, box, 16, MUTED)


def _by_slide(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Put a table of very few rows on the slide of the short table before it."""
    found: list[list[Piece]] = []
    for piece in pieces:
        last = found[-1] if found else []
        is_short = piece.table is not None and len(piece.table) <= FEW_ROWS
        if is_short and not piece.comment and len(last) == 1 and _has_room(last[0]):
            last.append(piece)
        else:
            found.append([piece])
    return found


def _has_room(piece: Piece) -> bool:
    rows = SMALL_ROWS if piece.table is None else len(piece.table) + len(piece.comment)
    return rows <= SMALL_ROWS - FEW_ROWS


def _piece(deck: Any, layout: Any, piece: Piece, below: Piece | None = None) -> None:
    figure = piece.drawing()
    if figure is not None and figure.can_be_native:
        slide = _slide(deck, layout, piece, piece.title)
        top = _words(deck, slide, piece, figure.subtitle)
        slide_charts.add(slide.shapes, figure, _room(deck, top))
        return
    table, columns = cells.of(piece)
    if not columns:
        _words(deck, _slide(deck, layout, piece, piece.title), piece, cells.NOTHING)
        return
    shown = cells.texts(table, columns).head(ROWS_LIMIT)
    more = len(table) - len(shown)
    if more:  # a column may say nothing of the rows that are shown
        said = [name for name in shown if shown[name].ne("").any()]
        shown, columns = shown[said], {name: columns[name] for name in said}
    rest = (
        f"The first {len(shown):,} of {len(table):,} rows; a document or a workbook of "
        "the same note has all."
        if more
        else ""
    )
    slide = _slide(deck, layout, piece, piece.title, below)
    top = _words(deck, slide, piece, rest)
    wide = cells.widths(shown, columns)
    most = min(ROWS_A_SLIDE, int(_room(deck, top)[3] // ROW) - 1)
    pages = max(1, -(-len(shown) // most))
    each = max(1, -(-len(shown) // pages))  # no slide is left with a row or two
    for number in range(pages):
        if number:
            slide = _slide(deck, layout, piece, piece.title)
            top = _words(deck, slide, piece, rest, is_first=False)
        if pages > 1 and slide.shapes.title is not None:
            part = f"{piece.title} ({number + 1} of {pages})"
            slide.shapes.title.text = chart_data.text(part)
        rows = shown.iloc[number * each : (number + 1) * each]
        end = _table(deck, slide, rows, columns, top, wide, is_whole=pages == 1)
    if below is not None:
        _second(deck, slide, below, end)


def _second(deck: Any, slide: Any, piece: Piece, top: int) -> None:
    """Add a short table below another, under a title of its own."""
    head = (EDGE, Emu(top + Inches(0.35)), deck.slide_width - 2 * EDGE, Inches(0.4))
    _text(slide, piece.title, head, SMALL_PT + 2, INK)
    table, columns = cells.of(piece)
    shown, start = cells.texts(table, columns), top + Inches(0.8)
    wide = cells.widths(shown, columns)
    _table(deck, slide, shown, columns, start, wide, is_whole=True)


def _slide(
    deck: Any, layout: Any, piece: Piece, title: str, below: Piece | None = None
) -> Any:
    """Add a slide with a title, and at its foot where its pieces are from."""
    slide = deck.slides.add_slide(layout)
    for shape in [*slide.placeholders]:
        if shape.placeholder_format.idx != 0:
            shape._element.getparent().remove(shape._element)
    if slide.shapes.title is not None:
        slide.shapes.title.text = chart_data.text(title)
    box = (EDGE, deck.slide_height - FOOT, deck.slide_width - 2 * EDGE, FOOT)
    said = [piece.stamp()] if below is None else [piece.source(), below.stamp()]
    _text(slide, "\n".join(said), box, NOTE_PT, MUTED)
    return slide


def _words(
    deck: Any, slide: Any, piece: Piece, below: str, *, is_first: bool = True
) -> int:
    """Write subtitle and comment under the title; return where they end."""
    title = slide.shapes.title
    top = title.top + title.height if title is not None else Inches(1)
    width = deck.slide_width - 2 * EDGE
    if below:
        _text(slide, below, (EDGE, top, width, Inches(0.34)), 12, MUTED)
        top += Inches(0.34)
    if piece.comment and is_first:
        lines = sum(1 + len(line) // 120 for line in piece.comment.splitlines())
        height = Inches(0.1 + 0.24 * lines)
        _text(slide, piece.comment, (EDGE, top, width, height), TEXT_PT, INK)
        top += height
    return int(top + Inches(0.08))


def _room(deck: Any, top: int) -> tuple[int, int, int, int]:
    bottom = deck.slide_height - FOOT - Inches(0.05)
    return EDGE, Emu(top), deck.slide_width - 2 * EDGE, Emu(bottom - top)


def _text(
    slide: Any, words: str, box: tuple[Any, Any, Any, Any], size: int, colour: str
) -> None:
    frame = slide.shapes.add_textbox(*box).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = 0
    frame.margin_top = frame.margin_bottom = Inches(0.03)
    for number, line in enumerate(words.splitlines()):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = line.translate(chart_data.CONTROL)
        run.font.size = Pt(size)
        run.font.color.rgb = RGBColor.from_string(colour)


def _table(
    deck: Any,
    slide: Any,
    rows: pd.DataFrame,
    columns: cells.Columns,
    top: int,
    widths: list[int],
    *,
    is_whole: bool,
) -> int:
    """Add a table: heads, then rows of text; numbers stand right. Return where it ends.

    One that is whole on its slide, short and narrow, has larger type, one that is wide
    smaller; what is longer than its column is cut, so that every row stays one line.
    """
    across = deck.slide_width - 2 * EDGE
    needs = Inches(EM_INCHES) * sum(widths)
    is_small = is_whole and len(rows) <= SMALL_ROWS and needs * SMALL_PT <= across
    size, height = (SMALL_PT, SMALL_ROW) if is_small else (TABLE_PT, ROW)
    size = max(LEAST_PT, min(size, int(across // needs)))
    total = min(across, needs * size)
    frame = slide.shapes.add_table(
        len(rows) + 1, len(columns), EDGE, Emu(top), Emu(total), height
    )
    table = frame.table
    properties = table._tbl.tblPr
    properties.find(qn("a:tableStyleId")).text = NO_GRID
    properties.set("bandRow", "0")
    for at, width in enumerate(widths):
        table.columns[at].width = Emu(int(total * width / sum(widths)))
    heads = [column.label for column in columns.values()]
    cut = [
        tuple(_cut(str(words), width) for words, width in zip(row, widths, strict=True))
        for row in rows.itertuples(index=False, name=None)
    ]
    lines = [heads, *cut]
    for number, line in enumerate(lines):
        table.rows[number].height = height
        for at, (words, column) in enumerate(zip(line, columns.values(), strict=True)):
            _cell(table.cell(number, at), words, column, size, is_head=number == 0)
    return int(top + height * len(lines))


def _cut(words: str, width: int) -> str:
    return words if len(words) <= width else f"{words[: width - 1].rstrip()}…"


def _cell(cell: Any, words: str, column: Any, size: int, *, is_head: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(0.06)
    cell.margin_top = cell.margin_bottom = 0
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    if cells.is_number(column):
        paragraph.alignment = PP_ALIGN.RIGHT
    run = paragraph.add_run()
    run.text = words.translate(chart_data.CONTROL)
    run.font.size = Pt(size)
    run.font.bold = is_head
    run.font.color.rgb = RGBColor.from_string(INK)
    border = _child(cell._tc.get_or_add_tcPr(), "a:lnB")
    border.set("w", "12700" if is_head else "3175")
    fill = _child(border, "a:solidFill")
    _child(fill, "a:srgbClr").set("val", INK if is_head else LINE)


def _child(parent: Any, tag: str) -> Any:
    element = OxmlElement(tag)
    parent.append(element)
    return element
