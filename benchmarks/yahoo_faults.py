"""Hundred runs against a Yahoo-like server that answers badly; what dead symbols cost.

Run on a store of the demo market::

    python benchmarks/yahoo_faults.py STORE --runs 100
    python benchmarks/yahoo_faults.py STORE --dead

Each run asks for the whole market of the store's last session; some runs are killed
half way. A run that gives up is started again, as a person would. Printed are the rows
lost or doubled (none may be) and the pages asked for twice after a kill (one at most).
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
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from recon import schedule
from recon.errors import SourceBlocked, SourceSilent
from recon.ingest import Options, estimates, live
from recon.sources.http_client import RetryPolicy
from recon.sources.yahoo import symbols
from recon.store import Store
from tests.yahoo_market import Line, Market, from_store, quote
from tests.yahoo_server import FAULTS, NONE, Faults, Yahoo, serving

QUICK = RetryPolicy(
    seconds_between=0.001,
    jitter_seconds=0.0,
    first_wait_seconds=0.001,
    longest_wait_seconds=0.01,
    timeout_seconds=0.5,
)
ROUNDS = 12


def truth(market: Market) -> dict[str, tuple[object, ...]]:
    """Return what each listing must be in the store, by its symbol there."""
    return {
        symbols.from_yahoo(symbol): (
            row["regularMarketPrice"],
            row.get("marketCap"),
            market.sectors.get(symbol),
        )
        for symbol, row in market.quotes.items()
        if row.get("marketCap") or symbol in market.sectors
    }


def compare(folder: Path, market: Market) -> tuple[int, int, int]:
    """Count rows lost, doubled and wrong in the published day."""
    store = Store(folder)
    quotes = store.quotes(market.session, market.session)
    described = store.securities(market.session, market.session)
    store.close()
    table = quotes.merge(described, on="security_id")
    found = Counter(table["symbol"])
    expected = truth(market)
    doubled = sum(count - 1 for count in found.values())
    doubled += len(found.keys() - expected.keys())
    wrong = 0
    columns = ["symbol", "close_usd", "total_market_cap_usd", "sector"]
    for symbol, close, cap, sector in table[columns].itertuples(index=False):
        had = (
            close,
            None if np.isnan(cap) else cap,
            sector if isinstance(sector, str) else None,
        )
        wrong += symbol in expected and had != expected[symbol]
    return len(expected.keys() - found.keys()), doubled, wrong


def ask(folder: Path, now: object) -> str:
    """Ask once; return what became of it."""
    try:
        live.today(folder, Options(), now=now, policy=QUICK)
    except SourceSilent:
        return "short"
    except SourceBlocked:
        return "blocked"
    return "published"


def kill(folder: Path, yahoo: Yahoo, draw: random.Random) -> bool:
    """Start a run of its own, kill it at some moment; tell whether it was at work."""
    environment = {
        **os.environ,
        "RECON_YAHOO_BASE": yahoo.address,
        "RECON_SOURCE_PACE": "0.01",
        "RECON_TODAY": yahoo.market.session.isoformat(),
    }
    command = [sys.executable, "-m", "recon", "ingest", "yahoo", "--store", str(folder)]
    run = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[1],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = draw.randrange(3, 45)
    began = time.monotonic()
    while len(yahoo.asked) < until and run.poll() is None:
        time.sleep(0.002)
        if time.monotonic() - began > 60:
            break
    was_at_work = run.poll() is None
    run.send_signal(signal.SIGKILL)
    run.wait()
    return was_at_work


def fault_runs(store: Path, runs: int, kills: int) -> None:
    """Run the runs, print what came of them."""
    market = from_store(store)
    now = schedule.closes_at(market.session) + timedelta(hours=2)
    met: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    lost = doubled = wrong = partial = requests = 0
    repeats: list[int] = []
    began = time.monotonic()
    for seed in range(runs):
        draw = random.Random(seed)
        share = draw.choice([0.01, 0.02, 0.04, 0.06])
        faults = Faults(**dict.fromkeys(FAULTS, share), slow_seconds=0.7)
        faults = replace(faults, slow=share / 3)
        folder = Path(tempfile.mkdtemp(prefix="recon-faults-"))
        is_killed = seed < kills
        yahoo = Yahoo(market, faults=NONE if is_killed else faults, seed=seed)
        with serving(yahoo):
            os.environ["RECON_YAHOO_BASE"] = yahoo.address
            if is_killed:
                yahoo.delay_seconds = 0.01
                ends["killed"] += kill(folder, yahoo, draw)
                yahoo.delay_seconds = 0.0
            for _ in range(ROUNDS):
                if (folder / "CURRENT").exists():
                    break
                end = ask(folder, now)
                ends[end] += 1
                partial += end != "published" and (folder / "CURRENT").exists()
            if is_killed:
                repeats.append(sum(n - 1 for n in Counter(yahoo.asked).values()))
        met.update({name: n for name, n in yahoo.met.items() if name != "none"})
        requests += len(yahoo.asked)
        if not (folder / "CURRENT").exists():
            ends["never published"] += 1
            continue
        missing, twice, other = compare(folder, market)
        lost, doubled, wrong = lost + missing, doubled + twice, wrong + other
        shutil.rmtree(folder)
    seconds = time.monotonic() - began
    print(f"{len(truth(market)):,} listings of {len(market.quotes):,}, {runs} runs")
    print(f"{requests:,} requests for data, {seconds:.0f} s; faults met {dict(met)}")
    print(f"ends {dict(ends)}")
    print(f"rows lost {lost}, doubled {doubled}, wrong {wrong}; partial days {partial}")
    if repeats:
        print(f"{len(repeats)} kills: pages asked twice, at most {max(repeats)}")


def dead_symbols(count: int = 1536, dead: int = 34, rounds: int = 2) -> None:
    """Time the history of a market with and without dead symbols, side by side."""
    session = date(2026, 11, 19)
    days = [d.date() for d in schedule.sessions_in(date(2026, 9, 1), session)]
    names = [f"N{n:04d}" for n in range(count)]
    steps = np.linspace(10, 12, len(days)).round(2)
    shares = np.full(len(days), 1e8)
    whole = {n: Line(days, steps, shares / 50, shares) for n in names}
    rows = {n: quote(n, n, "NYQ", 12.0, 1.2e9, session) for n in names}
    part = {n: line for n, line in whole.items() if int(n[1:]) % (count // dead)}
    gone = count - len(part)
    now = schedule.closes_at(session) + timedelta(hours=2)
    took: dict[str, list[float]] = {"none dead": [], f"{gone} dead": []}
    paced = replace(QUICK, seconds_between=0.002)
    base = Path(tempfile.mkdtemp(prefix="recon-dead-"))
    sectors = dict.fromkeys(rows, "Industrials")
    with serving(Yahoo(Market(session, rows, sectors, lines=whole))) as yahoo:
        os.environ["RECON_YAHOO_BASE"] = yahoo.address
        live.today(base / "store", Options(), now=now, policy=QUICK)
        for turn in range(rounds):
            for name, lines in zip(took, (whole, part), strict=True):
                yahoo.market.lines = lines
                folder = base / f"{name} {turn}"
                shutil.copytree(base / "store", folder)
                began = time.monotonic()
                estimates.estimate(
                    folder,
                    Options(),
                    since=date(2026, 11, 2),
                    now=now,
                    policy=paced,
                )
                took[name].append(time.monotonic() - began)
                shutil.rmtree(folder)
    shutil.rmtree(base)
    middle = {name: float(np.median(seconds)) for name, seconds in took.items()}
    for name, seconds in middle.items():
        print(f"{count:,} symbols, {name}: {seconds:.2f} s")
    without, with_dead = middle.values()
    print(f"ratio {with_dead / without:.3f} ({rounds} runs each, side by side)")


def main() -> None:
    """Read what is asked for and run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path, help="store of the demo market")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--kills", type=int, default=10, help="of the runs")
    parser.add_argument("--dead", action="store_true", help="time dead symbols instead")
    given = parser.parse_args()
    if given.dead:
        dead_symbols()
    else:
        fault_runs(given.store, given.runs, given.kills)


if __name__ == "__main__":
    main()
