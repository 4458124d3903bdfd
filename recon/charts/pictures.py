"""Pictures of figures made on the server if it has Chrome: PNG, SVG and PDF.

One browser draws every picture and is closed at exit. Every picture has a time limit;
without a browser, or if it fails, the reason is one sentence.
"""

import atexit
import os
import shutil
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any

import kaleido

from recon.errors import BadRequest

FORMATS = ("png", "svg", "pdf")
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
LIMIT_SECONDS = 30.0
NO_BROWSER = (
    "Pictures on the server need Chrome or Chromium, which this machine lacks; every "
    "chart's own menu draws PNG, SVG and HTML in your browser, and everything else "
    "works without."
)

_LOCK = threading.Lock()
_state: dict[str, Any] = {"worker": None, "failure": ""}


def unavailable() -> str:
    """Return why no picture can be drawn here; empty if one can."""
    if _state["failure"]:
        return str(_state["failure"])
    named = [os.environ.get("BROWSER_PATH"), *map(shutil.which, NAMES)]
    return "" if any(path and os.path.isfile(path) for path in named) else NO_BROWSER


def picture(
    figure: Mapping, form: str, *, width: int, height: int, scale: float = 2
) -> bytes:
    """Draw a figure given as plain data; return a PNG, SVG or PDF.

    Raises
    ------
    BadRequest
        If the machine has no browser, or it does not answer in time.
    """
    if reason := unavailable():
        raise BadRequest(reason)
    options = {"format": form, "width": width, "height": height, "scale": scale}
    with _LOCK:
        if _state["worker"] is None:
            _state["worker"] = ThreadPoolExecutor(1, thread_name_prefix="pictures")
            kaleido.start_sync_server(n=1, silence_warnings=True)
            atexit.register(close)
        task = _state["worker"].submit(
            kaleido.calc_fig_sync, dict(figure), opts=options
        )
        try:
            drawn: bytes = task.result(timeout=LIMIT_SECONDS)
        except Late:
            _state["failure"] = (
                f"The browser on the server did not draw within {LIMIT_SECONDS:.0f} "
                "seconds, and is not used again until the program restarts."
            )
            raise BadRequest(_state["failure"]) from None
        except Exception as error:
            raise BadRequest(f"A picture could not be drawn: {error}") from None
    return drawn


def close() -> None:
    """Close the browser; the next picture starts another."""
    worker, _state["worker"] = _state["worker"], None
    if worker is not None and not _state["failure"]:
        kaleido.stop_sync_server(silence_warnings=True)
        worker.shutdown(wait=False, cancel_futures=True)
