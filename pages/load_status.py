"""What every page shows of loads: a badge, the run under way, what can be loaded.

A load is a process of its own; nothing here waits for it, and the pages go on showing
what was published before. The Load page itself: `pages.data.loading`.
"""

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import streamlit as st

from pages import access, links
from pages.cache import answers, folder
from pages.wording import plain
from recon.errors import ReconError, SnapshotMissing, StoreMissing
from recon.jobs import description, processes, runs
from recon.jobs.runs import Run, State

PAGE = "pages/data/load.py"
TODAY, HISTORY, ARCHIVE = "Today's market", "Estimated history", "Archive"
FILE, HOLDINGS, DEMO = "My own file", "Index holdings", "Demo market"
OFFICIAL, FUNDAMENTALS = "Official lists", "Fundamentals"
FILINGS = "Filings"
OVERRULE = "Overrule the gate"
SOURCES = {
    TODAY: "All US listings of the last session, from Yahoo Finance",
    HISTORY: "Unadjusted closes times shares, from Yahoo Finance, marked est.",
    ARCHIVE: "Nasdaq screener files: a folder of days, or a git clone",
    FILE: "Prices and market caps by day: CSV, Parquet or XLSX",
    FUNDAMENTALS: "Book value, growth or annual statements: CSV, Parquet or XLSX",
    FILINGS: "Reports and identities of companies, from the SEC's EDGAR",
    HOLDINGS: "Members of the Russell indexes, from iShares funds",
    OFFICIAL: "Additions, deletions and members as FTSE Russell posts them",
    OVERRULE: "Publish a day held back, or take a refused market cap",
    DEMO: "Synthetic, three years, marked so wherever it shows",
}
OFFERS = {
    TODAY: "Today's market from Yahoo",
    ARCHIVE: "History from an archive or clone",
    FILE: "My own file",
    DEMO: "The demo market",
}
LOOK_SECONDS = 1.0


def place() -> Path:
    """Return the folder of the store."""
    return Path(folder())


def now() -> datetime:
    """Return this moment, UTC."""
    return datetime.now(UTC)


def span() -> tuple[date, date] | None:
    """Return the first and the last published day, None where there is none."""
    with contextlib.suppress(ReconError):
        days = answers().published_days()
        if len(days):
            return days[0].date(), days[-1].date()
    return None


def is_demo() -> bool:
    """Tell whether the store holds the demo market."""
    return span() is not None and answers().store.is_demo


def badge() -> str:
    """Return a badge for the first line while a load runs, or if the last one failed.

    It costs one look at a file's time while no load is under way. The Load page needs
    none.
    """
    if links.page() == "load":
        return ""
    stamp = runs.newest_stamp(place())
    run = _newest(folder(), stamp) if stamp else None
    if run is not None and run.state is State.RUNNING:
        run = runs.newest(place())
    if run is None or run.state in (State.DONE, State.PART, State.CANCELLED):
        return ""
    if run.state is State.RUNNING:
        return ":gray-badge[a load is under way]"
    return ":orange-badge[the last load failed: see Load]"


@st.cache_resource(max_entries=4, show_spinner=False)
def _newest(folder: str, stamp: int) -> Run | None:
    return runs.newest(Path(folder))


def offers_for(error: ReconError) -> Callable[[], None] | None:
    """Return what to show below an error that says the store is empty."""
    is_missing = isinstance(error, (StoreMissing, SnapshotMissing))
    return offers if is_missing and span() is None else None


def offers() -> None:
    """Offer a first visitor what can be loaded, or show the load under way."""
    run = runs.running(place())
    if run is not None:
        at_work(run)
        return
    st.markdown("Choose where the market comes from:")
    with st.container(key="offers_to_load"):
        for source, label in OFFERS.items():
            left, right = st.columns([2, 3], vertical_alignment="center")
            is_pressed = left.button(
                label,
                key=f"offer_{list(SOURCES).index(source)}",
                type="primary" if source == TODAY else "secondary",
                width="stretch",
            )
            right.caption(SOURCES[source])
            if is_pressed and source == DEMO and access.may_load():
                processes.start(place(), ["demo"], "Demo market")
            if is_pressed:
                st.session_state.pop("source", None)
                st.switch_page(PAGE, query_params={"source": source})


def at_work(run: Run) -> None:
    """Show the run under way, and a button to cancel it."""
    with st.container(border=True, key="run"):
        _watch(run.id)


@st.fragment(run_every=LOOK_SECONDS)
def _watch(run_id: str) -> None:
    run = runs.read(place() / runs.FOLDER / run_id)
    if run is None or run.state is not State.RUNNING:
        st.rerun()  # the whole page: the run ended
    is_cancelled = (place() / runs.FOLDER / run_id / runs.CANCEL).exists()
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        st.markdown(f"**{plain(run.title)}**")
        words = "ending" if is_cancelled else description.progress(run)
        st.progress(min(max(run.fraction, 0.0), 1.0), text=plain(words))
    if right.button(
        "Cancel",
        key="cancel",
        width="stretch",
        disabled=is_cancelled or run.pid is None or not access.may_load(),
        help="What was published before stays; a new start resumes from there.",
    ):
        with contextlib.suppress(ReconError):
            processes.cancel(place(), run_id)
        st.rerun(scope="fragment")
