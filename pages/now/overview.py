from dataclasses import replace

import streamlit as st

import pages
from pages.columns import LINES, MOVES
from recon import formatting, record, schedule
from recon.charts import overview as figures
from recon.exhibits import headlines
from recon.studies import break_points, candidates

as_of = pages.pick_as_of()
clock = pages.clock(as_of)
event = schedule.coming(clock)
rank_day = schedule.last_rank_day(as_of)
now = pages.projection(as_of)
base = pages.base_projection(as_of, rank_day)
movers = pages.told(
    "movers", (as_of,), lambda: candidates.movers(now.companies, now.securities)
)
adjusted = pages.adjusted_break_points(as_of)
line = pages.told(
    "standing", (as_of,), lambda: break_points.standing(adjusted, now.rules.large_count)
)


def last_official() -> str:
    official = break_points.official_known(record.official_break_points(), as_of)
    history = break_points.against_official(adjusted, official, now.rules.large_count)
    return headlines.official_line(
        break_points.last_official(history), pages.store().is_demo
    )


pages.head("Overview", as_of)
pages.answer(
    pages.told("overview", (as_of,), lambda: headlines.overview_answer(line, movers))
)
theme = pages.theme()
pages.show(
    pages.drawn(
        "calendar",
        (clock, as_of),
        theme,
        lambda: figures.calendar(event, clock, clock == pages.today(), theme),
    ),
    "calendar",
    replace(pages.provenance("Calendar", as_of), source=event.source),
)
left, right = st.columns([11, 10], gap="medium")
with left:
    since = formatting.day(base.snapshot_date)
    figure = pages.drawn(
        "largest",
        (as_of, rank_day),
        theme,
        lambda: figures.largest(
            break_points.leaders(now.companies, base.companies), since, theme
        ),
    )
    pages.show(figure, "largest", pages.estimated("Ten largest", as_of))
with right:
    st.markdown("**Break points**, estimated, now and on the last rank day")
    lines = pages.told(
        "lines_today", (as_of,), lambda: break_points.lines_today(adjusted)
    )
    pages.table_frame(lines, LINES, "lines", pages.estimated("Lines", as_of))
    st.markdown("**Projected moves**, companies")
    moves = pages.told("moves", (as_of,), lambda: break_points.move_balance(movers))
    pages.table_frame(moves, MOVES, "moves", pages.projected("Moves", as_of))
pages.small_print(
    pages.told("last_official", (as_of,), last_official),
    pages.told(
        "coverage", (as_of,), lambda: pages.coverage(as_of, now.membership.statement)
    ),
)
