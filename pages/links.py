"""Links: the whole state of a page in its address, and what to do with an old one.

Streamlit keeps every bound control in the address and drops what it cannot read. Here
the address becomes a link that opens the same rows next month, and a reader is told
what of a link was not followed.
"""

import contextlib
import os
from collections.abc import Iterator
from datetime import date
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.wording import code, plain
from recon import formatting
from recon.exhibits.exhibit import FIRST_PAGE
from recon.exhibits.question import AS_OF, LINK_VERSION, VERSION

SHOWN_WORDS = 60
FIRST_FILE = "pages/now/overview.py"


def page() -> str:
    """Return the name of the page that is shown, such as ``break-points``."""
    return st.session_state.get("shown_page", "") or FIRST_PAGE


def parameters(as_of: date) -> dict[str, list[str]]:
    """Return what the address says, and the day even where it is the newest."""
    names = [name for name in st.query_params if name not in (AS_OF, VERSION)]
    known = {name: st.query_params.get_all(name) for name in names}
    return {**known, AS_OF: [as_of.isoformat()], VERSION: [LINK_VERSION]}


def permalink(as_of: date) -> str:
    """Return a link to the page as it stands, with its day."""
    path = st.session_state.get("shown_page", "")
    return f"{base()}/{path}?{urlencode(parameters(as_of), doseq=True)}"


def base() -> str:
    """Return the address of the app, without the page that is shown.

    `RECON_ADDRESS` is the one that others know it by, where it is not the visitor's.
    """
    if given := public_address():
        return given
    url = (st.context.url or "").rstrip("/")
    path = st.session_state.get("shown_page", "")
    return url.removesuffix(f"/{path}") if path else url


def offered(first: date, last: date) -> tuple[date, date]:
    """Return the days on offer, and keep that a link asks for one beyond them."""
    asked = str(st.query_params.get(AS_OF, ""))
    if asked and not first.isoformat() <= asked <= last.isoformat():
        st.session_state["day_beyond"] = (
            f"{code(f'as_of={asked}'[:SHOWN_WORDS])} is outside the store, "
            f"{formatting.day(first)} to {formatting.day(last)}"
        )
    return first, last


def announce(page: "st.Page") -> None:
    """Put a page's title on its tab; what only stands for another opens that one."""
    if page.url_path == FIRST_PAGE:
        page.run()  # before a control is bound to what is asked
    st.set_page_config(page_title=f"{page.title} · recon")


def first_by_name() -> "st.Page":
    """Return what answers the first page's name, as it stands for all other pages."""
    return st.Page(_open_first, url_path=FIRST_PAGE, visibility="hidden")


def _open_first() -> None:
    asked = [
        (name, value)
        for name in st.query_params
        for value in st.query_params.get_all(name)
    ]
    st.switch_page(FIRST_FILE, query_params=asked)


def is_way_back() -> bool:
    """Tell whether Back or Forward led here: the link rules, not the controls."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def public_address() -> str:
    """Return the address of `RECON_ADDRESS`, such as ``https://recon.desk.example``."""
    return os.environ.get("RECON_ADDRESS", "").strip().rstrip("/")


class _Ended(Exception):
    """A page has shown all it has."""


def end() -> NoReturn:
    """End a page early; unlike `st.stop` it leaves the frame its say."""
    raise _Ended


@contextlib.contextmanager
def followed(path: str) -> Iterator[None]:
    """Say on top of a page what its link asked for in vain, and forget that part."""
    if st.session_state.get("shown_page") != path:
        st.session_state["shown_page"] = path
        st.session_state["not_followed"] = []
    asked = {name: st.query_params.get_all(name) for name in st.query_params}
    place = st.empty()
    with contextlib.suppress(_Ended):
        yield
    _compare(asked)
    if words := st.session_state["not_followed"]:
        parts = "; ".join(words)
        note = f"Not all of the link could be followed, the rest is shown: {parts}."
        place.caption(note)


def _compare(asked: dict[str, list[str]]) -> None:
    beyond = st.session_state.pop("day_beyond", "")
    found: list[str] = [beyond] if beyond else []
    version = asked.pop(VERSION, [LINK_VERSION])
    _drop(VERSION)
    if version != [LINK_VERSION]:
        found.append("it was made by another version of the program")
    for name, values in asked.items():
        words = _plain(f"{name}={','.join(values)}")
        if _drop(name) or name not in st.session_state:
            found.append(f"{words} is not known here")
        elif not _says(st.session_state[name], values):
            found.append(f"{words} is no choice here, {_now(st.session_state[name])}")
    said: list[str] = st.session_state["not_followed"]
    said += [words for words in found if words not in said]


def _drop(name: str) -> bool:
    """Take a part out of the address; False where it is a control's, or not there.

    Not every name that the session knows is a control: a note is one, a table another.
    """
    try:
        del st.query_params[name]
    except (KeyError, StreamlitAPIException):  # the latter for what is bound
        return False
    return True


def _plain(words: str) -> str:
    """Return words of a stranger's link as code, which Markdown does not read."""
    short = words if len(words) <= SHOWN_WORDS else f"{words[: SHOWN_WORDS - 1]}…"
    return code(short)


def _says(value: Any, texts: list[str]) -> bool:
    """Tell whether a control's value is what a link asked for."""
    if isinstance(value, float):
        with contextlib.suppress(ValueError):
            return [float(text) for text in texts] == [value]
    values = value if isinstance(value, (list, tuple)) else [value]
    if isinstance(value, float):
        return _number(texts) == value
    said = [_text(each) for each in values]
    asked = [text.lower() for text in texts]
    return said == asked or said == ",".join(asked).split(",")


def _number(texts: list[str]) -> float | None:
    try:
        return float(texts[0])
    except ValueError:
        return None


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value).lower()


def _now(value: Any) -> str:
    if isinstance(value, date):
        return f"so {formatting.day(value)} is shown"
    return f"so {plain(value)} is shown" if value else "so it is left out"
