"""Hostile git clones: nothing they name is run, followed or unpacked without end."""

import hashlib
import os
import shutil
import struct
import zlib
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from dulwich.object_store import DiskObjectStore
from dulwich.objects import Blob, Commit, Tree

from recon.errors import SourceUnreadable
from recon.sources import git_objects, nasdaq
from recon.sources.git_objects import Clone

DAY = date(2024, 3, 6)
NOON = int(datetime(2024, 3, 6, 17, tzinfo=UTC).timestamp())
LISTED = b'[{"symbol": "A", "lastsale": "$1.00", "marketCap": "2"}]'
NAME = "nasdaq/nasdaq_full_tickers.json"


def clone_with(
    folder: Path, content: bytes = LISTED, *, mode: int = 0o100644, made_at: int = NOON
) -> Path:
    """Make a clone of one commit that holds one exchange's file."""
    root = folder / ".git"
    (root / "objects" / "info").mkdir(parents=True)
    (root / "objects" / "pack").mkdir()
    (root / "refs" / "heads").mkdir(parents=True)
    (root / "HEAD").write_text("ref: refs/heads/main\n")
    store = DiskObjectStore(root / "objects")
    blob = Blob.from_string(content)
    inner, outer = Tree(), Tree()
    inner.add(b"nasdaq_full_tickers.json", mode, blob.id)
    outer.add(b"nasdaq", 0o40000, inner.id)
    commit = Commit()
    commit.tree, commit.message = outer.id, b"nightly"
    commit.author = commit.committer = b"a <a@example.org>"
    commit.author_time = commit.commit_time = made_at
    commit.author_timezone = commit.commit_timezone = 0
    for each in (blob, inner, outer, commit):
        store.add_object(each)
    store.close()
    (root / "refs" / "heads" / "main").write_bytes(commit.id + b"\n")
    return folder


def files_of(folder: Path) -> list[nasdaq.ScreenerFile]:
    with closing(Clone(folder)) as clone:
        commits = nasdaq.clone_commits(clone)
        return [
            file
            for day, commit in commits.items()
            for file in nasdaq.clone_files(clone, day, commit)
        ]


def fault_of(folder: Path) -> str:
    """Return why the one file of a clone is left out."""
    (file,) = files_of(folder)
    with pytest.raises(SourceUnreadable) as told:
        nasdaq.parse_screener(file)
    return str(told.value)


def test_a_file_is_read_from_its_commit(tmp_path: Path) -> None:
    (file,) = files_of(clone_with(tmp_path / "clone"))
    assert (file.snapshot_date, file.exchange, file.content) == (DAY, "nasdaq", LISTED)


KEYS = (
    "core.pager",
    "core.fsmonitor",
    "core.sshCommand",
    "core.hooksPath",
    "gpg.program",
    "gpg.ssh.program",
    "pager.log",
    "diff.external",
    "filter.lfs.smudge",
    "uploadpack.packObjectsHook",
    "credential.helper",
    "remote.origin.vcs",
    "alias.log",
)


@pytest.mark.parametrize("key", KEYS)
def test_no_program_that_a_clone_names_is_run(tmp_path: Path, key: str) -> None:
    folder = clone_with(tmp_path / "clone")
    ran = tmp_path / "ran"
    section, _, name = key.rpartition(".")
    head, _, sub = section.partition(".")
    title = f'[{head} "{sub}"]' if sub else f"[{head}]"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    trap.chmod(0o755)
    (folder / ".git" / "config").write_text(
        f"{title}\n\t{name} = {trap}\n[log]\n\tshowSignature = true\n"
        f'[remote "origin"]\n\tpromisor = true\n\turl = ext::{trap}\n'
        "\tpartialclonefilter = blob:none\n"
        "[extensions]\n\tpartialClone = origin\n[include]\n\tpath = /etc/passwd\n"
    )
    (folder / ".git" / "hooks").mkdir()
    shutil.copy(trap, folder / ".git" / "hooks" / "post-checkout")
    assert files_of(folder)[0].content == LISTED
    assert not ran.exists()


def test_what_a_partial_clone_lacks_is_not_fetched(tmp_path: Path) -> None:
    folder = clone_with(tmp_path / "clone")
    blob = Blob.from_string(LISTED).id.decode()
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert files_of(folder) == []


@pytest.mark.parametrize("name", ["", *git_objects.INSIDE])
def test_a_link_out_of_the_clone_is_refused(tmp_path: Path, name: str) -> None:
    folder = clone_with(tmp_path / "clone")
    inside = folder / ".git" / name
    if not inside.exists():
        inside.write_text("")
    shutil.move(inside, tmp_path / "elsewhere")
    inside.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SourceUnreadable, match="keeps its git objects elsewhere"):
        files_of(folder)


@pytest.mark.parametrize("name", git_objects.ELSEWHERE)
def test_objects_of_another_repository_are_not_read(tmp_path: Path, name: str) -> None:
    folder = clone_with(tmp_path / "clone")
    (folder / ".git" / name).write_text("/somewhere/else\n")
    with pytest.raises(SourceUnreadable, match="elsewhere"):
        files_of(folder)


def test_a_file_that_names_another_folder_is_refused(tmp_path: Path) -> None:
    clone_with(tmp_path / "other")
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / ".git").write_text(f"gitdir: {tmp_path}/other/.git")
    with pytest.raises(SourceUnreadable, match=r"\.git is a link or a file"):
        files_of(tmp_path / "clone")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="not root")
