"""The Load page and the empty store: every source, a run at work, and how it ended."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages import load_status, wording
from pages.data.loading import forms
from recon.ingest import Counters
from recon.ingest.files import first_rows
from recon.jobs import again, description, runs, uploads
from recon.jobs.runs import Recorder, State
from recon.sources import column_names
from recon.store import Store, locks
from recon.store.generations import write_lock
from tests import market
from tests.conftest import TODAY

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60
LOAD, POINTS = "pages/data/load.py", "pages/now/break_points.py"


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a page of the app on a store."""

    def show_page(store: Path, file: str = LOAD, source: str = "") -> AppTest:
        monkeypatch.setenv("RECON_STORE", str(store))
        monkeypatch.setenv("RECON_TODAY", TODAY)
        test = AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE_SECONDS)
        test.run().switch_page(file)
        test.run()
        return test.radio(key="source").set_value(source).run() if source else test

    return show_page


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Callable[[], Recorder]]:
    """Return a function that makes this process a run of the store."""
    held = []

    def begin(*arguments: str) -> Recorder:
        folder = runs.make(tmp_path, arguments or ("ingest", "yahoo"), "Today's market")
        lock = locks.held(folder / runs.ALIVE, 1.0)
        assert lock.__enter__()
        held.append(lock)
        run = runs.read(folder)
        assert run is not None
        recorder = Recorder(folder, run)
        recorder.run = runs.replace(run, pid=1)
        return recorder

    yield begin
    for lock in held:
        lock.__exit__(None, None, None)


def words(test: AppTest) -> str:
    """Return everything written on a page."""
    parts = [*test.title, *test.markdown, *test.caption, *test.subheader]
    found = "\n".join(str(part.value) for part in [*parts, *test.code, *test.warning])
    return re.sub(r"\\([\W_])", r"\1", found).replace(wording.JOINER, "")


def ended(store: Path, state: State, message: str, *arguments: str) -> None:
    folder = runs.make(store, arguments or ("ingest", "yahoo"), "Today's market")
    run = runs.read(folder)
    assert run is not None
    Recorder(folder, runs.replace(run, pid=1)).end(state, message)


# ---- an empty store ----------------------------------------------------------


def test_an_empty_store_offers_four_ways_to_fill_it(show, tmp_path: Path) -> None:
    test = show(tmp_path / "none", POINTS)
    assert not test.exception
    assert test.title[0].value == "No listings yet"
    labels = [button.label for button in test.button]
    assert labels == [*load_status.OFFERS.values(), "Look again"]


@pytest.mark.parametrize(
    "source", [load_status.TODAY, load_status.ARCHIVE, load_status.FILE]
)
def test_an_offer_leads_to_the_load_page_with_its_source_chosen(
    show, tmp_path: Path, source: str
) -> None:
    test = show(tmp_path / "none", POINTS)
    label = load_status.OFFERS[source]
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception
    assert test.title[0].value == "Load"
    assert test.radio(key="source").value == source


def test_an_empty_store_shows_the_load_that_is_under_way(
    show, tmp_path: Path, at_work
) -> None:
    recorder = at_work("demo")
    runs.write(recorder.folder, recorder.run)
    test = show(tmp_path, POINTS)
    assert [button.label for button in test.button] == ["Cancel", "Look again"]


@pytest.mark.parametrize("source", list(load_status.SOURCES))
def test_every_source_has_its_form_in_an_empty_store(
    show, tmp_path: Path, source: str
) -> None:
    test = show(tmp_path / "none", source=source)
    assert not test.exception
    assert source in [each.value for each in test.subheader]
    assert "Nothing is loaded yet" in words(test)
    assert "Data ownership" in words(test)
    assert not (tmp_path / "none").exists()  # looking makes nothing


def test_history_needs_a_day_of_listings_first(show, tmp_path: Path) -> None:
    test = show(tmp_path / "none", source=load_status.HISTORY)
    assert test.button(key="start").disabled
    assert "needs a day of listings first" in words(test)


