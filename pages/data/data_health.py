import streamlit as st

import pages
from pages import columns
from recon import formatting
from recon.charts import data_health as figures
from recon.export import Provenance
from recon.studies import data_health

ANY = "every reason"

day = pages.pick_as_of()
days = data_health.until(pages.days(), "snapshot_date", day)
lists = data_health.marked(data_health.until(pages.membership_lists(), "as_of", day))
rows, counts = pages.refusals(day), pages.refusal_counts(day)


def source(title: str, filters: str = "none") -> Provenance:
    return pages.provenance(title, day, filters)


reason = st.sidebar.selectbox(
    "Refused because", [ANY, *counts["reason"]], key="reason", bind="query-params"
)
symbol = st.sidebar.text_input(
    "Symbol", key="refused_symbol", bind="query-params", placeholder="AMAT"
)
pages.head("Data", day)
pages.answer(
    pages.told("health", (day,), lambda: data_health.finding(days, lists, rows))
)
theme = pages.theme()
figure = pages.drawn("coverage", (day,), theme, lambda: figures.coverage(days, theme))
pages.show(figure, "coverage", source("Coverage by day"))
left, right = st.columns(2, gap="medium")
with left:
    figure = pages.drawn(
        "stand_ins", (day,), theme, lambda: figures.stand_ins(days, theme)
    )
    pages.show(figure, "stand_ins", source("Carried and refused"))
with right:
    st.subheader("Days held back", anchor=False)
    pages.table_frame(
        data_health.held_back(days), columns.HELD_BACK, "held", source("Days held back")
    )

st.subheader("Refused rows", anchor=False)
pages.table_frame(
    counts, columns.REFUSAL_COUNTS, "counts", source("Reasons of refusal")
)
found = data_health.matching(rows, None if reason == ANY else reason, symbol)
words = ", ".join(filter(None, [reason if reason != ANY else "", symbol])) or "none"
pages.table_frame(
    found.head(data_health.SHOWN_ROWS),
    columns.REFUSALS,
    "refused",
    source("Refused rows", words),
    file_table=found,
    note=f"{formatting.count(len(found), 'row')}, largest market cap first, up to "
    f"{data_health.SHOWN_ROWS:,} shown; choose reason and symbol in the sidebar",
)

st.subheader("Sources and their dates", anchor=False)
pages.table_frame(
    pages.told("sources", (day,), lambda: data_health.sources(days, lists)),
    columns.SOURCES,
    "sources",
    source("Sources"),
)
st.subheader("Membership lists", anchor=False)
pages.table_frame(lists, columns.LISTS, "lists", source("Membership lists"))
st.subheader("Ledger of what was loaded", anchor=False)
pages.table_frame(pages.ledger(), columns.LEDGER, "ledger", source("Ledger"))
