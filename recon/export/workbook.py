"""A note as a workbook: a sheet of notes, and a sheet a piece with table and chart.

Charts are native and read their numbers from the cells beside them. XlsxWriter has no
bubbles: such a chart is drawn as points, its sizes stand in the table.
"""

import io
import re
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from recon.export import cells, chart_data, figure_reader
from recon.export.chart_data import Column
from recon.export.figure_reader import Drawing
from recon.export.files import OPTIONS, cell
from recon.export.pieces import Note, Piece

HEAD_ROW, FIRST_ROW = 3, 4
FORMATS = {
    "usd_bn": "#,##0.00",
    "usd_bn_always": "#,##0.00",
    "usd_mn": "#,##0",
    "usd_tn": "#,##0.00",
    "usd": "#,##0.00",
    "percent": "0.0",
    "percent_signed": '+0.0;"\u2212"0.0;0.0',
    "number": "#,##0",
    "whole": "#,##0",
    "tenths": "#,##0.0",
    "usd_mn_signed": '+#,##0.0;"\u2212"#,##0.0;0.0',
    "number_signed": '+#,##0;"\u2212"#,##0;0',
    "day": "d mmm yyyy",
}
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
CHART_SIZE = {"width": 900, "height": 430}
MARKERS = {
    "cross": "plus",
    "x": "x",
    "triangle-up": "triangle",
    "triangle-down": "diamond",
    "square": "square",
    "diamond": "diamond",
    "diamond-open": "diamond",
}
HIDDEN = {"visible": False}
NOTES_SHEET = "Notes"
LONGEST_NAME = 31  # of a sheet, by the format


