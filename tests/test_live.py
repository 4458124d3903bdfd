"""Today's market from Yahoo: whole or not at all, whatever the server answers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from recon import reconstitution, schedule
from recon.errors import (
    BadRequest,
    MarketMixed,
    SessionUnfinished,
    SourceBlocked,
    SourceSilent,
    StoreBusy,
)
from recon.ingest import Taken, live
from recon.ingest.resume import cached_responses
from recon.jobs import runs
from recon.sources.http_client import RequestRecord, RetryPolicy
from recon.sources.yahoo import symbols
from recon.sources.yahoo.slices import by_cap, by_sector
from recon.store import Store
from recon.store.generations import read_manifest, write_manifest
from recon.store.writer import open_writer
from tests import market
from tests.market import Options
from tests.yahoo_market import Market, crowd, quote
from tests.yahoo_server import FAULTS, Faults, Yahoo, serving

ROOT = Path(__file__).parents[1]
SESSION = date(2026, 11, 19)
EVENING = schedule.closes_at(SESSION) + timedelta(hours=1)
QUICK = RetryPolicy(
    seconds_between=0.001,
    jitter_seconds=0.0,
    first_wait_seconds=0.001,
    longest_wait_seconds=0.004,
    timeout_seconds=5.0,
)
MANY = Faults(**dict.fromkeys(FAULTS, 0.04), slow_seconds=0.01)


@pytest.fixture
def yahoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Yahoo]:
    with serving(Yahoo(crowd(900, SESSION))) as server:
        monkeypatch.setenv("RECON_YAHOO_BASE", server.address)
        yield server


def ask(folder: Path, now: datetime = EVENING, **options: object) -> list[Taken]:
    return live.today(folder, Options(**options), now=now, policy=QUICK)


def seen(server: Yahoo) -> pd.DataFrame:
    """What a whole market must have: one row a listing with a cap or a sector."""
    rows = [
        (
            symbols.from_yahoo(symbol),
            row["regularMarketPrice"],
            row.get("marketCap"),
            server.market.sectors.get(symbol),
        )
        for symbol, row in server.market.quotes.items()
        if row.get("marketCap") or symbol in server.market.sectors
    ]
    columns = ["symbol", "close_usd", "total_market_cap_usd", "sector"]
    return pd.DataFrame(rows, columns=columns).sort_values("symbol", ignore_index=True)


def stored(folder: Path) -> pd.DataFrame:
    store = Store(folder)
    table = market.snapshots(store)
    store.close()
    columns = ["symbol", "close_usd", "total_market_cap_usd", "sector"]
    return table[columns].sort_values("symbol", ignore_index=True)


def assert_whole(folder: Path, server: Yahoo) -> None:
    left, right = stored(folder), seen(server)
    assert left["symbol"].is_unique
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


def test_a_whole_market_is_published_with_every_listing_once(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    taken = ask(tmp_path)[0]
    assert taken.published_days == 1
    assert taken.offered == len(seen(yahoo))
    assert_whole(tmp_path, yahoo)
    assert max(Counter(yahoo.asked).values()) == 1
    assert len(yahoo.asked) <= len(by_cap()) + len(by_sector()) + 4


def test_what_came_beside_the_quotes_is_kept(yahoo: Yahoo, tmp_path: Path) -> None:
    ask(tmp_path)
    store = Store(tmp_path)
    details = store.quote_details(SESSION)
    assert len(details) == len(seen(yahoo))
    assert details["quote_type"].eq("EQUITY").all()
    assert details["first_trade_date"].eq(pd.Timestamp("2004-08-19")).all()
    described = store.securities(SESSION, SESSION).set_index("security_id")["symbol"]
    row = details.iloc[0]
    theirs = yahoo.market.quotes[described[row["security_id"]]]
    assert row["price_to_book_ratio"] == theirs["priceToBook"]
    assert row["forward_price_to_earnings_ratio"] == theirs["forwardPE"]
    assert row["average_volume_shares"] == theirs["averageDailyVolume3Month"]
    books = store.fundamentals(SESSION)
    assert set(books["measure"]) == {"book_value_per_share_usd"}
    assert len(books) == len(details)
    store.close()


def test_a_store_written_before_there_were_details_opens_and_gains_them(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    ask(tmp_path)
    store = Store(tmp_path)
    manifest = store.manifest()
    store.close()
    for name in manifest.file_names():
        with duckdb.connect(tmp_path / name) as con:
            con.execute("drop table quote_details")
    market.forget_marks(tmp_path)
    store = Store(tmp_path)
    assert store.quote_details(SESSION).empty
    ask(tmp_path, replace=True)
    assert len(store.quote_details(SESSION)) == len(seen(yahoo))
    store.close()


@pytest.mark.parametrize("seed", range(5))
def test_no_row_is_lost_or_doubled_whatever_the_server_answers(
    yahoo: Yahoo, tmp_path: Path, seed: int
) -> None:
    yahoo.faults, yahoo.seed = MANY, seed
    yahoo.__post_init__()
    for _ in range(20):
        try:
            ask(tmp_path)
            break
        except (SourceSilent, SourceBlocked):
            assert not (tmp_path / "CURRENT").exists()
    assert sum(yahoo.met.values()) - yahoo.met["none"] > 3
    assert_whole(tmp_path, yahoo)


@pytest.mark.parametrize("fault", ["short_page", "foreign_rows", "html"])
def test_a_day_that_stays_short_is_not_published_and_the_day_before_stays(
    yahoo: Yahoo, tmp_path: Path, fault: str
) -> None:
    ask(tmp_path)
    before = market.content(Store(tmp_path))
    tomorrow = schedule.session_after(SESSION)
    yahoo.set_market(crowd(900, tomorrow, seed=8))
    yahoo.always = fault
    with pytest.raises(SourceSilent, match="again"):
        ask(tmp_path, schedule.closes_at(tomorrow) + timedelta(hours=1))
    market.assert_same(market.content(Store(tmp_path)), before)


def test_a_person_may_accept_a_day_that_stays_short(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    missing = next(iter(yahoo.market.sectors))
    written = yahoo.page

    def without_one(body: dict, fault: str | None) -> str:
        page = json.loads(written(body, fault))
        quotes = page["finance"]["result"][0]["quotes"]
        quotes[:] = [row for row in quotes if row["symbol"] != missing]
        return json.dumps(page)

    yahoo.page = without_one  # the provider promises a row that it never gives
    with pytest.raises(SourceSilent, match="--accept"):
        ask(tmp_path)
    taken = ask(tmp_path, accept=frozenset([SESSION]))[0]
    assert "accepted though short" in taken.note
    assert taken.accepted == len(seen(yahoo)) - 1
    assert Store(tmp_path).ledger()["decided_by"].notna().any()


def test_a_row_whose_own_cap_is_outside_its_slice_is_believed_when_it_stays(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    odd = next(s for s, row in yahoo.market.quotes.items() if row.get("marketCap"))
    written = yahoo.page

    def with_another_cap(body: dict, fault: str | None) -> str:
        page = json.loads(written(body, fault))
        for row in page["finance"]["result"][0]["quotes"]:
            row["marketCap"] = 7e12 if row["symbol"] == odd else row.get("marketCap")
        return json.dumps(page)

    yahoo.page = with_another_cap
    taken = ask(tmp_path, accept=frozenset())[0]
    assert taken.published_days == 1
    assert taken.accepted == len(seen(yahoo))


def test_what_stayed_short_is_asked_for_again_by_the_next_run(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    yahoo.always = "short_page"
    with pytest.raises(SourceSilent):
        ask(tmp_path)
    yahoo.always = None
    ask(tmp_path)
    assert_whole(tmp_path, yahoo)


def test_a_listing_that_comes_while_its_slice_is_read_is_had_too(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    rows = {
        name: quote(name, f"{name} Corp.", "ASE", 10.0, 1e8, SESSION)
        for name in (f"M{number}" for number in range(1000, 1300))
    }
    yahoo.set_market(Market(SESSION, rows, dict.fromkeys(rows, "Energy")))
    written = yahoo.page

    def with_a_newcomer(body: dict, fault: str | None) -> str:
        if body["offset"] and "AAA" not in rows:
            rows["AAA"] = quote("AAA", "Newcomer Inc.", "ASE", 20.0, 2e8, SESSION)
            yahoo.market.sectors["AAA"] = "Energy"
            yahoo.written["AAA"] = json.dumps(rows["AAA"])
            yahoo.found.clear()
        return written(body, fault)

    yahoo.page = with_a_newcomer
    ask(tmp_path)
    assert len(seen(yahoo)) == 301
    assert_whole(tmp_path, yahoo)


def test_a_provider_that_refuses_is_left_alone(yahoo: Yahoo, tmp_path: Path) -> None:
    yahoo.always = "too_many"
    with pytest.raises(SourceBlocked, match="run the same command again"):
        ask(tmp_path)
    assert len(yahoo.asked) <= QUICK.refusals_until_open
    yahoo.always = None
    ask(tmp_path)
    assert_whole(tmp_path, yahoo)


def test_a_second_run_on_the_same_evening_asks_nothing(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    ask(tmp_path)
    before, asked = market.content(Store(tmp_path)), len(yahoo.asked)
    (again,) = ask(tmp_path)
    assert "stored already" in again.note
    assert len(yahoo.asked) == asked
    market.assert_same(market.content(Store(tmp_path)), before)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("2026-11-19 15:59", None, id="a minute before the close"),
        pytest.param("2026-11-19 16:19", None, id="before closing prices are final"),
        pytest.param("2026-11-19 16:21", "2026-11-19", id="after the close"),
        pytest.param("2026-11-20 06:00", "2026-11-19", id="before the next open"),
        pytest.param("2026-11-21 12:00", "2026-11-20", id="on a Saturday"),
        pytest.param("2026-11-26 12:00", "2026-11-25", id="on Thanksgiving"),
        pytest.param("2026-11-27 13:21", "2026-11-27", id="after an early close"),
        pytest.param("2026-11-27 12:30", None, id="before an early close"),
    ],
)
def test_the_session_that_can_be_had(now: str, expected: str | None) -> None:
    from recon.sources.yahoo.quotes import last_finished

    moment = pd.Timestamp(now, tz="America/New_York").to_pydatetime()
    if expected is None:
        with pytest.raises(SessionUnfinished, match="under way"):
            last_finished(moment)
    else:
        assert last_finished(moment) == date.fromisoformat(expected)


def test_a_session_under_way_is_refused_before_anything_is_asked(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    noon = schedule.closes_at(SESSION) - timedelta(hours=4)
    with pytest.raises(SessionUnfinished):
        ask(tmp_path, noon)
    assert yahoo.asked == []


def test_quotes_of_two_sessions_are_not_published(yahoo: Yahoo, tmp_path: Path) -> None:
    tomorrow = schedule.closes_at(schedule.session_after(SESSION))
    for row in list(yahoo.market.quotes.values())[:200]:
        row["regularMarketTime"] = int(tomorrow.timestamp())
    yahoo.set_market(yahoo.market)
    with pytest.raises(SessionUnfinished, match="two sessions"):
        ask(tmp_path)
    assert not (tmp_path / "CURRENT").exists()
    yahoo.set_market(crowd(900, SESSION))
    ask(tmp_path)  # what was answered then is not heard again
    assert_whole(tmp_path, yahoo)


def test_a_session_that_yahoo_has_only_in_part_is_not_published(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    before = schedule.closes_at(schedule.session_before(SESSION))
    for row in list(yahoo.market.quotes.values())[:300]:
        row["regularMarketTime"] = int(before.timestamp())
    yahoo.set_market(yahoo.market)
    with pytest.raises(SessionUnfinished, match="not all of 2026-11-19 yet"):
        ask(tmp_path)
    assert not (tmp_path / "CURRENT").exists()


def test_a_day_that_is_held_back_leaves_the_one_it_was_to_replace(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    ask(tmp_path)
    tomorrow = schedule.session_after(SESSION)
    evening = schedule.closes_at(tomorrow) + timedelta(hours=1)
    yahoo.set_market(crowd(900, tomorrow, seed=8))
    ask(tmp_path, evening, accept=frozenset([tomorrow]))
    before, details = stored(tmp_path), Store(tmp_path).quote_details(tomorrow)
    yahoo.set_market(crowd(300, tomorrow))
    (taken, *_) = ask(tmp_path, evening, replace=True)
    assert taken.held_back and not taken.published_days
    store = Store(tmp_path)
    assert store.published_days().date.tolist() == [SESSION, tomorrow]
    pd.testing.assert_frame_equal(stored(tmp_path), before)
    pd.testing.assert_frame_equal(store.quote_details(tomorrow), details)
    store.close()


def test_a_session_that_yahoo_still_shows_is_published_as_what_it_is(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    late = schedule.closes_at(schedule.session_after(SESSION)) + timedelta(hours=1)
    taken = ask(tmp_path, late)[0]
    assert f"still shows {SESSION}" in taken.note
    assert list(Store(tmp_path).published_days()) == [pd.Timestamp(SESSION)]


def test_another_day_than_the_last_session_cannot_be_had(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    with pytest.raises(BadRequest, match="ingest estimate"):
        live.today(tmp_path, Options(), now=EVENING, day=date(2026, 11, 18))


def test_a_listing_that_did_not_trade_has_no_volume_and_an_old_one_is_refused(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    first, second, third = list(yahoo.market.quotes.values())[:3]
    for row, day in ((first, date(2026, 11, 17)), (second, date(2026, 9, 1))):
        row["regularMarketTime"] = int(schedule.closes_at(day).timestamp())
    third["currency"] = "CAD"
    yahoo.set_market(yahoo.market)
    ask(tmp_path)
    table = market.snapshots(Store(tmp_path)).set_index("symbol")
    assert table.loc[first["symbol"], "volume_shares"] == 0
    assert not {second["symbol"], third["symbol"]} & set(table.index)
    refused = Store(tmp_path).quarantine().set_index("symbol")["reason"]
    assert refused[second["symbol"]] == "the listing was last traded on 2026-09-01"
    assert refused[third["symbol"]] == "the price is in CAD, not in USD"


def test_a_listing_keeps_the_words_and_the_country_it_was_listed_with(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    market.take(tmp_path, market.calm(market.sessions(1)))
    rows = {
        "BIG": quote("BIG", "Always Largest Inc.", "NYQ", 400, 8e11, SESSION),
        "SEC": quote("SEC", "Renamed Holdings", "NMS", 300, 4.5e11, SESSION),
    }
    yahoo.set_market(Market(SESSION, rows, {"BIG": "Technology"}))
    ask(tmp_path, accept=frozenset([SESSION]))
    store = Store(tmp_path)
    table = store.securities(SESSION, SESSION).set_index("symbol")
    assert table.loc["BIG", "name"] == "Always Largest Inc. Common Stock"
    assert table.loc["SEC", "name"] == "Renamed Holdings"
    assert table["country"].eq("United States").all()
    assert table["industry"].eq("Machinery").all()
    assert table.loc["BIG", "sector"] == "Technology"
    assert table.loc["SEC", "sector"] == "Industrials"
    store.close()


# symbol, name, close, market cap, shares of the class: as Yahoo gave them in 2024-25
CLASSES = (
    ("GOOG", "Alphabet Inc.", 186.87, 2.2670e12, 5.497e9),
    ("GOOGL", "Alphabet Inc.", 185.23, 2.2471e12, 5.833e9),
    ("BRK-A", "Berkshire Hathaway Inc.", 719_300.0, 1.0347e12, 5.4e5),
    ("BRK-B", "Berkshire Hathaway Inc.", 479.59, 1.0345e12, 1.34e9),
    ("UHAL", "U-Haul Holding Company", 72.5, 1.4217e10, 1.96e7),
    ("UHAL-B", "U-Haul Holding Company", 63.7, 1.249e10, 1.7647e8),
    ("FWONA", "Formula One Group", 87.0, 2.19e10, 2.4e7),
    ("FWONK", "Formula One Group", 95.9, 2.41e10, 2.25e8),
    ("HEI", "HEICO Corporation", 230.6, 3.2e10, 5.5e7),
    ("HEI-A", "HEICO Corporation", 184.4, 2.56e10, 8.4e7),
    ("LEN", "Lennar Corporation", 122.2, 3.26e10, 2.32e8),
    ("LEN-B", "Lennar Corporation", 116.0, 3.09e10, 3.2e7),
)


def test_share_classes_are_one_company_whose_cap_is_counted_once(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    rows = {
        symbol: quote(
            symbol, name, "NYQ", close, cap, SESSION, class_shares=shares, volume=shares
        )
        for symbol, name, close, cap, shares in CLASSES
    }
    # one class whose cap is its own alone, as Yahoo shows now and then
    rows["UHAL"]["marketCap"] = round(72.5 * 1.96e7)
    yahoo.set_market(Market(SESSION, rows, dict.fromkeys(rows, "Industrials")))
    ask(tmp_path)
    store = Store(tmp_path)
    companies = reconstitution.project(store, SESSION).companies
    caps = companies.groupby("company")["total_market_cap_usd"].agg(["size", "max"])
    assert len(caps) == 6
    assert caps["size"].eq(1).all(), "each company is ranked once"
    of_class = pd.DataFrame(CLASSES).groupby(1)[3]
    lowest, highest = of_class.min() * 0.98, of_class.max() * 1.02
    assert caps["max"].between(lowest[caps.index], highest[caps.index]).all()
    stored_as = set(store.securities(SESSION, SESSION)["symbol"])
    assert {"BRK/A", "BRK/B", "HEI/A", "LEN/B", "UHAL/B", "GOOGL"} <= stored_as
    store.close()


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("BRK-B", "BRK/B"),
        ("BF-A", "BF/A"),
        ("BAC-PL", "BAC^L"),
        ("AHL-PE", "AHL^E"),
        ("AMPX-WT", "AMPX/WS"),
        ("BCSF-RI", "BCSF/R"),
        ("PRMB-UN", "PRMB/U"),
        ("GOOGL", "GOOGL"),
    ],
)
def test_symbols_are_spelt_as_the_store_spells_them_and_back(
    theirs: str, ours: str
) -> None:
    assert symbols.from_yahoo(theirs) == ours
    assert symbols.to_yahoo(ours) == theirs


def test_a_store_of_the_demo_market_is_refused_before_anything_is_asked(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    with open_writer(tmp_path, "demo"):
        pass
    blank = read_manifest(tmp_path)
    manifest = blank.model_copy(update={"is_blank": False})
    write_manifest(tmp_path, manifest)
    with pytest.raises(MarketMixed, match="Nothing was requested"):
        ask(tmp_path)
    assert yahoo.asked == []


def test_one_process_at_a_time_asks_for_a_store(yahoo: Yahoo, tmp_path: Path) -> None:
    with cached_responses(tmp_path, "snapshot 2026-11-18"):
        with pytest.raises(StoreBusy, match="Another process is requesting data"):
            ask(tmp_path)
    assert yahoo.asked == []


def test_each_request_is_a_line_of_the_ledger_of_runs(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    lines: list[dict[str, object]] = []
    ask(tmp_path, note_request=lines.append)
    assert {field.name for field in fields(RequestRecord)} == set(runs.REQUEST_COLUMNS)
    data = [line for line in lines if line["rows"] is not None]
    assert len(data) == len(yahoo.asked)
    assert not any("crumb=" in str(line["url"]) for line in lines)
    assert sum(int(line["rows"]) for line in data) > len(seen(yahoo))
    assert asdict(RequestRecord(**lines[0])) == lines[0]


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda s: s.name)
def test_a_run_that_was_stopped_asks_again_for_one_page_at_most(
    yahoo: Yahoo, tmp_path: Path, how: signal.Signals
) -> None:
    yahoo.delay_seconds = 0.1  # nine pages or more are left to kill it in
    run = start(tmp_path, yahoo)
    while len(yahoo.asked) < 12:
        time.sleep(0.01)
        assert run.poll() is None
    run.send_signal(how)
    run.communicate(timeout=20)
    assert not (tmp_path / "CURRENT").exists()
    yahoo.delay_seconds = 0.0
    assert ask(tmp_path)[0].published_days == 1
    repeated = sum(count - 1 for count in Counter(yahoo.asked).values())
    print(f"\n{len(yahoo.asked)} requests, {repeated} repeated")
    assert repeated <= 1
    assert_whole(tmp_path, yahoo)
    assert not list((tmp_path / "asked").glob("snapshot*")), "nothing is left behind"


def start(folder: Path, server: Yahoo) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "RECON_YAHOO_BASE": server.address,
        "RECON_SAMPLE": "1",
        "RECON_SOURCE_PACE": "0.01",
        "RECON_TODAY": SESSION.isoformat(),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "recon", "ingest", "yahoo", "--store", str(folder)],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
