from datetime import timedelta

import pandas as pd
import streamlit as st

import pages
from pages import columns
from recon import formatting, record
from recon.charts import accuracy as figures

BEFORE_DAYS = (60, 45, 30, 20, 10, 5, 0)
as_of = pages.pick_as_of()
years = pages.scored_years(as_of)
pages.head("Accuracy", as_of)
if not years:
    pages.answer("No June event with lists of what came lies before this day.")
    pages.end()
year = st.sidebar.segmented_control(
    "June event", years, default=years[-1], key="year", bind="query-params",
    required=True,
)  # fmt: skip
bar = st.progress(0.0, "Scoring the past events …")
scored = []
for number, each in enumerate(years, start=1):
    scored.append(pages.scored(each, None))
    bar.progress(number / len(years), f"Scored June {each}")
bar.empty()
chosen = scored[years.index(year)]
table = pages.scorecard(scored)
moves = chosen.lists.set_index("list")["f1"]
synthetic = " (synthetic market)" if pages.store().is_demo else ""
parts = [
    f"{formatting.percent(moves[name])} {words}"
    for name, words in figures.SHORT_NAMES.items()
    if moves[name] > 0
]
pages.answer(f"June {year}{synthetic}: F1 of " + ", ".join(parts) + ".")
theme = pages.theme()
if synthetic:
    right = st.container()
else:
    left, right = st.columns(2, gap="medium")
    with left:
        lines = pages.line_errors(scored)
        figure = figures.line_error(lines, record.forecasts(), theme)
        pages.show(figure, "line_error", pages.estimated("Break point error", as_of))
with right:
    figure = figures.taxonomy(chosen.errors, year, theme)
    pages.show(figure, "taxonomy", pages.provenance(f"Causes {year}", as_of))
st.subheader("Scorecard", anchor=False)
pages.table_frame(
    table, columns.SCORES, "scores", pages.provenance("Scorecard", as_of),
    note="companies; set apart: takeovers, new symbols, share classes, later listings",
)  # fmt: skip
st.subheader(f"Misses and false calls of June {year}", anchor=False)
pages.table_frame(
    chosen.errors.assign(list=chosen.errors["list"].map(figures.LIST_NAMES)),
    columns.MISJUDGED, "misjudged", pages.provenance(f"Misjudged {year}", as_of),
)  # fmt: skip
st.subheader("Set apart", anchor=False)
pages.table_frame(
    chosen.apart, columns.APART, "apart", pages.provenance(f"Apart {year}", as_of)
)
if st.toggle("From 60 days before rank day", key="growth", bind="query-params"):
    bar, found = st.progress(0.0, "Projecting earlier days …"), []
    for number, before in enumerate(BEFORE_DAYS, start=1):
        day = chosen.event.rank_day - timedelta(days=before)
        if day >= pages.day_span()[0]:
            lists = pages.scored(year, day).lists
            found.append(lists.assign(days_before=before))
        bar.progress(
            number / len(BEFORE_DAYS), f"{formatting.count(before, 'day')} before"
        )
    bar.empty()
    figure = figures.growth(pd.concat(found), year, theme)
    pages.show(figure, "growth_figure", pages.projected(f"Growth {year}", as_of))
pages.small_print(f"June {year}: {chosen.statement}.")
