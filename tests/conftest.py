"""What several test files share: the demo market and the real years, built once."""

import os
import pickle
import signal
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.reports import TestReport
from filelock import FileLock

from recon import ingest
from recon.store import Store
from tests import hostile
from tests.universe import SHARED

if TYPE_CHECKING:
    from recon.exhibits import Answers

TODAY = "2026-11-20"  # the day after the demo market's last session
DEMO_BUILT = "demo-store.built"


# files whose tests load markets
LOADING = (
    *("daily", "demo", "estimates", "generations", "ingest", "kill", "live"),
    *("load_page", "profiles", "quality", "runs", "store"),
)


def pytest_configure(config: pytest.Config) -> None:
    """Let tests interrupt programs though this run itself is deaf to it.

    A run in the background of a shell ignores SIGINT, and so would all it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Share out the tests between the workers so that nothing is built twice."""
    from tests.sharing_out import Scheduling

    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow the tests that load a market, or wait for the demo market."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        is_loading = item.path.stem.removeprefix("test_") in LOADING
        if is_loading or "demo_store" in fixtures:
            item.add_marker("slow")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test of real files that are not beside the project."""
    for marker in item.iter_markers("shared"):
        missing = [path.name for path in marker.args if not path.exists()]
        if missing:
            pytest.skip(f"not in {SHARED}: {', '.join(missing)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, TestReport]:
    """With CI=true fail a skipped test, but not for want of the whole of ../shared."""
    report = yield
    is_skipped = report.skipped and not hasattr(report, "wasxfail")
    is_excused = item.get_closest_marker("shared") and not SHARED.exists()
    if is_skipped and os.environ.get("CI") == "true" and not is_excused:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true forbids: {report.longrepr[2]}"
    return report


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def demo_store(shared_folder: Path) -> Path:
    """Build the demo market, by the first worker that asks; return its folder."""
    store = shared_folder / "demo-store"
    built = shared_folder / DEMO_BUILT
    with FileLock(shared_folder / "demo-store.lock"):
        if not built.exists():
            taken = ingest.demo_market(store, ingest.Options())
            built.write_bytes(pickle.dumps(taken))
    return store


@pytest.fixture(scope="session")
def demo_taken(demo_store: Path) -> list[ingest.Taken]:
    """Return what became of each part of the demo market as it was built."""
    taken: list[ingest.Taken] = pickle.loads(
        (demo_store.parent / DEMO_BUILT).read_bytes()
    )
    return taken


@pytest.fixture(scope="session")
def demo_answers(demo_store: Path) -> "Answers":
    """Return the answers on the demo market that pages run in this process show."""
    from pages import cache  # not before a test asks: it takes seconds

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECON_STORE", str(demo_store))
        return cache.answers()


@pytest.fixture(scope="session")
def hostile_store(shared_folder: Path) -> Path:
    """Build the hostile market, by the first worker that asks; return its folder."""
    store = shared_folder / "hostile" / "store"
    built = shared_folder / "hostile.built"
    with FileLock(shared_folder / "hostile.lock"):
        if not built.exists():
            hostile.make(store)
            built.touch()
    return store


YEARS = [
    SHARED / "us_listings" / f"us_listings_{year}.parquet" for year in range(2021, 2025)
]
HOLDINGS = SHARED / "membership" / "index_holdings.parquet"
BEFORE_AFTER = SHARED / "membership" / "before_after.parquet"
needs_real_years = pytest.mark.shared(*YEARS, HOLDINGS, BEFORE_AFTER)


def real_store(folder: Path, years: Sequence[Path]) -> Store:
    """Ingest memberships and years of real listings."""
    options = ingest.Options(wait_seconds=5.0)
    ingest.memberships(folder, [HOLDINGS], options)
    ingest.listings(folder, years, options)
    return Store(folder)


@pytest.fixture(scope="session")
def real_years(shared_folder: Path) -> Iterator[Store]:
    """Return a store of the four real years, built by the first worker that asks."""
    folder = shared_folder / "real-store"
    built = shared_folder / "real-store.built"
    with FileLock(shared_folder / "real-store.lock"):
        if not built.exists():
            real_store(folder, YEARS).close()
            built.touch()
    store = Store(folder)
    yield store
    store.close()
