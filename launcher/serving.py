"""The app served: options, a demo market for an empty store, and the process."""

import argparse
import contextlib
import errno
import http.client
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from launcher.environment import (
    PROJECT,
    REQUIREMENTS,
    Failure,
    prepare,
    reason_of,
    say,
)

ADDRESS = "127.0.0.1"
ANYWHERE = ("0.0.0.0", "::")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PORT = 8501


def main(arguments: Sequence[str]) -> int:
    """Prepare what is missing, then serve until Ctrl-C."""
    options = read_options(arguments)
    check_port(options.address, options.port)
    python = prepare([REQUIREMENTS])
    if not options.empty:
        prepare_store(python, options.store)
    return serve(python, options)


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="start.py",
        description="Start recon. The first start installs what it needs.",
    )
    parser.add_argument(
        "--store",
        metavar="DIR",
        type=lambda folder: Path(folder).absolute(),
        default=os.environ.get("RECON_STORE") or str(PROJECT / "store"),
        help="folder of the data; a demo market is built in an empty one "
        "(default: RECON_STORE, or store/ beside this file)",
    )
    parser.add_argument(
        "--empty",
        action="store_true",
        help="build no demo market: on an empty store the app asks what to load",
    )
    parser.add_argument(
        "--port",
        metavar="N",
        type=port_number,
        default=PORT,
        help=f"port to serve on (default: {PORT})",
    )
    parser.add_argument(
        "--address",
        metavar="A",
        default=ADDRESS,
        help=f"address to serve on (default: {ADDRESS}, this machine only)",
    )
    parser.add_argument(
        "--host",
        metavar="NAME",
        action="append",
        default=[],
        help="name under which others reach it, as through a proxy; may be repeated",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=lambda folder: Path(folder).absolute(),
        help="folder whose files visitors may load by path, where others reach it",
    )
    return parser.parse_args(arguments)


def is_served(options: argparse.Namespace) -> bool:
    """Whether others than this machine's users can reach the app."""
    return bool(options.host) or options.address not in LOOPBACK


def port_number(text: str) -> int:
    """Parse a port number from the command line."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def check_port(address: str, port: int) -> None:
    """Refuse a port that something else listens on."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # A port that was released a moment ago is free. Not on Windows, where
            # this option would also call a port free that is in use.
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failure(
                f"Port {port} on {address} is taken, perhaps by a recon that is "
                "already running: end that program, or choose another port with --port."
            ) from None
        raise Failure(
            f"recon cannot serve on port {port} of {address}: {error.strerror}."
        ) from None


def prepare_store(python: Path, store: Path) -> None:
    """Build the demo market in a store without data."""
    if (store / "CURRENT").exists():
        return
    say(f"Building a demo market in {store} ...")
    result = subprocess.run(
        [python, "-m", "recon", "demo", "--store", store],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    output = result.stderr.decode("utf-8", "replace")
    if result.returncode:
        raise Failure(reason_of(output, "The demo market could not be built"))
    sys.stderr.write(output)


def serve(python: Path, options: argparse.Namespace) -> int:
    """Run the app until it ends or is stopped; return the exit code."""
    address, port = options.address, options.port
    key = secrets.token_urlsafe(12) if is_served(options) else ""
    process = start_app(
        python, address, port, options.store,
        hosts=options.host, data=options.data, key=key,
    )  # fmt: skip
    try:
        wait_until_serving(process, address, port)
        say(f"recon is at {url(address, port)}  (Ctrl-C ends it)")
        if key:
            say(f"Others can reach it; loads need the key {key}")
        code = process.wait()
    except KeyboardInterrupt:
        say("Ending recon ...")
        return 0
    finally:
        stop(process)
    if code:
        raise Failure(f"The app ended with exit code {code}.")
    return 0


def start_app(
    python: str | Path,
    address: str,
    port: int,
    store: Path,
    *,
    hosts: Sequence[str] = (),
    data: Path | None = None,
    key: str = "",
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start the app's server; `options` go to Popen.

    `hosts` are the names that others reach it under, `data` the folder whose paths
    they may name, `key` what they need to load.
    """
    environment = {**options.pop("env", os.environ), "RECON_STORE": str(store)}
    given = {"RECON_SERVED": " ".join(hosts), "RECON_KEY": key, "RECON_DATA": data}
    environment |= {name: str(value) for name, value in given.items() if value}
    # a page of another site cannot pass for this one by pointing its name here
    known = [*LOOPBACK, *hosts, *([address] if address not in ANYWHERE else [])]
    is_open = address in ANYWHERE and not hosts
    # Repeated from .streamlit/config.toml: the user's environment outranks that file,
    # and these settings keep the app from calling out.
    command = [
        *(str(python), "-m", "streamlit", "run", "app.py"),
        f"--server.address={address}",
        f"--server.port={port}",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
        "--logger.hideWelcomeMessage=true",
        "--server.enableXsrfProtection=true",
        "--server.enableCORS=true",
        *(f"--server.allowedHosts={host}" for host in (["*"] if is_open else known)),
        # what went wrong inside is for this machine's users
        f"--client.showErrorDetails={'type' if key else 'full'}",
    ]
    return subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, **options
    )


def wait_until_serving(
    process: subprocess.Popen[bytes],
    address: str,
    port: int,
    patience_seconds: float = 60,
) -> None:
    """Return once the server answers; fail if it ends or stays silent."""
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failure(f"The app ended at once with exit code {process.returncode}.")
        if is_serving(address, port):
            return
        time.sleep(0.1)
    raise Failure(f"The app did not answer within {patience_seconds} seconds.")


def is_serving(address: str, port: int) -> bool:
    """Whether the server reports that it is healthy."""
    connection = http.client.HTTPConnection(reachable(address), port, timeout=5)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/_stcore/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def reachable(address: str) -> str:
    """Return the address to call a server at that listens on `address`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)


def url(address: str, port: int) -> str:
    """Return the address to type into a browser."""
    host = reachable(address)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, by force if it does not react."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
