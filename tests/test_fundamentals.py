"""Fundamentals: taken in as reported, and given back as known on a day."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from recon import ingest
from recon.errors import MarketMixed, SourceUnreadable
from recon.fundamental_measures import (
    ANALYSTS,
    FREE_FLOAT,
    MEASURES,
    STATEMENTS,
    VARIABLES,
    informing,
)
from recon.sources import finviz, fundamentals
from recon.store import CORE_TABLES, YEAR_TABLES, Store
from recon.store.writer import open_writer
from tests import market
from tests.market import Options
from tests.universe import SHARED

DAY = date(2024, 3, 1)
FILES = SHARED / "fundamentals"
needs_files = pytest.mark.shared(FILES)


def row(symbol: str, measure: str, value: object, **facts: object) -> dict[str, object]:
    common = {"period_end": None, "known_on": DAY, "source": "test"}
    return {"symbol": symbol, "measure": measure, "value": value, **common, **facts}


def taken(folder: Path, *rows: dict[str, object]) -> Store:
    """Ingest rows as a source that has fetched them would."""
    ingest.fundamental_rows(folder, pd.DataFrame(rows), "rows", Options())
    return Store(folder)


def values(store: Store, as_of: date) -> dict[tuple[str, str], float]:
    table = store.fundamentals(as_of)
    keys = zip(table["symbol"], table["measure"], strict=True)
    return dict(zip(keys, table["value"], strict=True))


PB = "price_to_book_ratio"


def test_the_latest_value_known_on_the_day_is_given(tmp_path: Path) -> None:
    store = taken(
        tmp_path / "store",
        row("ONE", PB, 2.0, known_on=date(2024, 1, 5)),
        row("ONE", PB, 3.0, known_on=date(2024, 2, 5)),
        row("ONE", PB, 9.0, known_on=date(2024, 5, 5)),
    )
    assert values(store, date(2024, 3, 1)) == {("ONE", PB): 3.0}
    assert values(store, date(2024, 2, 4)) == {("ONE", PB): 2.0}
    assert values(store, date(2024, 1, 4)) == {}


def test_of_values_known_on_one_day_the_later_period_is_given(tmp_path: Path) -> None:
    store = taken(
        tmp_path / "store",
        row("ONE", PB, 2.0, period_end=date(2023, 12, 31)),
        row("ONE", PB, 3.0, period_end=date(2023, 9, 30)),
    )
    assert values(store, DAY) == {("ONE", PB): 2.0}


def test_a_source_that_says_a_day_again_takes_its_own_words_back(
    tmp_path: Path,
) -> None:
    taken(tmp_path / "store", row("ONE", PB, 2.0))
    store = taken(tmp_path / "store", row("ONE", PB, 2.5))
    assert values(store, DAY) == {("ONE", PB): 2.5}
    assert store.fundamental_counts()["symbol_count"].sum() == 1


def test_a_history_of_sales_is_given_period_by_period(tmp_path: Path) -> None:
    sales = "sales_per_share_usd"
    store = taken(
        tmp_path / "store",
        row("ONE", sales, 1.0, period_end=date(2023, 9, 30)),
        row("ONE", sales, 2.0, period_end=date(2023, 12, 31)),
        row(
            "ONE", sales, 2.2, period_end=date(2023, 12, 31), known_on=date(2024, 4, 1)
        ),
    )
    at = store.sales_histories(DAY)
    assert list(at["sales_per_share_usd"]) == [1.0, 2.0]
    assert list(store.sales_histories(date(2024, 4, 1))["sales_per_share_usd"]) == [
        1.0,
        2.2,
    ]


@pytest.mark.parametrize(
    ("offered", "reason"),
    [
        pytest.param(row("ONE", PB, "many"), "not a number", id="a word"),
        pytest.param(row("ONE", PB, np.inf), "not a number", id="an infinite value"),
        pytest.param(
            row("ONE", "free_float_frac", 1.2),
            "outside what the measure can be",
            id="more float than shares",
        ),
        pytest.param(
            row("ONE", "analyst_count", -1),
            "outside what the measure can be",
            id="fewer than no analysts",
        ),
        pytest.param(
            row("ONE", "charm", 1),
            "not a measure of this program",
            id="a strange measure",
        ),
        pytest.param(
            row("ONE^A", PB, 1), "the symbol of a preferred share", id="preferred"
        ),
        pytest.param(row("", PB, 1), "no symbol", id="no symbol"),
        pytest.param(
            row("ONE", PB, 1, known_on="soon"), "known_on is not a day", id="no day"
        ),
    ],
)
def test_a_value_that_cannot_be_is_kept_with_its_reason(
    tmp_path: Path, offered: dict[str, object], reason: str
) -> None:
    store = taken(tmp_path / "store", offered, row("TWO", PB, 1.5))
    assert values(store, DAY) == {("TWO", PB): 1.5}
    assert list(store.quarantine()["reason"]) == [reason]


def test_fundamentals_alone_make_a_store_one_of_real_data(tmp_path: Path) -> None:
    store = taken(tmp_path / "store", row("ONE", PB, 2.0))
    with pytest.raises(MarketMixed), open_writer(tmp_path / "store", "demo"):
        pass
    assert values(store, DAY) == {("ONE", PB): 2.0}


def test_a_cell_without_a_value_says_nothing(tmp_path: Path) -> None:
    store = taken(tmp_path / "store", row("ONE", PB, None), row("TWO", PB, "n/a"))
    assert values(store, DAY) == {}
    assert store.quarantine().empty


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_a_vendors_wide_file_is_read_in_any_form(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame(
        {
            "Ticker": ["BRK.B", "ONE"],
            "Price/Book": ["1.5", "-2"],
            "Sales growth past 5Y (%)": ["12.5", "-3"],
            "Analysts": ["7", ""],
        }
    )
    path = tmp_path / f"vendor{suffix}"
    writers = {".csv": "to_csv", ".parquet": "to_parquet", ".xlsx": "to_excel"}
    getattr(table, writers[suffix])(path, index=False)
    ingest.fundamentals(tmp_path / "store", [path], Options(), DAY)
    assert values(Store(tmp_path / "store"), DAY) == {
        ("BRKB", PB): 1.5,
        ("ONE", PB): -2.0,
        ("BRKB", "total_sales_growth_frac"): 0.125,
        ("ONE", "total_sales_growth_frac"): -0.03,
        ("BRKB", "analyst_count"): 7.0,
    }


def test_a_percent_sign_in_the_cell_makes_a_fraction() -> None:
    table = pd.DataFrame(
        {"symbol": ["ONE", "TWO"], "growth_forecast_frac": ["4%", "1"]}
    )
    parsed = fundamentals.parse(table, "cells.csv", DAY)
    assert list(parsed.rows["value"]) == [0.04, 1.0]


def test_columns_with_odd_names_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("Ric,PBR,Seen\nONE,2,2024-02-01\n")
    mapping = {"symbol": "Ric", PB: "PBR", "known_on": "Seen"}
    ingest.fundamentals(tmp_path / "store", [path], Options(mapping=mapping))
    assert values(Store(tmp_path / "store"), DAY) == {("ONE", PB): 2.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a,b\n1,2\n", "no column for a symbol", id="no symbols"),
        pytest.param("symbol,b\nONE,2\n", "no column for any measure", id="no measure"),
        pytest.param("symbol,P/B\nONE,2\n", "with --known-on", id="no day"),
    ],
)
def test_a_table_that_is_none_says_what_to_do(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(SourceUnreadable, match=words):
        ingest.fundamentals(tmp_path / "store", [path], Options())


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("symbol,P/B,as_of\nONE,2,2024-02-01\n")
    ingest.fundamentals(tmp_path / "store", [path], Options())
    generation = Store(tmp_path / "store").generation
    (again,) = ingest.fundamentals(tmp_path / "store", [path], Options())
    assert again.note == "already in the store; nothing changed"
    assert Store(tmp_path / "store").generation == generation


def test_a_free_float_too_small_draws_the_lines_anew(tmp_path: Path) -> None:
    market.take(tmp_path / "store", market.calm(market.sessions(2)))
    symbol = market.LISTINGS[0].symbol
    folder, day = tmp_path / "store", market.sessions(2)
    before = Store(folder).break_points(*day)["company_count"]
    taken(folder, row(symbol, "free_float_frac", 0.05, known_on=day[0]))
    assert Store(folder).break_points(*day)["company_count"].equals(before)
    store = taken(folder, row(symbol, "free_float_frac", 0.04, known_on=day[1]))
    lines = store.break_points(*day)
    fewer = (before - lines["company_count"]).to_numpy()
    assert fewer.tolist() == (lines["snapshot_date"].dt.date == day[1]).tolist()


def test_every_variable_has_a_measure_and_every_measure_a_use() -> None:
    uses = {measure.informs for measure in MEASURES.values()}
    assert uses == {*VARIABLES, ANALYSTS, FREE_FLOAT, STATEMENTS}
    assert informing(VARIABLES[0])[0] == "book_value_usd"


def test_a_finviz_screen_may_come_as_texts() -> None:
    table = pd.DataFrame({name: ["1.5", ""] for name in finviz.MARKS})
    table = table.assign(ticker=["ONE", "TWO"], as_of="2023-08-11")
    rows = fundamentals.parse(table.astype("str"), "x").rows
    assert set(rows["symbol"]) == {"ONE"}
    assert rows.set_index("measure").at[PB, "value"] == 1.5


def test_a_finviz_copy_without_minus_signs_is_named_so() -> None:
    table = pd.DataFrame(
        {
            "ticker": [f"T{n}" for n in range(200)],
            "as_of": pd.Timestamp(DAY),
            "shares_float": 8.0,
            "shares_outstanding": 10.0,
            "Perf Week": 0.01,
            **dict.fromkeys(finviz.OURS, 0.2),
        }
    )
    assert finviz.recognizes(table)
    without = fundamentals.parse(table, "screen.csv")
    assert "minus signs lost" in without.note
    assert set(without.rows["source"]) == {f"Finviz screen ({finviz.LOST})"}
    signed = table.assign(**{"Perf Week": [-0.01, *[0.01] * 199]})
    assert set(fundamentals.parse(signed, "x").rows["source"]) == {"Finviz screen"}


@needs_files
def test_the_files_at_hand_are_known_by_their_columns(tmp_path: Path) -> None:
    store = tmp_path / "store"
    files = [*FILES.glob("finviz_*.parquet"), *FILES.glob("yahoo_*.parquet")]
    ingest.fundamentals(store, sorted(files), Options())
    counts = Store(store).fundamental_counts().set_index("measure")["symbol_count"]
    assert counts.to_dict() == {
        "eps_growth_forecast_frac": 2877,
        "eps_growth_next_year_frac": 4318,
        "free_float_frac": 6161,
        PB: 5628,
        "total_sales_growth_frac": 3809,
        "book_value_usd": 2295,
        "revenue_growth_frac": 2573,
    }


def test_a_store_without_a_table_that_came_since_opens_and_grows(
    tmp_path: Path,
) -> None:
    folder, days = tmp_path / "store", market.sessions(3)
    market.take(folder, market.calm(days[:2]))
    manifest = Store(folder).manifest()
    for name, table in ((manifest.core, "fundamentals"), (manifest.core, "quarantine")):
        with duckdb.connect(folder / name) as con:
            con.execute(f"drop table {table}")
    year = manifest.years[days[0].year]
    with duckdb.connect(folder / year) as con:
        con.execute("drop table quarantine")
    market.forget_marks(folder)
    old = Store(folder)
    assert old.fundamentals(DAY).empty
    assert old.quarantine().empty
    assert len(old.published_days()) == 2
    old.close()
    market.take(folder, market.calm(days))
    store = taken(folder, row("ONE", PB, 2.0))
    assert len(store.published_days()) == 3
    assert values(store, DAY) == {("ONE", PB): 2.0}
    manifest = store.manifest()
    for name, tables in (
        (manifest.core, CORE_TABLES),
        (manifest.years[2024], YEAR_TABLES),
    ):
        with duckdb.connect(folder / name, read_only=True) as con:
            found = {name for (name,) in con.execute("show tables").fetchall()}
        assert found >= set(tables)


def test_a_comma_that_parts_no_thousands_is_not_read_away(tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_text(
        "symbol;known_on;price_to_book\nA;2024-03-01;2,5\nB;2024-03-01;1.5\n"
    )
    (file,) = ingest.fundamentals(tmp_path / "store", [path], Options())
    assert (file.accepted, file.quarantined) == (1, 1)
    assert values(Store(tmp_path / "store"), date(2024, 3, 2)) == {("B", PB): 1.5}
