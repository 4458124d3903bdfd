from pathlib import Path

import streamlit as st

import pages
from pages import columns
from recon import reasons
from recon.rulebook import ERAS

TEXT = Path(__file__).parents[2] / "docs" / "methodology.md"

day = pages.today()
pages.head("Methodology", pages.day_span()[1])
pages.answer(
    "Every rule with its clause, its function and its test; every number dated."
)
st.subheader("The rulebook's eras", anchor=False)
table = reasons.eras(ERAS)
since = st.sidebar.pills(
    "Numbers",
    ["changes only", "all"],
    default="all",
    required=True,
    key="numbers",
    bind="query-params",
)
if since == "changes only":
    table = reasons.changes(table)
pages.table_frame(table, columns.ERAS, "eras", pages.provenance("Rulebook eras", day))
if TEXT.exists():
    st.markdown(TEXT.read_text("utf-8"))
else:
    st.info("docs/methodology.md is not in this copy of the program.")
