import streamlit as st

import pages
from pages import filters
from recon.exhibits import changes

day = pages.pick_as_of()
ranked = pages.pick_ranking(day)
pages.head("Changes", day, ranked)
days = pages.ask(changes.DaysQuestion, day, ranked=ranked, since=None)
if days.against == changes.OTHER:
    span = (pages.day_span()[0], day)
    days = pages.ask(
        changes.DaysQuestion, day, span=span, ranked=ranked, against=days.against
    )
found = changes.compared(pages.answers(), days)
rows = found.rows
question = filters.ask(
    changes.ChangesQuestion,
    day,
    rows,
    f"all changes since {changes.base_day(pages.answers(), days)}",
    ranked=ranked,
    against=days.against,
    since=days.since,
)
pages.answer(changes.headline(pages.answers(), days))
if changes.has_moves(found):
    left, right = st.columns([11, 8], gap="medium")
    with left:
        pages.exhibit(changes.LISTS, question)
    with right:
        pages.exhibit(changes.CAUSES, question)
pages.exhibit(changes.CHANGES, question)
if st.toggle("Odds that moved by 10 points", key="odds", bind="query-params"):
    pages.exhibit(changes.ODDS, question)
st.subheader("Lines", anchor=False)
pages.exhibit(changes.LINES, question)
