"""What the pages share: the day, the answers, the controls, and how things are shown.

`pages.cache` has the answers, `pages.display` the looks; today is known here alone.
"""

import contextlib
import os
from datetime import date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from pages import cache, filters, links, load_status
from pages.cache import answers
from pages.controls import ask
from pages.display import (
    answer,
    empty_head,
    exhibit,
    first_line,
    made,
    refused,
    small_print,
    table_frame,
    toolbar,
)
from pages.links import end
from pages.wording import plain
from recon import export, formatting, schedule
from recon.errors import ReconError
from recon.exhibits.question import RANK_DAY, RankedQuestion

NEW_YORK = ZoneInfo("America/New_York")


def today() -> date:
    """Return the day of `RECON_TODAY`, else today in New York."""
    given = os.environ.get("RECON_TODAY")
    return date.fromisoformat(given) if given else datetime.now(NEW_YORK).date()


def clock(as_of: date) -> date | None:
    """Return today where the newest day is shown, None for an earlier day.

    A link to an earlier day shows next month what it shows now.
    """
    return today() if as_of == day_span()[1] else None


def day_span() -> tuple[date, date]:
    """Return the first and the last published day that is not after today.

    Raises
    ------
    SnapshotMissing
        If the store holds none.
    """
    last = answers().day_on_or_before(today())
    return answers().first_day(), last


def framed(page: "st.Page") -> None:
    """Run a page in the frame that all share: toolbar, day, link, and refusals."""
    links.announce(page)
    toolbar()
    as_of_control()
    filters.company_search()
    with links.followed(page.url_path):
        try:
            page.run()
        except ReconError as error:
            refused(error, load_status.offers_for(error))
    cache.settle()


def as_of_control() -> None:
    """Let the reader choose the day of all pages, where the store has one."""
    with contextlib.suppress(ReconError):
        first, last = links.offered(*day_span())
        st.sidebar.date_input(
            "As of",
            value=last,
            min_value=first,
            max_value=last,
            key="as_of",
            bind="query-params",
            format="YYYY-MM-DD",
            help="The day the pages speak of; nothing known later is used.",
        )


def pick_as_of() -> date:
    """Return the published session of the day that the reader chose."""
    last = day_span()[1]
    day = answers().day_on_or_before(st.session_state.get("as_of") or last)
    cache.looked_at(day)
    return day


def pick_ranking(as_of: date) -> str:
    """Return which ranking the reader chose; there are two once rank day has come."""
    if answers().deciding_day(as_of) is None:
        return RANK_DAY
    return ask(RankedQuestion, as_of).ranked


def head(title: str, as_of: date, ranked: str = "") -> None:
    """Show the first line: title, day, source, and what to beware of.

    `ranked` is the ranking that the page shows, where it shows one.
    """
    last = day_span()[1]
    age = schedule.sessions_between(last, today())
    badges = [f":blue-badge[{export.DEMO}]"] if answers().store.is_demo else []
    asked = st.session_state.get("as_of")
    if asked and asked != as_of:
        badges.append(f":gray-badge[no session on {formatting.day(asked)}]")
    if cache.is_damaged():
        badges.append(":red-badge[damaged store, an earlier state: run recon check]")
    if as_of < last:
        badges.append(f":gray-badge[latest day is {formatting.day(last)}]")
    elif age > 1:
        badges.append(f":orange-badge[data is {age:,} sessions old]")
    what_if, words = answers().ranking_words(as_of, ranked) if ranked else ("", "")
    if words:
        colour, start = ("orange", "what if: ") if what_if else ("violet", "")
        badges.append(f":{colour}-badge[{start}{plain(words)}]")
    provenance = answers().provenance(title, as_of)
    first_line(title, provenance, [*badges, load_status.badge()])


__all__ = [
    "answer",
    "answers",
    "as_of_control",
    "ask",
    "clock",
    "day_span",
    "empty_head",
    "end",
    "exhibit",
    "framed",
    "head",
    "made",
    "pick_as_of",
    "pick_ranking",
    "small_print",
    "table_frame",
    "today",
]
