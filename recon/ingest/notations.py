"""Texts of another notation, brought into ours: 2024-04-30 and 1234.5."""

import pandas as pd

from recon.store.notation import DAY_FORMS, YEAR_FIRST, Notation

GROUPED = r"[-+]?[$€]?\d{1,3}(?:[.\s'\u2019]\d{3})+(?:,\d*)?%?"
WITH_COMMA = r"[-+]?[$€]?\d*,\d+%?"
DAY_LIKE = r"[\w. ]{1,14}[-./ ,]+\w{1,9}[-./ ,]+\d{2,4}(?:[T ,]+\d{1,2}:\d{2}.*)?"


def in_our_notation(table: pd.DataFrame, notation: Notation) -> pd.DataFrame:
    """Return a table whose texts write days and numbers as we do.

    What is neither a number nor a day of `notation` stays as it is.
    """
    texts = {
        name: _rewritten(column, notation)
        for name, column in table.items()
        if pd.api.types.is_string_dtype(column) or column.dtype == object
    }
    return table.assign(**texts)


def _rewritten(column: pd.Series, notation: Notation) -> pd.Series:
    texts = column.astype("str").str.strip()
    if notation.decimal_comma:
        is_number = texts.str.fullmatch(rf"{GROUPED}|{WITH_COMMA}").fillna(False)
        plain = texts.str.replace(r"[.\s'\u2019]", "", regex=True)
        column = column.mask(is_number, plain.str.replace(",", "."))
    if notation.day_order != YEAR_FIRST:
        is_day = texts.str.fullmatch(DAY_LIKE).fillna(False)
        column = column.mask(is_day, _iso(texts.where(is_day), notation), axis=0)
    return column


def _iso(texts: pd.Series, notation: Notation) -> pd.Series:
    """Return days as 2024-04-30; a text that is none stays."""
    parts = texts.str.replace(r"[T ,]+\d{1,2}:\d{2}.*$", "", regex=True)
    parts = parts.str.replace(r"[-./ ,]+", "-", regex=True)
    found = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[ns]")
    for form in DAY_FORMS[notation.day_order]:
        found = found.fillna(pd.to_datetime(parts, format=form, errors="coerce"))
    return found.dt.strftime("%Y-%m-%d").astype("object").where(found.notna(), texts)
