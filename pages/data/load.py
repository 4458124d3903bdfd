import streamlit as st

import pages
from pages import load_status, sources
from recon.export import Provenance
from recon.formatting import Column
from recon.jobs import description, runs

TERMS = (
    "Whose data these are: quotes belong to Yahoo and the exchanges and are for your "
    "own use under Yahoo's terms; fund holdings belong to BlackRock, index lists and "
    "the name Russell to FTSE Russell. What you load stays on this machine, and is not "
    "yours to pass on."
)
RUNS = {
    "started_at": Column("Started, UTC", width=140),
    "title": Column("What", width=200),
    "state": Column("State", width=80),
    "took": Column("Took", width=66),
    "requests": Column("Requests", "number", width=76),
    "message": Column("Last word", width=372, missing=""),
}

REQUESTS = {
    "started_at": Column("UTC", width=72),
    "slice": Column("Purpose", width=180),
    "attempt": Column("Attempt", "number", width=66),
    "status": Column("Status", width=62),
    "seconds": Column("Seconds", "usd", width=70),
    "rows": Column("Rows", width=62),
    "outcome": Column("Outcome", width=130),
    "url": Column("Address", width=328, help="Without the visitor's token"),
}

today = pages.today()
held = load_status.span()
if held is None:
    pages.empty_head("Load", str(load_status.place()))
else:
    pages.head("Load", pages.pick_as_of())
pages.answer(load_status.holding())

records, table = load_status.past_runs()
newest = records[0] if records else None
if newest is not None and newest.state is runs.State.RUNNING:
    load_status.at_work(newest)
elif newest is not None:
    load_status.ended(newest)

left, right = st.columns([2, 5], gap="large")
with left:
    source = st.radio(
        "Source", list(load_status.SOURCES),
        captions=list(load_status.SOURCES.values()),
        key="source", bind="query-params",
    )  # fmt: skip
with right, st.container(key="form"):
    st.subheader(source, anchor=False)
    if not load_status.other_market(source):
        sources.FORMS[source](today)

if records:
    about = Provenance(title="Loads", as_of=today, source="records of this store")
    st.subheader("Past loads", anchor=False)
    choice = pages.table_frame(
        table, RUNS, "runs", about, on_select="rerun",
        selection_mode="single-row",
        note=f"the last {runs.KEPT_RUNS} are kept; choose one to see its requests",
    )  # fmt: skip
    chosen = records[choice.selection.rows[0]] if choice.selection.rows else records[0]
    asked = runs.requests(load_status.place(), chosen.id)
    if len(asked):
        st.subheader(f"Requests of {chosen.title}", anchor=False)
        pages.table_frame(
            description.asked(asked),
            REQUESTS,
            "requests",
            about,
            file_table=lambda: asked,
        )
with st.container(key="terms"):
    pages.small_print(TERMS)
