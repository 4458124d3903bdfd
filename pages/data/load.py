import streamlit as st

import pages
from pages import columns, loading, sources
from recon.export import Provenance
from recon.ingest import runs, telling

TERMS = (
    "Whose data these are: quotes belong to Yahoo and the exchanges and are for your "
    "own use under Yahoo's terms; fund holdings belong to BlackRock, index lists and "
    "the name Russell to FTSE Russell. What you load stays on this machine, and is not "
    "yours to pass on."
)
today = pages.today()
held = loading.span()
if held is None:
    pages.empty_head("Load", str(loading.place()))
else:
    pages.head("Load", pages.pick_as_of())
pages.answer(loading.holding())

records, table = loading.past_runs()
newest = records[0] if records else None
if newest is not None and newest.state is runs.State.RUNNING:
    loading.at_work(newest)
elif newest is not None:
    loading.ended(newest)

left, right = st.columns([2, 5], gap="large")
with left:
    source = st.radio(
        "Source", list(loading.SOURCES), captions=list(loading.SOURCES.values()),
        key="source", bind="query-params",
    )  # fmt: skip
with right, st.container(key="form"):
    st.subheader(source, anchor=False)
    if not loading.other_market(source):
        sources.FORMS[source](today)

if records:
    about = Provenance(title="Loads", as_of=today, source="records of this store")
    st.subheader("Past loads", anchor=False)
    choice = pages.table_frame(
        table, columns.RUNS, "runs", about, on_select="rerun",
        selection_mode="single-row",
        note=f"the last {runs.KEPT_RUNS} are kept; choose one to see its requests",
    )  # fmt: skip
    chosen = records[choice.selection.rows[0]] if choice.selection.rows else newest
    asked = runs.requests(loading.place(), chosen.id)
    if len(asked):
        st.subheader(f"Requests of {chosen.title}", anchor=False)
        pages.table_frame(
            telling.asked(asked), columns.REQUESTS, "requests", about, file_table=asked
        )
with st.container(key="terms"):
    pages.small_print(TERMS)
