"""Fifty visitors at once while an ingest runs, beside one visitor alone.

Usage: python benchmarks/load.py STORE [SESSIONS [SECONDS]]

Works on a copy of STORE. First one visitor goes through every page and its controls,
one action after another; then SESSIONS (default 50) do, each one action in 10 seconds
at a moment of its own, for SECONDS (default 60); then they do it again while the
command line loads six invented years that follow the store's last day, for as long, or
until 10 seconds after the ingest, so that everyone meets the new generation. App,
visitors and ingest share two cores. An action is timed from when it is due to the
server's word that the script has ended. The ratio of the 95th percentiles, of the last
to the first, is to be under 4. `RECON_TODAY` is the day that the app takes for today,
the store's last day without it.
"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import websockets
from streamlit_client import (
    PROJECT,
    RUN_SECONDS,
    Run,
    RunFailed,
    Server,
    Visitor,
    served,
    use_two_cores,
)

from pages import Page, program_pages

sys.path.insert(0, str(PROJECT))

from recon import schedule
from recon.store import Store

SESSIONS, SECONDS, PERIOD_SECONDS = 50, 60.0, 10.0
ALONE_ROUNDS, ALONE_PAUSE_SECONDS = 5, 0.3
ARRIVAL_SECONDS = 0.2
INVENTED_YEARS, YEAR_SESSIONS = 6, 250
TIME_LIMIT_SECONDS = 900
READY_SECONDS = 15
MOST = 4.0


@dataclass(frozen=True)
class Step:
    """One action: choose a page, or change its widget."""

    page: Page
    turn: int | None = None


@dataclass
class Log:
    """What the visitors met: when each action was due, and how long it took."""

    due: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(self, due: float, seconds: float) -> None:
        """Take down one action."""
        self.due.append(due)
        self.seconds.append(seconds)

    def between(self, start: float, end: float) -> "Log":
        """Return the actions that were due between two moments."""
        part = Log()
        for due, seconds in zip(self.due, self.seconds, strict=True):
            if start <= due < end:
                part.add(due, seconds)
        return part

    def p95(self) -> float:
        """Return the 95th percentile, in milliseconds."""
        return float(np.percentile(self.seconds, 95) * 1e3)

    def row(self, words: str, base: float) -> str:
        """Return a line of the printed table."""
        if not self.seconds:
            return f"{words:24s}    none"
        p50, p95 = np.percentile(self.seconds, [50, 95]) * 1e3
        return (
            f"{words:24s} {len(self.seconds):7,} {p50:8.0f} {p95:8.0f} "
            f"{max(self.seconds) * 1e3:9.0f} {p95 / base:11.2f}"
        )


LOAD = """
import sys
from datetime import date
from pathlib import Path
from recon import commands, ingest

