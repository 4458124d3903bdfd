"""A warm rerun of each page, beside an empty page of the same widgets and charts.

Usage: python benchmarks/pages.py STORE [RERUNS]

The app is served from STORE and, beside it, the same elements by pages that do nothing
but show them (`empty_pages.py`). A visitor of each opens a page, then both rerun it
RERUNS times (default 20) in turn, each time changing the page's cheapest widget where
it has one; a rerun is timed from the sent message to the server's word that the script
has ended. Ratios are of the medians and of the 95th percentiles, to be at most 2.
`RECON_TODAY` is the day that the app takes for today, the store's last day without it.
"""

import asyncio
import os
import pickle
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from streamlit_client import (
    PROJECT,
    DeltaPath,
    Run,
    Server,
    Visitor,
    served,
    use_two_cores,
)

sys.path.insert(0, str(PROJECT))

from empty_pages import Recorded

from recon.store import Store

RERUNS, WARM_UPS = 20, 4
PAUSE_SECONDS = 0.1  # the server tidies up behind a run; nobody clicks faster
TIME_LIMIT_SECONDS = 900
MOST = 2.0
EMPTY_APP = """
import sys
sys.path.insert(0, {folder!r})
import empty_pages
empty_pages.main({recording!r})
"""


@dataclass
class Page:
    """A page, and the two values between which its widget `key` goes to and fro."""

    url_path: str
    query: str = ""
    key: str | None = None
    values: tuple[bool | str, ...] = ("",)

    def change(self, turn: int) -> dict[str, bool | str]:
        """What the visitor changes this time."""
        return {self.key: self.values[turn % len(self.values)]} if self.key else {}


def program_pages(store: Store, day: date) -> list[Page]:
    """Every page that shows the market of a day; style where there are fundamentals."""
    symbols = largest(store, day)
    has_styles = not store.fundamentals(day).empty
    style = Page("style", key="side_value", values=(False, True))
    return [
        Page(""),
        Page("break-points", key="market", values=(True, False)),
        Page("candidates", key="index_r1000", values=(False, True)),
        Page("company", f"symbol={symbols[0]}", "symbol", tuple(symbols)),
        *([style] if has_styles else []),
        Page("data", key="refused_symbol", values=("", symbols[0])),
        Page("methodology", key="changes", values=(False, True)),
    ]


def largest(store: Store, day: date) -> list[str]:
    """Symbols of the two largest companies of one class."""
    quotes = store.quotes(day, day).dropna(subset=["total_market_cap_usd"])
    quotes = quotes.drop_duplicates("total_market_cap_usd", keep=False)
    first = quotes.nlargest(2, "total_market_cap_usd")["security_id"]
    listings = store.securities(day, day).set_index("security_id")
    return listings.loc[first, "symbol"].tolist()


async def record(server: Server, pages: list[Page]) -> list[Recorded]:
    """Take down what each page shows for each value of its widget."""
    recorded = []
    for page in pages:
        async with Visitor(server, is_keeping=True) as visitor:
            opened = await visitor.open(page.url_path, page.query)
            shown = {}
            # the last value first, so that the widget is back where the page opens
            for turn in reversed(range(len(page.values))):
                run = await visitor.rerun(**page.change(turn))
                shown[page.values[turn]] = written(run)
        (entry,) = (
            each
            for each in opened.navigation.app_pages
            if each.url_pathname == page.url_path
        )
        recorded.append(
            Recorded(
                title=entry.page_name,
                section=entry.section_header,
                url_path=entry.url_pathname,
                is_default=entry.is_default,
                key=page.key,
                shown=dict(reversed(shown.items())),
            )
        )
    return recorded


def written(run: Run) -> dict[DeltaPath, bytes]:
    """What a run showed, as it is kept in a file."""
    return {path: delta.SerializeToString() for path, delta in run.deltas.items()}


def elements(run: Run) -> Counter[str]:
    """Count the elements that a run showed, by kind."""
    return Counter(
        delta.new_element.WhichOneof("type")
        for delta in run.deltas.values()
        if delta.WhichOneof("type") == "new_element"
    )


async def compare(app: Server, empty: Server, page: Page, reruns: int) -> float:
    """Rerun a page and its empty twin in turn; print and return their ratio."""
    async with (
        Visitor(app, is_keeping=True) as visitor,
        Visitor(empty, is_keeping=True) as control,
    ):
        for each in (visitor, control):
            await each.open(page.url_path, page.query)
        seconds: dict[Visitor, list[float]] = {visitor: [], control: []}
        received: dict[Visitor, int] = {visitor: 0, control: 0}
        for turn in range(-WARM_UPS, reruns):
            shown = []
            for each in (visitor, control):
                await asyncio.sleep(PAUSE_SECONDS)
                run = await each.rerun(**page.change(turn))
                shown.append(elements(run))
                if turn >= 0:
                    seconds[each].append(run.seconds)
                    received[each] += run.received_bytes
            assert shown[0] == shown[1], (page.url_path, shown)
    ours, plain = (np.array(taken) * 1e3 for taken in seconds.values())
    middle = np.median(ours) / np.median(plain)
    (p50, p95), (q50, q95) = (np.percentile(taken, [50, 95]) for taken in (ours, plain))
    sizes = [total / reruns / 1024 for total in received.values()]
    print(
        f"{page.url_path or 'overview':13s} {p50:6.0f} {p95:6.0f} {sizes[0]:6.0f}  "
        f"{q50:6.0f} {q95:6.0f} {sizes[1]:6.0f}   {middle:5.2f} {p95 / q95:6.2f}",
        flush=True,
    )
    return float(middle)


async def measure(folder: Path, reruns: int) -> None:
    """Serve both apps, run every page, print."""
    store = Store(folder)
    given = os.environ.get("RECON_TODAY")
    today = date.fromisoformat(given) if given else store.published_days()[-1].date()
    day = store.day_on_or_before(today)
    pages = program_pages(store, day)
    settings = {"RECON_STORE": str(folder.resolve()), "RECON_TODAY": today.isoformat()}
    with tempfile.TemporaryDirectory() as scratch:
        recording, script = Path(scratch) / "recording.pickle", Path(scratch) / "app.py"
        here = str(Path(__file__).resolve().parent)
        text = EMPTY_APP.format(folder=here, recording=str(recording))
        script.write_text(text, "utf-8")
        with served(PROJECT / "app.py", settings) as app, served(script, {}) as empty:
            recording.write_bytes(pickle.dumps(await record(app, pages)))
            print(f"{reruns} warm reruns of each page as of {day}, two cores")
            print("                  program             empty page          ratio of")
            print(
                "                p50    p95     KB     p50    p95     KB     p50    p95"
            )
            ratios = [await compare(app, empty, page, reruns) for page in pages]
    print(f"largest ratio of medians {max(ratios):.2f}, to be at most {MOST:.0f}")


def main() -> None:
    """Run and print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    use_two_cores()
    reruns = int(sys.argv[2]) if len(sys.argv) > 2 else RERUNS
    work = measure(Path(sys.argv[1]), reruns)
    asyncio.run(asyncio.wait_for(work, TIME_LIMIT_SECONDS))


if __name__ == "__main__":
    main()
