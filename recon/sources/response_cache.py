"""Responses kept on disk while a run is under way, so that none is requested twice.

One file a response, named by a digest of the request and written whole or not at all.
A run that was killed starts over, finds here what it had received, and goes on with
the first request that has no response.
"""

import gzip
import hashlib
import json
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LEVEL = 1  # gzip: a page of 500 kB in 5 ms


@dataclass(frozen=True, kw_only=True)
class CachedResponse:
    """What a provider sent: status, the address it came from and the content."""

    status: int
    url: str
    content: bytes


class ResponseCache:
    """The responses of one run, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.turn = 1
        with suppress(OSError, ValueError):
            self.turn = int(self._turns.read_text())

    def next_turn(self) -> None:
        """Let later runs request again what fell short in this one.

        `turn` counts from 1 and becomes part of a repeated request.
        """
        self.turn += 1
        temporary = self._turns.with_suffix(".new")
        temporary.write_text(str(self.turn))
        os.replace(temporary, self._turns)

    def get(self, request: str) -> CachedResponse | None:
        """Return the response to an earlier `request`; None if none can be read."""
        try:
            with gzip.open(self._path(request), "rb") as stream:
                head = json.loads(stream.readline())
                return CachedResponse(content=stream.read(), **head)
        except (OSError, EOFError, ValueError, TypeError, zlib.error):
            return None

    def put(self, request: str, response: CachedResponse) -> None:
        """Keep a response; once this returns, a kill does not lose it."""
        path = self._path(request)
        head = json.dumps({"status": response.status, "url": response.url})
        whole = gzip.compress(head.encode() + b"\n" + response.content, LEVEL)
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as stream:
            stream.write(whole)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)

    @property
    def _turns(self) -> Path:
        return self._folder / "turn"

    def _path(self, request: str) -> Path:
        return self._folder / f"{hashlib.sha256(request.encode()).hexdigest()[:32]}.gz"
