from pathlib import Path

import streamlit as st

import pages
from pages import columns
from recon.export import Provenance
from recon.rulebook import ERAS
from recon.studies import company

TEXT = Path(__file__).parents[2] / "docs" / "methodology.md"
DOCUMENTS = "recon/rulebook.py, from the documents named in each row"

day = pages.today()
pages.head("Methodology", pages.day_span()[1])
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
    table = company.eras(ERAS)
    shown = company.changes(table) if is_change else table
    source = Provenance(title="Rulebook by era", as_of=day, source=DOCUMENTS)
    pages.table_frame(shown, columns.ERAS, "eras", source)
