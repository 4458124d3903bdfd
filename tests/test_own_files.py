"""Files as desks write them: guessed, read in their notation, tried before a load."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from recon.errors import BadRequest, SourceUnreadable
from recon.fundamental_measures import MEASURES
from recon.ingest import guessing, listings, rehearsal, vendor
from recon.ingest.files import first_rows
from recon.ingest.guessing import FUNDAMENTALS, PRICES
from recon.ingest.notations import in_our_notation
from recon.jobs import description, processes, runs
from recon.jobs.asked import Asked
from recon.sources import fundamentals
from recon.store import Store, staging
from recon.store.notation import DAY_EXAMPLES, PLAIN, Notation
from tests import market, terminal

GERMAN = Notation(day_order="dmy", cap_unit="mn", decimal_comma=True, rows_above=2)
HEAD = "Datum;Ticker;Kurs;Mkt Cap ($mn);Volume;Exchange;Company"
ROWS = (
    "30.04.2024;AAA;1.234,50;45.678,9;1.000;NYSE;Alpha Inc. Common Stock",
    "30.04.2024;BBB;0,85;27,072;18.083;NYSE;Beta Inc. Common Stock",
    "30.04.2024;CCC;1 234,5;1'000,25;7;NYSE;Gamma Inc. Common Stock",
)
MAPPING = {
    "snapshot_date": "Datum",
    "close_usd": "Kurs",
    "total_market_cap_usd": "Mkt Cap ($mn)",
}


def written(folder: Path, *lines: str, name: str = "desk.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a German desk's file, its header two lines down."""
    return written(tmp_path, "Screen of 30.04.2024;;", "", HEAD, *ROWS)


def quotes(store: Path) -> pd.DataFrame:
    columns = ["symbol", "close_usd", "total_market_cap_usd", "volume_shares"]
    return market.snapshots(Store(store))[columns]


# ---- read in its notation ----------------------------------------------------


def test_a_file_of_another_country_is_read_as_it_is_written(
    desk: Path, tmp_path: Path
) -> None:
    options = market.Options(mapping=MAPPING, notation=GERMAN)
    (taken,) = vendor(tmp_path / "store", [desk], options)
    assert (taken.offered, taken.accepted, taken.published_days) == (3, 3, 1)
    expected = pd.DataFrame(
        {
            "symbol": ["AAA", "BBB", "CCC"],
            "close_usd": [1234.5, 0.85, 1234.5],
            "total_market_cap_usd": [45_678.9e6, 27.072e6, 1000.25e6],
            "volume_shares": [1000.0, 18083.0, 7.0],
        }
    )
    pd.testing.assert_frame_equal(
        quotes(tmp_path / "store"), expected, check_dtype=False
    )


def test_a_workbook_keeps_its_numbers_where_texts_have_decimal_commas(
    tmp_path: Path,
) -> None:
    path = tmp_path / "desk.xlsx"
    table = pd.DataFrame(
        [
            ["Screen", None, None, None, None],
            ["Day", "Ticker", "Price", "Market Cap", "Exchange"],
            [pd.Timestamp("2024-04-30"), "AAA", 123.456, "1.234,5", "NYSE"],
        ]
    )
    table.to_excel(path, index=False, header=False)
    notation = Notation(decimal_comma=True, rows_above=1)
    options = market.Options(notation=notation)
    vendor(tmp_path / "store", [path], options)
    (row,) = quotes(tmp_path / "store").to_dict("records")
    assert (row["close_usd"], row["total_market_cap_usd"]) == (123.456, 1234.5)


def parsed(notation: Notation, **texts: str) -> dict[str, object]:
    """Return one row of texts as it is understood."""
    given = {"day": "2024-04-30", "ticker": "AAA", "price": "10", "cap": "20", **texts}
    ours = ("snapshot_date", "symbol", "close_usd", "total_market_cap_usd")
    con = duckdb.connect()
    staging.read_table(con, pa.table({name: [text] for name, text in given.items()}))
    staging.normalise(con, dict(zip(ours, given, strict=False)), "x", notation)
    (row,) = con.execute("from parsed").df().to_dict("records")
    return row


