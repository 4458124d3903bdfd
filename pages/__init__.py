"""What the pages share: the store, the day, cached answers, and how things are shown.

`pages.loads` has the caches, `pages.showing` the looks; today is known here alone.
"""

import contextlib
import os
from datetime import date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from pages import links, load_status
from pages.cache import (
    adjusted_break_points,
    break_points,
    coverage,
    day_on_or_before,
    days,
    drawn,
    estimated,
    histories,
    ledger,
    line_errors,
    membership_lists,
    memberships,
    projected,
    projection,
    provenance,
    published_days,
    refusal_counts,
    refusals,
    scorecard,
    scored,
    scored_years,
    settle,
    store,
    told,
    watched,
)
from pages.display import (
    answer,
    empty_head,
    first_line,
    refused,
    show,
    small_print,
    table_frame,
    theme,
    toolbar,
)
from pages.links import end
from recon import export, formatting, reconstitution, schedule
from recon.errors import ReconError

NEW_YORK = ZoneInfo("America/New_York")


def today() -> date:
    """Return the day of `RECON_TODAY`, else today in New York."""
    given = os.environ.get("RECON_TODAY")
    return date.fromisoformat(given) if given else datetime.now(NEW_YORK).date()


def clock(as_of: date) -> date:
    """Return the day that the calendar is read on.

    Today for the latest day, and an earlier day for itself: a link to it shows next
    month what it shows now.
    """
    return today() if as_of == day_span()[1] else as_of


def base_projection(as_of: date, rank_day: date | None) -> reconstitution.Projection:
    """Project the last rank day, or `as_of` where the store does not reach back."""
    is_held = rank_day is not None and rank_day >= day_span()[0]
    return projection(rank_day if is_held and rank_day else as_of)


def day_span() -> tuple[date, date]:
    """Return the first and the last published day that is not after today.

    Raises
    ------
    SnapshotMissing
        If the store holds none.
    """
    last = day_on_or_before(today())
    return published_days()[0].date(), last


def framed(page: "st.Page") -> None:
    """Run a page in the frame that all share: toolbar, day, link, and refusals."""
    toolbar()
    as_of_control()
    with links.followed(page.url_path):
        try:
            page.run()
        except ReconError as error:
            refused(error, load_status.offers_for(error))
    settle()


def as_of_control() -> None:
    """Let the reader choose the day of all pages, in the sidebar and in the link.

    Belongs to the frame, so that a change of page keeps it; nothing where the store
    has no day to choose from, since the page then says so.
    """
    with contextlib.suppress(ReconError):
        first, last = day_span()
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
    return day_on_or_before(st.session_state.get("as_of") or last)


def head(title: str, as_of: date) -> None:
    """Show the first line: title, day, source, and what to beware of."""
    last = day_span()[1]
    age = schedule.sessions_between(last, today())
    badges = [f":blue-badge[{export.DEMO}]"] if store().is_demo else []
    if as_of < last:
        badges.append(f":gray-badge[latest day is {formatting.day(last)}]")
    elif age > 1:
        badges.append(f":orange-badge[data is {age:,} sessions old]")
    first_line(title, provenance(title, as_of), [*badges, load_status.badge()])
