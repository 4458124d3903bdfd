"""Time bulk archives of filings on their way into a store; made up, at their real size.

Run on a store of a market::

    python benchmarks/filings.py STORE FACTS_JSON SUBMISSIONS_JSON --companies 6000

The two files are a company's facts and submissions as EDGAR serves them; archives of so
many companies are written with them under other numbers, streamed in, and the seconds
of our own CPU and the memory at its peak are printed.
"""

import argparse
import gzip
import re
import resource
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from recon import ingest
from recon.ingest import Options

NUMBER = re.compile(rb'"cik":\s*"?\d+"?')


def content(path: Path) -> bytes:
    """Return a file's bytes, unpacked where it is packed."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as stream:
        return stream.read()


def archive(path: Path, template: bytes, companies: int) -> int:
    """Write an archive of so many companies; return its bytes unpacked."""
    size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for number in range(1, companies + 1):
            told = NUMBER.sub(b'"cik":"%010d"' % number, template, count=1)
            target.writestr(f"CIK{number:010d}.json", told)
            size += len(told)
    return size


def main() -> None:
    """Write the archives, load them, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("facts", type=Path)
    parser.add_argument("submissions", type=Path)
    parser.add_argument("--companies", type=int, default=500)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="recon-filings-"))
    store = Path(shutil.copytree(given.store, home / "store"))
    for name, path in (
        ("submissions", given.submissions),
        ("companyfacts", given.facts),
    ):
        packed = home / f"{name}.zip"
        size = archive(packed, content(path), given.companies)
        began, cpu = time.monotonic(), time.process_time()
        (taken,) = ingest.filings(store, [packed], Options())
        print(
            f"{name}.zip: {given.companies:,} companies, {size / 1e9:.2f} GB unpacked, "
            f"{time.process_time() - cpu:.0f} s of CPU, "
            f"{time.monotonic() - began:.0f} s; {taken.note}"
        )
        packed.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    size = sum(path.stat().st_size for path in store.glob("core-*")) / 1e6
    print(f"peak memory {peak:.1f} GB; core files {size:,.0f} MB")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