@pytest.mark.parametrize(
    ("order", "text", "expected"),
    [
        ("dmy", "30.04.2024", "2024-04-30"),
        ("dmy", "30/04/24", "2024-04-30"),
        ("dmy", "30-Apr-2024", "2024-04-30"),
        ("dmy", "3. 4. 2024", "2024-04-03"),
        ("dmy", "30.04.2024 22:15:00", "2024-04-30"),
        ("dmy", "2024-04-30", "2024-04-30"),
        ("mdy", "04/30/2024", "2024-04-30"),
        ("mdy", "Apr 30, 2024", "2024-04-30"),
        ("mdy", "April 30, 2024", "2024-04-30"),
        ("mdy", "30.04.2024", None),
        ("ymd", "2024/04/30", "2024-04-30"),
        ("ymd", "30.04.2024", None),
        ("ymd", "04/30/2024", None),
    ],
)
def test_days_are_read_in_the_order_that_is_told(
    order: str, text: str, expected: str | None
) -> None:
    row = parsed(Notation(day_order=order), day=text)
    if expected is None:
        example = DAY_EXAMPLES[order]
        assert (
            row["reason"] == f"the date is not a day; expected a form such as {example}"
        )
    else:
        assert (row["snapshot_date"], row["reason"]) == (pd.Timestamp(expected), None)


@pytest.mark.parametrize(
    ("comma", "text", "expected"),
    [
        (False, "1,234.5", 1234.5),
        (False, "12,5", None),
        (False, "1.234,5", None),
        (True, "1.234,5", 1234.5),
        (True, "1 234,5", 1234.5),
        (True, "1'234,5", 1234.5),
        (True, "1\u202f234\u202f567", 1_234_567.0),
        (True, "12,5", 12.5),
        (True, "1.234", 1234.0),
        (True, "12.5", None),
        (True, "1,234.5", None),
    ],
)
def test_a_number_of_the_other_notation_is_refused_and_not_misread(
    comma: bool, text: str, expected: float | None
) -> None:
    row = parsed(Notation(decimal_comma=comma), price=text)
    if expected is None:
        assert row["reason"] == f"price '{text}' is not a number"
    else:
        assert (row["close_usd"], row["reason"]) == (expected, None)


@pytest.mark.parametrize(
    ("unit", "cap_usd"), [("usd", 20.0), ("mn", 20e6), ("bn", 20e9)]
)
def test_market_caps_count_what_is_told(unit: str, cap_usd: float) -> None:
    assert parsed(Notation(cap_unit=unit))["total_market_cap_usd"] == cap_usd


def test_a_refused_row_keeps_its_cap_in_dollars() -> None:
    row = parsed(Notation(cap_unit="mn"), price="0")
    assert json.loads(str(row["as_offered"]))["total_market_cap_usd"] == "20000000.0"


def test_fundamentals_are_read_in_their_notation(tmp_path: Path) -> None:
    path = written(
        tmp_path, "Liste", "Ticker;As of;Price to book;Long-term growth %",
        "AAA;03.04.2024;1.234,5;12,5%", "BBB;30.04.2024;2,25;n/a",
    )  # fmt: skip
    notation = Notation(day_order="dmy", decimal_comma=True, rows_above=1)
    found = rehearsal.fundamentals(path, market.Options(notation=notation))
    expected = pd.DataFrame(
        {
            "symbol": ["AAA", "BBB"],
            "known_on": pd.to_datetime(["2024-04-03", "2024-04-30"]),
            "price_to_book_ratio": [1234.5, 2.25],
            "eps_growth_forecast_frac": [0.125, None],
        }
    )
    pd.testing.assert_frame_equal(found.first, expected, check_dtype=False)
    shown = description.understood(found.first)
    assert shown["Known on"].tolist() == ["3 Apr 2024", "30 Apr 2024"]
    label = MEASURES["eps_growth_forecast_frac"].label
    assert shown[label[0].upper() + label[1:]].tolist() == ["12.5%", "not known"]


