"""A server of a Streamlit app on a free port, and visitors to it without a browser.

A visitor speaks the browser's websocket protocol: it sends the widgets that it
changed and the hashes of the large messages that it still holds, and a run has ended
when the server says so. Nothing is drawn.
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PROJECT = Path(__file__).resolve().parents[1]
ADDRESS = "127.0.0.1"
START_SECONDS, STOP_SECONDS, RUN_SECONDS = 60, 10, 120
CORES = 2
KEY = re.compile(r"\$\$ID-[0-9a-f]+-(.+)", re.DOTALL)

DeltaPath = tuple[int, ...]


class RunFailed(Exception):
    """A page showed an exception or a refusal, or its server went away."""


@dataclass
class Server:
    """A running app: where it is and which process it is."""

    port: int
    pid: int


@dataclass
class Run:
    """One run of a page as its visitor saw it."""

    seconds: float = 0.0
    received_bytes: int = 0
    deltas: dict[DeltaPath, Delta] = field(default_factory=dict)
    navigation: Any = None


def use_two_cores() -> int:
    """Keep this process and those it starts to two cores; return how many it has."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)
    return len(cores)


@contextlib.contextmanager
def served(script: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Serve an app while the block runs; its process ends with the block.

    Raises
    ------
    RunFailed
        If it does not start; with what it printed.
    """
    with socket.socket() as free:
        free.bind((ADDRESS, 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(script)),
        *("--server.address", ADDRESS, "--server.port", str(port)),
        *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
    ]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _is_up(process, port):
                log.seek(0)
                raise RunFailed(f"{script.name} does not start: {log.read()}")
            yield Server(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_up(process: subprocess.Popen, port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            direct.open(f"http://{ADDRESS}:{port}/_stcore/health", timeout=2).close()
            return True
        time.sleep(0.1)
    return False


class Visitor:
    """One browser tab; `async with Visitor(server) as visitor`.

    With `is_keeping` every run hands out what it showed; without, it is only checked
    and dropped, as fifty tabs in one process must.
    """

    def __init__(self, server: Server, *, is_keeping: bool = False) -> None:
        self.pages: dict[str, str] = {}  # url path: hash
        self._port = server.port
        self._is_keeping = is_keeping
        self._socket: Any = None
        self._page_hash = ""
        self._query: dict[str, str] = {}
        self._widgets: dict[str, tuple[str, str, str]] = {}  # key: id, kind, parameter
        self._held: dict[str, tuple[int, ForwardMsg | None]] = {}  # hash: seen in run
        self._run_number = 0

    async def __aenter__(self) -> "Visitor":
        """Connect."""
        self._socket = await websockets.connect(
            f"ws://{ADDRESS}:{self._port}/_stcore/stream",
            subprotocols=["streamlit"],
            compression=None,
            max_size=None,
            max_queue=None,
            ping_interval=None,
            proxy=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the tab."""
        await self._socket.close()

    @property
    def widgets(self) -> list[str]:
        """Keys of the widgets seen on the page."""
        return list(self._widgets)

    async def open(self, url_path: str = "", query: str = "") -> Run:
        """Load the app at an address, as a new tab does."""
        self._query = dict(urllib.parse.parse_qsl(query))
        return await self._run(page_name=url_path)

    async def go(self, url_path: str) -> Run:
        """Choose another page in the navigation."""
        self._query, self._widgets = {}, {}
        self._page_hash = self.pages[url_path]
        return await self._run()

    async def rerun(self, **changed: bool | str) -> Run:
        """Change widgets, named by their keys, and have the page run again."""
        states = []
        for key, value in changed.items():
            element_id, kind, parameter = self._widgets[key]
            state = WidgetState(id=element_id)
            if isinstance(value, bool):
                state.bool_value = value
            elif kind in ("date_input", "button_group"):
                state.string_array_value.data.append(value)
            else:
                state.string_value = value
            states.append(state)
            if parameter:
                word = str(value).lower() if isinstance(value, bool) else value
                self._query[parameter] = word
        return await self._run(states)

    async def _run(self, states: list[WidgetState] = [], page_name: str = "") -> Run:  # noqa: B006
        message = BackMsg()
        client = message.rerun_script
        client.query_string = urllib.parse.urlencode(self._query)
        client.page_script_hash = self._page_hash
        client.page_name = page_name
        client.widget_states.widgets.extend(states)
        client.cached_message_hashes.extend(self._held)
        client.context_info.timezone = "America/New_York"
        client.context_info.locale = "en-US"
        client.context_info.color_scheme = "light"
        client.context_info.url = f"http://{ADDRESS}:{self._port}/{page_name}"
        self._run_number += 1
        run = Run()
        payload = message.SerializeToString()
        start = time.perf_counter()
        await self._socket.send(payload)
        while not self._take(await self._socket.recv(), run):
            pass
        run.seconds = time.perf_counter() - start
        # a browser forgets a large message that two runs did not show
        self._held = {
            key: entry
            for key, entry in self._held.items()
            if entry[0] > self._run_number - 2
        }
        return run

    def _take(self, payload: bytes, run: Run) -> bool:
        message = ForwardMsg.FromString(payload)
        run.received_bytes += len(payload)
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            _, held = self._held[message.ref_hash]
            self._held[message.ref_hash] = (self._run_number, held)
            if held is None:
                return False
            path = message.metadata.delta_path
            run.deltas[tuple(path)] = held.delta
        elif kind == "delta":
            if message.metadata.cacheable:
                kept = message if self._is_keeping else None
                self._held[message.hash] = (self._run_number, kept)
            self._see(message.delta)
            if self._is_keeping:
                run.deltas[tuple(message.metadata.delta_path)] = message.delta
        elif kind == "new_session":
            self._page_hash = message.new_session.page_script_hash
        elif kind == "navigation":
            pages = message.navigation.app_pages
            self.pages = {page.url_pathname: page.page_script_hash for page in pages}
            self._page_hash = message.navigation.page_script_hash
            run.navigation = message.navigation
        elif kind == "page_not_found":
            raise RunFailed(f"There is no page '{message.page_not_found.page_name}'.")
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise RunFailed("A page does not compile.")
            return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return False

    def _see(self, delta: Delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        kind = delta.new_element.WhichOneof("type")
        element = getattr(delta.new_element, kind)
        if kind == "exception":
            raise RunFailed(f"{element.type}: {element.message}")
        key = user_key(getattr(element, "id", ""))
        if key == "look_again":
            raise RunFailed("The page says that there is nothing to show.")
        if key:
            self._widgets[key] = (
                element.id,
                kind,
                getattr(element, "query_param_key", ""),
            )


def user_key(element_id: str) -> str | None:
    """Return the key that an element's id was made with."""
    found = KEY.fullmatch(element_id)
    return found[1] if found and found[1] != "None" else None