def xlsx(note: Note) -> bytes:
    """Return a note as a workbook."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, **OPTIONS}) as book:
        looks = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "quiet": book.add_format({"font_color": "#6B7280"}),
            "head": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        front = book.add_worksheet(NOTES_SHEET)
        names: list[str] = []
        for piece in note.pieces:
            names.append(_sheet_name(piece.provenance.title, [NOTES_SHEET, *names]))
            _piece(book, book.add_worksheet(names[-1]), piece, looks)
        _notes(front, note, names, looks)
        book.set_properties({"title": cell(note.title), "author": "recon"})
    return stream.getvalue()


def _sheet_name(title: str, taken: list[str]) -> str:
    plain = FORBIDDEN.sub(" ", title.translate(chart_data.CONTROL)).strip() or "Piece"
    if len(plain) > LONGEST_NAME and " " in plain[:LONGEST_NAME]:
        plain = plain[: LONGEST_NAME + 1].rpartition(" ")[0]
    name, number = plain[:LONGEST_NAME].strip(), 2
    while name.lower() in {each.lower() for each in taken}:
        name, number = f"{plain[:27].strip()} {number}", number + 1
    return name


def _notes(sheet: Any, note: Note, names: list[str], looks: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, cell(note.title), looks["title"])
    row = 1
    for line in [note.lead, *cells.about(note)]:
        if line:
            sheet.write_string(row, 0, cell(line), looks["quiet"])
            row += 1
    for name, piece in zip(names, note.pieces, strict=True):
        row += 1
        sheet.write_url(row, 0, f"internal:'{name}'!A1", string="Sheet")
        sheet.write_string(row, 1, cell(piece.title), looks["head"])
        told = [*(_comment(piece)), *piece.provenance.rows()[1:]]
        for label, words in told:
            row += 1
            sheet.write_string(row, 0, label, looks["quiet"])
            sheet.write_string(row, 1, cell(words), looks["wrap"])
        row += 1


def _comment(piece: Piece) -> list[tuple[str, str]]:
    found = [("Comment", piece.comment)] if piece.comment else []
    return [*found, ("State", piece.source())] if piece.is_frozen else found


def _piece(book: Any, sheet: Any, piece: Piece, looks: dict[str, Any]) -> None:
    sheet.write_string(0, 0, cell(piece.title), looks["title"])
    sheet.write_string(1, 0, cell(piece.stamp()), looks["quiet"])
    if piece.comment:
        sheet.write_string(2, 0, cell(piece.comment))
    figure = piece.drawing()
    made = chart_data.columns(figure) if figure is not None else []
    if figure is None or figure.kind == figure_reader.POINTS or not made:
        table, columns = cells.of(piece)
        width = _table(book, sheet, table, columns, looks)
        if figure is None or not made or not figure.can_be_native:
            return
        chart = _points(book, sheet.get_name(), figure, table)
    else:
        width, rows = _columns(book, sheet, figure, made, looks)
        chart = _chart(book, sheet.get_name(), figure, made, rows)
    about = {"description": cell(figure.alt), "object_position": 2}
    sheet.insert_chart(FIRST_ROW, width + 1, chart, about)


def _table(
    book: Any, sheet: Any, table: pd.DataFrame, columns: cells.Columns, looks: dict
) -> int:
    shown = cells.texts(table, columns)
    widths = cells.widths(shown, columns)
    for at, ((name, column), width) in enumerate(
        zip(columns.items(), widths, strict=True)
    ):
        sheet.write_string(HEAD_ROW, at, cell(column.label), looks["head"])
        values = table[name] if column.kind == "day" else shown[name]
        if cells.is_number(column):
            values = table[name] * column.scale
        look = book.add_format({"num_format": FORMATS.get(column.kind, "General")})
        sheet.set_column(at, at, max(width, 9), look)
        sheet.write_column(FIRST_ROW, at, [cell(value) for value in values])
        if column.help:
            sheet.write_comment(HEAD_ROW, at, column.help)
    if len(table) and len(columns):
        sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + len(table), len(columns) - 1)
    sheet.freeze_panes(FIRST_ROW, 0)
    return len(columns)


def _words(text: str) -> str:
    """Return words of a chart, which XlsxWriter takes for a cell like ``Sheet!A1``."""
    return chart_data.text(text).replace("!", "! ")


def _columns(
    book: Any, sheet: Any, figure: Drawing, made: list[Column], looks: dict
) -> tuple[int, int]:
    """Write the columns of a chart, then its band as floor and heights."""
    places = chart_data.places(figure)
    is_time = figure.kind == figure_reader.TIME
    sheet.write_string(HEAD_ROW, 0, "Day" if is_time else "", looks["head"])
    days = book.add_format({"num_format": "d mmm yyyy"})
    sheet.set_column(0, 0, 13 if is_time else 34, days if is_time else None)
    values = [pd.Timestamp(at) for at in places] if is_time else places
    sheet.write_column(FIRST_ROW, 0, [cell(value) for value in values])
    unit = ", $bn" if chart_data.scale(figure) != 1 else ""
    number = book.add_format({"num_format": "#,##0.000" if unit else "#,##0.0"})
    whole = [(f"{column.name}{unit}", column.values) for column in made]
    shade = chart_data.shades(figure)
    if shade:
        whole.append(("Band, floor", shade.floor))
        whole += [(name, list(values)) for name, values, _, _ in shade.heights]
    for at, (name, numbers) in enumerate(whole, start=1):
        sheet.write_string(HEAD_ROW, at, name, looks["head"])
        sheet.set_column(at, at, max(15, min(len(name) + 2, 28)), number)
        for row, value in enumerate(numbers):
            if value is not None and not np.isnan(value):
                sheet.write_number(FIRST_ROW + row, at, value)
    sheet.freeze_panes(FIRST_ROW, 1)
    return len(whole) + 1, len(places)


def _chart(
    book: Any, sheet: str, figure: Drawing, made: list[Column], rows: int
) -> Any:
    is_time = figure.kind == figure_reader.TIME
    kind = "bar" if figure.is_horizontal else "column"
    chart = book.add_chart({"type": "line" if is_time else kind})
    over = book.add_chart({"type": "line"})
    labels = chart_data.end_labels(figure, made)
    is_mark = [not is_time and bool(column.series.symbol) for column in made]
    for at, column in enumerate(made, start=1):
        target = over if is_mark[at - 1] else chart
        target.add_series(_series(sheet, at, rows, column, labels, is_time))
    legend: dict[str, Any] = {"position": "top"}
    shade = chart_data.shades(figure)
    main = chart
    if shade:
        main = book.add_chart({"type": "area", "subtype": "stacked"})
        fills: list[dict[str, Any]] = [{"none": True}]
        for _, _, colour, strength in shade.heights:
            see_through = 100 - strength * 100
            fills.append({"color": f"#{colour}", "transparency": see_through})
        for at, fill in enumerate(fills, start=len(made) + 1):
            look = {"fill": fill, "border": {"none": True}}
            main.add_series({**_column_of(sheet, at, rows), **look})
        main.combine(chart)
        legend["delete_series"] = list(range(len(fills)))
    elif any(is_mark):
        main.combine(over)
    _axes(main, figure, is_time)
    main.set_legend(legend if len(made) > 1 else {"none": True})
    return main


def _column_of(sheet: str, at: int, rows: int) -> dict[str, Any]:
    """Return the cells of a series' name, categories and values."""
    last = FIRST_ROW + rows - 1
    return {
        "name": [sheet, HEAD_ROW, at],
        "categories": [sheet, FIRST_ROW, 0, last, 0],
        "values": [sheet, FIRST_ROW, at, last, at],
    }


