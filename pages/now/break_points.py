import streamlit as st

import pages
from pages.wording import plain
from recon.exhibits import break_points as lines
from recon.exhibits import forecast

as_of = pages.pick_as_of()
question = pages.ask(lines.DriftQuestion, as_of, span=pages.day_span())
near = lines.NearQuestion(as_of=as_of, line=question.line)
pages.head("Breakpoints", as_of)
pages.answer(lines.headline(pages.answers(), question))
pages.exhibit(lines.DRIFT, question)
if words := forecast.FAN.missing(pages.answers(), question):
    st.caption(plain(words))
else:
    pages.exhibit(forecast.FAN, question)
left, right = st.columns([4, 3], gap="medium")
with left:
    pages.exhibit(lines.RANK_SIZE, near)
with right:
    st.subheader("Every line", anchor=False)
    pages.exhibit(lines.TODAY, question)
if pages.answers().store.is_demo:
    st.caption("The demo market is synthetic: it has no official record.")
    pages.end()
st.subheader("Against the official record", anchor=False)
pages.exhibit(lines.OFFICIAL, question)
