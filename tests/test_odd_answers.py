"""Answers of Yahoo that are whole JSON and still not what was requested."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recon.errors import SourceSilent
from recon.ingest import live
from recon.sources.response_cache import CachedResponse, ResponseCache
from recon.sources.yahoo import quotes
from recon.sources.yahoo.client import Yahoo as Client
from recon.sources.yahoo.market import whole_market
from recon.sources.yahoo.slices import PAGE_ROWS, Slice, by_cap, by_sector
from recon.store import Store
from tests.market import Options
from tests.test_live import EVENING, QUICK, SESSION
from tests.yahoo_market import crowd
from tests.yahoo_server import Yahoo, serving

Spoil = Callable[[dict[str, Any]], object]
NO_PAGE = {
    "finance": {"result": None, "error": {"code": "Internal", "description": "x"}}
}


@pytest.fixture
def yahoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Yahoo]:
    with serving(Yahoo(crowd(60, SESSION))) as server:
        monkeypatch.setenv("RECON_YAHOO_BASE", server.address)
        yield server


def page(answer: dict[str, Any]) -> dict[str, Any]:
    return answer["finance"]["result"][0]


def of_page(**values: object) -> Spoil:
    return lambda answer: page(answer).update(values) or answer


def of_first_row(**values: object) -> Spoil:
    def spoil(answer: dict[str, Any]) -> object:
        for row in page(answer)["quotes"][:1]:
            row.update(values)
        return answer

    return spoil


SPOILT: dict[str, Spoil] = {
    "an error inside": lambda answer: NO_PAGE,
    "an error beside the rows": lambda a: {
        "finance": a["finance"] | {"error": {"c": 1}}
    },
    "no result": lambda answer: {"finance": {"result": [], "error": None}},
    "a result that is a text": lambda answer: {"finance": {"result": "none"}},
    "two results": lambda a: {"finance": {"result": a["finance"]["result"] * 2}},
    "a list": lambda answer: [answer],
    "a number": lambda answer: 7,
    "null": lambda answer: None,
    "another name": lambda a: {"finance": {"answer": a["finance"]["result"]}},
    "no total": of_page(total=None),
    "a total as text": of_page(total="60"),
    "a total that is true": of_page(total=True),
    "a total below zero": of_page(total=-1),
    "rows as an object": of_page(quotes={"A": 1}),
    "rows of null": of_page(quotes=[None]),
    "rows of texts": of_page(quotes=["A", "B"]),
    "a row without a symbol": of_page(quotes=[{"marketCap": 1e9}]),
    "a cap as text": of_first_row(marketCap="1.2T"),
    "a cap as a list": of_first_row(marketCap=[1]),
    "a cap of true": of_first_row(marketCap=True),
    "a symbol as a number": of_first_row(symbol=12),
}
TAKEN: dict[str, Spoil] = {
    "an absurd first trade": of_first_row(firstTradeDateMilliseconds=9e17),
    "a first trade before time": of_first_row(firstTradeDateMilliseconds=-9e17),
    "a first trade as text": of_first_row(firstTradeDateMilliseconds="2004"),
    "an absurd trading time": of_first_row(regularMarketTime=9e16),
    "a trading time as text": of_first_row(regularMarketTime="now"),
    "a name as a number": of_first_row(longName=5, shortName=None),
    "a name of markup": of_first_row(longName="![x](http://127.0.0.1:9/x.png)"),
    "a price as text": of_first_row(regularMarketPrice="12"),
    "an exchange as a list": of_first_row(exchange=["NYQ"]),
    "a currency of null": of_first_row(currency=None),
    "a volume below zero": of_first_row(regularMarketVolume=-5),
    "shares without end": of_first_row(sharesOutstanding=1e300),
}


def ask(folder: Path) -> int:
    taken = live.today(folder, Options(), now=EVENING, policy=QUICK)
    return taken[0].published_days


@pytest.mark.parametrize("name", SPOILT)
def test_an_odd_answer_is_requested_again(yahoo: Yahoo, name: str) -> None:
    whole = Client(policy=QUICK).page(by_sector()[0], 0, 1)
    assert whole["quotes"]
    yahoo.spoil, yahoo.spoilt_left = SPOILT[name], 2
    assert Client(policy=QUICK).page(by_sector()[0], 0, 1) == whole
    assert yahoo.spoilt_left == 0


@pytest.mark.parametrize("name", SPOILT)
def test_an_odd_answer_that_stays_is_a_sentence_and_is_not_kept(
    yahoo: Yahoo, tmp_path: Path, name: str
) -> None:
    yahoo.spoil, yahoo.spoilt_left = SPOILT[name], 1_000
    client = Client(cache=ResponseCache(tmp_path), policy=QUICK)
    with pytest.raises(SourceSilent) as told:
        client.page(by_sector()[0], 0, 1)
    assert "\n" not in str(told.value)
    assert list(tmp_path.glob("*.gz")) == []


def test_a_day_with_odd_answers_goes_on_and_one_that_stays_odd_is_told(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    yahoo.spoil, yahoo.spoilt_left = SPOILT["a cap as text"], 1_000
    with pytest.raises(SourceSilent):
        ask(tmp_path)
    assert not (tmp_path / "CURRENT").exists()
    yahoo.spoilt_left = 2
    assert ask(tmp_path) == 1
    assert yahoo.spoilt_left == 0


@pytest.mark.parametrize("name", TAKEN)
def test_an_odd_value_costs_its_row_at_most(name: str) -> None:
    rows = [dict(row) for row in crowd(30, SESSION).quotes.values()]
    TAKEN[name]({"finance": {"result": [{"quotes": rows}]}})
    kept = [quotes.merge(row, row) for row in rows]
    assert quotes.session_of(kept) == SESSION
    listings, details = quotes.to_tables(kept, SESSION, {}, {})
    assert len(listings) == len(details) == 30
    assert listings["refusal"].null_count >= 29


def test_odd_values_in_every_page_leave_a_day_of_the_others(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    def spoil(answer: dict[str, Any]) -> object:
        for row in page(answer)["quotes"]:
            if row["symbol"] == "N0007":
                row.update(firstTradeDateMilliseconds=9e17, longName=7)
                row.update(regularMarketPrice="12", regularMarketTime="now")
        return answer

    yahoo.spoil, yahoo.spoilt_left = spoil, 1_000
    assert ask(tmp_path) == 1
    assert list(Store(tmp_path).quarantine()["symbol"]) == ["N0007"]


def test_a_provider_that_ignores_what_is_requested_is_left_soon() -> None:
    rows = list(crowd(PAGE_ROWS, SESSION).quotes.values())
    asked = []

    def fetch(slice_: Slice, offset: int, turn: int) -> dict[str, object]:
        asked.append(slice_)
        return {"total": 50_000, "quotes": rows}

    with pytest.raises(SourceSilent, match="does not keep to what is requested: 400"):
        whole_market(fetch, lambda *told: None)
    assert len(asked) == 400


def test_an_answer_kept_by_an_earlier_version_does_not_block_the_day(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    cache = ResponseCache(tmp_path / "kept")
    content = b'{"finance": {"result": [], "error": null}}'
    slice_ = by_cap()[0]
    client = Client(cache=cache, policy=QUICK)
    client.page(slice_, 0, 1)
    (kept,) = [path for path in (tmp_path / "kept").iterdir() if path.suffix == ".gz"]
    odd = CachedResponse(status=200, url="x", content=content)
    cache._path = lambda request: kept  # type: ignore[method-assign]
    cache.put("any", odd)
    assert client.page(slice_, 0, 1)["total"] >= 0
    kept.write_bytes(b"\x1f\x8b not gzip")
    assert client.page(slice_, 0, 1)["total"] >= 0


def test_an_answer_without_end_is_cut(yahoo: Yahoo) -> None:
    yahoo.spoil, yahoo.spoilt_left = of_page(padding="x" * (65 << 20)), 1_000
    with pytest.raises(SourceSilent):
        Client(policy=QUICK).page(by_cap()[0], 0, 1)


@pytest.mark.parametrize(
    ("milliseconds", "year"), [(0, 1969), (-2.2e12, 1900), (1.7e12, 2023), (9e17, None)]
)
def test_a_first_trade_is_a_day_or_not_known(
    milliseconds: float, year: int | None
) -> None:
    day = quotes.first_trade_date({"firstTradeDateMilliseconds": milliseconds})
    assert (day and day.year) == year
