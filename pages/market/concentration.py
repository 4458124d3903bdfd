import streamlit as st

import pages
from recon.exhibits import breadth, concentration

as_of = pages.pick_as_of()
shown = breadth.SegmentQuestion(as_of=as_of)
first = breadth.choices(pages.answers(), shown, concentration.LARGE)
question = pages.ask(breadth.SegmentQuestion, as_of, choices={"segment": first})
pages.head("Concentration", as_of)
pages.answer(concentration.headline(pages.answers(), question))
pages.exhibit(concentration.WEIGHT, question)
left, right = st.columns(2, gap="medium")
with left:
    pages.exhibit(concentration.GAINS, question)
with right:
    st.subheader("What concentration does to the band", anchor=False)
    pages.exhibit(concentration.BANDS, question)
st.subheader("The ten largest since each rank day", anchor=False)
pages.exhibit(concentration.LARGEST, question)
