"""Who a visitor is: whom they signed in as, else a random word that the browser keeps.

The word goes to the browser with the page's script and comes back as a cookie, so that
a reload, which begins a session anew, is known to be the same visitor.
"""

import hashlib
import uuid

import streamlit as st

from recon.store.drawers import VISITOR

COOKIE = "recon_visitor"


def visitor() -> str:
    """Return the visitor's word, the same wherever the same person has signed in.

    Without a sign-in it is the browser's, else one made for this session.
    """
    if email := str(st.user.get("email") or ""):
        return hashlib.sha256(email.encode()).hexdigest()[:32]
    given = st.context.cookies.get(COOKIE)
    if isinstance(given, str) and VISITOR.fullmatch(given):
        return given
    return st.session_state.setdefault(COOKIE, uuid.uuid4().hex)
