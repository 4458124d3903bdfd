"""The Load page's parts: what there is to load, the run at work, and the last ones.

A load is a process of its own; nothing here waits for it, and every other page goes on
showing what was published before.
"""

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from pages import links
from pages.cache import answers, folder, is_newest
from recon import formatting
from recon.errors import ReconError, SnapshotMissing, StoreMissing
from recon.jobs import description, processes, runs
from recon.jobs.runs import Run, State

PAGE = "pages/data/load.py"
TODAY, HISTORY, ARCHIVE = "Today's market", "Estimated history", "Archive"
FILE, HOLDINGS, DEMO = "My own file", "Index holdings", "Demo market"
SOURCES = {
    TODAY: "All US listings of the last session, from Yahoo Finance",
    HISTORY: "Unadjusted closes times shares, from Yahoo Finance, marked est.",
    ARCHIVE: "Nasdaq screener files: a folder of days, or a git clone",
    FILE: "Prices and market caps by day: CSV, Parquet or XLSX",
    HOLDINGS: "Members of the Russell indexes, from iShares funds",
    DEMO: "Synthetic, three years, marked so wherever it shows",
}
OFFERS = {
    TODAY: "Today's market from Yahoo",
    ARCHIVE: "History from an archive or clone",
    FILE: "My own file",
    DEMO: "The demo market",
}
ENDED_ICONS = {
    State.DONE: ":material/check_circle:",
    State.FAILED: ":material/error:",
    State.CANCELLED: ":material/cancel:",
    State.LOST: ":material/help:",
}
LOOK_SECONDS = 1.0
TOLD_FOR = timedelta(minutes=15)


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
    """Return a badge for the first line while a load runs, or where the last failed.

    Costs one look at a file's time, as long as no load is under way. The Load page
    says it itself.
    """
    if links.page() == "load":
        return ""
    stamp = runs.newest_stamp(place())
    run = _newest(folder(), stamp) if stamp else None
    if run is not None and run.state is State.RUNNING:
        run = runs.newest(place())
    if run is None or run.state in (State.DONE, State.CANCELLED):
        return ""
    if run.state is State.RUNNING:
        return ":gray-badge[a load is under way]"
    return ":orange-badge[the last load failed: see Load]"


@st.cache_resource(max_entries=4, show_spinner=False)
def _newest(folder: str, stamp: int) -> Run | None:
    return runs.newest(Path(folder))


def holding() -> str:
    """Say in a sentence what the store holds."""
    held = span()
    if held is None:
        if runs.running(place()):
            return "Nothing is loaded yet; the first load is under way."
        return "Nothing is loaded yet: choose where the market comes from."
    what = "the demo market" if is_demo() else "the market"
    first, last = map(formatting.day, held)
    number = len(answers().published_days())
    loaded = f"are loaded, {first} to {last}" if number > 1 else f"is loaded, {last}"
    return (
        f"{formatting.count(number, 'session')} of {what} {loaded}; a load adds to "
        "what there is, and every page goes on showing it meanwhile."
    )


def offers_for(error: ReconError) -> Callable[[], None] | None:
    """Return what to offer where an error says that the store is empty."""
    is_missing = isinstance(error, (StoreMissing, SnapshotMissing))
    return offers if is_missing and span() is None else None


def offers() -> None:
    """Offer what a first visitor may load, a button each, or show what is loading."""
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
            if is_pressed and source == DEMO:
                processes.start(place(), ["demo"], "Demo market")
            if is_pressed:
                st.session_state.pop("source", None)
                st.switch_page(PAGE, query_params={"source": source})


def at_work(run: Run) -> None:
    """Show the run that is at work, and a way to cancel it."""
    with st.container(border=True, key="run"):
        _watch(run.id)


