"""Answers kept for as long as they are likely to be asked again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, TypeVar, cast

Answer = TypeVar("Answer")
Method = TypeVar("Method", bound=Callable[..., Any])
Busy = Callable[[str], AbstractContextManager[object]]
Show = Callable[[float], None]
Progress = Callable[[str], AbstractContextManager[Show | None]]


def unseen(words: str) -> AbstractContextManager[None]:
    """Show nobody how far something is."""
    return nullcontext()


class Memory:
    """The last answers to each kind of question; safe to ask from many threads.

    One thread computes an answer and the others that ask for it wait. A refusal is
    not kept. `busy` frames what takes a while, with words for whoever waits.
    """

    def __init__(self, busy: Busy = nullcontext) -> None:
        """Begin without an answer."""
        self._busy = busy
        self._lock = threading.Lock()
        self._kept: dict[str, OrderedDict[Hashable, _Slot]] = {}

    def get(
        self,
        name: str,
        key: Hashable,
        entries: int,
        compute: Callable[[], Answer],
        doing: str = "",
    ) -> Answer:
        """Return the kept answer to a question, or compute and keep it.

        `entries` is how many answers of the kind `name` are kept; `doing` says in
        words what takes a while.
        """
        with self._lock:
            kept = self._kept.setdefault(name, OrderedDict())
            slot = kept.setdefault(key, _Slot())
            kept.move_to_end(key)
            while len(kept) > entries:
                kept.popitem(last=False)
        with slot.lock:
            if not slot.is_known:
                with self._busy(doing) if doing else nullcontext():
                    slot.answer = compute()
                slot.is_known = True
            return slot.answer


class _Slot:
    """One answer, and the lock of whoever computes it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.is_known = False
        self.answer: Any = None


def remembered(entries: int, doing: str = "") -> Callable[[Method], Method]:
    """Keep the last answers of a method in its object's `memory`."""

    def wrap(method: Method) -> Method:
        @wraps(method)
        def ask(self: Any, *args: Hashable) -> Any:
            return self.memory.get(
                method.__name__, args, entries, lambda: method(self, *args), doing
            )

        return cast(Method, ask)

    return wrap
