"""Hundred loads of filings from a server like EDGAR that answers badly.

Run anywhere; the market and the filers are made up::

    python benchmarks/filings_faults.py --runs 100

Each run asks for every filer of a small market; some runs are killed half way. A run
that gives up is started again, as a person would. Printed are the rows lost, doubled
and wrong (none may be) and the addresses asked for twice after a kill (one at most).
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from recon.errors import SourceBlocked, SourceSilent
from recon.ingest import Options, live_filings
from recon.ingest.live_filings import Asking
from recon.sources.http_client import RetryPolicy
from recon.store import Store
from tests import edgar_server, market

QUICK = RetryPolicy(
    seconds_between=0.001,
    jitter_seconds=0.0,
    first_wait_seconds=0.001,
    longest_wait_seconds=0.01,
    timeout_seconds=0.4,
)
ROUNDS, CONTACT = 15, "A Desk desk@example.org"
TODAY = date(2024, 6, 5)
NOW = datetime(2024, 6, 5, 20, tzinfo=UTC)
Row = tuple[object, ...]


def kept(folder: Path) -> list[Row]:
    """Return every row that filings have left in a store."""
    store = Store(folder)
    tables = (
        store.filers(date.max),
        store.filer_symbols(date.max),
        store.filings(date.max, ["10-K", "8-K", "10-Q"]),
        store.filing_facts(date.max, ["revenue_usd", "equity_usd"]),
        store.fundamentals(TODAY),
        store.statements(TODAY, date(2023, 1, 1)),
    )
    store.close()
    return [
        (place, *map(str, row))
        for place, table in enumerate(tables)
        for row in table.itertuples(index=False)
    ]


def ask(folder: Path, address: str) -> str:
    """Ask once; return what became of it."""
    asking = Asking(contact=CONTACT, base=address, policy=QUICK, now=NOW)
    try:
        live_filings.fetch_filings(folder, Options(today=TODAY), asking)
    except SourceSilent:
        return "short"
    except SourceBlocked:
        return "blocked"
    owed = live_filings.read_notes(folder, live_filings.NOTES).get("owed")
    return "some owed" if owed else "published"


def kill(folder: Path, edgar: edgar_server.Edgar, draw: random.Random) -> bool:
    """Start a run of its own, kill it at some moment; tell whether it was at work."""
    environment = {
        **os.environ,
        "RECON_SEC_BASE": edgar.address,
        "RECON_SOURCE_PACE": "0.01",
        "RECON_TODAY": TODAY.isoformat(),
    }
    command = [sys.executable, "-m", "recon", "ingest", "filings", "--live"]
    run = subprocess.Popen(
        [*command, "--contact", CONTACT, "--store", str(folder)],
        cwd=Path(__file__).parents[1],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until, began = draw.randrange(2, 2 * len(edgar.symbols)), time.monotonic()
    while len(edgar.asked) < until and run.poll() is None:
        time.sleep(0.002)
        if time.monotonic() - began > 60:
            break
    was_at_work = run.poll() is None
    run.send_signal(signal.SIGKILL)
    run.wait()
    return was_at_work


def main() -> None:
    """Run the runs, print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--kills", type=int, default=10, help="of the runs")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="recon-filings-faults-"))
    listed = home / "listed"
    market.take(listed, market.calm(market.sessions(3)))
    names = [each.symbol for each in market.LISTINGS]
    symbols = dict(enumerate(names, start=1))
    truth: Counter[Row] = Counter()
    met: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    lost = doubled = wrong = requests = 0
    repeats: list[int] = []
    for seed in range(-1, given.runs):  # the first of all without a fault: the truth
        draw = random.Random(seed)
        is_killed = 0 <= seed < given.kills
        share = 0.0 if seed < 0 or is_killed else draw.choice([0.05, 0.1, 0.2, 0.3])
        folder = Path(shutil.copytree(listed, home / f"run {seed}"))
        edgar = edgar_server.Edgar(symbols, fault_frac=share, seed=max(seed, 0))
        with edgar_server.serving(edgar):
            if is_killed:
                edgar.delay_seconds = 0.01
                ends["killed"] += kill(folder, edgar, draw)
                edgar.delay_seconds = 0.0
            for _ in range(ROUNDS):
                end = ask(folder, edgar.address)
                ends[end] += seed >= 0
                if end == "published":
                    break
            else:
                ends["never published"] += 1
        if is_killed:
            repeats.append(max(Counter(edgar.asked).values()) - 1)
        found = Counter(kept(folder))
        if seed < 0:
            truth = found
        met.update({name: n for name, n in edgar.met.items() if name != "none"})
        requests += len(edgar.asked)
        lost += sum((truth - found).values())
        doubled += sum(count - 1 for count in found.values())
        wrong += len(found.keys() - truth.keys())
        shutil.rmtree(folder)
    print(f"{len(truth):,} rows of {len(symbols)} filers, {given.runs} runs")
    print(f"{requests:,} requests; faults met {dict(met)}; ends {dict(ends)}")
    print(f"rows lost {lost}, doubled {doubled}, wrong {wrong}")
    if repeats:
        print(f"{len(repeats)} kills: an address asked twice, at most {max(repeats)}")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
