import streamlit as st

import pages
from pages.controls import reset_question
from recon.exhibits import what_if

as_of = pages.pick_as_of()
pages.head("What if", as_of)
st.sidebar.button(
    "Reset",
    key="reset_what_if",
    on_click=reset_question,
    args=(what_if.WhatIfQuestion,),
    width="stretch",
)
question = pages.ask(what_if.WhatIfQuestion, as_of)
pages.answer(what_if.headline(pages.answers(), question))
left, right = st.columns([4, 3], gap="medium")
with left:
    st.subheader("Lines", anchor=False)
    pages.exhibit(what_if.LINES, question)
with right:
    st.subheader("Moves", anchor=False)
    pages.exhibit(what_if.COUNTS, question)
st.subheader("Names in another index", anchor=False)
pages.exhibit(what_if.CHANGES, question)
if st.toggle("Odds too", key="with_odds", bind="query-params"):
    st.subheader("Names with other odds", anchor=False)
    pages.exhibit(what_if.ODDS, question)
