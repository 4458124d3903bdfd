"""A file tried out before it is loaded: what would be taken, and what would not."""

from datetime import date

import pandas as pd
import streamlit as st

import pages
from pages import access, load_status
from pages.cache import stamp
from pages.data.loading import status, told
from pages.display import HEAD_PX, ROW_PX
from pages.wording import plain
from recon import formatting
from recon.errors import ReconError
from recon.ingest.guessing import FUNDAMENTALS
from recon.ingest.rehearsal import Rehearsal
from recon.jobs import description
from recon.jobs.asked import Asked

TOP_REASONS = 3
COLORS = {
    description.ALL: st.success,
    description.PART: st.warning,
    description.NOTHING: st.error,
}


def rows(table: pd.DataFrame) -> None:
    """Show a few rows of texts."""
    height = HEAD_PX + ROW_PX * max(len(table), 1)
    st.dataframe(table, hide_index=True, height=height, row_height=ROW_PX)


def show(asked: Asked, why_not: str) -> None:
    """Let the reader try a file, then load it; `why_not` says why it is too early."""
    why_not = access.why_not() or why_not
    if st.session_state.get("tried") != asked:
        is_pressed = st.button(
            "Check this file",
            key="try",
            type="primary",
            disabled=bool(why_not),
            on_click=_remember,
            args=(asked,),
        )
        said = "Nothing is loaded yet: you see first what would become of it."
        st.caption(plain(why_not) if why_not and not is_pressed else said)
        return
    try:
        found = _tried(asked, asked.path.stat().st_mtime_ns, stamp(), pages.today())
    except ReconError as error:
        st.error(plain(error))
        return
    _result(asked, found)
    overruled, reason = _overruled(found, asked.replaces)
    extra = [part for day in overruled for part in ("--accept", day.isoformat())]
    extra += [f"--reason={reason}"] if reason else []
    is_some = bool(found.taken.accepted or overruled)
    why_not = "" if is_some else "Nothing of this file would be taken."
    if found.taken.known_days and not is_some:
        why_not = "Its days are stored: to replace them, turn on the switch above."
    if (overruled or (asked.replaces and is_some)) and not reason:
        why_not = told.NO_REASON
    kind = "Fundamentals" if asked.kind == FUNDAMENTALS else "My file"
    status.start_button(
        "Load this file",
        [*asked.arguments(), *extra],
        f"{kind} {asked.path.name}",
        why_not,
    )


def _remember(asked: Asked) -> None:
    st.session_state["tried"] = asked


@st.cache_data(max_entries=8, show_spinner="Trying every row …")
def _tried(asked: Asked, changed_at: int, generation: int, today: date) -> Rehearsal:
    return asked.rehearse(load_status.place(), today)


def _result(asked: Asked, found: Rehearsal) -> None:
    """Show what would become of a file: the sentence, reasons, rows as understood."""
    COLORS[description.outcome(found)](plain(description.verdict(found)))
    if found.note:
        st.caption(plain(f"{formatting.capitalized(found.note)}."))
    for day, reason in found.taken.held_back[: description.SHOWN_DAYS]:
        words = f"{formatting.day(day)} would be held back: {reason}."
        st.markdown(f":red-badge[held back] {plain(words)}")
    reasons = found.alone()
    if len(reasons):
        what = "values" if asked.kind == FUNDAMENTALS else "rows"
        words = f"Why {what} are refused"
        words += "" if asked.kind == FUNDAMENTALS else ", or their market caps not used"
        if len(reasons) > TOP_REASONS:
            words += f": the {TOP_REASONS} most frequent of {len(reasons)} reasons"
        st.caption(words)
        rows(description.reasons(reasons.head(TOP_REASONS), what))
    st.caption("Its first rows as they are understood")
    rows(description.understood(found.first))


def _overruled(found: Rehearsal, replaces: bool) -> tuple[list[date], str]:
    """Let the reader publish days against the gate; return them and the reason."""
    held = [day for day, _ in found.taken.held_back]
    if not held and not replaces:
        return [], ""
    days: list[date] = []
    if held:
        days = st.multiselect(
            "Publish all the same",
            held,
            format_func=formatting.day,
            key="overruled",
            placeholder="Choose a day",
        )
    reason = told.reason("because", "checked against the closing auction, A. Meyer")
    return days, reason if days or replaces else ""
