import streamlit as st

import pages
from recon.exhibits import rotation
from recon.exhibits.segments import SinceQuestion

as_of = pages.pick_as_of()
question = pages.ask(SinceQuestion, as_of, span=pages.day_span())
pages.head("Rotation", as_of)
pages.answer(rotation.headline(pages.answers(), question))
pages.exhibit(rotation.RELATIVE, question)
left, right = st.columns(2, gap="medium")
with left:
    pages.exhibit(rotation.TILT, question)
with right:
    st.subheader("Small against large inside each sector", anchor=False)
    pages.exhibit(rotation.INSIDE, question)
st.subheader("What desks say an event tilts", anchor=False)
pages.exhibit(rotation.STATEMENTS, question)
