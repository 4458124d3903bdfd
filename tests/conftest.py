"""What several test files share: the demo market, built once for all workers."""

import os
from pathlib import Path

import pytest
from filelock import FileLock

from recon import ingest

TODAY = "2026-11-20"  # the day after the demo market's last session


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def demo_store(shared_folder: Path) -> Path:
    """Build the demo market, by the first worker that asks; return its folder."""
    store = shared_folder / "demo-store"
    built = shared_folder / "demo-store.built"
    with FileLock(shared_folder / "demo-store.lock"):
        if not built.exists():
            ingest.demo_market(store, ingest.Options())
            built.touch()
    return store
