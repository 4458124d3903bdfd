import streamlit as st

import pages
from pages import filters
from pages.wording import plain
from recon.exhibits import candidates, forecast

day = pages.pick_as_of()
ranked = pages.pick_ranking(day)
pages.head("Candidates", day, ranked)
rows = pages.answers().watched(day, ranked)
order = pages.ask(candidates.OrderQuestion, day).order
question = filters.ask(
    candidates.CandidatesQuestion, day, rows, ranked=ranked, order=order
)
pages.answer(candidates.headline(pages.answers(), question))
if pages.made(candidates.DISTANCES, question).answer.rows.empty:
    pages.end()

filters.explore(candidates.DISTANCES, candidates.CANDIDATES, question)
st.subheader("Undecided names", anchor=False)
if words := forecast.UNDECIDED.missing(pages.answers(), question):
    st.caption(plain(words))
else:
    pages.exhibit(forecast.UNDECIDED, question)
if (later := pages.answers().projection(day, ranked).later) is not None and len(later):
    st.subheader("Since rank day", anchor=False)
    pages.exhibit(candidates.LATER, question)
st.subheader("IPO additions", anchor=False)
pages.exhibit(candidates.IPOS, question)
st.subheader("Other size indexes", anchor=False)
pages.exhibit(candidates.SIZES, pages.ask(candidates.SizeQuestion, day, ranked=ranked))
