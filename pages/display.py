"""How the pages show things: first line, answer, charts, tables, and refusals."""

import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages import links, notes
from pages.cache import answers
from pages.visitors import visitor
from pages.wording import code, plain
from recon import charts, errors, export
from recon.exhibits.exhibit import Exhibit, Made
from recon.exhibits.question import Question
from recon.export import Provenance
from recon.formatting import DRAWN_KINDS, NOT_KNOWN, Column

HERE = Path(__file__).parent
CHART_CONFIG = {
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtonsToRemove": [
        "select2d",
        "lasso2d",
        "autoScale2d",
        "zoom2d",
        "pan2d",
        "zoomIn2d",
        "zoomOut2d",
    ],
}
ROW_PX, HEAD_PX, SHOWN_ROWS = 28, 36, 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TOOLBAR = (HERE / "toolbar.js").read_text("utf-8")
COPY_LINK = (
    '<button class="recon-copy-link" data-as-of="{day}" data-base="{base}" '
    'type="button" title="Copy a link that shows this page as it stands, day included">'
    "Copy link</button>"
)


def toolbar() -> None:
    """Give every chart PNG and SVG in print size, and the page its style."""
    st.html(HERE / "style.css")
    colours = json.dumps(charts.print_colours())
    script = (
        f"<i hidden></i><script>window.reconColours = {colours};\n"
        f"window.reconVisitor = {json.dumps(visitor())};\n{TOOLBAR}</script>"
    )
    st.html(script, unsafe_allow_javascript=True)


def theme() -> str:
    """Return the visitor's theme, ``light`` or ``dark``."""
    return st.context.theme.type or "light"


def first_line(title: str, provenance: Provenance, badges: Sequence[str]) -> None:
    """Show title, day, source and badges; `pages.head` knows them."""
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title(plain(title), width="content", anchor=False)
        words = f"as of **{provenance.day()}** · {plain(provenance.source)}"
        st.markdown(" ".join([words, *badges]), width="content")
        st.html(
            COPY_LINK.format(
                day=provenance.as_of, base=html.escape(links.public_address())
            ),
            width="content",
        )


def empty_head(title: str, folder: str) -> None:
    """Show the first line of a page that needs no data, where there are none."""
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title(title, width="content", anchor=False)
        st.markdown(f"no data yet · store {code(folder)}", width="content")


def answer(sentence: str) -> None:
    """Show the one sentence that a note could quote."""
    with st.container(key="answer"):
        st.markdown(plain(sentence))


def small_print(*sentences: str) -> None:
    """Show sentences that belong to the whole page, quietly."""
    st.caption("  \n".join(map(plain, sentences)))


def made(declared: Exhibit, question: Question) -> Made:
    """Return an exhibit with its answer to the part of a question that it asks."""
    return declared.made(answers(), question.narrowed(declared.question))


def exhibit(
    declared: Exhibit, question: Question, *, hint: str = "", **options: Any
) -> Any:
    """Show a chart or a table with its source note and what can be done with it.

    `hint` says what a reader of the page can do, and stays there; `options` go to
    `st.plotly_chart` or `st.dataframe`, such as ``on_select="rerun"``; returns what
    that returns.
    """
    shown = made(declared, question)
    if declared.is_chart:
        return _chart(shown, hint, options)
    return table_frame(
        shown.shown_rows(),
        shown.columns(),
        declared.place,
        shown.provenance,
        file_table=shown.file_table,
        note=shown.note,
        hint=hint,
        offer=lambda: notes.offer(shown),
        **options,
    )


def _chart(made: Made, hint: str, options: dict[str, Any]) -> Any:
    key, figure = made.exhibit.place, made.figure_on_page(theme())
    config = {
        **CHART_CONFIG,
        "toImageButtonOptions": {"filename": made.provenance.file_name()},
    }
    words = figure.layout.meta
    with st.container(key=f"{key}-title", gap=None):
        st.subheader(plain(words["title"]), anchor=False)
        st.caption(plain(words["subtitle"]))
    shown = st.plotly_chart(
        figure, theme=None, key=key, config=config, alt=words["alt"], **options
    )
    with st.container(horizontal=True, gap="small", key=f"{key}-below"):
        below = " · ".join(filter(None, [made.source(), hint]))
        st.caption(plain(below), width="stretch")
        notes.offer(made)
    return shown


