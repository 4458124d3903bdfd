import streamlit as st

import pages
from pages import filters
from recon.exhibits import candidates

day = pages.pick_as_of()
ranked = pages.pick_ranking(day)
pages.head("Candidates", day, ranked)
rows = pages.answers().watched(day, ranked)
question = filters.ask(candidates.FilteredQuestion, day, rows, ranked=ranked)
pages.answer(candidates.headline(pages.answers(), question))
if pages.made(candidates.DISTANCES, question).answer.rows.empty:
    pages.end()

picked = pages.exhibit(
    candidates.DISTANCES,
    question,
    hint="choose dots to see them alone in the table",
    on_select="rerun",
    selection_mode=("points", "box"),
)
question = filters.with_names(question, picked)
opened = pages.exhibit(
    candidates.CANDIDATES,
    question,
    hint="select a row to open the company; the eye above the table has more columns",
    on_select="rerun",
    selection_mode="single-row",
)
if (later := pages.answers().projection(day, ranked).later) is not None and len(later):
    st.subheader("Since rank day", anchor=False)
    pages.exhibit(candidates.LATER, question)
filters.open_selected(pages.made(candidates.CANDIDATES, question), opened)
