import streamlit as st

import pages
from recon.exhibits import forecast

as_of = pages.pick_as_of()
pages.head("What if", as_of)
st.sidebar.button(
    "Reset",
    key="reset_what_if",
    on_click=pages.reset_question,
    args=(forecast.WhatIfQuestion,),
    width="stretch",
)
question = pages.ask(forecast.WhatIfQuestion, as_of)
pages.answer(forecast.what_if_headline(pages.answers(), question))
left, right = st.columns([5, 2], gap="medium")
with left:
    st.subheader("Lines", anchor=False)
    pages.exhibit(forecast.WHAT_IF_LINES, question)
with right:
    st.subheader("Moves", anchor=False)
    pages.exhibit(forecast.WHAT_IF_COUNTS, question)
st.subheader("Names in another index", anchor=False)
pages.exhibit(forecast.WHAT_IF_CHANGES, question)
