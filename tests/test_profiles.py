"""Deep fields: who is asked for, what is kept of the answers, and for how long."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from recon.errors import BadRequest, SourceBlocked
from recon.ingest import Taken, live
from recon.ingest.profiles import PROFILES, fetch_profiles
from recon.ingest.resume import read_notes
from recon.sources.yahoo import profiles
from recon.store import Store
from tests import market
from tests.market import Options
from tests.test_live import EVENING, QUICK, SESSION
from tests.yahoo_market import Market, quote
from tests.yahoo_server import Yahoo, serving

MEASURES = {
    "price_to_book_ratio",
    "book_value_per_share_usd",
    "eps_growth_forecast_frac",
    "eps_growth_next_year_frac",
    "revenue_growth_frac",
    "analyst_count",
    "free_float_frac",
    "sales_per_share_usd",
}


def small_market() -> Market:
    """Four companies, one of which keeps its books in euros."""
    rows = {
        symbol: quote(symbol, f"{symbol} Incorporated", "NYQ", 30.0, cap, SESSION)
        for symbol, cap in (("BIG", 9e10), ("MID-A", 4e9), ("SML", 2e8), ("EUR", 1e9))
    }
    rows["EUR"]["financialCurrency"] = "EUR"
    sectors = dict.fromkeys(rows, "Industrials")
    countries = {"BIG": "United States", "EUR": "Netherlands"}
    return Market(SESSION, rows, sectors, countries)


@pytest.fixture
def yahoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Yahoo]:
    with serving(Yahoo(small_market())) as server:
        monkeypatch.setenv("RECON_YAHOO_BASE", server.address)
        yield server


@pytest.fixture(scope="module")
def stored_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deep")
    with serving(Yahoo(small_market())) as server, pytest.MonkeyPatch.context() as env:
        env.setenv("RECON_YAHOO_BASE", server.address)
        live.today(folder, Options(), now=EVENING, policy=QUICK)
    return folder


@pytest.fixture
def folder(stored_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stored_once, tmp_path / "store"))


def ask(folder: Path, *only: str, days_later: int = 0) -> Taken:
    now = EVENING + timedelta(days=days_later)
    (taken,) = fetch_profiles(folder, Options(), only=only, now=now, policy=QUICK)
    return taken


def told(folder: Path) -> pd.DataFrame:
    store = Store(folder)
    table = store.fundamentals(date(2027, 1, 1))
    store.close()
    return table[table["source"] == profiles.SOURCE]


def test_measures_are_kept_with_the_day_on_which_they_were_known(
    yahoo: Yahoo, folder: Path
) -> None:
    ask(folder, "BIG")
    table = told(folder).set_index("measure")
    assert set(table.index) == MEASURES
    assert table["symbol"].eq("BIG").all()
    assert table["known_on"].eq(pd.Timestamp(SESSION)).all()
    assert table.loc["eps_growth_forecast_frac", "value"] == 0.125
    assert table.loc["eps_growth_next_year_frac", "value"] == 0.14
    assert table.loc["free_float_frac", "value"] == pytest.approx(0.8)
    assert table.loc["price_to_book_ratio", "value"] == pytest.approx(3.0)
    assert table.loc["sales_per_share_usd", "period_end"] == pd.Timestamp("2025-12-31")
    assert table.loc["sales_per_share_usd", "value"] == pytest.approx(13.31)


def test_books_in_another_currency_than_the_price_are_left_out(
    yahoo: Yahoo, folder: Path
) -> None:
    ask(folder, "EUR")
    missing = {"price_to_book_ratio", "book_value_per_share_usd", "sales_per_share_usd"}
    assert set(told(folder)["measure"]) == MEASURES - missing


def test_a_class_is_asked_for_by_yahoos_spelling_and_kept_by_the_lists(
    yahoo: Yahoo, folder: Path
) -> None:
    ask(folder, "MID/A")
    assert all("MID-A" in asked for asked in yahoo.asked)
    assert set(told(folder)["symbol"]) == {"MIDA"}


def test_what_is_young_is_not_asked_for_again(yahoo: Yahoo, folder: Path) -> None:
    ask(folder, "BIG")
    asked = len(yahoo.asked)
    assert "nothing changed" in ask(folder, "BIG").note
    assert len(yahoo.asked) == asked
    ask(folder, "BIG", days_later=42)
    assert len(yahoo.asked) > asked


def test_only_names_near_a_line_are_asked_for(yahoo: Yahoo, folder: Path) -> None:
    (taken,) = fetch_profiles(
        folder, Options(), near_frac=0.0, now=EVENING, policy=QUICK
    )
    assert yahoo.asked == []
    assert "0 companies" in taken.note


def test_a_run_that_was_refused_asks_again_for_nothing_that_it_has(
    yahoo: Yahoo, folder: Path
) -> None:
    ask(folder, "BIG")
    calls = len(yahoo.asked)
    yahoo.asked.clear()
    real, count = yahoo.faults.drawn, 0

    def refuse_from_the_fourth(draw: object) -> str | None:
        nonlocal count
        count += 1
        return "too_many" if 4 <= count <= 12 else None

    object.__setattr__(yahoo.faults, "drawn", refuse_from_the_fourth)
    try:
        with pytest.raises(SourceBlocked):
            ask(folder, "SML")
        assert read_notes(folder, PROFILES).keys() == {"BIG"}
        count = 100
        ask(folder, "SML")
    finally:
        object.__setattr__(yahoo.faults, "drawn", real)
    answered = [n for asked, n in yahoo.answered.items() if "SML" in asked]
    assert answered == [1] * calls


def test_a_company_of_which_only_a_part_was_had_is_asked_for_again(
    yahoo: Yahoo, folder: Path
) -> None:
    ask(folder, "BIG")
    calls = len(yahoo.asked)
    real, count = yahoo.faults.drawn, 0

    def drop_what_follows_the_profile(draw: object) -> str | None:
        nonlocal count
        count += 1
        return "html" if count == calls - 1 or count > calls else None

    object.__setattr__(yahoo.faults, "drawn", drop_what_follows_the_profile)
    try:
        assert "unavailable for now: SML" in ask(folder, "SML").note
    finally:
        object.__setattr__(yahoo.faults, "drawn", real)
    ask(folder, "SML")
    assert set(told(folder).query("symbol == 'SML'")["measure"]) == MEASURES


def test_country_and_industry_are_used_from_the_next_day_on(
    yahoo: Yahoo, folder: Path
) -> None:
    ask(folder, "BIG", "EUR")
    store = Store(folder)
    assert market.snapshots(store)["country"].isna().all()
    live.today(folder, Options(replace=True), now=EVENING, policy=QUICK)
    country = market.snapshots(store).set_index("symbol")["country"]
    assert country["BIG"] == "United States"
    assert country["EUR"] == "Netherlands"
    assert pd.isna(country["SML"])
    store.close()


def test_a_symbol_that_is_not_listed_is_said_to_be_so(
    yahoo: Yahoo, folder: Path
) -> None:
    with pytest.raises(BadRequest, match="NONE is not listed"):
        ask(folder, "NONE")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Shell Companies", "Blank Checks"),
        ("REIT - Industrial", "Real Estate Investment Trusts"),
        ("Asset Management", None),
        ("Software - Application", "Software - Application"),
    ],
)
def test_industries_are_in_the_words_of_the_screens(
    theirs: str, ours: str | None
) -> None:
    assert profiles.industry_of({"industry": theirs}) == ours
