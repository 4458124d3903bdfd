from dataclasses import replace

import streamlit as st

import pages
from recon import drift, record, schedule, sentences, wording
from recon.charts import overview as figures
from recon.wording import Column

LINES = {
    "line": Column(label="Line", width=110),
    "break_point_usd": Column(label="Now, $bn", kind="usd_bn", width=74),
    "base_break_point_usd": Column(label="Rank day, $bn", kind="usd_bn", width=94),
    "change_frac": Column(label="Change, %", kind="percent_signed", width=80),
    "against_market_frac": Column(
        label="vs market, %",
        width=94,
        kind="percent_signed",
        help="Against the rank-day line moved with the Russell 3000E's total cap",
    ),
}
MOVES = {
    "index": Column(label="Index", kind="index", width=104),
    "addition": Column(label="+ in", kind="number", help="From outside the R3000"),
    "joins": Column(label="▲▼ in", kind="number", help="From the other index"),
    "leaves": Column(label="▲▼ out", kind="number", help="To the other index"),
    "deletion": Column(label="− out", kind="number", help="Out of the R3000"),
    "net": Column(label="Net", kind="number_signed"),
}

as_of = pages.pick_as_of()
event = schedule.coming(pages.today())
rank_day = schedule.last_rank_day(as_of)
now = pages.projection(as_of)
base = pages.base_projection(as_of, rank_day)
adjusted = pages.adjusted_break_points(as_of)
official = drift.official_known(record.official_break_points(), as_of)
history = drift.against_official(adjusted, official, now.rules.large_count)
line = drift.standing(adjusted, now.rules.large_count)

pages.head("Overview", as_of)
pages.answer(sentences.overview_answer(line, now.companies))
theme, today = pages.theme(), pages.today()
pages.show(
    pages.drawn(
        "calendar",
        (today,),
        theme,
        lambda: figures.calendar(event, today, theme),
    ),
    "calendar",
    replace(pages.provenance("Calendar", as_of), source=event.source),
)
left, right = st.columns([11, 10], gap="medium")
with left:
    since = wording.day(base.snapshot_date)
    figure = pages.drawn(
        "largest",
        (as_of, rank_day),
        theme,
        lambda: figures.largest(
            drift.leaders(now.companies, base.companies), since, theme
        ),
    )
    pages.show(figure, "largest", pages.provenance("Ten largest", as_of))
with right:
    st.markdown("**Break points**, estimated, now and on the last rank day")
    pages.table_frame(
        drift.lines_today(adjusted), LINES, "lines", pages.provenance("Lines", as_of)
    )
    st.markdown("**Projected moves**, companies")
    moves = drift.move_balance(now.companies)
    pages.table_frame(moves, MOVES, "moves", pages.provenance("Moves", as_of))
pages.small_print(
    sentences.official_line(drift.last_official(history), pages.store().is_demo),
    pages.coverage(as_of, now.membership.statement),
)
