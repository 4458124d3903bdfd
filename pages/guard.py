"""The door of the server: who may open a socket, and what a browser may ask for.

Before Streamlit sees it, a socket is refused that a page of another address opens.
Every answer tells the browser to ask nobody else and to show the app in no frame.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.middleware import Middleware

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HOST = re.compile(r"^(\[[0-9A-Fa-f:]+\]|[\w.-]+)(:\d{1,5})?$", re.ASCII)
POLICY_VIOLATION = 1008
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' "
    "data:; worker-src 'self' blob:; connect-src 'self' data: blob:{sockets}; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class Guard:
    """Middleware of the app's server."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let a request through with headers added, or refuse a strange socket."""
        named = {
            name: text.decode("latin-1") for name, text in scope.get("headers", ())
        }
        if scope["type"] == "websocket" and not is_same(
            named.get(b"origin"), named.get(b"host")
        ):
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        headers = [(n.encode(), v.encode()) for n, v in added(named.get(b"host", ""))]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *headers]
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)


def is_same(origin: str | None, host: str | None) -> bool:
    """Tell whether a socket's origin is the address it is opened at.

    A program that is no browser sends no origin.

    >>> is_same("http://127.0.0.1:8501", "127.0.0.1:8501"), is_same(None, "a")
    (True, True)
    >>> is_same("http://127.0.0.1:9000", "127.0.0.1:8501"), is_same("null", "a")
    (False, False)
    """
    return origin is None or (bool(host) and urlsplit(origin).netloc == host)


def added(host: str) -> list[tuple[str, str]]:
    """Return the headers of every answer to a request for a host."""
    # not every browser takes a socket to the same host for 'self'
    sockets = f" ws://{host} wss://{host}" if HOST.match(host) else ""
    return [
        ("content-security-policy", POLICY.format(sockets=sockets)),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ]


DOOR = (Middleware(Guard),)
