"""The visitor's own watchlist: in the link, kept for them, a filter of tables."""

from pathlib import Path

import streamlit as st

from pages.cache import folder
from pages.visitors import visitor
from pages.wording import plain
from recon.errors import BadRequest
from recon.store import drawers
from recon.studies import watchlist as study
from recon.studies.watchlist import Entry

NAMES, GIVEN, ONLY, FROM = "names", "watchlist_file", "only", "from_watchlist"
DRAWER, ENDING = "watchlists", ".txt"
HELP = "A ticker a line, then #tags, then a comment"
EXAMPLE = "TNDM #medtech waits for the FDA\nFTAI #aviation"


def own() -> list[Entry]:
    """Return the entries that the visitor keeps."""
    content = drawers.get(Path(folder()) / DRAWER, visitor(), ENDING)
    try:
        return study.read((content or b"").decode("utf-8", "replace"))
    except BadRequest:
        return []


def keep(entries: list[Entry]) -> None:
    """Keep entries as the visitor's own list."""
    content = study.written(entries).encode()
    drawers.put(Path(folder()) / DRAWER, visitor(), ENDING, content)


def ask() -> str:
    """Let the visitor write the list; return its text, which is in the link.

    Without one in the link it is the visitor's own. What is written here is kept; a
    list that came by a link is kept where the visitor says so.
    """
    kept = own()
    if NAMES not in st.session_state and NAMES not in st.query_params:
        st.session_state[NAMES] = study.written(kept)
    text = st.text_area(
        "Names, a line each",
        key=NAMES,
        bind="query-params",
        height=160,
        placeholder=EXAMPLE,
        help=HELP,
        on_change=_write,
    )
    with st.container(horizontal=True, gap="small", key="watchlist_tools"):
        _offer_to_keep(text, kept)
        st.file_uploader(
            "From a file",
            type=["txt", "csv"],
            key=GIVEN,
            on_change=_take,
            help=f"{HELP}; or a table with the columns symbol, tags and comment",
        )
    return text


def _offer_to_keep(text: str, kept: list[Entry]) -> None:
    try:
        entries = study.read(text) if text.strip() else []
    except BadRequest:
        return
    if entries and entries != kept:
        st.button(
            "Keep as my watchlist",
            key="keep_watchlist",
            on_click=keep,
            args=(entries,),
            help="In place of the one kept for this browser",
        )


def _write() -> None:
    """Keep what the visitor wrote; a text that cannot be followed is not kept."""
    text = str(st.session_state.get(NAMES) or "")
    try:
        keep(study.read(text) if text.strip() else [])
    except BadRequest as error:
        st.toast(plain(error))


def _take() -> None:
    """Put the content of a file in the place of the text."""
    file = st.session_state.get(GIVEN)
    if file is None:
        return
    try:
        entries = study.read(file.getvalue().decode("utf-8", "replace"))
    except BadRequest as error:
        st.toast(plain(f"{file.name}: {error}"))
        return
    st.session_state[NAMES] = study.written(entries)
    keep(entries)


def offer_as_filter() -> None:
    """Let a visitor with a watchlist narrow tables down to it, or to a tag of it."""
    entries = own()
    if not entries:
        return
    choices = [f"all {len(entries):,} names", *study.tags(entries)]
    st.sidebar.selectbox(
        "From my watchlist",
        choices,
        index=None,
        key=FROM,
        placeholder="all names or a tag",
        on_change=_narrow,
        args=(choices[0],),
    )


def _narrow(every: str) -> None:
    chosen = st.session_state.get(FROM)
    if chosen:
        entries = study.tagged(own(), "" if chosen == every else chosen)
        st.session_state[ONLY] = ", ".join(entry.symbol for entry in entries)
        st.session_state[FROM] = None


def offer(symbol: str) -> None:
    """Offer to put a company on the visitor's list, or to take it off."""
    entries = own()
    is_on = symbol in {entry.symbol for entry in entries}
    others = [entry for entry in entries if entry.symbol != symbol]
    st.button(
        "On my watchlist" if is_on else "Add to my watchlist",
        key="watch_company",
        icon=":material/check:" if is_on else ":material/add:",
        help="Takes it off" if is_on else "Kept for this browser",
        on_click=keep,
        args=(others if is_on else [*entries, Entry(symbol=symbol)],),
    )
