from functools import partial

import streamlit as st

import pages
from pages import columns, filters, styles
from recon import formatting
from recon.charts import style as figures
from recon.exhibits import headlines
from recon.rules import style_shifts
from recon.studies import candidates

day = pages.pick_as_of()
pages.head("Style", day)
styled, base = styles.projected(day), styles.pick_base()
if styled.missing:
    styles.say_missing(styled)
    pages.end()

index = formatting.index_name(base)
rows = styles.of_base(day, base)
chosen = filters.choose(rows, day, candidates.STYLE_FACETS, f"all of the {index}")
shown = styles.shown(day, base, chosen)
words = candidates.statement(chosen, among=candidates.STYLE_FACETS) or "none"
theme, key = pages.theme(), (day, base)
before = styles.previous_name(styled)
pages.answer(
    pages.told("style", key, lambda: headlines.style_answer(rows, base, before))
)
if shown.empty:
    st.markdown("No company passes these filters.")
    pages.end()

figure = pages.drawn(
    "style_map",
    (*key, words),
    theme,
    lambda: figures.score_map(rows, shown, theme),
)
picked = pages.show(
    figure,
    "style-map",
    styles.about(f"{index} style map", day, words),
    hint="choose dots to see them alone in the table",
    on_select="rerun",
    selection_mode=("points", "box"),
)
symbols = [point["customdata"][0] for point in picked.selection.points]
listed = candidates.of_symbols(shown, symbols)
opened = pages.table_frame(
    listed,
    columns.STYLE_SHIFTS if before else columns.STYLE_NOW,
    "shifts",
    styles.about(f"{index} styles", day, words),
    note=f"{'shifts' if before else 'largest'} first",
    hint="select a row to open the company; the eye above the table has more columns",
    file_table=style_shifts.for_file(listed),
    on_select="rerun",
    selection_mode="single-row",
    height=styles.TABLE_PX if len(listed) > styles.TABLE_ROWS else None,
)
for row in opened.selection.rows:
    filters.open_company(listed["symbol"].iloc[row])
left, right = st.columns(2, gap="medium")
for place, name, draw in (
    (left, "totals", styles.draw_totals),
    (left, "concentration", styles.draw_concentration),
    (right, "tilt", styles.draw_tilt),
):
    with place:
        figure = pages.drawn(name, key, theme, partial(draw, day, base, theme))
        about = styles.about(f"{index} {name}", day)
        pages.show(figure, f"style-{name}", about, styles.note_of(name, styled))
pages.small_print(*styles.small_print(styled, rows, base))
