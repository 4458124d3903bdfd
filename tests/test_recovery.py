"""A damaged store: what is read, what is refused, and what it goes back to."""

import json
import shutil
from pathlib import Path

import pytest

from recon.errors import ReconError, StoreFormat, StoreUnwritable
from recon.store import Store, faults, recovery
from recon.store.generations import MANIFEST, read_manifest
from recon.store.writer import open_writer
from tests import market, terminal

DAYS = market.sessions(3)


@pytest.fixture(scope="module")
def three_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three days, one generation each."""
    folder = tmp_path_factory.mktemp("recovery") / "store"
    for day in DAYS:
        market.take(folder, market.calm([day]))
    return folder


@pytest.fixture
def folder(three_days: Path, tmp_path: Path) -> Path:
    return shutil.copytree(three_days, tmp_path / "store")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def without_marks(folder: Path) -> None:
    """Make a store as an earlier version of the program wrote it."""
    for record in folder.glob("generation-*.json"):
        record.unlink()
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["marks"]
    manifest["kept"] = [n[:-1] for n in manifest["kept"]]
    (folder / MANIFEST).write_text(json.dumps(manifest))


def check(folder: Path, *options: str) -> tuple[int, str]:
    return terminal.run("check", "--store", str(folder), *options)


def test_a_sound_store_is_called_sound_and_left_alone(folder: Path) -> None:
    before = sorted(folder.iterdir())
    code, printed = check(folder, "--repair")
    assert code == 0
    assert printed.splitlines() == [
        "generation 4: whole, 3 days, the last 2024-03-05",
        "generation 3: whole, 2 days, the last 2024-03-04",
        "generation 2: whole, 1 day, the last 2024-03-01",
        f"{folder} is sound.",
    ]
    assert sorted(folder.iterdir()) == before


def test_a_store_without_its_manifest_is_not_written_over_and_is_repaired(
    folder: Path,
) -> None:
    (folder / MANIFEST).unlink()
    files = sorted(folder.glob("*.duckdb"))
    with pytest.raises(StoreFormat, match="no manifest.*check --repair") as refused:
        market.take(folder, market.calm(DAYS[:1]))
    assert "\n" not in str(refused.value)
    assert sorted(folder.glob("*.duckdb")) == files
    assert len(Store(folder).published_days()) == 3
    assert "Shown is generation 4." in Store(folder).notice()
    assert check(folder)[0] == 1
    assert check(folder, "--repair")[0] == 0
    assert read_manifest(folder).generation == 5
    assert len(Store(folder).published_days()) == 3
    market.take(folder, market.calm(market.sessions(4)[3:]))
    assert len(Store(folder).published_days()) == 4


@pytest.mark.parametrize("harm", [cut, flip, Path.unlink], ids=lambda f: f.__name__)
@pytest.mark.parametrize("which", ["core", "year"])
def test_a_damaged_file_goes_back_to_the_generation_before(
    folder: Path, which: str, harm
) -> None:
    manifest = read_manifest(folder)
    harm(folder / (manifest.core if which == "core" else manifest.years[2024]))
    code, printed = check(folder)
    assert (code, "generation 4: damaged" in printed) == (1, True)
    assert check(folder, "--repair")[0] == 0
    assert len(Store(folder).published_days()) == 2
    market.take(folder, market.calm(DAYS[2:]))
    assert len(Store(folder).published_days()) == 3


@pytest.mark.parametrize("harm", [cut, Path.unlink], ids=lambda f: f.__name__)
def test_readers_are_shown_the_generation_before_and_told_so(
    folder: Path, harm
) -> None:
    core = read_manifest(folder).core
    harm(folder / core)
    store = Store(folder)
    assert len(store.published_days()) == 2
    assert core in store.notice()
    assert store.notice().endswith("Shown is generation 3.")
    assert terminal.run("status", "--store", str(folder))[0] == 0
    with pytest.raises(StoreFormat, match=core):
        market.take(folder, market.calm(DAYS[:1]))


def test_a_store_of_an_earlier_version_is_put_together_from_its_files(
    folder: Path,
) -> None:
    without_marks(folder)
    assert check(folder) == (
        0,
        "generation 4: whole, 3 days, the last 2024-03-05\n"
        "generation 3: whole, 2 days, the last 2024-03-04\n"
        "generation 2: whole, 1 day, the last 2024-03-01\n"
        f"{folder} is sound.\n",
    )
    (folder / MANIFEST).unlink()
    assert check(folder, "--repair")[0] == 0
    assert len(Store(folder).published_days()) == 3
    assert not Store(folder).is_demo


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("generation", 0),
        ("generation", -3),
        ("generation", "4"),
        ("generation", 4.5),
        ("market", "moon"),
        ("market", 7),
        ("core", "../core-000004.duckdb"),
        ("core", "/etc/passwd"),
        ("core", 7),
        ("core", None),
        ("years", []),
        ("years", {"2024": "y2024-000004.duckdb'; drop table days; --"}),
        ("years", {"99": "y2024-000004.duckdb"}),
        ("years", {"2024": 4}),
        ("kept", [["../../secret"]]),
        ("kept", 4),
        ("marks", {"core-000004.duckdb": {"bytes": -1, "sha256": "x"}}),
        ("marks", {"core-000004.duckdb": 12}),
        ("blank", "no"),
        ("format", "1"),
        ("format", None),
    ],
)
def test_a_manifest_with_a_wrong_value_is_told_and_an_older_one_read(
    folder: Path, field: str, value: object
) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(StoreFormat, match=r"not a manifest of this program \("):
        read_manifest(folder)
    assert len(Store(folder).published_days()) == 3  # its record is whole
    with pytest.raises(StoreFormat), open_writer(folder, "real"):
        pass


def test_nothing_whole_is_left(folder: Path) -> None:
    for path in folder.glob("core-*.duckdb"):
        flip(path)
    code, printed = check(folder, "--repair")
    assert code == 1
    assert printed.endswith(
        "No generation is whole: move the folder away and load again.\n"
    )
    with pytest.raises(StoreFormat, match="No generation of the store"):
        recovery.repair(folder)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "is full; what was published"),
        (OSError(30, "Read-only file system"), "cannot be written"),
        (PermissionError(13, "Permission denied"), "cannot be written"),
        (MemoryError(), "needs more memory"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_fault_of_disk_or_memory_is_one_sentence(
    tmp_path: Path, error: Exception, words: str
) -> None:
    with pytest.raises(StoreUnwritable, match=words) as told, faults.told(tmp_path):
        raise error
    assert "\n" not in str(told.value)


def test_a_file_in_the_folders_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("x")
    with pytest.raises(ReconError):
        Store(tmp_path / "store")
