"""Estimated history: splits, share counts, silent symbols, and the mark they carry."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from recon import schedule
from recon.commands import Format
from recon.commands import market as market_commands
from recon.errors import BadRequest, SourceBlocked, SourceSilent
from recon.exhibits import headlines
from recon.ingest import estimates, live
from recon.ingest.days import take_days
from recon.ingest.resume import read_notes, write_notes
from recon.sources.column_names import REQUIRED
from recon.sources.yahoo import history, states
from recon.sources.yahoo.states import State
from recon.store import ESTIMATE, Store
from recon.store.writer import open_writer
from tests import market
from tests.market import Options
from tests.test_live import EVENING, QUICK, SESSION
from tests.yahoo_market import Line, Market, quote
from tests.yahoo_server import Yahoo, serving

SINCE, UNTIL = date(2026, 9, 1), date(2026, 11, 18)
SPLIT_ON, LATER_SPLIT_ON = date(2026, 10, 12), date(2026, 11, 19)
DAYS = [day.date() for day in schedule.sessions_in(date(2026, 1, 2), SESSION)]
SHARES = 100e6


def line(first_close: float, splits: dict[date, float], volume: float = 5e6) -> Line:
    """A share that drifts upward, with its splits, as it was traded."""
    factor = np.array(
        [np.prod([r for s, r in splits.items() if s <= day] or [1.0]) for day in DAYS]
    )
    drift = first_close * (1 + 0.001 * np.arange(len(DAYS)))
    return Line(
        day=DAYS,
        close=(drift / factor).round(4),
        volume=volume * factor,
        shares=SHARES * factor,
        split_on=splits,
    )


def small_market() -> Market:
    """Four listings with a past, and one that has none."""
    lines = {
        "CALM": line(50, {}),
        "SPLT": line(400, {SPLIT_ON: 4.0}),
        "REVS": line(2, {SPLIT_ON: 0.1}),
        "LATE": line(90, {LATER_SPLIT_ON: 3.0}),
    }
    rows = {
        name: quote(
            name,
            f"{name} Incorporated",
            "NYQ",
            float(of.close[-1]),
            round(float(of.close[-1] * of.shares[-1])),
            SESSION,
            volume=float(of.volume[-1]),
        )
        for name, of in lines.items()
    }
    rows["GONE"] = quote("GONE", "Gone Incorporated", "NYQ", 9.0, 9e8, SESSION)
    sectors = dict.fromkeys(rows, "Industrials")
    return Market(SESSION, rows, sectors, lines=lines)


@pytest.fixture
def yahoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Yahoo]:
    with serving(Yahoo(small_market())) as server:
        monkeypatch.setenv("RECON_YAHOO_BASE", server.address)
        yield server


def today(folder: Path) -> None:
    live.today(folder, Options(), now=EVENING, policy=QUICK)


def estimate(folder: Path, **options):
    asked = {"since": SINCE, "now": EVENING, "policy": QUICK, **options}
    (taken,) = estimates.estimate(folder, Options(), **asked)
    return taken


@pytest.fixture(scope="module")
def past_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of one real day and an estimated past before it."""
    folder = tmp_path_factory.mktemp("past")
    with serving(Yahoo(small_market())) as server, pytest.MonkeyPatch.context() as env:
        env.setenv("RECON_YAHOO_BASE", server.address)
        today(folder)
        estimate(folder)
    return folder


@pytest.fixture(scope="module")
def past(past_store: Path) -> pd.DataFrame:
    """Return the estimated past of every listing."""
    return market.snapshots(Store(past_store))


@pytest.fixture
def estimated(past_store: Path, tmp_path: Path) -> Iterator[Store]:
    store = Store(Path(shutil.copytree(past_store, tmp_path / "store")))
    yield store
    store.close()


