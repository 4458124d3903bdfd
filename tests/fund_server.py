"""The fund pages of iShares as a server on 127.0.0.1, with payloads of our own.

The payloads are in the wire form of the pages: no recorded answer is at hand.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

DAY = date(2026, 11, 18)
ROWS = [
    ("NVDA", "Equity", 7.9134),
    ("BRKB", "Equity", 1.6),
    ("LENB", "Equity", 0.01),
    ("UHALB", "Equity", 0.02),
    ("NA", "Equity", 0.001),
    ("XTSLA", "Money Market", 0.21),
    ("USD", "Cash", -0.02),
    ("MSFUT", "Cash Collateral and Margins", 0.01),
    ("ESZ6", "Futures", 0.0),
    ("-", "Equity", 0.0),
]
KEYS = ["NVDA", "BRKB", "LENB", "UHALB", "NA"]


def product_data(rows=ROWS, day: date = DAY) -> dict:
    points = {
        "asOfDate": {"value": int(f"{day:%Y%m%d}"), "formattedValue": f"{day:%b %d}"},
        "ticker": {"value": [row[0] for row in rows]},
        "issueName": {"value": [f"{row[0]} CORP" for row in rows]},
        "assetClass": {"value": [row[1] for row in rows]},
        "marketValue": {"value": [1e6 for _ in rows]},
        "unitsHeld": {"value": [100 for _ in rows]},
        "holdingPercent": {
            "value": [row[2] for row in rows],
            "formattedValue": [f"{row[2]:.2f}" for row in rows],
        },
    }
    containers = {"all": {"dataPointsByNameMap": points}}
    return {"componentsByNameMap": {"holdings": {"containersByNameMap": containers}}}


def aadata(rows=ROWS) -> dict:
    def number(value: float) -> dict:
        return {"display": f"{value:,.2f}", "raw": value}

    return {
        "aaData": [
            [ticker, f"{ticker} CORP", "Industrials", kind, number(1e6), number(weight)]
            + [number(1e6), number(100), "CUSIP", "ISIN", "SEDOL", number(10.0)]
            + ["United States", "NASDAQ", "USD", "1.00", "USD"]
            for ticker, kind, weight in rows
        ]
    }


def csv(name: str, rows=ROWS, day: date = DAY) -> str:
    lines = [name, f'Fund Holdings as of,"{day:%b %d, %Y}"', "", ""]
    lines.append("Ticker,Name,Sector,Asset Class,Market Value,Weight (%)")
    lines += [f'"{t}","{t} CORP","-","{kind}","1","{w:.2f}"' for t, kind, w in rows]
    return "\n".join(lines)


@contextmanager
def pages(
    answer: Callable[[str, int], tuple[int, str]],
) -> Iterator[tuple[str, list[str]]]:
    """Answer as the provider's two hosts, by `answer(kind, number, day)`."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: value[0] for key, value in parse_qs(parts.query).items()}
            kind = "json" if "get-product-data" in parts.path else "csv"
            asked.append(f"{kind} {query['portfolioId']} {query.get('asOfDate', '-')}")
            status, text = answer(kind, int(query["portfolioId"]))
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def well(kind: str, number: int) -> tuple[int, str]:
    """Answer every fund with the same product data."""
    return 200, json.dumps(product_data())
