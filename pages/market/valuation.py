import streamlit as st

import pages
from pages.wording import plain
from recon.errors import ReconError
from recon.exhibits import valuation

as_of = pages.pick_as_of()
pages.head("Valuation", as_of)
question = pages.ask(valuation.ValuationQuestion, as_of)
try:
    said = valuation.headline(pages.answers(), question)
except ReconError as missing:
    with st.container(key="empty"):
        st.markdown(f"**Valuations are not known.** {plain(missing)}")
    pages.end()
pages.answer(said)
pages.exhibit(valuation.GAP, question)
pages.exhibit(valuation.SEGMENTS, question)
st.subheader("Sector by sector", anchor=False)
pages.exhibit(valuation.SECTORS, question)