@pytest.mark.parametrize("symbol", ["CALM", "SPLT", "REVS", "LATE"])
def test_closes_and_caps_are_those_that_were_traded(
    past: pd.DataFrame, symbol: str
) -> None:
    table = past[past["symbol"] == symbol].set_index("snapshot_date")
    of = small_market().lines[symbol]
    truth = pd.DataFrame(
        {"close": of.close, "cap": of.close * of.shares, "volume": of.volume},
        index=pd.DatetimeIndex(of.day),
    )
    both = table.join(truth)
    assert list(table.index) == list(schedule.sessions_in(SINCE, SESSION))
    assert both["close_usd"].to_numpy() == pytest.approx(both["close"], rel=1e-4)
    assert both["total_market_cap_usd"].to_numpy() == pytest.approx(
        both["cap"], rel=1e-4
    )
    assert both["volume_shares"].to_numpy() == pytest.approx(both["volume"], rel=1e-4)


def test_an_estimated_day_says_so_and_so_does_what_is_drawn_over_it(
    estimated: Store,
) -> None:
    days = estimated.days()
    names = {"estimate": "est. from closes", "yahoo": "Yahoo Finance"}
    of_source = days.groupby("source")["snapshot_date"].agg(["min", "max"])
    assert list(of_source.index) == ["estimate", "yahoo"]
    assert of_source.loc["estimate", "max"] == pd.Timestamp(UNTIL)
    assert headlines.source(days, UNTIL, names) == "est. from closes"
    assert (
        headlines.source(days, SESSION, names) == "Yahoo Finance, est. to 18 Nov 2026"
    )
    before = days[days["source"] == "yahoo"]
    assert headlines.source(before, SESSION, names) == "Yahoo Finance"


@pytest.mark.parametrize(("day", "is_estimated"), [(UNTIL, True), (SESSION, False)])
def test_the_command_line_says_which_days_are_estimates(
    past_store: Path, tmp_path: Path, day: date, is_estimated: bool
) -> None:
    lines, names = tmp_path / "lines.csv", tmp_path / "names.csv"
    shared = {"store": past_store, "format_": Format.CSV}
    text = day.isoformat()
    market_commands.break_points(since=text, until=text, output=lines, **shared)
    market_commands.project(as_of=text, output=names, as_if_ranked=True, **shared)
    assert pd.read_csv(lines)["is_estimated"].eq(is_estimated).all()
    assert pd.read_csv(names)["is_estimated"].eq(is_estimated).all()
    # the event was decided on a rank day of which only an estimate is stored
    market_commands.project(as_of=text, output=names, **shared)
    decided = pd.read_csv(names)
    assert decided["snapshot_date"].eq("2026-10-30").sum() == 4
    own = decided["snapshot_date"].eq(SESSION.isoformat())  # listed since rank day
    assert decided["is_estimated"].eq(~own).all()


def test_a_day_that_the_store_has_is_not_replaced_by_an_estimate(
    yahoo: Yahoo, estimated: Store
) -> None:
    taken = estimate(estimated.folder, until=SESSION)
    assert taken.published_days == 0
    last = estimated.days().set_index("snapshot_date").loc[pd.Timestamp(SESSION)]
    assert last["source"] == "yahoo"