def _series(
    sheet: str,
    at: int,
    rows: int,
    column: Column,
    labels: dict[str, tuple[str, str, float]],
    is_time: bool,
) -> dict[str, Any]:
    own = column.series
    made = _column_of(sheet, at, rows)
    if own.is_line and is_time:
        dash = {"dash": "dash", "dot": "round_dot"}.get(own.dash, "solid")
        made["line"] = {
            "color": f"#{own.colour}", "width": own.width, "dash_type": dash,
        }  # fmt: skip
    elif own.symbol:
        made["line"] = {"none": True}
        made["marker"] = _marker(own)
    else:
        made["fill"] = {"color": f"#{own.colour}"}
        if column.colours:
            made["points"] = [
                {"fill": {"color": f"#{each or own.colour}"}} for each in column.colours
            ]
        made["gap"] = 40
        words = [{"value": _words(w)} if w else {"delete": True} for w in column.labels]
        if words:
            made["data_labels"] = {"value": True, "custom": words[:rows]}
    if column.name in labels:
        at_end, colour, _ = labels[column.name]
        custom: list[dict[str, Any]] = [{"delete": True}] * rows
        final = max(n for n, v in enumerate(column.values) if v is not None)
        custom[final] = {"value": _words(at_end), "font": {"color": f"#{colour}"}}
        made["data_labels"] = {"value": True, "custom": custom, "position": "above"}
    return made


def _marker(own: figure_reader.Series) -> dict[str, Any]:
    colour = {"color": f"#{own.colour}"}
    size = 3 if own.symbol == "line-ns-open" else 7
    kind = MARKERS.get(own.symbol, "circle")
    return {"type": kind, "size": size, "fill": colour, "border": colour}


def _points(book: Any, sheet: str, figure: Drawing, table: pd.DataFrame) -> Any:
    chart = book.add_chart({"type": "scatter"})
    across, up = table.columns.get_loc("x"), table.columns.get_loc("y")
    start = FIRST_ROW
    for each in figure.series:
        last = start + len(each.x) - 1
        made: dict[str, Any] = {
            "name": _words(each.name),
            "categories": [sheet, start, across, last, across],
            "values": [sheet, start, up, last, up],
        }
        if each.is_line:
            made["line"] = {"color": f"#{each.colour}", "width": each.width}
            made["marker"] = {"type": "none"}
        else:
            made["marker"] = _marker(each)
        chart.add_series(made)
        start = last + 1
    _axes(chart, figure, False)
    x = figure.x
    options: dict[str, Any] = {"major_gridlines": HIDDEN, "name": _words(x.title)}
    if x.low is not None and x.high is not None:
        options |= {"min": x.low, "max": x.high}
        if x.is_log:
            base = chart_data.base_of(x.low, x.high)
            options |= {"log_base": base, "num_format": '0.##"×"'}
            options |= {"min": chart_data.power_below(x.low * 1.19, base)}
    chart.set_x_axis(options)
    return chart


def _axes(chart: Any, figure: Drawing, is_time: bool) -> None:
    ends = chart_data.ends_of(figure)
    value: dict[str, Any] = {
        "major_gridlines": {"visible": True, "line": {"color": "#E9EDF2"}},
        "num_format": ends.number_format,
        "line": {"none": True},
    }
    if ends.low is not None:
        value |= {"min": ends.low, "max": ends.high}
    if ends.base:
        value |= {"log_base": ends.base, "crossing": "min"}
    if figure.y.ticks or figure.is_horizontal:
        value |= {"visible": False, "major_gridlines": HIDDEN}
    category: dict[str, Any] = {"label_position": "low"}
    if is_time:
        category |= {"date_axis": True, "num_format": "mmm yyyy"}
    if figure.is_horizontal:
        category["reverse"] = figure.y.is_reversed
    across, up = (value, category) if figure.is_horizontal else (category, value)
    chart.set_x_axis(across)
    chart.set_y_axis(up)
    chart.set_title({"name": _words(figure.title), "name_font": {"size": 12}})
    chart.set_size(CHART_SIZE)
    chart.show_blanks_as("gap")