def test_what_is_neither_number_nor_day_stays_as_it_is() -> None:
    table = pd.DataFrame({"a": ["Smith, J.", "BRK.B", "1,5", ""], "b": [1, 2, 3, 4]})
    notation = Notation(day_order="dmy", decimal_comma=True)
    shown = in_our_notation(table, notation)
    assert shown["a"].tolist() == ["Smith, J.", "BRK.B", "1.5", ""]
    assert shown["b"].tolist() == [1, 2, 3, 4]


# ---- what a file suggests ----------------------------------------------------


def test_a_desks_file_is_understood_by_its_looks(desk: Path) -> None:
    found = guessing.guess(desk)
    assert (found.kind, found.rows_above) == (PRICES, 2)
    assert found.matched[PRICES] == {
        "snapshot_date": "Datum",
        "symbol": "Ticker",
        "total_market_cap_usd": "Mkt Cap ($mn)",
        "volume_shares": "Volume",
        "exchange": "Exchange",
        "name": "Company",
    }
    mapping = {**found.matched[PRICES], "close_usd": "Kurs"}
    assert guessing.guess_notation(found.rows, mapping, found.rows_above) == GERMAN


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["2024-04-30", "20240430"], "ymd"),
        (["30.04.2024"], "dmy"),
        (["04/30/2024"], "mdy"),
        (["06/04/2024", "07/04/2024"], "mdy"),  # 7 April is a Sunday
        (["05/06/2024", "05/07/2024"], "mdy"),
        (["04/06/2024", "05/06/2024"], "dmy"),  # 6 April is a Saturday
        (["03/04/2024"], "mdy"),
        (["03.04.2024"], "dmy"),
        (["30-Apr-2024"], "dmy"),
        (["Apr 30, 2024"], "mdy"),
    ],
)
def test_the_order_of_days_is_that_in_which_they_are_sessions(
    days: list[str], order: str
) -> None:
    table = pd.DataFrame({"day": days})
    found = guessing.guess_notation(table, {"snapshot_date": "day"})
    assert found == Notation(day_order=order)


@pytest.mark.parametrize(
    ("head", "caps", "unit"),
    [
        ("Market Cap ($mn)", [1e9, 2e9], "mn"),  # its head says it
        ("Mkt Cap USD bn", [3.0], "bn"),
        ("Market Cap", [4e8, 3e12], "usd"),
        ("Market Cap", [200.0, 400.0, 3e6], "mn"),
        ("Market Cap", [0.4, 35.0, 3000.0], "bn"),
        ("Market Cap", [5e10 / 1e6] * 1_200, "mn"),  # together they make the market
        ("Market Cap", [50.0] * 1_200, "bn"),
        ("Market Cap", [5e10] * 1_200, "usd"),
        ("Market Cap", [None], "usd"),
    ],
)
def test_the_unit_of_market_caps_is_in_their_head_or_their_size(
    head: str, caps: list[float], unit: str
) -> None:
    table = pd.DataFrame({"day": "2024-04-30", "cap": caps}).rename(
        columns={"cap": head}
    )
    matched = {"snapshot_date": "day", "total_market_cap_usd": head}
    assert guessing.guess_notation(table, matched) == Notation(cap_unit=unit)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Ticker;As of;P/B;Analysts", FUNDAMENTALS),
        ("symbol;known_on;measure;value", FUNDAMENTALS),
        ("Date;Ticker;Price;Market Cap", PRICES),
        ("Date;Ticker;Price;Market Cap;P/B", FUNDAMENTALS),  # no exchange: no ranking
        ("Date;Ticker;Price;Market Cap;Exchange;P/B", PRICES),
        ("A;B;C;D", PRICES),
    ],
)
def test_fundamentals_are_told_from_prices(
    tmp_path: Path, head: str, kind: str
) -> None:
    row = ";".join("1" for _ in head.split(";"))
    assert guessing.guess(written(tmp_path, head, row)).kind == kind