def table_frame(
    table: pd.DataFrame,
    columns: Mapping[str, Column],
    key: str,
    provenance: Provenance,
    *,
    file_table: Callable[[], pd.DataFrame] | None = None,
    note: str = "",
    hint: str = "",
    height: int | None = None,
    offer: Callable[[], None] | None = None,
    **options: Any,
) -> Any:
    """Show a table with its source note and its downloads.

    `columns` names what is shown, in order; `file_table` makes what is downloaded
    where that is more; `hint` says what a reader of the page can do, and stays there;
    `offer` offers what else can be done with it; `options` go to `st.dataframe`, such
    as ``on_select="rerun"``; returns what that returns. Numbers and days are written
    by the browser: it sorts them as such, and a rerun is spared.
    """
    whole = file_table or (lambda: table)
    provenance = replace(provenance, link=links.permalink(provenance.as_of))
    rows = min(len(table), SHOWN_ROWS)
    is_chosen_from = "on_select" in options
    with st.container(key=f"{key}-opens" if is_chosen_from else f"{key}-rows"):
        shown = st.dataframe(
            in_units(table[list(columns)], columns),
            column_config=_config(columns),
            hide_index=True,
            row_height=ROW_PX,
            height=height or HEAD_PX + ROW_PX * max(rows, 1),
            key=key,
            placeholder=_placeholder(table, columns),
            **options,
        )
    labels = {name: column.label for name, column in columns.items()}
    forms = {
        "CSV": lambda: export.csv(whole(), provenance),
        "XLSX": lambda: export.xlsx(whole(), provenance, labels),
    }
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-foot"
    ):
        words = " · ".join(filter(None, [provenance.sentence(), note, hint]))
        st.caption(plain(words), width="stretch")
        for word, make in forms.items():
            st.download_button(
                word,
                data=make,
                file_name=f"{provenance.file_name()}.{word.lower()}",
                mime="text/csv" if word == "CSV" else XLSX,
                on_click="ignore",
                type="tertiary",
                key=f"{key}_{word}",
                help=f"Download this table as {word}",
            )
        if offer is not None:
            offer()
    return shown


def _placeholder(table: pd.DataFrame, columns: Mapping[str, Column]) -> str:
    """Return what empty cells of a page's table say, where all mean the same."""
    missing = {
        column.missing
        for name, column in columns.items()
        if not column.is_more and column.kind not in ("text", *DRAWN_KINDS)
        if table[name].isna().any()
    }
    return missing.pop() if len(missing) == 1 else NOT_KNOWN


def refused(error: errors.ReconError, offer: Callable[[], None] | None = None) -> None:
    """Show why a page has nothing to show, and what mends it.

    `offer` offers something to load, where that is what is missing.
    """
    is_dayless = isinstance(error, errors.SnapshotMissing)
    title = "No listings yet" if offer else "No day to show" if is_dayless else ""
    with st.container(key="empty"):
        st.title(title or "Not possible", anchor=False)
        if offer is None:
            st.markdown(plain(error))
        else:
            st.markdown("The store is empty, so there is nothing to rank yet.")
            offer()
        st.button(
            "Look again", key="look_again", type="tertiary" if offer else "primary"
        )


def in_units(table: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Bring numbers to the unit of their head, and put codes in words."""
    values = {}
    for name, column in columns.items():
        if column.kind in ("day", *DRAWN_KINDS):
            continue
        if column.kind == "text" and column.missing != NOT_KNOWN:
            values[name] = table[name].astype("object").fillna(column.missing)
            continue
        if column.kind == "text":
            continue
        if column.scale != 1:
            values[name] = table[name] * column.scale
        elif not column.printf:
            values[name] = table[name].map(column.text)
    return table.assign(**values)


def _config(columns: Mapping[str, Column]) -> dict[str, Any]:
    """Return how the browser shows each column; minor ones wait in its menu."""
    found: dict[str, Any] = {}
    for name, column in columns.items():
        kind, form = CONFIG.get(column.kind, (st.column_config.Column, {}))
        if column.printf:
            kind, form = st.column_config.NumberColumn, {"format": column.printf}
        made = kind(column.label, help=column.help, width=column.width, **form)
        found[name] = {**made, "hidden": True} if column.is_more else made
    return found


CONFIG: dict[str, tuple[Callable[..., Any], dict[str, str]]] = {
    "day": (st.column_config.DateColumn, {"format": "D MMM YYYY"}),
    "bar": (st.column_config.ImageColumn, {}),
    "trail": (st.column_config.LineChartColumn, {}),
}