def test_an_archive_that_is_not_there_cannot_be_started(show, tmp_path: Path) -> None:
    test = show(tmp_path / "none", source=load_status.ARCHIVE)
    assert test.button(key="start").disabled
    test.text_input(key="archive_path").input(str(tmp_path / "no")).run()
    assert f"There is no folder {tmp_path / 'no'}" in words(test)
    test.text_input(key="archive_path").input(str(tmp_path)).run()
    assert not test.button(key="start").disabled


# ---- a store with data -------------------------------------------------------


def test_a_demo_store_takes_real_data_only_after_the_demo_is_removed(
    show, demo_store: Path
) -> None:
    test = show(demo_store, source=load_status.TODAY)
    assert not test.exception
    assert "752 sessions of the demo market are loaded" in words(test)
    assert test.button(key="start").disabled
    test.checkbox(key="sure").check().run()
    assert test.button(key="start").label == "Remove"
    assert not test.button(key="start").disabled


def test_a_store_of_real_data_keeps_the_demo_market_out(show, tmp_path: Path) -> None:
    market.take(tmp_path / "store", market.calm(market.sessions(3)))
    test = show(tmp_path / "store", source=load_status.DEMO)
    assert not test.exception
    assert test.code[0].value == "python3 start.py --store demo"
    assert "start" not in [button.key for button in test.button]
    assert "data is" in words(test)  # the age stays on show


# ---- a run at work, and how it ended -----------------------------------------


def test_a_run_at_work_shows_how_far_it_is_and_lets_nothing_else_start(
    show, tmp_path: Path, at_work
) -> None:
    recorder = at_work()
    counters = Counters(
        slices_done=12, slices=60, rows=2_900, requests=13, retries=1, seconds_left=240
    )
    recorder("asking", 0.2, counters)
    runs.write(recorder.folder, recorder.run)
    test = show(tmp_path, source=load_status.DEMO)
    assert not test.exception
    (bar,) = test.get("progress")
    assert bar.proto.value == 20
    assert bar.proto.text == (
        "asking · slices 12 of 60 · 2,900 rows · 13 requests · 1 repeated · about "
        "4 min left"
    )
    assert test.button(key="start").disabled
    assert "'Today's market' is under way." in words(test)
    assert not test.button(key="cancel").disabled


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_run_that_did_not_end_well_says_why_and_can_be_resumed(
    show, tmp_path: Path, state: State
) -> None:
    ended(tmp_path, state, "recon: Yahoo refuses more requests for now.")
    test = show(tmp_path)
    told = rf"Today's market: {description.ENDED.get(state, state)} \d+ s ago\."
    assert re.search(told, words(test))
    assert "\nYahoo refuses more requests for now." in words(test)
    assert not test.button(key="resume").disabled


def test_a_load_taken_in_part_warns_and_says_what_was_not(show, tmp_path: Path) -> None:
    market.take(tmp_path, market.calm(market.sessions(3)))
    held = "a.csv: 1 day published; held back 2024-03-09: no New York session"
    ended(tmp_path, State.PART, f"{held}\nb.csv: 2 days published")
    test = show(tmp_path)
    told = (
        r":orange\[:material/warning:\] \*\*Today's market: taken in part \d+ s ago\."
    )
    assert re.search(told, words(test))
    (warning,) = test.warning
    assert "2024-03-09: no New York session" in re.sub(r"\\(\W)", r"\1", warning.value)
    assert "b.csv" not in warning.value
    assert test.dataframe[0].value["state"].tolist() == ["taken in part"]
    buttons = [button.key for button in test.button]
    assert "resume" not in buttons
    assert "failed" not in words(show(tmp_path, "pages/data/data_health.py"))


