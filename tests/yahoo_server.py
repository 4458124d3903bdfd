"""A server on 127.0.0.1 that answers as Yahoo answers, well or badly.

Start it from a test with `serving(market)`, or by hand::

    python tests/yahoo_server.py --port 0 --market STORE --seed 1

It prints its address (for RECON_YAHOO_BASE) and ends when its standard input is
closed, or after its life. Faults are drawn from the seed, so that a run can be had
again.
"""

import argparse
import http.server
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import yahoo_market
from tests.yahoo_market import Market

LARGEST_PAGE, CEILING = 250, 10_000
SCREENER = "/v1/finance/screener"
CHART = "/v8/finance/chart/"
SUMMARY = "/v10/finance/quoteSummary/"
SERIES = "/ws/fundamentals-timeseries/v1/finance/timeseries/"
FIELDS = {
    "region": lambda market, row: row["region"].lower(),
    "exchange": lambda market, row: row["exchange"],
    "sector": lambda market, row: market.sectors.get(row["symbol"]),
    "intradaymarketcap": lambda market, row: row.get("marketCap"),
    "intradayprice": lambda market, row: row.get("regularMarketPrice"),
    "ticker": lambda market, row: row["symbol"],
}
COMPARE = {
    "EQ": lambda value, to: value == to,
    "GT": lambda value, to: value is not None and value > to,
    "GTE": lambda value, to: value is not None and value >= to,
    "LT": lambda value, to: value is not None and value < to,
    "LTE": lambda value, to: value is not None and value <= to,
}
HTML = b"<!DOCTYPE html><html><body><h1>Will be right back...</h1></body></html>"


@dataclass(frozen=True, kw_only=True)
class Faults:
    """How often each kind of fault meets a request for data (fractions)."""

    too_many: float = 0.0
    bad_crumb: float = 0.0
    truncated: float = 0.0
    html: float = 0.0
    server_error: float = 0.0
    slow: float = 0.0
    dropped: float = 0.0
    short_page: float = 0.0
    foreign_rows: float = 0.0
    slow_seconds: float = 0.2

    def drawn(self, draw: random.Random) -> str | None:
        """Draw the fault of one request, or none."""
        at = draw.random()
        for name in FAULTS:
            at -= getattr(self, name)
            if at < 0:
                return name
        return None


FAULTS = (
    "too_many",
    "bad_crumb",
    "truncated",
    "html",
    "server_error",
    "slow",
    "dropped",
    "short_page",
    "foreign_rows",
)
NONE = Faults()
MANY = Faults(**dict.fromkeys(FAULTS, 0.025))