def test_a_clone_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = clone_with(tmp_path / "clone")
    os.chown(folder / ".git", 12345, 12345)
    with pytest.raises(SourceUnreadable, match="belongs to another user"):
        files_of(folder)


@pytest.mark.parametrize("mode", [0o120000, 0o160000, 0o40000], ids=oct)
def test_what_is_no_plain_file_in_a_commit_is_not_read(
    tmp_path: Path, mode: int
) -> None:
    assert files_of(clone_with(tmp_path / "clone", b"/etc/passwd", mode=mode)) == []


def test_a_loose_object_that_unpacks_without_end_is_told(tmp_path: Path) -> None:
    folder = clone_with(tmp_path / "clone")
    size = git_objects.MOST_BYTES + 1
    blob = Blob.from_string(LISTED).id.decode()
    path = folder / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob %d\0" % size + bytes(size)))
    assert "unpacks to more than 16 MB" in fault_of(folder)


def number(value: int) -> bytes:
    """Seven bits a byte, the lowest first, as a delta has its sizes."""
    low, value = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + number(value) if value else bytes([low])


def packed(kind: int, size: int, content: bytes, between: bytes = b"") -> bytes:
    """One object of a pack."""
    first, rest = size & 15, size >> 4
    head = bytes([kind << 4 | first | (0x80 if rest else 0)])
    return head + (number(rest) if rest else b"") + between + zlib.compress(content)


def write_pack(folder: Path, objects: list[bytes], names: list[str]) -> None:
    """Write a pack and its index into a clone, as they are given."""
    body = b"PACK" + struct.pack(">II", 2, len(objects))
    offsets = []
    for each in objects:
        offsets.append(len(body))
        body += each
    body += hashlib.sha1(body).digest()
    rows = sorted(zip(map(bytes.fromhex, names), offsets, strict=True))
    fan = [sum(name[0] <= byte for name, _ in rows) for byte in range(256)]
    index = b"\xfftOc" + struct.pack(">I", 2) + struct.pack(">256I", *fan)
    index += b"".join(name for name, _ in rows) + bytes(4 * len(rows))
    index += b"".join(struct.pack(">I", at) for _, at in rows) + body[-20:]
    index += hashlib.sha1(index).digest()
    pack = folder / ".git" / "objects" / "pack"
    (pack / f"pack-{'a' * 40}.pack").write_bytes(body)
    (pack / f"pack-{'a' * 40}.idx").write_bytes(index)


def in_pack(folder: Path, *objects: bytes) -> None:
    """Put the clone's one file into a pack, as the last of these objects."""
    blob = Blob.from_string(LISTED).id.decode()
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    names = [hashlib.sha1(bytes([n])).hexdigest() for n in range(len(objects) - 1)]
    write_pack(folder, list(objects), [*names, blob])


def test_a_packed_object_is_read(tmp_path: Path) -> None:
    folder = clone_with(tmp_path / "clone")
    in_pack(folder, packed(3, len(LISTED), LISTED))
    assert files_of(folder)[0].content == LISTED


HUGE = git_objects.MOST_BYTES + 1
BASE = packed(3, 4, b"base")
DELTA = number(4) + number(HUGE) + bytes([0x90, 4])
BOMBS = {
    "a declared size": [packed(3, HUGE, b"x")],
    "a size of terabytes": [packed(3, 1 << 42, b"x")],
    "more than was declared": [packed(3, 10, bytes(1 << 20))],
    "a delta that copies without end": [
        BASE,
        packed(6, len(DELTA), DELTA, bytes([len(BASE)])),
    ],
    "a delta on itself": [packed(6, 4, b"\x04\x04\x90\x04", bytes([0]))],
    "a delta on what is not there": [packed(7, 4, b"\x04\x04\x90\x04", bytes(20))],
    "a base before the pack": [packed(6, 4, b"\x04\x04\x90\x04", bytes([0xFF, 0x7F]))],
    "no object at all": [b"\xff\xff\xff"],
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_pack_that_is_not_sound_is_told(tmp_path: Path, name: str) -> None:
    folder = clone_with(tmp_path / "clone")
    in_pack(folder, *BOMBS[name])
    assert "unpacks to more than 16 MB" in fault_of(folder)


@pytest.mark.parametrize("made_at", [2**62, -(2**62)])
def test_a_commit_of_no_day_is_passed_over(tmp_path: Path, made_at: int) -> None:
    assert files_of(clone_with(tmp_path / "clone", made_at=made_at)) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("refs/heads/main", b"0" * 40),
        ("packed-refs", b"1" * 40 + b" refs/heads/x\n"),
        ("refs/heads/other", Blob.from_string(LISTED).id[:39] + b"0"),
    ],
)
def test_a_reference_to_nothing_is_told(
    tmp_path: Path, name: str, content: bytes
) -> None:
    folder = clone_with(tmp_path / "clone")
    (folder / ".git" / name).write_bytes(content)
    with pytest.raises(SourceUnreadable, match="is not there, damaged") as told:
        files_of(folder)
    assert "\n" not in str(told.value)


def test_a_reference_that_is_no_name_is_passed_over(tmp_path: Path) -> None:
    folder = clone_with(tmp_path / "clone")
    (folder / ".git" / "refs" / "heads" / "odd").write_bytes(b"\xff" * 100)
    (folder / ".git" / "refs" / "heads" / "away").symlink_to("/etc/passwd")
    assert len(files_of(folder)) == 1