def test_a_lost_run_says_so(show, tmp_path: Path) -> None:
    folder = runs.make(tmp_path, ("ingest", "yahoo"), "Today's market")
    run = runs.read(folder)
    assert run is not None
    runs.write(folder, runs.replace(run, pid=1))
    (folder / runs.ALIVE).touch()
    test = show(tmp_path)
    assert "Today's market: lost without a message." in words(test)
    assert not test.button(key="resume").disabled


def test_a_file_whose_columns_did_not_fit_is_mapped_again_from_its_record(
    show, tmp_path: Path
) -> None:
    path = uploads.keep(tmp_path, "prices.csv", io.BytesIO(b"Day,Tick,Px\n1,A,2\n"))
    ended(tmp_path, State.FAILED, "no column", "ingest", "vendor", str(path))
    test = show(tmp_path)
    test.button(key="remap").click().run()
    assert not test.exception
    assert test.radio(key="source").value == load_status.FILE
    assert "**prices.csv**, its first rows" in words(test)


def test_the_first_line_of_every_page_tells_a_load_and_a_failure(
    show, tmp_path: Path, at_work
) -> None:
    market.take(tmp_path, market.calm(market.sessions(3)))
    assert ":gray-badge[a load" not in words(
        show(tmp_path, "pages/data/data_health.py")
    )
    ended(tmp_path, State.FAILED, "It did not work.")
    assert "the last load failed" in words(show(tmp_path, "pages/data/data_health.py"))
    at_work()
    assert "a load is under way" in words(show(tmp_path, "pages/data/data_health.py"))


def test_the_ledger_of_a_run_is_shown_under_the_past_loads(
    show, tmp_path: Path
) -> None:
    ended(tmp_path, State.DONE, "5,400 rows")
    folder = next((tmp_path / runs.FOLDER).glob("*/"))
    line = {"slice": "NMS 1-2bn", "attempt": 2, "status": 200, "outcome": "answered"}
    line["started_at"] = "2026-11-19T21:30:01.250+00:00"
    lost = {"slice": "NMS 2-3bn", "attempt": 1, "outcome": "no connection"}
    lines = "".join(f"{json.dumps(each)}\n" for each in (line, lost))
    (folder / runs.REQUESTS).write_text(lines)
    test = show(tmp_path)
    assert not test.exception
    past, asked = test.dataframe
    assert past.value["message"].tolist() == ["5,400 rows"]
    assert asked.value["slice"].tolist() == ["NMS 1-2bn", "NMS 2-3bn"]
    assert asked.value["started_at"].iloc[0] == "21:30:01"
    assert asked.value["status"].tolist() == ["200", "none"]


def test_a_load_from_a_terminal_is_told(show, tmp_path: Path) -> None:
    with write_lock(tmp_path, 1.0):
        test = show(tmp_path, source=load_status.DEMO)
        assert "Somebody is loading into this store from a terminal" in words(test)
    assert "Somebody is loading" not in words(show(tmp_path, source=load_status.DEMO))


# ---- files that were given ---------------------------------------------------

ODD = "Handelstag;Ticker;Kurs;Boersenwert;Venue\n30.04.2024;AAA;10,5;1.200,5;NYSE\n"


def own_file(show, store: Path, path: Path, source: str = load_status.FILE) -> AppTest:
    test = show(store, source=source)
    return test.text_input(key="file_path").input(str(path)).run()


def choose(test: AppTest, **columns: str) -> AppTest:
    """Choose the file's columns by their labels."""
    for label, theirs in columns.items():
        label = label.replace("_", " ")
        box = next(each for each in test.selectbox if each.label.startswith(label))
        box.select(theirs).run()
    return test