@dataclass
class Yahoo:
    """The state of the server, and what it was asked."""

    market: Market
    faults: Faults = NONE
    seed: int = 0
    asked: list[str] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    crumbs: set[str] = field(default_factory=set)
    always: str | None = None  # one fault for every request
    delay_seconds: float = 0.0
    spoil: Callable[[dict], object] | None = None  # changes a screener's answer
    spoilt_left: int = 0  # so many of them
    address: str = ""

    def __post_init__(self) -> None:
        """Write every quote once."""
        self.draw = random.Random(self.seed)
        self.lock = threading.Lock()
        self.written = {
            symbol: json.dumps(row) for symbol, row in self.market.quotes.items()
        }
        self.found: dict[str, list[str]] = {}

    def set_market(self, market: Market) -> None:
        """Serve another market, as after a night."""
        with self.lock:
            self.market, self.found = market, {}
            self.__post_init__()

    def page(self, body: dict, fault: str | None) -> str:
        """Return one page of a screener answer."""
        matching = self._matching(body)
        offset, size = int(body.get("offset") or 0), int(body["size"])
        if size > LARGEST_PAGE:
            raise ValueError("size")
        rows = matching[offset : offset + size] if offset < CEILING else []
        if fault == "short_page" and rows:
            rows = rows[: self.draw.randrange(len(rows))]
        if fault == "foreign_rows" and rows:
            # rows of another slice in place of some of this one
            every = list(self.market.sectors)
            for _ in range(3):
                rows[self.draw.randrange(len(rows))] = self.draw.choice(every)
        quotes = ",".join(self.written[symbol] for symbol in rows)
        head = {"start": offset, "count": len(rows), "total": len(matching)}
        result = f'{json.dumps(head)[:-1]}, "quotes": [{quotes}]}}'
        return f'{{"finance": {{"result": [{result}], "error": null}}}}'

    def spoilt(self, page: str) -> str:
        """Return a page as `spoil` changes it, as often as it does."""
        if self.spoil is None or not self.spoilt_left:
            return page
        self.spoilt_left -= 1
        return json.dumps(self.spoil(json.loads(page)))

    def _matching(self, body: dict) -> list[str]:
        key = json.dumps([body["query"], body.get("sortField"), body.get("sortType")])
        if key not in self.found:
            rows = [
                row
                for row in self.market.quotes.values()
                if self._is_match(body["query"], row)
            ]
            order = FIELDS[body.get("sortField") or "ticker"]
            rows.sort(
                key=lambda row: (
                    order(self.market, row) or 0
                    if body.get("sortField") != "ticker"
                    else row["symbol"]
                ),
                reverse=str(body.get("sortType")).upper() == "DESC",
            )
            self.found[key] = [row["symbol"] for row in rows]
        return self.found[key]

    def _is_match(self, query: dict, row: dict) -> bool:
        operator, operands = query["operator"].upper(), query["operands"]
        if operator == "AND":
            return all(self._is_match(part, row) for part in operands)
        if operator == "OR":
            return any(self._is_match(part, row) for part in operands)
        value = FIELDS[operands[0]](self.market, row)
        if operator == "BTWN":
            return value is not None and operands[1] <= value <= operands[2]
        return COMPARE[operator](value, operands[1])


