import streamlit as st

import pages
from pages.wording import plain
from recon.exhibits import segments

as_of = pages.pick_as_of()
question = pages.ask(segments.SinceQuestion, as_of, span=pages.day_span())
pages.head("Catch-up", as_of)
pages.answer(segments.headline(pages.answers(), question))
pages.exhibit(segments.RELATIVE, question)
left, right = st.columns(2, gap="medium")
with left:
    pages.exhibit(segments.GAP, question)
with right:
    st.subheader("Who leads", anchor=False)
    pages.exhibit(segments.REGIMES, question)
st.subheader("Multiple or earnings", anchor=False)
if words := segments.DRIVERS.missing(pages.answers(), question):
    st.caption(plain(words))
else:
    drivers = pages.made(segments.DRIVERS, question)
    st.caption(plain(segments.DRIVERS.finding_of(drivers.answer, question)))
    pages.exhibit(segments.DRIVERS, question)
st.subheader("What must happen for small caps to regain their share", anchor=False)
pages.exhibit(segments.SHARES, question)
