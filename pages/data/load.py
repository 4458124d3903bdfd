import streamlit as st

import pages
from pages import access, load_status
from pages.data.loading import forms, status
from pages.wording import plain
from recon.export import Provenance
from recon.jobs import description, runs

TERMS = (
    "Data ownership: quotes belong to Yahoo and the exchanges and are for your own use "
    "under Yahoo's terms; fund holdings belong to BlackRock, index lists and the name "
    "Russell to FTSE Russell. What you load stays on this machine; do not redistribute "
    "it."
)
today = pages.today()
held = load_status.span()
if held is None:
    pages.empty_head("Load", str(load_status.place()))
else:
    pages.head("Load", pages.pick_as_of())
pages.answer(status.holding())

records = runs.past(load_status.place())
newest = records[0] if records else None
if newest is not None and newest.state is runs.State.RUNNING:
    load_status.at_work(newest)
elif newest is not None:
    status.ended(newest)

left, right = st.columns([2, 5], gap="large")
with left:
    source = st.radio(
        "Source", list(load_status.SOURCES),
        captions=list(load_status.SOURCES.values()),
        key="source", bind="query-params",
    )  # fmt: skip
with right, st.container(key="form"):
    st.subheader(source, anchor=False)
    access.ask_for_key()
    if not status.other_market(source):
        forms.FORMS[source](today)

if records:
    about = Provenance(title="Loads", as_of=today, source="records of this store")
    st.subheader("Past loads", anchor=False)
    choice = pages.table_frame(
        description.run_table(records, load_status.now()), status.RUNS, "runs", about,
        on_select="rerun",
        selection_mode="single-row",
        note=f"the last {runs.KEPT_RUNS} are kept; choose one to see its requests",
    )  # fmt: skip
    chosen = records[choice.selection.rows[0]] if choice.selection.rows else records[0]
    requests = runs.requests(load_status.place(), chosen.id)
    if len(requests):
        st.subheader(f"Requests of {plain(chosen.title)}", anchor=False)
        pages.table_frame(
            description.request_table(requests),
            status.REQUESTS,
            "requests",
            about,
            file_table=lambda: requests,
        )
with st.container(key="terms"):
    pages.small_print(TERMS)