@pytest.mark.parametrize(
    ("head", "provider", "columns"),
    [
        (
            market.STATEMENTS,
            "annual statements of SimFin",
            {"known_on": "Publish Date", "period_end": "Report Date"},
        ),
        (
            "as_of;ticker;pb;eps_growth_next_5y;eps_growth_next_year;"
            "sales_growth_past_5y;shares_float;shares_outstanding;Perf Week",
            "a Finviz screen",
            {"known_on": "as_of", "price_to_book_ratio": "pb"},
        ),
        (
            "ticker;as_of;shortName;marketDebtToEquity;bookEquity;revenueGrowth",
            "Yahoo quote summaries",
            {"known_on": "as_of", "book_value_usd": "bookEquity"},
        ),
    ],
)
def test_a_providers_table_is_known_by_its_columns(
    tmp_path: Path, head: str, provider: str, columns: dict[str, str]
) -> None:
    row = ";".join("1" for _ in head.split(";"))
    found = guessing.guess(written(tmp_path, head, row))
    assert (found.kind, found.provider) == (FUNDAMENTALS, provider)
    assert found.matched[FUNDAMENTALS].items() >= columns.items()
    assert found.matched[FUNDAMENTALS].keys() <= {*fundamentals.FACTS, *MEASURES}


def test_a_providers_table_that_lacks_a_column_is_anybodys(tmp_path: Path) -> None:
    head = market.STATEMENTS.replace("Currency;", "")
    row = ";".join("1" for _ in head.split(";"))
    found = guessing.guess(written(tmp_path, head, row))
    assert (found.kind, found.provider) == (FUNDAMENTALS, "")


def test_an_empty_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("")
    with pytest.raises(SourceUnreadable, match=r"none\.csv is empty"):
        guessing.guess(tmp_path / "none.csv")


# ---- tried before a load -----------------------------------------------------


def test_a_trial_says_what_the_load_then_does_and_keeps_nothing(
    tmp_path: Path,
) -> None:
    store, days = tmp_path / "store", market.sessions(3)
    market.take(store, market.calm(days[:2]))
    before = market.content(Store(store))
    table = market.calm(days[1:]).astype({"price": "object"})
    table.loc[table.index[-1], "price"] = "dear"
    path = market.write(table, tmp_path / "new.csv")
    found = rehearsal.prices(store, path, market.Options())
    market.assert_same(before, market.content(Store(store)))
    assert [*(store / "incoming").iterdir()] == []
    assert found.reasons.to_dict("records") == [
        {"reason": "price 'dear' is not a number", "row_count": 1}
    ]
    assert (found.day_count, found.taken.known_days) == (2, 1)
    assert description.verdict(found) == (
        "14 of 30 rows would be taken, on 1 day; 1 day is stored already and would "
        "stay as stored."
    )
    (taken,) = listings(store, [path], market.QUIET, "vendor")
    assert taken == found.taken
    again = rehearsal.prices(store, path, market.Options())
    assert again.is_known and again.taken.known_days == 2


def test_a_trial_tells_of_days_held_back(tmp_path: Path) -> None:
    store, days = tmp_path / "store", market.sessions(4)
    market.take(store, market.calm(days[:3]))
    path = market.write(market.calm(days[3:]).head(5), tmp_path / "short.csv")
    found = rehearsal.prices(store, path, market.Options())
    ((day, reason),) = found.taken.held_back
    assert (day, reason) == (
        days[3], "5 rows; the median of the last 3 sessions is 15",
    )  # fmt: skip
    assert description.outcome(found) == description.NOTHING
    assert len(found.alone()) == 0


def test_of_a_long_history_the_first_days_are_tried(tmp_path: Path) -> None:
    days = market.sessions(rehearsal.MOST_DAYS + 3)
    path = market.write(market.calm(days), tmp_path / "long.csv")
    found = rehearsal.prices(tmp_path / "none", path, market.Options())
    assert (found.taken.published_days, found.day_count) == (20, 23)
    assert "only the first 20 of its 23 days were tried" in description.verdict(found)
    assert not (tmp_path / "none").exists()