commands.make_way()
path, folder, today = sys.argv[1:]
options = ingest.Options(today=date.fromisoformat(today))
ingest.listings(Path(folder), [Path(path)], options)
"""


@dataclass
class Loading:
    """What the command line does with one file, as on the file's last day."""

    path: Path
    folder: Path
    last_day: date  # taken for today, for the years are invented
    start: float = 0.0
    end: float = 0.0
    process: subprocess.Popen | None = None

    async def run(self) -> None:
        """Load the file."""
        self.start = time.monotonic()
        words = [str(self.path), str(self.folder), self.last_day.isoformat()]
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOAD, *words],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        words, _ = await asyncio.to_thread(self.process.communicate)
        if self.process.returncode:
            raise RunFailed(f"The ingest failed: {words}")
        self.end = time.monotonic()

    def stop(self) -> None:
        """Leave no process behind."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def steps_of(pages: list[Page]) -> list[Step]:
    """Each page, then each value of its widget, starting with another one."""
    steps = []
    for page in pages:
        steps.append(Step(page))
        turns = range(1, len(page.values) + 1) if page.key else range(0)
        steps += [Step(page, turn) for turn in turns]
    return steps


async def act(visitor: Visitor, step: Step) -> Run:
    """Do one step."""
    async with asyncio.timeout(RUN_SECONDS):
        if step.turn is None:
            return await visitor.go(step.page.url_path)
        return await visitor.rerun(**step.page.change(step.turn))


async def alone(server: Server, steps: list[Step], rounds: int) -> Log:
    """Let one visitor do every step in turn."""
    log = Log()
    async with Visitor(server) as visitor:
        await visitor.open()
        for step in steps * rounds:
            await asyncio.sleep(ALONE_PAUSE_SECONDS)
            log.add(time.monotonic(), (await act(visitor, step)).seconds)
    return log


async def crowd(
    server: Server, steps: list[Step], sessions: int, over: asyncio.Event
) -> Log:
    """Let many do the steps at once until it is over."""
    log = Log()
    start = time.monotonic() + sessions * ARRIVAL_SECONDS
    visitors = (
        among_others(server, steps, number, start, over, log)
        for number in range(sessions)
    )
    await asyncio.gather(*visitors)
    return log


async def among_others(
    server: Server,
    steps: list[Step],
    number: int,
    start: float,
    over: asyncio.Event,
    log: Log,
) -> None:
    """Let one of many do the steps, one in each period, beginning with another."""
    chance = random.Random(number)
    turn = chance.randrange(len(steps))
    while steps[turn].turn is not None:  # a page comes before its widget
        turn = (turn + 1) % len(steps)
    due = start + chance.random() * PERIOD_SECONDS
    try:
        await asyncio.sleep(number * ARRIVAL_SECONDS)
        async with Visitor(server) as visitor:
            await visitor.open()
            while True:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if over.is_set():
                    break
                await act(visitor, steps[turn])
                log.add(due, time.monotonic() - due)
                turn, due = (turn + 1) % len(steps), due + PERIOD_SECONDS
    except (RunFailed, OSError, TimeoutError, websockets.WebSocketException) as error:
        log.errors.append(f"{steps[turn].page.url_path}: {error!r}")


def following_days(store: Store, path: Path) -> date:
    """Write a file of invented sessions that follow the store's last; return its last.

    Every listing stays, those without a market cap or a close too: the gate holds back
    days that have fewer of them than the days before.
    """
    last = store.published_days()[-1]
    quotes = store.quotes(last.date(), last.date())
    securities = store.securities(last.date(), last.date())
    listings = quotes.merge(securities, on="security_id", validate="one_to_one")
    texts = ["symbol", "exchange", "name", "country", "sector", "industry"]
    coming = schedule.sessions()[schedule.sessions() > last]
    level = np.ones(len(listings))
    volume = listings["volume_shares"].to_numpy(float, na_value=np.nan)
    with contextlib.ExitStack() as stack:
        writer = None
        for year in range(INVENTED_YEARS):
            days = coming[year * YEAR_SESSIONS : (year + 1) * YEAR_SESSIONS]
            steps = np.random.default_rng(year).normal(0, 0.01, (len(days), len(level)))
            levels = level * np.exp(steps.cumsum(axis=0))
            level = levels[-1]
            close = np.maximum(0.01, listings["close_usd"].to_numpy() * levels)
            cap = listings["total_market_cap_usd"].to_numpy() * levels
            every = pa.array(np.tile(np.arange(len(level), dtype=np.int32), len(days)))
            columns = {name: _repeated(listings[name], every) for name in texts}
            columns |= {
                "date": pa.array(np.repeat(days.date, len(level))),
                "price": _known(close.round(2).ravel()),
                "market_cap": _known(cap.ravel()),
                "volume": _known(np.tile(volume, len(days))),
                "ipo_year": pa.array(listings["ipo_year"], pa.int16()).take(every),
            }
            table = pa.table(columns)
            if writer is None:
                writer = stack.enter_context(pq.ParquetWriter(path, table.schema))
            writer.write_table(table)
    return days[-1].date()


def _known(values: np.ndarray) -> pa.Array:
    return pa.array(values, from_pandas=True)


def _repeated(words: pd.Series, every: pa.Array) -> pa.DictionaryArray:
    once = pa.array(words.astype(object), pa.string(), from_pandas=True)
    return once.dictionary_encode().take(every)


def is_named(run: Run, name: str) -> bool:
    """Whether a table of the page holds the name of a file."""
    return any(
        name.encode() in delta.new_element.dataframe.arrow_data.data
        for delta in run.deltas.values()
        if delta.new_element.WhichOneof("type") == "dataframe"
    )


def memory(server: Server) -> float:
    """Memory of the app's process, in MB."""
    return psutil.Process(server.pid).memory_info().rss / 2**20


