"""Who a visitor is: a random word that the browser keeps, and nothing else.

The word goes to the browser with the page's script and comes back as a cookie, so that
a reload, which begins a session anew, is known to be the same visitor.
"""

import uuid

import streamlit as st

from recon.note.drawer import VISITOR

COOKIE = "recon_visitor"


def visitor() -> str:
    """Return the visitor's word: the browser's, else one made for this session."""
    given = st.context.cookies.get(COOKIE)
    if isinstance(given, str) and VISITOR.fullmatch(given):
        return given
    return st.session_state.setdefault(COOKIE, uuid.uuid4().hex)
