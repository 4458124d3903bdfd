"""A server on 127.0.0.1 that answers as EDGAR answers, well or badly.

Its filers are made up, by the form of recorded answers. Faults are drawn from a seed,
so that a run can be had again.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAULTS = ("too_many", "server_error", "html", "truncated", "dropped", "slow")
MODIFIED = "Mon, 03 Jun 2024 10:00:00 GMT"


def entry(value: float, end: str, filed: str, **other: object) -> dict[str, object]:
    """One figure of company facts; `other` adds to it or replaces."""
    given = {"accn": f"a-{filed}", "form": "10-K", "filed": filed}
    return {"val": value, "end": end, **given, **other}


def facts(cik: int, **tagged: list[dict[str, object]]) -> bytes:
    """Company facts; a tag is written taxonomy__Name__unit."""
    whole: dict[str, Any] = {}
    for name, entries in tagged.items():
        taxonomy, tag, unit = name.split("__")
        whole.setdefault(taxonomy.replace("_", "-"), {})[tag] = {
            "units": {unit.replace("_per_", "/"): entries}
        }
    return json.dumps({"cik": cik, "entityName": "X", "facts": whole}).encode()


def filer(cik: int, **given: object) -> bytes:
    """Submissions of one filer; `given` replaces what stands there."""
    recent = {
        "accessionNumber": ["b-1", "b-2", "b-3"],
        "filingDate": ["2024-02-20", "2023-11-08", "2023-11-07"],
        "reportDate": ["2023-12-31", "", ""],
        "form": ["10-K", "8-K", "4"],
        "items": ["", "2.01,9.01", ""],
    }
    whole = {
        "cik": str(cik),
        "entityType": "operating",
        "sic": "6770",
        "name": "Shell Corp.",
        "tickers": ["SHL", "SHL-WT"],
        "exchanges": ["NYSE"],
        "stateOfIncorporation": "E9",
        "addresses": {"business": {"stateOrCountry": "NY"}},
        "formerNames": [{"name": "Old Shell", "from": "2019-05-01T00:00", "to": None}],
        "filings": {"recent": recent, "files": []},
    }
    return json.dumps(whole | given).encode()


def report(cik: int, revenue_usd: float) -> bytes:
    """Company facts of one annual report."""
    day = ("2023-12-31", "2024-02-20")
    return facts(
        cik,
        us_gaap__Revenues__USD=[entry(revenue_usd, *day, start="2023-01-01")],
        us_gaap__StockholdersEquity__USD=[entry(revenue_usd / 2, *day)],
    )


@dataclass
class Edgar:
    """Filers by CIK with their symbol, the days they filed on, and how to answer."""

    symbols: dict[int, str]
    filed_on: dict[date, list[int]] = field(default_factory=dict)
    fault_frac: float = 0.0
    seed: int = 0
    silent: frozenset[int] = frozenset()
    delay_seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    met: Counter[str] = field(default_factory=Counter)
    address: str = ""

    def __post_init__(self) -> None:
        self.draw, self.lock = random.Random(self.seed), threading.Lock()

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and content of an address."""
        name = path.rsplit("/", 1)[-1]
        if name == "company_tickers_exchange.json":
            rows = [[cik, "X", symbol, "NYSE"] for cik, symbol in self.symbols.items()]
            head = ["cik", "name", "ticker", "exchange"]
            return 200, json.dumps({"fields": head, "data": rows}).encode()
        if name == "index.json":
            quarter = path.split("/")[-3] + path.split("/")[-2]
            items = [
                {"name": f"form.{day:%Y%m%d}.idx"}
                for day in self.filed_on
                if f"{day.year}QTR{(day.month + 2) // 3}" == quarter
            ]
            return 200, json.dumps({"directory": {"item": items}}).encode()
        if name.endswith(".idx"):
            day = date.fromisoformat(name.split(".")[1])
            return 200, _index(day, self.filed_on[day])
        cik = int(name[3:13])
        if cik in self.silent:
            return 503, b""
        if cik not in self.symbols:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>"
        if "companyfacts" in path:
            if cik % 10 == 9:  # has tagged nothing
                return 404, b"<Error><Code>NoSuchKey</Code></Error>"
            return 200, report(cik, cik * 100.0)
        return 200, filer(cik, tickers=[self.symbols[cik]], sic="3711")


def _index(day: date, ciks: list[int]) -> bytes:
    lines = [
        "Description:           Daily Index of EDGAR Dissemination Feed by Form Type",
        "",
        f"{'Form Type':12}{'Company Name':62}{'CIK':12}{'Date Filed':12}File Name",
        "-" * 141,
    ]
    lines += [
        f"{'10-Q':12}{'Made Up Inc.':62}{cik:<12}{day:%Y%m%d}    "
        f"edgar/data/{cik}/{cik:010d}-24-{day:%m%d}01.txt"
        for cik in ciks
    ]
    return ("\n".join(lines) + "\n").encode()


class Handler(BaseHTTPRequestHandler):
    """Paths start with the host that they would have gone to."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    edgar: Edgar

    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal."""

    def do_GET(self) -> None:  # noqa: N802
        """Answer, or spoil the answer where the seed says so."""
        edgar = self.edgar
        with edgar.lock:
            edgar.asked.append(self.path)
            edgar.agents.add(self.headers.get("User-Agent") or "")
            is_spoilt = edgar.draw.random() < edgar.fault_frac
            fault = edgar.draw.choice(FAULTS) if is_spoilt else "none"
            edgar.met[fault] += 1
        time.sleep(edgar.delay_seconds)
        status, content = edgar.answer(self.path)
        if status == 200 and self.headers.get("If-Modified-Since") == MODIFIED:
            status, content = 304, b""
        if fault == "too_many":
            status, content = 429, b"Too Many Requests"
        elif fault == "server_error":
            status, content = 503, b""
        elif fault == "html":
            status, content = 200, b"<html>Undeclared tool</html>"
        elif fault == "truncated" and content:
            content = content[: max(1, len(content) // 2)]
        elif fault == "slow":
            time.sleep(0.6)
        if fault == "dropped":
            self.close_connection = True
            self.connection.close()
            return
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 200:
                self.send_header("Last-Modified", MODIFIED)
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # the client has gone
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that left."""


@contextmanager
def serving(edgar: Edgar) -> Iterator[Edgar]:
    """Answer on 127.0.0.1 for as long as the block lasts; sets `address`."""
    handler = type("Bound", (Handler,), {"edgar": edgar})
    server = _Server(("127.0.0.1", 0), handler)
    edgar.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield edgar
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
