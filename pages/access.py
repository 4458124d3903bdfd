"""Who may start a load, and which paths of the machine a visitor may name.

On this machine alone everybody is its user. Served to others, loads need the key that
is printed at start, and paths are those inside one folder, if one is allowed.
"""

import hmac
import ipaddress
import os
from pathlib import Path

import streamlit as st

from recon.errors import BadRequest

SERVED = "RECON_SERVED"  # the names that others know this server by
DATA = "RECON_DATA"  # the one folder whose paths visitors may name
KEY = "RECON_KEY"
ENTERED = "load_key"


def is_served() -> bool:
    """Tell whether others than this machine's users can reach the server."""
    address = st.get_option("server.address")
    return bool(os.environ.get(SERVED)) or not is_loopback(address)


def is_loopback(address: str | None) -> bool:
    """Tell whether an address is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback(None)
    (True, False, False)
    """
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def may_load() -> bool:
    """Tell whether this visitor may start, resume and cancel loads."""
    if not is_served():
        return True
    key = os.environ.get(KEY, "")
    entered = str(st.session_state.get(ENTERED) or "")
    return bool(key) and hmac.compare_digest(entered.encode(), key.encode())


def why_not() -> str:
    """Say why this visitor may not load; empty where they may."""
    if may_load():
        return ""
    if not os.environ.get(KEY):
        return "Loads are off: the server was started without a key."
    return "Loads need the key that was printed when the server was started."


def ask_for_key() -> None:
    """Let a visitor of a served app enter the key, until it is right."""
    if is_served() and os.environ.get(KEY) and not may_load():
        st.text_input(
            "Key for loads",
            type="password",
            key=ENTERED,
            width=320,
            help="Printed in the terminal in which the server was started",
        )


def takes_paths() -> bool:
    """Tell whether a visitor may name a path of this machine."""
    return not is_served() or bool(os.environ.get(DATA))


def allowed(path: str) -> Path:
    """Return the absolute path that a visitor named, if they may name it.

    Raises
    ------
    BadRequest
        If it lies outside the folder that is allowed, links followed.
    """
    given = Path(path.strip()).expanduser()
    if not is_served():
        return given.absolute()
    folder = Path(os.environ.get(DATA) or os.devnull).resolve()
    found = (folder / given).resolve()
    if not os.environ.get(DATA) or not found.is_relative_to(folder):
        raise BadRequest("Only paths inside the data folder of the server can be used.")
    return found
