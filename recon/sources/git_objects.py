"""Commits and files of a local git clone, read as plain objects.

The git program is never run and the clone's configuration is never read: it could name
programs to start. Nothing is fetched, no link is followed out of the folder, and what
is unpacked stays below a limit by its declared size. Decision 0054.
"""

import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

from dulwich.errors import ApplyDeltaError, FileFormatException
from dulwich.object_store import DiskObjectStore
from dulwich.objects import Commit, ObjectID, RawObjectID, ShaFile, Tag, Tree
from dulwich.pack import Pack

from recon.errors import SourceUnreadable

MOST_BYTES = 16 << 20  # of one object; an exchange's file has under 2 MB
MOST_COMMITS = 200_000
MOST_REFS = 100_000
MOST_CHAIN = 4_096  # deltas upon deltas; git itself makes 250 at most
Buffer = bytes | mmap
SHA = re.compile(rb"[0-9a-f]{40}")
INSIDE = ("objects", "objects/pack", "objects/info", "refs", "packed-refs", "HEAD")
ELSEWHERE = ("objects/info/alternates", "objects/info/http-alternates", "commondir")
REFERENCE_DELTA, OFFSET_DELTA = 7, 6
BROKEN = (
    OSError,
    KeyError,
    ValueError,
    IndexError,
    AssertionError,
    zlib.error,
    ApplyDeltaError,
    FileFormatException,
)


@dataclass(frozen=True, kw_only=True)
class CommitFound:
    """A commit by its name: when it was made, in seconds since 1970."""

    name: str
    made_at: int


class Clone:
    """The objects of one clone.

    Raises
    ------
    SourceUnreadable
        If the folder is no clone, belongs to another user, or its objects lie
        elsewhere.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._root = _root(folder)
        self._store = DiskObjectStore(
            self._root / "objects", loose_object_size_limit=MOST_BYTES
        )

    def close(self) -> None:
        """Let go of every file."""
        self._store.close()

    def commits(self) -> Iterator[CommitFound]:
        """Every commit that a branch or a tag leads to, each once.

        Raises
        ------
        SourceUnreadable
            If a branch leads to a commit that is not there, or there are too many.
        """
        boundary = set(self._listed("shallow"))
        waiting = list(dict.fromkeys(self._tips()))
        seen = set(waiting)
        while waiting:
            name = waiting.pop()
            made_at, parents = self._read(name)
            if made_at is not None:
                yield CommitFound(name=name.decode(), made_at=made_at)
            parents = [] if name in boundary else parents
            waiting += [parent for parent in parents if parent not in seen]
            seen.update(parents)
            if len(seen) > MOST_COMMITS:
                raise SourceUnreadable(
                    f"{self.folder} has more than {MOST_COMMITS:,} commits; give a "
                    "clone of the branch that holds the listings."
                )

    def file(self, commit: str, path: str) -> bytes | None:
        """Return a file of a commit; None where it has none of that name.

        Raises
        ------
        SourceUnreadable
            If an object cannot be read, or unpacks to more than the limit.
        """
        with self._told(commit.encode()):
            found = self._object(commit.encode())
            name = found.tree if isinstance(found, Commit) else None
            for part in path.split("/"):
                tree = self._object(name) if name else None
                entry = part.encode()
                if not isinstance(tree, Tree) or entry not in tree:
                    return None
                mode, name = tree[entry]
            if name is None or not stat.S_ISREG(mode) or name not in self._store:
                return None
            return self._object(name).as_raw_string()

    def _read(self, name: bytes) -> tuple[int | None, list[bytes]]:
        """Return when a commit was made and what it follows, or what a tag names."""
        with self._told(name):
            found = self._object(name)
            if isinstance(found, Commit):
                return found.commit_time, list(found.parents)
            return None, [found.object[1]] if isinstance(found, Tag) else []

    def _object(self, name: bytes) -> ShaFile:
        object_id = ObjectID(name)
        self._check_size(object_id)
        kind, content = self._store.get_raw(object_id)
        return ShaFile.from_raw_string(kind, content, object_id)

    @contextmanager
    def _told(self, name: bytes) -> Iterator[None]:
        """Turn whatever an object that is not sound raises into a sentence."""
        try:
            yield
        except BROKEN as error:
            raise SourceUnreadable(
                f"{self.folder.name} cannot be read as a git clone: object "
                f"{name[:10].decode(errors='replace')} is not there, damaged, or "
                f"unpacks to more than {MOST_BYTES >> 20} MB."
            ) from error

    def _check_size(self, name: ObjectID) -> None:
        """Raise ValueError where a packed object declares more than the limit."""
        for pack in self._store.packs:
            if name in pack:
                _check_chain(pack, pack.index.object_offset(name))
                return

    def _tips(self) -> Iterator[bytes]:
        """Names of the objects that branches and tags lead to."""
        count = 0
        for folder, _, files in os.walk(self._root / "refs"):
            for file in files:
                count += 1
                path = Path(folder, file)
                if count > MOST_REFS:
                    raise SourceUnreadable(
                        f"{self.folder.name} has more than {MOST_REFS:,} references."
                    )
                if path.is_symlink() or not path.is_file():
                    continue
                with path.open("rb") as stream:
                    yield from SHA.findall(stream.read(40))
        yield from self._listed("packed-refs")
        with (self._root / "HEAD").open("rb") as stream:
            yield from SHA.findall(stream.read(40))

    def _listed(self, name: str) -> list[bytes]:
        """Object names at the start of a file's lines."""
        path = self._root / name
        if path.is_symlink() or not path.is_file():
            return []
        with path.open("rb") as stream:
            lines = stream.read(MOST_BYTES).splitlines()
        found = (SHA.match(line) for line in lines)
        return [match[0] for match in found if match]


