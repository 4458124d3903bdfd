"""The Load page's parts: what the store holds, how runs ended, how one is started."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from pages import access, load_status
from pages.cache import answers, is_newest
from pages.load_status import DEMO, FILE, is_demo, now, place, span
from pages.wording import code, plain
from recon import formatting
from recon.errors import BadRequest, ReconError
from recon.formatting import Column
from recon.jobs import description, processes, runs
from recon.jobs.runs import Run, State

ENDED_ICONS = {
    State.DONE: ":green[:material/check_circle:]",
    State.PART: ":orange[:material/warning:]",
    State.FAILED: ":red[:material/error:]",
    State.CANCELLED: ":material/cancel:",
    State.LOST: ":material/help:",
}
SHOWN_LINES = 3
SHOWN_FOR = timedelta(minutes=15)
RUNS = {
    "started_at": Column("Started, UTC", width=132),
    "title": Column("What", width=232),
    "state": Column("State", width=92),
    "took": Column("Took", width=58),
    "requests": Column("Requests", "number", width=76),
    "message": Column("Message", width=344, missing=""),
}
REQUESTS = {
    "started_at": Column("UTC", width=72),
    "slice": Column("Purpose", width=180),
    "attempt": Column("Attempt", "number", width=66),
    "status": Column("Status", width=62),
    "seconds": Column("Seconds", "usd", width=70),
    "rows": Column("Rows", width=62),
    "outcome": Column("Outcome", width=130),
    "url": Column("Address", width=328, help="Without the session's token"),
}


def holding() -> str:
    """Return a sentence on what the store holds."""
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


def ended(run: Run) -> None:
    """Show how the newest run ended, and what can be done now.

    A run that is done, if in part, is shown for some minutes, others until the next.
    """
    is_old = run.ended_at is not None and (now() - run.ended_at) > SHOWN_FOR
    is_done = run.state in (State.DONE, State.PART)
    if is_done and is_old:
        return
    with st.container(border=True, key="run"):
        st.markdown(
            f"{ENDED_ICONS[run.state]} **{plain(description.ending(run, now()))}**"
        )
        if lines := description.told(run):
            show = st.warning if run.state is State.PART else st.caption
            show("  \n".join(map(plain, lines[-SHOWN_LINES:])))
        with st.container(horizontal=True):
            if is_done:
                _next_steps()
                return
            if run.arguments and st.button(
                "Resume",
                key="resume",
                type="primary",
                help="Runs the same again: "
                + code(" ".join(["recon", *run.arguments])),
            ):
                begin(run.arguments, run.title)
            if run.arguments[:2] in REMAPPED:
                st.button(
                    "Map its columns again", key="remap", on_click=_remap, args=(run,)
                )


def _next_steps() -> None:
    if not is_newest():
        _until_ready()
    elif span() is not None:
        st.page_link("pages/now/break_points.py", label="Breakpoints")
        st.page_link("pages/data/data_health.py", label="What was refused")


@st.fragment(run_every=load_status.LOOK_SECONDS)
def _until_ready() -> None:
    st.caption("Making the pages ready …")
    if is_newest():
        st.rerun()


REMAPPED = {
    ("ingest", "vendor"): FILE,
    ("ingest", "fundamentals"): load_status.FUNDAMENTALS,
}


def _remap(run: Run) -> None:
    command, source, *_ = run.arguments
    st.session_state["source"] = REMAPPED[command, source]
    st.session_state["chosen_file"] = run.arguments[2]


def begin(arguments: Sequence[str], title: str) -> None:
    """Start a load and show it, or say why it cannot start."""
    try:
        if refusal := access.why_not():
            raise BadRequest(refusal)
        processes.start(place(), list(arguments), title)
    except ReconError as error:
        st.warning(plain(error))
        return
    st.rerun()


def start_button(
    label: str, arguments: Sequence[str], title: str, why_not: str = ""
) -> None:
    """Show the button of a source; `why_not` says why it is disabled."""
    busy = runs.running(place())
    why_not = f"'{busy.title}' is under way." if busy else why_not
    why_not = access.why_not() or why_not
    is_pressed = st.button(label, key="start", type="primary", disabled=bool(why_not))
    shown = " ".join(f"'{each}'" if " " in each else each for each in arguments)
    command = code(f"python -m recon {shown}")
    st.caption(plain(why_not) or f"The same from a terminal: {command}")
    if busy is None and processes.is_written(place()):
        st.caption(
            "Somebody is loading into this store from a terminal; a load started here "
            "waits up to half a minute for it to end."
        )
    if is_pressed:
        begin(arguments, title)


def other_market(source: str) -> bool:
    """Tell whether the store's kind of market rules a source out, and say so."""
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
