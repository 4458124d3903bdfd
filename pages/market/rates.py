import streamlit as st

import pages
from pages.wording import plain
from recon.errors import ReconError
from recon.exhibits import rates
from recon.exhibits.question import Question

question = Question(as_of=pages.pick_as_of())
pages.head("Rates", question.as_of)
try:
    rates.known(pages.answers(), question)
except ReconError as missing:
    with st.container(key="empty"):
        st.markdown(f"**Rates are not known.** {plain(missing)}")
        st.code(rates.HOW, language=None)
        st.button("Look again", key="look_again", type="primary")
    pages.end()
pages.answer(rates.headline(pages.answers(), question))
pages.exhibit(rates.FALL, question)
pages.exhibit(rates.ROLLING, question)
pages.exhibit(rates.ALL, question)
