"""Answers kept on disk while a run is under way: what was answered is not asked again.

One file an answer, named by a digest of what was asked and written whole or not at
all. A run that was killed is started again as it was; what it had been told it hears
from here, and goes on with the first question that has no answer.
"""

import gzip
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

LEVEL = 1  # gzip: a page of 500 kB in 5 ms


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a provider said: status, the address it came from and the content."""

    status: int
    url: str
    content: bytes


class Answers:
    """The answers of one run, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.turn = int(self._turns.read_text()) if self._turns.exists() else 1

    def next_turn(self) -> None:
        """Begin anew what could not be had: later runs ask for it once more.

        `turn` counts from 1; who asks a second time puts it into the question.
        """
        self.turn += 1
        temporary = self._turns.with_suffix(".new")
        temporary.write_text(str(self.turn))
        os.replace(temporary, self._turns)

    def get(self, asked: str) -> Answer | None:
        """Return what was answered to `asked` before, or None."""
        try:
            with gzip.open(self._path(asked), "rb") as stream:
                head = json.loads(stream.readline())
                return Answer(content=stream.read(), **head)
        except FileNotFoundError:
            return None

    def put(self, asked: str, answer: Answer) -> None:
        """Keep an answer; after this returns a kill does not lose it."""
        path = self._path(asked)
        head = json.dumps({"status": answer.status, "url": answer.url})
        whole = gzip.compress(head.encode() + b"\n" + answer.content, LEVEL)
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as stream:
            stream.write(whole)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)

    def count(self) -> int:
        """Count the answers kept so far."""
        return sum(1 for _ in self._folder.glob("*.gz"))

    @property
    def _turns(self) -> Path:
        return self._folder / "turn"

    def _path(self, asked: str) -> Path:
        return self._folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:32]}.gz"
