import streamlit as st

import pages
from recon.exhibits import data_health

ANY = "every reason"

day = pages.pick_as_of()
reasons = [ANY, *pages.answers().refusal_counts(day)["reason"]]
question = pages.ask(data_health.RefusedQuestion, day, choices={"reason": reasons})
pages.head("Data", day)
pages.answer(data_health.headline(pages.answers(), question))
pages.exhibit(data_health.COVERAGE, question)
left, right = st.columns(2, gap="medium")
with left:
    pages.exhibit(data_health.STAND_INS, question)
with right:
    st.subheader("Days held back", anchor=False)
    pages.exhibit(data_health.HELD, question)
st.subheader("Refused rows", anchor=False)
pages.exhibit(data_health.COUNTS, question)
pages.exhibit(
    data_health.REFUSED, question, hint="choose reason and symbol in the sidebar"
)
st.subheader("Sources and their dates", anchor=False)
pages.exhibit(data_health.SOURCES, question)
st.subheader("Fundamentals by year", anchor=False)
pages.exhibit(data_health.FUNDAMENTALS, question)
st.subheader("Membership lists", anchor=False)
pages.exhibit(data_health.LISTS, question)
st.subheader("Ledger of what was loaded", anchor=False)
pages.exhibit(data_health.LEDGER, question)
