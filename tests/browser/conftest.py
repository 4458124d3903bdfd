"""What a browser test needs: Chromium, a running app, and proof of no calls out.

    def test_title(page, app_url):
        page.goto(app_url)

`app_url` serves the demo market; `serve(folder)` serves another store. In the dark:
`@pytest.mark.parametrize("color_scheme", ["dark"])`.
"""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from launcher import serving
from launcher.environment import Failure
from tests.browser import chrome
from tests.conftest import TODAY

VIEWPORT = {"width": 1280, "height": 900}
# Two cores serve the app, draw it and run the other tests at once.
PATIENCE_MS = 60_000

BROWSER_ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses to run as root with one
    "--disable-dev-shm-usage",  # /dev/shm is small in containers
    "--disable-gpu",
    # The browser itself must not call out either.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items):
    """Mark the tests of this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Launch the machine's browser; skip without one."""
    path = chrome.find()
    if path is None:
        pytest.skip(chrome.missing())
    return {
        **browser_type_launch_args,
        "executable_path": path,
        "args": BROWSER_ARGUMENTS,
    }


@pytest.fixture
def color_scheme():
    """Return what the visitor's system prefers; parametrize it with "dark"."""
    return "light"


@pytest.fixture
def browser_context_args(browser_context_args, color_scheme):
    """Give every visitor the same screen."""
    return {**browser_context_args, "viewport": VIEWPORT, "color_scheme": color_scheme}


@pytest.fixture
def new_context(new_context, server_addresses):
    """Open browser contexts, and fail the test on a request to anyone but us."""
    expect.set_options(timeout=PATIENCE_MS)
    urls = []

    def watched_context(**options):
        context = new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        context.on("request", lambda request: urls.append(request.url))
        context.on("page", watch_sockets)
        return context

    def watch_sockets(page):
        page.on("websocket", lambda web_socket: urls.append(web_socket.url))

    yield watched_context
    strangers = sorted({url for url in urls if not is_ours(url, server_addresses)})
    assert not strangers, f"the page called out: {strangers}"


def is_ours(url, addresses):
    """Whether a request stays in the page or goes to one of our servers."""
    return url.startswith(("data:", "blob:")) or any(
        url.startswith((f"http://{address}/", f"ws://{address}/"))
        for address in addresses
    )


@pytest.fixture(scope="session")
def server_addresses():
    """Return the host:port of every server that this worker has started."""
    return set()


@pytest.fixture(scope="session")
def serve(tmp_path_factory, server_addresses):
    """Return a function that serves a store and returns the app's address."""
    urls = {}
    with contextlib.ExitStack() as servers:

        def serve_store(store):
            if store not in urls:
                log = tmp_path_factory.mktemp("server") / "log.txt"
                urls[store] = servers.enter_context(served(store, log))
                server_addresses.add(urls[store].removeprefix("http://"))
            return urls[store]

        yield serve_store


@pytest.fixture
def serve_anew(tmp_path, server_addresses):
    """Return a function that serves a store to visitors that nobody came before."""
    with contextlib.ExitStack() as servers:

        def serve_store(store, today=TODAY):
            url = servers.enter_context(served(store, tmp_path / "log.txt", today))
            server_addresses.add(url.removeprefix("http://"))
            return url

        yield serve_store


@contextlib.contextmanager
def served(store, log, today=TODAY):
    """Serve a store on a free loopback port for as long as the context lasts."""
    port = free_port()
    with log.open("w") as output:
        process = serving.start_app(
            sys.executable,
            serving.ADDRESS,
            port,
            store,
            env={**os.environ, "RECON_TODAY": today},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            serving.wait_until_serving(process, serving.ADDRESS, port)
            yield serving.url(serving.ADDRESS, port)
        except Failure as failure:
            pytest.fail(f"{failure} It said: {log.read_text()[-2000:]}")
        finally:
            serving.stop(process)


def free_port():
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((serving.ADDRESS, 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def app_url(serve, demo_store):
    """Return the address of the app on the demo market."""
    return serve(demo_store)
