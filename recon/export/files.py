"""One table as a file, with where it is from: CSV and XLSX.

Text that a spreadsheet would run as a formula is written as text.
"""

import csv as csv_format
import io
import json as json_format
import math
from collections.abc import Mapping
from datetime import date, datetime

import pandas as pd
import xlsxwriter

from recon.export.chart_data import CONTROL
from recon.export.provenance import Provenance

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX_FORMATS = {
    "_usd": "$#,##0",
    "_frac": "0.0%",
    "_shares": "#,##0",
    "rank": "#,##0",
}
WIDEST, TRIED_ROWS = 44, 200
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False}


def csv(table: pd.DataFrame, provenance: Provenance) -> bytes:
    """Return a table as CSV in UTF-8, after lines of provenance that start with ``#``.

    Columns keep the names and units of `tables`; read it back with
    ``pandas.read_csv(path, comment="#")``.
    """
    stream = io.StringIO()
    for label, words in provenance.rows():
        stream.write(f"# {label}: {' '.join(words.split())}\n")
    safe = table.apply(_without_formulas)
    safe.to_csv(stream, index=False, quoting=csv_format.QUOTE_MINIMAL)
    return stream.getvalue().encode()


def xlsx(
    table: pd.DataFrame,
    provenance: Provenance,
    labels: Mapping[str, str] | None = None,
) -> bytes:
    """Return a workbook: the table under its `labels`, and a sheet of provenance."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, **OPTIONS}) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        sheet = book.add_worksheet("Table")
        for at, name in enumerate(table.columns):
            label = (labels or {}).get(name, name)
            sheet.write_string(0, at, label, head)
            cells = [cell(value) for value in table[name]]
            look = book.add_format({"num_format": _number_format(name, cells)})
            width = max(map(len, [label, *map(str, cells[:TRIED_ROWS])]))
            sheet.set_column(at, at, min(width + 2, WIDEST), look)
            sheet.write_column(1, at, cells)
        sheet.freeze_panes(1, 0)
        if len(table):
            sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
        about = book.add_worksheet("About")
        about.set_column(0, 0, 14, head)
        about.set_column(1, 1, 90)
        for row, (label, words) in enumerate(provenance.rows()):
            about.write_string(row, 0, label)
            about.write_string(row, 1, words)
        for at, (name, label) in enumerate((labels or {}).items()):
            about.write_string(len(provenance.rows()) + 1 + at, 0, name)
            about.write_string(len(provenance.rows()) + 1 + at, 1, label)
    return stream.getvalue()


def json(table: pd.DataFrame, provenance: Provenance) -> bytes:
    """Return a table as JSON: where it is from, and a record a row.

    Columns keep the names and units of `tables`; days are ISO texts, what is missing
    is null.
    """
    days = table.select_dtypes("datetime").columns
    texts = table.assign(**{day: table[day].dt.strftime("%Y-%m-%d") for day in days})
    rows = texts.to_json(orient="records", double_precision=15)
    about = {label.lower().replace(" ", "_"): said for label, said in provenance.rows()}
    head = json_format.dumps(about, ensure_ascii=False)
    return f'{{"about": {head}, "rows": {rows}}}\n'.encode()


def _without_formulas(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) or hasattr(column, "dt"):
        return column
    is_risky = column.map(lambda v: isinstance(v, str) and v.startswith(FORMULA_STARTS))
    if not is_risky.any():
        return column
    return column.where(~is_risky, "'" + column.astype("str"))


def cell(value: object) -> object:
    """Return a value as a workbook takes it; missing and endless are empty cells."""
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    if isinstance(value, str):
        return value.translate(CONTROL)
    if pd.isna(value) or (isinstance(value, float) and math.isinf(value)):
        return ""
    if isinstance(value, (pd.Timestamp, datetime)):
        return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
    return value.item() if hasattr(value, "item") else value


def _number_format(name: str, cells: list[object]) -> str:
    if any(isinstance(cell, (date, datetime)) for cell in cells[:TRIED_ROWS]):
        return "d mmm yyyy"
    ends = (look for end, look in XLSX_FORMATS.items() if name.endswith(end))
    return next(ends, "General")