def test_the_command_is_what_was_tried(tmp_path: Path) -> None:
    asked = Asked.of(
        PRICES,
        tmp_path / "a.csv",
        {**MAPPING, "symbol": "Ticker"},
        names=HEAD.split(";"),
        notation=GERMAN,
        replaces=True,
    )
    assert asked.arguments() == [
        "ingest", "vendor", str(tmp_path / "a.csv"),
        "--map", "close_usd=Kurs", "--map", "exchange=", "--map", "name=",
        "--map", "snapshot_date=Datum",
        "--map", "total_market_cap_usd=Mkt Cap ($mn)", "--map", "volume_shares=",
        "--dates", "dmy", "--cap-unit", "mn", "--rows-above", "2",
        "--decimal-comma", "--replace",
    ]  # fmt: skip
    plain = Asked.of(
        FUNDAMENTALS,
        tmp_path / "f.csv",
        {"symbol": "Ticker", "price_to_book_ratio": "P/B"},
        names=["Ticker", "P/B"],
        known_on=date(2024, 4, 30),
    )
    assert plain.arguments() == [
        "ingest", "fundamentals", str(tmp_path / "f.csv"), "--known-on", "2024-04-30",
    ]  # fmt: skip


def test_a_refused_row_says_why_beside_its_number(tmp_path: Path) -> None:
    path = written(tmp_path, "Day;Ticker;Price;Market Cap", "2024-04-30;AAA;x;20")
    found = rehearsal.prices(tmp_path / "none", path, market.Options())
    shown = description.understood(found.first)
    assert shown.iloc[0].tolist()[:4] == [
        "1", "Price 'x' is not a number", "30 Apr 2024", "AAA",
    ]  # fmt: skip
    good = found.first.assign(reason=None)
    assert "Refused because" not in description.understood(good)


def test_a_zero_character_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="zero character"):
        processes.start(tmp_path, ["ingest", "vendor", "a\0b"], "My file")
    assert runs.past(tmp_path) == []


def test_a_terminal_tries_a_file_and_keeps_nothing(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECON_SAMPLE", "1")
    pairs = [
        part for ours, name in MAPPING.items() for part in ("--map", f"{ours}={name}")
    ]
    told = [
        "--dates",
        "dmy",
        "--cap-unit",
        "mn",
        "--decimal-comma",
        "--rows-above",
        "2",
    ]
    store = str(tmp_path / "store")
    file = ["ingest", "vendor", str(desk), "--store", store]
    code, said = terminal.run(*file, *pairs, *told, "--dry-run")
    assert code == 0
    words = "3 of 3 rows would be taken, on 1 day. A dry run: nothing was kept"
    assert words in " ".join(said.split())
    assert not (tmp_path / "store" / "CURRENT").exists()
    with pytest.raises(BadRequest, match="--dates takes ymd, dmy, mdy; got 'dym'"):
        terminal.run(*file, "--dates", "dym")


# ---- overruled, with a reason ------------------------------------------------


def test_a_reason_is_kept_with_who_overruled_the_gate_or_replaced_a_day(
    tmp_path: Path,
) -> None:
    store, days = tmp_path / "store", market.sessions(4)
    market.take(store, market.calm(days[:3]))
    short = market.write(market.calm(days[3:]).head(5), tmp_path / "short.csv")
    accepted = market.Options(accept=frozenset(days[3:]), because="half a session, Ana")
    market.take(store, short, options=accepted)
    decided = Store(store).days().iloc[-1]["decided_by"]
    assert decided.endswith(": half a session, Ana")
    again = market.write(market.calm(days[2:3]), tmp_path / "again.csv")
    late = market.Options(replace=True, because="late corrections, Ana")
    market.take(store, again, options=late)
    newest, before, first = Store(store).ledger()["decided_by"]
    assert newest.endswith(": late corrections, Ana")
    assert before == decided
    assert pd.isna(first)


def test_a_plain_notation_reads_as_before(tmp_path: Path) -> None:
    path = written(tmp_path, "", "Day,Ticker", "2024-04-30,A")
    assert first_rows(path, 5, PLAIN).to_dict("records") == [
        {"Day": "2024-04-30", "Ticker": "A"}
    ]