def test_an_estimate_gives_way_to_the_market_of_the_day(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    tomorrow = schedule.session_after(SESSION)
    later = {"now": schedule.closes_at(tomorrow) + timedelta(hours=1), "policy": QUICK}
    today(tmp_path)
    store = Store(tmp_path)
    with open_writer(tmp_path, "real") as writer:
        table = market.snapshots(store).assign(
            snapshot_date=pd.Timestamp(tomorrow), volume_shares=7.0
        )
        offered = pa.Table.from_pandas(table[[*REQUIRED, "volume_shares"]])
        names = {name: name for name in writer.columns_of(offered)}
        words = {"origin": "an estimate", "digest": "x", "options": Options()}
        take_days(writer, names, source=ESTIMATE, **words)
    for row in yahoo.market.quotes.values():
        row["regularMarketTime"] = int(schedule.closes_at(tomorrow).timestamp())
        row["regularMarketVolume"] += 1
    yahoo.set_market(yahoo.market)
    assert not live.is_stored(tmp_path, tomorrow)
    (taken, *_) = live.today(tmp_path, Options(), **later)
    assert taken.published_days == 1
    sources = store.days().set_index("snapshot_date")["source"]
    assert sources.tolist() == ["yahoo", "yahoo"]
    quotes = store.quotes(tomorrow, tomorrow)
    assert len(quotes) == len(yahoo.market.quotes)
    assert not quotes["volume_shares"].eq(7).any()
    store.close()


def test_estimates_do_not_make_the_next_real_day_look_too_full(
    yahoo: Yahoo, estimated: Store
) -> None:
    tomorrow = schedule.session_after(SESSION)
    for row in yahoo.market.quotes.values():
        row["regularMarketTime"] = int(schedule.closes_at(tomorrow).timestamp())
        row["regularMarketVolume"] += 1
    yahoo.set_market(yahoo.market)
    taken = live.today(
        estimated.folder,
        Options(),
        now=schedule.closes_at(tomorrow) + timedelta(hours=1),
        policy=QUICK,
    )[0]
    assert taken.held_back == ()


def test_each_listing_costs_two_requests_and_a_silent_one_a_single_one(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    today(tmp_path)
    yahoo.asked.clear()
    taken = estimate(tmp_path)
    assert len(yahoo.asked) == 4 * 2 + 1
    assert "1 without data" in taken.note


def test_a_silent_symbol_is_left_alone_for_longer_and_longer(
    yahoo: Yahoo, estimated: Store
) -> None:
    noted = states.read(read_notes(estimated.folder, estimates.SYMBOL_STATES)["GONE"])
    assert (noted.state, noted.unknown_days) == (State.UNKNOWN, 1)
    yahoo.asked.clear()
    taken = estimate(estimated.folder, since=date(2026, 8, 3), until=date(2026, 8, 31))
    assert not any("GONE" in asked for asked in yahoo.asked)
    assert "1 skipped, without data before" in taken.note


@pytest.mark.parametrize("fault", ["too_many", "server_error"])
def test_a_part_of_the_listings_is_not_published_and_the_rest_is_asked_for_later(
    yahoo: Yahoo, tmp_path: Path, fault: str
) -> None:
    today(tmp_path)
    before = market.content(Store(tmp_path))
    yahoo.always = fault
    with pytest.raises((SourceBlocked, SourceSilent)):
        estimate(tmp_path)
    market.assert_same(market.content(Store(tmp_path)), before)
    yahoo.always = None
    assert estimate(tmp_path).published_days == len(schedule.sessions_in(SINCE, UNTIL))


def test_a_symbol_that_is_not_listed_is_said_to_be_so(
    yahoo: Yahoo, tmp_path: Path
) -> None:
    today(tmp_path)
    with pytest.raises(BadRequest, match="NONE is not listed"):
        estimate(tmp_path, only=["NONE"])


def known(days: int, asked_on: str) -> states.Symbol:
    return states.Symbol(
        state=State.UNKNOWN,
        unknown_days=days,
        asked_on=date.fromisoformat(asked_on),
        ask_again_on=SESSION,
    )


@pytest.mark.parametrize(
    ("before", "changes", "state", "wait"),
    [
        pytest.param(None, {"has_rows": True}, State.LISTED, 0, id="figures came"),
        pytest.param(
            None, {"has_session": False}, State.NO_SESSION, 0, id="a holiday was asked"
        ),
        pytest.param(
            None, {"outcome": "rate limited"}, State.BLOCKED, 0, id="we are blocked"
        ),
        pytest.param(
            None, {"outcome": "timed out"}, State.BLOCKED, 0, id="no answer came"
        ),
        pytest.param(None, {}, State.UNKNOWN, 1, id="the first silence"),
        pytest.param(
            known(1, "2026-11-18"), {}, State.UNKNOWN, 2, id="a second day of silence"
        ),
        pytest.param(
            known(2, "2026-11-19"), {}, State.UNKNOWN, 2, id="twice on one day is once"
        ),
        pytest.param(
            known(2, "2026-11-17"),
            {},
            State.DELISTED,
            4,
            id="in no market either",
        ),
        pytest.param(
            known(2, "2026-11-17"),
            {"is_in_market": True},
            State.UNKNOWN,
            4,
            id="silent, but the market holds it",
        ),
        pytest.param(
            known(2, "2026-11-17"),
            {"is_in_market": None},
            State.UNKNOWN,
            4,
            id="there is no second source",
        ),
        pytest.param(
            known(40, "2026-11-17"), {}, State.DELISTED, 64, id="asked every two months"
        ),
    ],
)
def test_what_a_silence_means(before, changes, state: State, wait: int) -> None:
    told = {
        "has_rows": False,
        "outcome": "not there",
        "has_session": True,
        "is_in_market": False,
        **changes,
    }
    found = states.after(before, today=SESSION, **told)
    assert found.state is state
    assert found.ask_again_on - SESSION == timedelta(days=wait)


def series(values: dict[str, float]) -> pd.Series:
    return pd.Series(values.values(), index=pd.DatetimeIndex(list(values)))


@pytest.mark.parametrize(
    ("counts", "splits", "todays"),
    [
        pytest.param(
            {"2026-03-02": 100, "2026-11-02": 400},
            {"2026-10-12": 4},
            [400, 400],
            id="reported before and after a split",
        ),
        pytest.param(
            {"2026-03-02": 100, "2026-10-20": 101, "2026-11-02": 404},
            {"2026-10-12": 4},
            [400, 404, 404],
            id="the old count is still reported after the split",
        ),
        pytest.param(
            {"2026-03-02": 100, "2026-10-01": 400},
            {"2026-10-12": 4},
            [400, 400],
            id="the new count is reported before the split",
        ),
        pytest.param(
            {"2026-03-02": 100, "2026-07-01": 160},
            {},
            [100, 160],
            id="shares that were issued are no split",
        ),
        pytest.param(
            {"2026-03-02": 1000, "2026-10-20": 100},
            {"2026-10-12": 0.1},
            [100, 100],
            id="a reverse split",
        ),
    ],
)
def test_share_counts_are_brought_to_todays_shares(
    counts: dict, splits: dict, todays: list[float]
) -> None:
    found = history.todays_shares(series(counts), series(splits))
    assert found.tolist() == pytest.approx(todays)


def test_of_two_counts_of_a_day_the_one_like_the_last_is_taken() -> None:
    days = pd.DatetimeIndex(["2026-03-02", "2026-04-01", "2026-04-01"])
    counts = pd.Series([100.0, 12.0, 101.0], index=days)
    found = history.todays_shares(counts, series({}))
    assert found.tolist() == [100, 101]


def test_counts_of_one_class_are_scaled_to_the_company() -> None:
    days = pd.DatetimeIndex(["2026-11-18", "2026-11-19"])
    bars = pd.DataFrame(
        {"Close": [10.0, 11.0], "Volume": [5.0, 5.0], "Stock Splits": 0.0}, index=days
    )
    counts = series({"2026-06-01": 40.0, "2026-11-01": 45.0})
    table = history.estimate(bars, counts, company_shares=100.0)
    assert table["total_market_cap_usd"].tolist() == [1000, 1100]
    near = history.estimate(bars, counts, company_shares=44.0)
    assert near["total_market_cap_usd"].tolist() == [450, 495]


def test_without_a_share_count_the_cap_is_not_known() -> None:
    days = pd.DatetimeIndex(["2026-11-19"])
    bars = pd.DataFrame(
        {"Close": [10.0], "Volume": [5.0], "Stock Splits": 0.0}, index=days
    )
    table = history.estimate(bars, pd.Series(dtype=float), company_shares=100.0)
    assert table["total_market_cap_usd"].isna().all()


def test_notes_that_are_damaged_are_no_notes(tmp_path: Path) -> None:
    write_notes(tmp_path, "some.json", {"a": 1})
    assert read_notes(tmp_path, "some.json") == {"a": 1}
    (tmp_path / "asked" / "some.json").write_text("{")
    assert read_notes(tmp_path, "some.json") == {}


def test_the_past_can_be_estimated_while_a_session_is_under_way(
    yahoo: Yahoo, estimated: Store
) -> None:
    noon = schedule.closes_at(schedule.session_after(SESSION)) - timedelta(hours=4)
    taken = estimate(
        estimated.folder,
        since=date(2026, 8, 24),
        until=date(2026, 12, 31),
        now=noon,
    )
    wanted = schedule.sessions_in(date(2026, 8, 24), date(2026, 8, 31))
    assert taken.published_days == len(wanted)
