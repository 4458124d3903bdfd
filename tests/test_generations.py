"""Generations: readers never wait, writers never meet, other versions are refused."""

import json
import threading
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from recon.errors import (
    MarketMixed,
    ReconError,
    StoreBusy,
    StoreFormat,
    StoreMissing,
)
from recon.store import Store
from recon.store.generations import MANIFEST, read_manifest, write_lock
from recon.store.writer import open_writer
from tests import market
from tests.market import Options

DAYS = market.sessions(12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of one day."""
    market.take(tmp_path / "store", market.calm(DAYS[:1]))
    return tmp_path / "store"


@pytest.mark.long
def test_readers_see_ten_new_generations_whole_and_without_reopening(
    folder: Path,
) -> None:
    store = Store(folder)
    ended = threading.Event()
    seen: list[Counter[int]] = []
    faults: list[str] = []

    def read() -> None:
        mine: Counter[int] = Counter()
        seen.append(mine)
        last = 0
        while not ended.is_set():
            try:
                sizes = store.quotes(*market.ALWAYS).groupby("snapshot_date").size()
            except Exception as error:
                faults.append(repr(error))
                return
            if not sizes.eq(len(market.LISTINGS)).all() or len(sizes) < last:
                faults.append(f"{dict(sizes)} after {last} days")
            last = len(sizes)
            mine[last] += 1

    readers = [threading.Thread(target=read, daemon=True) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for day in DAYS[1:11]:
            market.take(folder, market.calm([day]))
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    reads = sum(seen, Counter())
    print(f"\n{reads.total()} reads by 3 threads, by days seen {dict(reads)}")
    assert faults == []
    assert set(reads) == set(range(1, 12))
    assert store.generation == 12
    manifest = store.manifest()
    named = {*manifest.file_names(), *(n for names in manifest.kept for n in names)}
    assert len(manifest.kept) == 2
    named.add(manifest.record_name())
    assert {path.name for path in folder.iterdir()} == {MANIFEST, ".lock", *named}


def test_a_read_that_began_before_a_publish_ends_on_its_own_generation(
    folder: Path,
) -> None:
    store = Store(folder)
    cursor = store._cursor()
    for day in DAYS[1:6]:  # its files are deleted meanwhile
        market.take(folder, market.calm([day]))
    count = "select count(distinct snapshot_date) from snapshots"
    assert cursor.execute(count).fetchall() == [(1,)]
    assert len(store.published_days()) == 6


def test_a_second_ingest_waits_for_the_first(folder: Path) -> None:
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with open_writer(folder, "real"):
            held.set()
            go_on.wait(10)

    first = threading.Thread(target=hold, daemon=True)
    first.start()
    held.wait(10)
    threading.Timer(0.3, go_on.set).start()
    market.take(folder, market.calm(DAYS[1:2]), options=Options(wait_seconds=10))
    first.join()
    assert len(Store(folder).published_days()) == 2


def test_a_second_ingest_is_refused_with_a_sentence_when_it_waited_enough(
    folder: Path,
) -> None:
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with write_lock(folder, 1):
            held.set()
            go_on.wait(10)

    first = threading.Thread(target=hold, daemon=True)
    first.start()
    held.wait(10)
    before = market.content(Store(folder))
    with pytest.raises(StoreBusy) as refused:
        market.take(folder, market.calm(DAYS[1:2]), options=Options(wait_seconds=0.2))
    go_on.set()
    first.join()
    assert str(refused.value) == (
        f"Another ingest is writing to {folder}; this one waited 0 seconds and "
        "changed nothing: run it again later."
    )
    market.assert_same(market.content(Store(folder)), before)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        pytest.param(2, "format 2 of a newer version", id="a newer format"),
        pytest.param(0, "format 0 of an older version", id="an older format"),
    ],
)
def test_a_store_of_another_version_is_refused(
    folder: Path, number: int, words: str
) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": number}))
    with pytest.raises(StoreFormat, match=words):
        Store(folder)
    with pytest.raises(StoreFormat, match=r"or name another folder with --store\.$"):
        market.take(folder, market.calm(DAYS[1:2]))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half of it"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"17", id="a number"),
        pytest.param(b"[" * 100_000, id="brackets without end"),
        pytest.param(b'{"format": 1}', id="a manifest without its files"),
        pytest.param(
            b'{"format":1,"generation":1,"market":"real","core":"c","years":[],'
            b'"kept":[]}',
            id="years that are no years",
        ),
    ],
)
def test_a_damaged_manifest_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    for record in folder.glob("generation-*.json"):
        record.unlink()
    with pytest.raises(
        StoreFormat, match=r"CURRENT is not a manifest of this program \(.+\); 'pyth"
    ):
        Store(folder)


@pytest.mark.parametrize("damage", ["absent", "short"])
def test_a_damaged_data_file_is_refused_with_a_sentence(
    folder: Path, damage: str
) -> None:
    core = folder / Store(folder).manifest().core
    core.unlink() if damage == "absent" else core.write_bytes(core.read_bytes()[:5000])
    with pytest.raises(ReconError, match=core.name):
        Store(folder).days()


def test_a_folder_without_a_store_says_how_to_fill_it(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(StoreMissing, match="There is no store in .* ingest listin"):
            Store(folder)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(ReconError, match="cannot be read"):
        Store(tmp_path / "store")


@pytest.mark.parametrize(("kept", "other"), [("real", "demo"), ("demo", "real")])
def test_demo_and_real_never_share_a_store(
    tmp_path: Path, kept: str, other: str
) -> None:
    publish_nothing(tmp_path, kept)
    with (
        pytest.raises(MarketMixed) as refused,
        open_writer(tmp_path, other),
    ):
        pass
    assert str(refused.value) == (
        f"The store in {tmp_path} holds the {kept} market and these rows are of the "
        f"{other} one; name another folder with --store."
    )
    assert Store(tmp_path).is_demo == (kept == "demo")


def test_a_store_that_nothing_was_published_in_takes_either_market(
    tmp_path: Path,
) -> None:
    for kind in ("real", "demo", "demo", "real"):
        with open_writer(tmp_path, kind) as writer:
            assert writer.manifest.market == kind
            assert len(writer.store.published_days()) == 0


def test_a_cleared_store_takes_the_other_market_under_new_file_names(
    tmp_path: Path,
) -> None:
    publish_nothing(tmp_path, "demo")
    before = read_manifest(tmp_path)
    with open_writer(tmp_path, "demo") as writer:
        writer.clear()
    with open_writer(tmp_path, "real") as writer:
        assert not set(writer.manifest.file_names()) & set(before.file_names())
    assert not Store(tmp_path).is_demo


def publish_nothing(folder: Path, kind: str) -> None:
    """Publish a generation that is not blank, though it has no days."""
    with open_writer(folder, kind) as writer:
        writer._draft().publish()


def test_a_folder_with_a_quote_in_its_name_holds_a_store(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a "store" [1]'
    market.take(folder, market.calm(DAYS[:2]))
    assert len(Store(folder).published_days()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/passwd')",
        "attach 'other.duckdb'",
        "copy days to 'days.csv'",
        "install httpfs",
        "set enable_external_access = true",
        "delete from core.days",
        "select * from table_of_python",
    ],
)
def test_a_reader_can_do_nothing_but_read(folder: Path, statement: str) -> None:
    table_of_python = Store(folder).days()
    assert len(table_of_python) == 1
    with pytest.raises(duckdb.Error):
        Store(folder)._cursor().execute(statement)