def is_clone(folder: Path) -> bool:
    """Tell whether a folder is a git repository, with or without a work tree."""
    return (folder / ".git").exists() or (folder / "HEAD").is_file()


def _root(folder: Path) -> Path:
    """Return the folder of a clone's objects, if it is safe to read."""
    root = folder / ".git" if (folder / ".git").exists() else folder
    if root.is_symlink() or not root.is_dir():
        raise SourceUnreadable(
            f"{folder.name} keeps its git objects elsewhere (.git is a link or a "
            "file); give the folder that holds them."
        )
    links = [name for name in INSIDE if (root / name).is_symlink()]
    away = [name for name in ELSEWHERE if (root / name).exists()]
    if links or away:
        raise SourceUnreadable(
            f"{folder.name} keeps its git objects elsewhere ({(links + away)[0]}); "
            "give a clone that holds them itself (git clone --no-local --dissociate)."
        )
    if not (root / "objects").is_dir() or not (root / "HEAD").is_file():
        raise SourceUnreadable(f"{folder.name} is no git repository.")
    if hasattr(os, "getuid") and root.stat().st_uid != os.getuid():
        raise SourceUnreadable(
            f"{folder.name} belongs to another user; copy it, so that it is yours, and "
            "give the copy."
        )
    return root


def _check_chain(pack: Pack, offset: int) -> None:
    """Raise ValueError if an object of a pack, or what it builds on, is too large."""
    buffer = pack.data._buffer()
    for _ in range(MOST_CHAIN):
        kind, size, at = _head(buffer, offset)
        if size > MOST_BYTES:
            raise ValueError("too large")
        if kind not in (OFFSET_DELTA, REFERENCE_DELTA):
            return
        if kind == OFFSET_DELTA:
            back, at = _distance(buffer, at)
            if not 0 < back <= offset:
                raise ValueError("no base")
            base = offset - back
        else:
            base, at = (
                pack.index.object_offset(RawObjectID(buffer[at : at + 20])),
                at + 20,
            )
        start = zlib.decompressobj().decompress(bytes(buffer[at : at + 64]), 24)
        _, place = _number(start, 0)
        result, _ = _number(start, place)
        if result > MOST_BYTES:
            raise ValueError("too large")
        offset = base
    raise ValueError("too many deltas")


def _head(buffer: Buffer, at: int) -> tuple[int, int, int]:
    """Return kind and size of a packed object, and where its content begins."""
    byte = buffer[at]
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    while byte & 0x80:
        at += 1
        byte = buffer[at]
        size |= (byte & 0x7F) << shift
        shift += 7
    return kind, size, at + 1


def _number(content: bytes, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, lowest first, and where it ends."""
    number, shift = 0, 0
    while content[at] & 0x80:
        number |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return number | content[at] << shift, at + 1


def _distance(buffer: Buffer, at: int) -> tuple[int, int]:
    """Return how far back a delta's base lies, and where the delta begins."""
    number = buffer[at] & 0x7F
    while buffer[at] & 0x80:
        at += 1
        number = ((number + 1) << 7) | (buffer[at] & 0x7F)
    return number, at + 1
