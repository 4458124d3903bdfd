import streamlit as st

import pages
from pages import columns
from recon import formatting, record, schedule
from recon.charts import break_points as figures
from recon.exhibits import headlines
from recon.indexes import INDEXES, LINE_NAMES
from recon.studies import break_points

LINES = {name: rank for rank, name in LINE_NAMES.items()}
RANK = INDEXES["R1000"].line_rank
LARGE = LINE_NAMES[RANK]
as_of = pages.pick_as_of()
first, last = pages.day_span()
names = st.sidebar.pills(
    "Lines", list(LINES), selection_mode="multi", default=[LARGE], key="line",
    bind="query-params", help="The last company of each size index",
)  # fmt: skip
since = st.sidebar.date_input(
    "Since", value=first, min_value=first, max_value=last,
    key="since", bind="query-params", format="YYYY-MM-DD",
)  # fmt: skip
scale = st.sidebar.segmented_control(
    "Scale", ["log", "linear"], default="log", key="scale", bind="query-params",
    required=True,
)  # fmt: skip
is_against_market = st.sidebar.toggle(
    "Market-adjusted line", value=True, key="market", bind="query-params",
    help="The last rank day's line moved with the Russell 3000E's total market cap: "
    "our proxy for the index's return (Ground Rules, Appendix E).",
)  # fmt: skip

adjusted = pages.adjusted_break_points(as_of)
chosen = [LINES[name] for name in names or [LARGE]]
since = min(since or first, as_of)
lines = pages.told(
    "lines_since", (as_of, since, *chosen),
    lambda: break_points.lines_since(adjusted, chosen, since, schedule.sessions()),
)  # fmt: skip
head_line = lines[0][0]
official = break_points.official_known(record.official_break_points(), as_of)
official = official.head(0) if pages.store().is_demo else official
source = pages.estimated("Break points", as_of, f"since {formatting.day(since)}")

pages.head("Break points", as_of)
pages.answer(headlines.line_answer(head_line))
theme = pages.theme()
figure = pages.drawn(
    "drift", (as_of, since, *chosen, scale, is_against_market), theme,
    lambda: figures.drift(
        lines, official if RANK in chosen else official.head(0),
        schedule.reconstitutions(), theme, is_log=scale != "linear",
        is_against_market=is_against_market,
    ),
)  # fmt: skip
pages.show(figure, "drift", source)
left, right = st.columns([3, 2], gap="medium")
with left:
    companies = pages.projection(as_of).companies
    figure = pages.drawn(
        "rank_size", (as_of, head_line.rank), theme,
        lambda: figures.rank_size(
            break_points.near_line(companies, head_line), head_line, theme
        ),
    )  # fmt: skip
    pages.show(figure, "rank_size", pages.projected("Rank and size", as_of))
with right:
    st.subheader("Every line", anchor=False)
    every = pages.told(
        "lines_today", (as_of,), lambda: break_points.lines_today(adjusted)
    )
    about = pages.estimated("Every line", as_of)
    pages.table_frame(headlines.with_band(every), columns.TODAY, "today", about)
if pages.store().is_demo:
    st.caption("The demo market is synthetic: it has no official record.")
    pages.end()
st.subheader("Against the official record", anchor=False)
history = pages.told(
    "history", (as_of,), lambda: break_points.against_official(adjusted, official, RANK)
)
about = pages.estimated("Official record", as_of)
printed = "official values are printed to $0.1bn"
pages.table_frame(history, columns.OFFICIAL, "official", about, note=printed)
