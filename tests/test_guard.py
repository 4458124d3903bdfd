"""The door of the server, and who may load what through it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from launcher import serving
from pages import access, guard
from pages.guard import Guard
from recon.errors import BadRequest


def answered(kind: str, **headers: str) -> list[dict[str, Any]]:
    """What a client is sent for a request with these headers."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begin = "http.response.start" if kind == "http" else "websocket.accept"
        await send({"type": begin, "headers": []})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": kind,
        "headers": [(n.encode(), v.encode()) for n, v in headers.items()],
    }
    # a browser test on the same worker leaves a loop running in this thread
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, Guard(app)(scope, receive, send)).result()
    return sent


HOST = "127.0.0.1:8501"


@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        (None, True),
        (f"http://{HOST}", True),
        (f"https://{HOST}", True),
        ("http://127.0.0.1:9000", False),
        ("http://localhost:8501", False),
        ("https://example.org", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_socket_opens_from_a_page_of_its_own_address_only(
    origin: str | None, is_let_in: bool
) -> None:
    given = {} if origin is None else {"origin": origin}
    (message,) = answered("websocket", host=HOST, **given)
    assert message["type"] == ("websocket.accept" if is_let_in else "websocket.close")


def test_every_answer_forbids_frames_and_other_hosts() -> None:
    (message,) = answered("http", host=HOST)
    headers = {name.decode(): value.decode() for name, value in message["headers"]}
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert f"ws://{HOST}" in policy
    assert "*" not in policy and "https:" not in policy


@pytest.mark.parametrize("host", ["a; img-src *", "a b", "", "x\r\ny: z", "[::1]:1/"])
def test_a_host_that_is_none_gets_no_place_in_the_policy(host: str) -> None:
    assert "ws:" not in dict(guard.added(host))["content-security-policy"]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Serve to others, with a key and a folder that is allowed."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("x")
    (tmp_path / "secret.csv").write_text("x")
    (tmp_path / "data" / "link.csv").symlink_to(tmp_path / "secret.csv")
    monkeypatch.setenv(access.SERVED, "desk.example.org")
    monkeypatch.setenv(access.KEY, "the-key")
    monkeypatch.setenv(access.DATA, str(tmp_path / "data"))
    return tmp_path


@pytest.mark.parametrize("entered", ["", "the", "The-Key", "the-key "])
def test_without_the_key_nobody_loads(served: Path, entered: str) -> None:
    st.session_state[access.ENTERED] = entered
    assert not access.may_load()
    assert "need the key" in access.why_not()


def test_with_the_key_a_visitor_loads(served: Path) -> None:
    st.session_state[access.ENTERED] = "the-key"
    assert access.may_load() and access.why_not() == ""


def test_without_a_key_at_start_loads_are_off(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(access.KEY)
    st.session_state[access.ENTERED] = ""
    assert access.why_not().startswith("Loads are off")


@pytest.mark.parametrize(
    "path", ["../secret.csv", "/etc/passwd", "link.csv", "~/x", "a/../../secret.csv"]
)
def test_a_path_outside_the_allowed_folder_is_refused_and_not_echoed(
    served: Path, path: str
) -> None:
    with pytest.raises(BadRequest) as told:
        access.allowed(path)
    assert path not in str(told.value) and str(served) not in str(told.value)


def test_a_path_inside_is_taken_and_none_where_no_folder_is_allowed(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert access.allowed("a.csv") == (served / "data" / "a.csv").resolve()
    monkeypatch.delenv(access.DATA)
    assert not access.takes_paths()
    with pytest.raises(BadRequest):
        access.allowed("a.csv")


@pytest.mark.parametrize(
    ("given", "is_served"),
    [
        ([], False),
        (["--address", "localhost"], False),
        (["--address", "0.0.0.0"], True),
        (["--host", "desk.example.org"], True),
    ],
)
def test_who_is_served_by_which_options(given: list[str], is_served: bool) -> None:
    assert serving.is_served(serving.read_options(given)) == is_served