@st.fragment(run_every=LOOK_SECONDS)
def _watch(run_id: str) -> None:
    run = runs.read(place() / runs.FOLDER / run_id)
    if run is None or run.state is not State.RUNNING:
        st.rerun()  # the whole page: it ended
    is_cancelled = (place() / runs.FOLDER / run_id / runs.CANCEL).exists()
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        st.markdown(f"**{run.title}**")
        words = "ending" if is_cancelled else description.progress(run)
        st.progress(min(max(run.fraction, 0.0), 1.0), text=words)
    if right.button(
        "Cancel",
        key="cancel",
        width="stretch",
        disabled=is_cancelled or run.pid is None,
        help="What was published before stays; started again, it goes on from there.",
    ):
        with contextlib.suppress(ReconError):
            processes.cancel(place(), run_id)
        st.rerun(scope="fragment")


def ended(run: Run) -> None:
    """Show how the newest run ended, and what may be done now.

    One that is done is told for some minutes, others until the next.
    """
    is_old = run.ended_at is not None and (now() - run.ended_at) > TOLD_FOR
    if run.state is State.DONE and is_old:
        return
    with st.container(border=True, key="run"):
        st.markdown(f"{ENDED_ICONS[run.state]} **{description.ended(run, now())}**")
        if lines := description.lines(run.message):
            st.caption("  \n".join(lines[-3:]).replace("$", r"\$"))
        with st.container(horizontal=True):
            if run.state is State.DONE:
                _go_on()
                return
            if st.button("Resume", key="resume", type="primary", help=_again(run)):
                begin(run.arguments, run.title)
            if run.arguments[:2] == ("ingest", "vendor"):
                st.button(
                    "Map its columns again", key="remap", on_click=_remap, args=(run,)
                )


def _go_on() -> None:
    if not is_newest():
        _until_ready()
    elif span() is not None:
        st.page_link("pages/now/break_points.py", label="Break points")
        st.page_link("pages/data/data_health.py", label="What was refused")


@st.fragment(run_every=LOOK_SECONDS)
def _until_ready() -> None:
    st.caption("Making the pages ready …")
    if is_newest():
        st.rerun()


def _again(run: Run) -> str:
    return f"Runs the same again: recon {' '.join(run.arguments)}"


def _remap(run: Run) -> None:
    st.session_state["source"] = FILE
    st.session_state["given"] = run.arguments[2]


def begin(arguments: Sequence[str], title: str) -> None:
    """Start a load and show it; say why where it cannot be."""
    try:
        processes.start(place(), list(arguments), title)
    except ReconError as error:
        st.warning(str(error))
        return
    st.rerun()


def start_button(
    label: str, arguments: Sequence[str], title: str, why_not: str = ""
) -> None:
    """Show the one button of a source; `why_not` says why it cannot be pressed."""
    busy = runs.running(place())
    why_not = f"'{busy.title}' is under way." if busy else why_not
    is_pressed = st.button(label, key="start", type="primary", disabled=bool(why_not))
    command = f"The same from a terminal: `python -m recon {_shell(arguments)}`"
    st.caption(why_not or command)
    if busy is None and processes.is_written(place()):
        st.caption(
            "Somebody loads into this store from a terminal; a load started here "
            "waits half a minute for its end."
        )
    if is_pressed:
        begin(arguments, title)


def _shell(arguments: Sequence[str]) -> str:
    return " ".join(f"'{each}'" if " " in each else each for each in arguments)


def other_market(source: str) -> bool:
    """Say so where the store's kind of market shuts a source out; tell whether."""
    if span() is None or (source == DEMO) == is_demo():
        return False
    if source == DEMO:
        st.markdown(
            "This store holds real data, and synthetic prices never share a store with "
            "real ones. For the demo market start the program on another folder:"
        )
        st.code("python3 start.py --store demo", language=None)
        return True
    st.markdown(
        "This store holds the demo market, and synthetic prices never share a store "
        "with real ones. Remove it first: it can be built again in half a minute."
    )
    is_sure = st.checkbox("Remove the demo market", key="sure")
    start_button(
        "Remove",
        ["demo", "--remove"],
        "Removal of the demo market",
        "" if is_sure else "Tick the box first.",
    )
    return True


def past_runs() -> tuple[list[Run], pd.DataFrame]:
    """Return the runs of the store, newest first, and their table."""
    found = runs.past(place())
    return found, description.table(found, now())