class Handler(http.server.BaseHTTPRequestHandler):
    """Paths start with the host that they would have gone to."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client
    wbufsize = -1
    yahoo: Yahoo

    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal."""

    def do_GET(self) -> None:  # noqa: N802
        """Answer a GET."""
        self._handle("")

    def do_POST(self) -> None:  # noqa: N802
        """Answer a POST."""
        length = int(self.headers.get("Content-Length") or 0)
        self._handle(self.rfile.read(length).decode())

    def _handle(self, body: str) -> None:
        parts = urlsplit(self.path)
        _, host, *rest = parts.path.split("/", 2)
        path = "/" + "/".join(rest)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if host == "fc.yahoo.com":
            cookie = {"Set-Cookie": "A3=d=tried; Path=/; Max-Age=31536000"}
            return self._send(404, HTML, headers=cookie)
        if path == "/v1/test/getcrumb":
            return self._crumb()
        if host in ("guce.yahoo.com", "consent.yahoo.com"):
            return self._send(200, b"<html><body>nothing to agree to</body></html>")
        yahoo = self.yahoo
        told = f"{self.command} {unquote(path)} {_without(asked)} {body}".strip()
        with yahoo.lock:
            yahoo.asked.append(told)
            fault = yahoo.always or yahoo.faults.drawn(yahoo.draw)
            yahoo.met[fault or "none"] += 1
        if yahoo.delay_seconds:
            time.sleep(yahoo.delay_seconds)
        if self._is_spoilt(fault):
            return None
        needs_crumb = not path.startswith((CHART, SERIES))
        if needs_crumb and asked.get("crumb") not in yahoo.crumbs:
            return self._unauthorised()
        status, text = self._answer(path, asked, body, fault)
        content = text.encode()
        if fault == "truncated":
            content = content[: yahoo.draw.randrange(1, max(2, len(content)))]
        elif status == 200:
            with yahoo.lock:
                yahoo.answered[told] += 1
        self._send(status, content, "application/json")

    def _is_spoilt(self, fault: str | None) -> bool:
        """Answer badly, if that is the fault."""
        yahoo = self.yahoo
        if fault == "too_many":
            wait = {"Retry-After": "0"} if yahoo.draw.random() < 0.5 else {}
            self._send(429, b"Too Many Requests\r\n", "text/html", wait)
        elif fault == "bad_crumb":
            with yahoo.lock:
                yahoo.crumbs.clear()
            self._unauthorised()
        elif fault == "html":
            self._send(yahoo.draw.choice([200, 404, 503]), HTML, "text/html")
        elif fault == "server_error":
            self._send(502, b'{"finance":{"result":null}}', "application/json")
        elif fault == "dropped":
            self.close_connection = True
            self.connection.close()
        elif fault == "slow":
            time.sleep(yahoo.faults.slow_seconds)
            return False
        else:
            return False
        return True

    def _crumb(self) -> None:
        if "A3=" not in (self.headers.get("Cookie") or ""):
            return self._send(401, b'{"finance":{"error":{"code":"Unauthorized"}}}')
        with self.yahoo.lock:
            crumb = f"cr{len(self.yahoo.asked)}.{self.yahoo.draw.random():.6f}"
            self.yahoo.crumbs.add(crumb)
        return self._send(200, crumb.encode(), "text/plain")

    def _unauthorised(self) -> None:
        error = {"code": "Unauthorized", "description": "Invalid Crumb"}
        text = json.dumps({"finance": {"result": None, "error": error}})
        self._send(401, text.encode(), "application/json")

    def _answer(
        self, path: str, asked: dict[str, str], body: str, fault: str | None
    ) -> tuple[int, str]:
        market = self.yahoo.market
        symbol = unquote(path.rsplit("/", 1)[-1])
        if path == SCREENER:
            with self.yahoo.lock:
                return 200, self.yahoo.spoilt(self.yahoo.page(json.loads(body), fault))
        if path.startswith(CHART):
            since, until = int(asked.get("period1", 0)), int(asked.get("period2", 4e9))
            with self.yahoo.lock:
                bars = yahoo_market.chart(market, symbol, since, until)
            return (404 if bars["chart"]["error"] else 200), json.dumps(bars)
        if path.startswith(SUMMARY):
            modules = asked.get("modules", "").split(",")
            told = yahoo_market.summary(market, symbol, modules)
            return (404 if told["quoteSummary"]["error"] else 200), json.dumps(told)
        if path.startswith("/v7/finance/quote"):
            rows = [market.quotes.get(s) for s in asked["symbols"].split(",")]
            told = {"result": [row for row in rows if row], "error": None}
            return 200, json.dumps({"quoteResponse": told})
        if path.startswith(SERIES):
            if "type" in asked:
                told = yahoo_market.statement(symbol, asked["type"].split(","))
                return 200, json.dumps(told)
            since, until = int(asked["period1"]), int(asked["period2"])
            with self.yahoo.lock:
                told = yahoo_market.share_counts(market, symbol, since, until)
            return 200, json.dumps(told)
        return 404, json.dumps({"finance": {"result": None, "error": {"code": "?"}}})

    def _send(
        self,
        status: int,
        content: bytes,
        kind: str = "text/html",
        headers: dict[str, str] | None = None,
    ) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # the client has gone
            self.close_connection = True


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that left."""


@contextmanager
def serving(yahoo: Yahoo, port: int = 0) -> Iterator[Yahoo]:
    """Answer on 127.0.0.1 for as long as the block lasts; sets `address`."""
    handler = type("Bound", (Handler,), {"yahoo": yahoo})
    server = _Server(("127.0.0.1", port), handler)
    yahoo.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield yahoo
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _without(asked: dict[str, str]) -> str:
    return "&".join(f"{n}={v}" for n, v in sorted(asked.items()) if n != "crumb")


def main() -> None:
    """Serve a store's last session until standard input ends."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--market", type=Path, required=True, help="folder of a store")
    parser.add_argument("--day", type=date.fromisoformat, help="session (the last)")
    parser.add_argument("--names", type=int, help="at most so many listings")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", action="store_true", help="answer badly at times")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds an answer")
    parser.add_argument("--life", type=float, default=600.0, help="seconds at most")
    given = parser.parse_args()
    yahoo = Yahoo(
        yahoo_market.from_store(given.market, given.day, given.names),
        faults=MANY if given.faults else NONE,
        seed=given.seed,
        delay_seconds=given.delay,
    )
    ended = threading.Event()
    threading.Thread(
        target=lambda: (sys.stdin.read(), ended.set()), daemon=True
    ).start()
    with serving(yahoo, given.port):
        print(yahoo.address, flush=True)
        ended.wait(given.life)


if __name__ == "__main__":
    main()
