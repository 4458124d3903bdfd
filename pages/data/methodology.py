from pathlib import Path

import streamlit as st

import pages
from recon.exhibits import methodology

TEXT = Path(__file__).parents[2] / "docs" / "methodology.md"

day = pages.pick_as_of()
pages.head("Methodology", day)
pages.answer(
    "Every rule with its clause, function and test; every number with its date."
)
text, numbers = st.tabs(
    ["Clause by clause", "Numbers by era"], key="part", bind="query-params"
)
with text:
    if TEXT.exists():
        st.markdown(TEXT.read_text("utf-8"))
    else:
        st.info("docs/methodology.md is not in this copy of the program.")
with numbers:
    is_change = st.toggle("Changes only", key="changes", bind="query-params")
    question = methodology.ErasQuestion(as_of=day, changes=is_change)
    pages.exhibit(methodology.NUMBERS, question)