def test_a_file_is_tried_and_only_then_can_be_loaded(show, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(ODD)
    test = own_file(show, tmp_path / "store", path)
    assert not test.exception
    assert test.button(key="try").disabled
    assert "Choose the column for: Close, $, Market cap, $." in words(test)
    assert "no exchange" in words(test)
    test = choose(test, Close="Kurs", Market_cap="Boersenwert", Exchange="Venue")
    chosen = {box.label: box.value for box in test.selectbox}
    assert [chosen[name] for name in ("Days are written", "Numbers are written")] == [
        "dmy",
        True,
    ]
    assert "start" not in [button.key for button in test.button]
    test = test.button(key="try").click().run()
    assert not test.exception
    assert [each.value for each in test.error] == ["0 of 1 row would be taken."]
    assert "total market cap of" in words(test)
    assert test.button(key="start").disabled
    shown = test.dataframe[-1].value
    assert shown.iloc[0].tolist()[:5] == [
        "1", "30 Apr 2024", "AAA", "10.50", "$1.2bn",
    ]  # fmt: skip
    day = test.multiselect(key="overruled").options[0]
    test.multiselect(key="overruled").select(day).run()
    assert test.button(key="start").disabled
    test.text_input(key="because").input("checked, Ana").run()
    assert not test.button(key="start").disabled
    written = "--dates dmy --cap-unit mn --decimal-comma"
    decided = "--accept 2024-04-30 '--reason=checked, Ana'"
    assert f"{written} {decided}" in words(test)
    assert not (tmp_path / "store").exists()


def test_a_file_of_fundamentals_is_not_taken_for_prices(show, tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text("Ticker,As of,P/B,Analysts\nAAA,2024-04-30,2.5,7\n")
    test = own_file(show, tmp_path / "store", path)
    assert "looks like fundamentals" in words(test)
    assert "price to book, analysts behind the growth forecast" in words(test)
    test = test.button(key="take_as").click().run()
    assert test.radio(key="source").value == load_status.FUNDAMENTALS
    assert "looks like" not in words(test)
    test = test.text_input(key="file_path").input(str(path)).run()
    test = test.button(key="try").click().run()
    assert [each.value for each in test.success] == ["2 of 2 values would be taken."]
    assert f"python -m recon ingest fundamentals {path}`" in words(test)


def test_statements_of_a_provider_need_no_matching(show, tmp_path: Path) -> None:
    path = tmp_path / "annual.csv"
    numbers = "100,40,20,-2,12,50,5,15,18,-6,-3"
    path.write_text(
        '"' + market.STATEMENTS.replace(";", '","') + '"\n'
        f"AAA,1,USD,2023,FY,2023-12-31,2024-02-20,{numbers}\n"
    )
    test = own_file(show, tmp_path / "store", path, load_status.FUNDAMENTALS)
    assert "Recognized as **annual statements of SimFin**" in words(test)
    columns = test.dataframe[1].value.set_index("Taken as")["Its column"]
    assert columns["Known on"] == "Publish Date"
    test = test.button(key="try").click().run()
    assert [each.value for each in test.success] == ["11 of 11 values would be taken."]
    assert "Annual statements, values as restated later." in words(test)
    shown = test.dataframe[-1].value.iloc[0]
    assert shown["Known on"] == "20 Feb 2024"
    assert shown["Dividends paid in a fiscal year"] == "3"
    assert f"python -m recon ingest fundamentals {path}`" in words(test)


def test_a_refused_cap_and_a_day_held_back_are_overruled_with_a_reason(
    show, tmp_path: Path
) -> None:
    store, days = tmp_path / "store", market.sessions(9)
    market.take(store, market.eventful(9))
    short = market.write(
        market.calm(market.sessions(10)[9:]).head(5), tmp_path / "s.csv"
    )
    market.take(store, short)
    path = str(short)
    ended(store, State.DONE, "held back", "ingest", "vendor", path)
    test = show(store, source=load_status.OVERRULE)
    assert not test.exception
    (refused,) = test.dataframe[:1]
    assert refused.value["symbol"].tolist() == ["JUMP", "ISSU", "ISSU"]
    assert refused.value["snapshot_date"].dt.date.tolist() == [
        days[8],
        days[8],
        days[7],
    ]
    assert test.button(key="start").disabled
    assert "Choose a row first." in words(test)
    test.segmented_control(key="overrule_what").set_value("A day held back").run()
    assert not test.exception
    (held,) = test.dataframe[:1]
    assert held.value["origin"].tolist() == ["s.csv"]
    assert again.arguments_of(store, "s.csv") == ("ingest", "vendor", path)
    short.unlink()
    assert again.arguments_of(store, "s.csv") == ()


def test_a_visitor_without_the_key_tries_nothing(
    show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECON_SERVED", "desk.example.org")
    monkeypatch.setenv("RECON_DATA", str(tmp_path))
    monkeypatch.setenv("RECON_KEY", "secret")
    (tmp_path / "prices.csv").write_text(
        "Date,Ticker,Price,Market Cap\n2024-4-30,A,1,2"
    )
    test = own_file(show, tmp_path / "store", Path("prices.csv"))
    assert test.button(key="try").disabled
    assert "Loads need the key" in words(test)
    test.text_input(key="load_key").input("secret").run()
    assert not test.button(key="try").disabled


def test_what_is_no_table_is_said_in_a_sentence(show, tmp_path: Path) -> None:
    path = tmp_path / "prices.parquet"
    path.write_text("no parquet")
    test = show(tmp_path / "store", source=load_status.FILE)
    test.text_input(key="file_path").input(str(path)).run()
    assert not test.exception
    (told,) = [each.value for each in test.error]
    assert "prices.parquet could not be read as Parquet" in told


def test_a_file_is_kept_whole_once_and_under_a_plain_name(tmp_path: Path) -> None:
    content = b"a,b\n" * 100_000
    first = uploads.keep(tmp_path, "../../we ird<.csv", io.BytesIO(content))
    again = uploads.keep(tmp_path, "../../we ird<.csv", io.BytesIO(content))
    assert first == again
    assert first.read_bytes() == content
    assert first.name == "we ird_.csv"
    assert tmp_path / "incoming" in first.parents
    assert len([*(tmp_path / "incoming").rglob("*.csv")]) == 1


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".xlsx"])
def test_the_first_rows_of_every_kind_of_table_are_shown(
    tmp_path: Path, suffix: str
) -> None:
    table = pd.DataFrame({"Day": [f"2024-04-{n:02}" for n in range(1, 8)], "Px": "1"})
    path = tmp_path / f"x{suffix}"
    if suffix == ".xlsx":
        table.to_excel(path, index=False)
    elif suffix == ".parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False)
    pd.testing.assert_frame_equal(
        first_rows(path, 4).astype("str"), table.head(4).astype("str")
    )


def test_an_empty_name_leaves_a_column_out(tmp_path: Path) -> None:
    found = ["date", "symbol", "price", "marketcap", "sector"]
    assert column_names.match(found, "x")["sector"] == "sector"
    assert "sector" not in column_names.match(found, "x", {"sector": ""})


def test_every_column_has_its_label() -> None:
    assert all(column_names.LABELS[name] for name in column_names.KNOWN_AS)
    assert set(forms.FORMS) == set(load_status.SOURCES)


def test_progress_says_only_what_there_is_to_say() -> None:
    run = runs.Run(
        id="x",
        arguments=(),
        title="A file",
        pid=1,
        started_at=load_status.now(),
        what="reading x.csv",
    )
    assert description.progress(run) == "reading x.csv"


def test_a_damaged_store_shows_the_generation_before_and_says_so(
    show, tmp_path: Path
) -> None:
    for day in market.sessions(2):
        market.take(tmp_path, market.calm([day]))
    core = Store(tmp_path).manifest().core
    (tmp_path / core).write_bytes(b"not a database")
    test = show(tmp_path, "pages/data/data_health.py")
    assert not test.exception
    assert "damaged store, an earlier state" in words(test)
    assert "1 of 1 day published" in words(test)
