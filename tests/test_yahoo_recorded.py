"""Answers recorded from Yahoo, served again and read by yfinance: the same numbers."""

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd
import pytest

from recon.sources.http_client import Incomplete
from recon.sources.yahoo import quotes as parser
from recon.sources.yahoo.client import Yahoo, rows_of
from recon.sources.yahoo.profiles import SALES
from tests.test_live import QUICK
from tests.universe import SHARED

RECORDED = SHARED / "yahoo"
pytestmark = pytest.mark.shared(RECORDED)


def files(pattern: str) -> list[Path]:
    return sorted(RECORDED.glob(pattern))


def body(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))["response"]["bodyJson"]


def address(path: Path) -> str:
    return json.loads(path.read_text("utf-8"))["request"]["url"]


class Replay(http.server.BaseHTTPRequestHandler):
    """Answers with `told`, by the path without its host; only the modules asked for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    told: dict[str, dict]

    def log_message(self, *_: object) -> None:
        """Write nothing."""

    def do_GET(self) -> None:  # noqa: N802
        parts = urlsplit(self.path)
        path = "/" + "/".join(unquote(parts.path).split("/")[2:])
        asked = parse_qs(parts.query)
        if path.endswith("getcrumb"):
            return self.send(200, b"crumb", {})
        if path not in self.told:
            return self.send(404, b"{}", {"Set-Cookie": "A3=a; Path=/"})
        told = self.told[path]
        if "modules" in asked and told.get("quoteSummary", {}).get("result"):
            (every,) = told["quoteSummary"]["result"]
            wanted = asked["modules"][0].split(",")
            some = {name: every[name] for name in wanted if name in every}
            told = {"quoteSummary": {"result": [some], "error": None}}
        return self.send(200, json.dumps(told).encode(), {})

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def replay() -> Iterator[type[Replay]]:
    """Serve whatever the test puts into `told`."""
    handler = type("Told", (Replay,), {"told": {}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as env:
        port = server.server_address[1]
        env.setenv("RECON_YAHOO_BASE", f"http://127.0.0.1:{port}")
        yield handler
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def yahoo(replay: type[Replay]) -> Yahoo:
    return Yahoo(policy=QUICK)


@pytest.mark.parametrize("path", files("*/*.json"), ids=lambda path: path.stem[:60])
def test_every_recorded_answer_is_whole_and_half_of_it_is_not(path: Path) -> None:
    url, content = address(path), json.dumps(body(path)).encode()
    if "/v1/finance/search" in url:  # not asked by this program
        return
    assert rows_of(url, 200, content) is not None
    with pytest.raises(Incomplete):
        rows_of(url, 200, content[: len(content) // 2])


def recorded_quotes() -> list[dict]:
    found = []
    for path in files("quote/*.json"):
        found += body(path)["quoteResponse"]["result"]
    for path in files("screener/*.json"):
        found += body(path)["finance"]["result"][0]["quotes"]
    return found


@pytest.mark.parametrize("row", recorded_quotes(), ids=lambda row: row["symbol"])
def test_a_quote_is_stored_as_it_was_given_or_refused(row: dict) -> None:
    session = parser.traded_on(row) or date(2025, 2, 14)
    listings, details = parser.to_tables([row], session, {}, {})
    (listing,), (detail,) = listings.to_pylist(), details.to_pylist()
    if row.get("quoteType") != "EQUITY" or row.get("currency") != "USD":
        assert listing["refusal"]
        return
    if "regularMarketPrice" not in row:  # fields were chosen when it was recorded
        assert listing["refusal"] == "the quote has no price"
        return
    assert listing["refusal"] is None
    assert listing["close_usd"] == row["regularMarketPrice"]
    assert listing["total_market_cap_usd"] == row["marketCap"]
    assert listing["volume_shares"] == row["regularMarketVolume"]
    assert listing["shares_outstanding"] == row["sharesOutstanding"]
    assert detail["average_volume_shares"] == row["averageDailyVolume3Month"]
    assert detail["quote_exchange"] == row["exchange"]
    if row["financialCurrency"] == "USD":
        assert detail["price_to_book_ratio"] == row["priceToBook"]
        assert detail["book_value_per_share"] == row["bookValue"]
        assert detail["forward_eps"] == row["epsForward"]
    else:
        assert detail["price_to_book_ratio"] is None


DAILY = [path for path in files("chart/*.json") if "interval=1d" in address(path)]


@pytest.mark.parametrize("path", DAILY, ids=lambda path: path.stem)
def test_a_chart_gives_the_closes_and_splits_that_it_holds(
    replay: type[Replay], yahoo: Yahoo, path: Path
) -> None:
    (chart,) = body(path)["chart"]["result"]
    parts = urlsplit(address(path))
    replay.told = {unquote(parts.path): body(path)}
    asked = parse_qs(parts.query)
    since, until = (
        pd.Timestamp(int(asked[name][0]), unit="s").date()
        for name in ("period1", "period2")
    )
    symbol = chart["meta"]["symbol"]
    table = yahoo.prices([symbol], since, until)
    bars = table[symbol].dropna(subset=["Close"]) if len(table) else table
    closes = chart["indicators"]["quote"][0].get("close") or []
    given = [close for close in closes if close is not None]
    # the last bar may be of the moment, outside the days asked for
    assert bars["Close"].tolist() == pytest.approx(given[: len(bars)])
    assert len(given) - len(bars) <= 1
    splits = chart.get("events", {}).get("splits", {}).values()
    told = [s["numerator"] / s["denominator"] for s in splits]
    if told:
        ratios = bars["Stock Splits"]
        assert ratios[ratios > 0].tolist() == told


COMPANIES = [
    path
    for path in files("quoteSummary/quoteSummary-all-*.json")
    if (body(path)["quoteSummary"]["result"] or [{}])[0]
    .get("quoteType", {})
    .get("quoteType")
    == "EQUITY"
]
FIGURES = (
    "floatShares",
    "sharesOutstanding",
    "impliedSharesOutstanding",
    "bookValue",
    "priceToBook",
)


@pytest.mark.parametrize("path", COMPANIES, ids=lambda path: path.stem[17:])
def test_a_profile_and_its_growth_are_those_recorded(
    replay: type[Replay], yahoo: Yahoo, path: Path
) -> None:
    parts = urlsplit(address(path))
    replay.told = {
        unquote(parts.path): body(path),
        "/v7/finance/quote": {"quoteResponse": {"result": [], "error": None}},
    }
    symbol = parts.path.rsplit("/", 1)[-1]
    series = f"/ws/fundamentals-timeseries/v1/finance/timeseries/{symbol}"
    replay.told[series] = {"timeseries": {"result": [], "error": None}}
    (told,) = body(path)["quoteSummary"]["result"]
    info = yahoo.profile(symbol)
    statistics = told.get("defaultKeyStatistics", {})
    assert {name: info.get(name) for name in FIGURES} == {
        name: statistics.get(name) for name in FIGURES
    }
    assert info.get("marketCap") == told["summaryDetail"].get("marketCap")
    assert info.get("country") == told.get("assetProfile", {}).get("country")
    growth = yahoo.growth(symbol)
    for trend in told.get("earningsTrend", {}).get("trend", []):
        rate = trend["growth"].get("raw")
        if rate is not None:
            assert growth.loc[trend["period"], "stockTrend"] == rate


STATEMENTS = files("fundamentalsTimeSeries/*-financials-quarterly.json")


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: path.stem[23:])
def test_a_statement_gives_the_sales_that_it_holds(
    replay: type[Replay], yahoo: Yahoo, path: Path
) -> None:
    parts = urlsplit(address(path))
    replay.told = {unquote(parts.path): body(path)}
    symbol = unquote(parts.path).rsplit("/", 1)[-1]
    result = body(path)["timeseries"]["result"]
    name = "quarterlyTotalRevenue"
    told = next((part[name] for part in result if name in part), [])
    given = {
        pd.Timestamp(point["asOfDate"]): point["reportedValue"]["raw"]
        for point in told
        if point
    }
    statement = yahoo.quarters(symbol)
    found = statement.loc[SALES].dropna().to_dict() if SALES in statement.index else {}
    assert found == given