async def measure(folder: Path, sessions: int, seconds: float) -> list[str]:
    """Serve a copy of the store, run all sides, print; return what went wrong."""
    with tempfile.TemporaryDirectory() as scratch:
        copy, path = Path(scratch) / "store", Path(scratch) / "following.parquet"
        shutil.copytree(folder, copy)
        store = Store(copy)
        last_day = following_days(store, path)
        first, last = store.generation, store.published_days()[-1].date()
        given = os.environ.get("RECON_TODAY")
        today = date.fromisoformat(given) if given else last
        pages = program_pages(store, store.day_on_or_before(today))
        steps, loading = steps_of(pages), Loading(path, copy, last_day)
        settings = {"RECON_STORE": str(copy), "RECON_TODAY": today.isoformat()}
        arrival = sessions * ARRIVAL_SECONDS
        try:
            with served(PROJECT / "app.py", settings) as server:
                await alone(server, steps, rounds=1)
                single = await alone(server, steps, ALONE_ROUNDS)
                sizes = [memory(server)]

                over = asyncio.Event()
                asyncio.get_running_loop().call_later(arrival + seconds, over.set)
                quiet = await crowd(server, steps, sessions, over)
                sizes.append(memory(server))

                over.clear()
                async with Visitor(server, is_keeping=True) as witness:
                    was_named = is_named(await witness.open("data"), path.name)
                    visits = asyncio.create_task(crowd(server, steps, sessions, over))
                    await asyncio.sleep(arrival)
                    await loading.run()
                    rest = loading.start + seconds - loading.end
                    await asyncio.sleep(max(PERIOD_SECONDS, rest))
                    over.set()
                    busy = await visits
                    for _ in range(READY_SECONDS):  # it is made ready beside them
                        is_seen = is_named(await witness.rerun(), path.name)
                        if is_seen:
                            break
                        await asyncio.sleep(1)
                sizes.append(memory(server))
        finally:
            loading.stop()
        generations = store.generation - first
    base, after = single.p95(), loading.end + PERIOD_SECONDS
    print(f"{len(steps)} actions on {len(pages)} pages, two cores")
    print("                         actions   p50 ms   p95 ms   longest   p95 ratio")
    print(single.row("1 session, alone", base))
    print(quiet.row(f"{sessions} sessions", base))
    print(busy.row(f"{sessions} sessions, ingest", base))
    print(busy.between(loading.start, loading.end).row("  while it ran", base))
    print(busy.between(loading.end, after).row("  10 s after it", base))
    print(f"p95 ratio of {sessions} sessions with an ingest, to be under {MOST:.0f}")
    print(
        f"ingest: {INVENTED_YEARS * YEAR_SESSIONS:,} days in "
        f"{loading.end - loading.start:.0f} s, "
        f"{generations} new generation, "
        f"seen without a restart: {'yes' if is_seen else 'no'}"
    )
    errors = single.errors + quiet.errors + busy.errors
    print(f"errors: {len(errors)}")
    words = ", ".join(f"{size:.0f}" for size in sizes)
    print(f"memory of the app after each: {words} MB")
    if was_named or not is_seen:
        errors.append("a tab opened before the ingest does not see what it loaded")
    return errors


def main() -> None:
    """Run and print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    use_two_cores()
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else SESSIONS
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else SECONDS
    work = measure(Path(sys.argv[1]), sessions, seconds)
    problems = asyncio.run(asyncio.wait_for(work, TIME_LIMIT_SECONDS))
    if problems:
        sys.exit("\n".join(problems[:10]))


if __name__ == "__main__":
    main()
