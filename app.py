"""Table of contents: the sections, their pages, and one frame for what is refused.

A server imports it for `app` before anyone waits, then runs it for each visitor.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages import framed, links
from pages.feeds import ROUTES
from pages.guard import DOOR

CONTENTS = {
    "Now": {
        "overview": ("now/overview.py", "Overview"),
        "break-points": ("now/break_points.py", "Breakpoints"),
        "candidates": ("now/candidates.py", "Candidates"),
        "changes": ("now/changes.py", "Changes"),
        "official": ("now/official.py", "Official"),
        "watchlist": ("now/watchlist.py", "Watchlist"),
        "company": ("now/company.py", "Company"),
        "style": ("now/style.py", "Style"),
        "what-if": ("now/what_if.py", "What if"),
        "accuracy": ("now/accuracy.py", "Accuracy"),
    },
    "Trading": {
        "demand": ("trading/demand.py", "Demand"),
        "events": ("trading/events.py", "Event study"),
    },
    "Market": {
        "segments": ("market/segments.py", "Catch-up"),
        "valuation": ("market/valuation.py", "Valuation"),
        "breadth": ("market/breadth.py", "Breadth"),
        "concentration": ("market/concentration.py", "Concentration"),
        "rotation": ("market/rotation.py", "Rotation"),
        "rates": ("market/rates.py", "Rates"),
    },
    "Note": {"note": ("note/builder.py", "Note")},
    "Data": {
        "load": ("data/load.py", "Load"),
        "data": ("data/data_health.py", "Data"),
        "methodology": ("data/methodology.py", "Methodology"),
    },
}


def navigation() -> "st.Page":
    """Return the page that the visitor asked for."""
    sections = {
        section: [_page(url_path, *entry) for url_path, entry in entries.items()]
        for section, entries in CONTENTS.items()
    }
    sections["Now"].append(links.first_by_name())
    return st.navigation(sections, expanded=True)


def _page(url_path: str, file: str, title: str) -> "st.Page":
    if url_path == "overview":  # its name is for `first_by_name`
        return st.Page(f"pages/{file}", title=title, url_path="first", default=True)
    return st.Page(f"pages/{file}", title=title, url_path=url_path)


if __name__ == "__main__":
    st.set_page_config(page_title="recon", layout="wide", initial_sidebar_state=240)
    framed(navigation())
else:
    # Streamlit's older discovery of a folder called pages answers a deep link of the
    # first visitor with "page not found", until `st.navigation` has turned it off.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, middleware=DOOR, routes=ROUTES)
