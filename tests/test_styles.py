"""Styles of a projection: what is known on a day, what went before, what shifts."""

import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recon import ingest, reconstitution, vocabulary
from recon.__main__ import main
from recon.rulebook import rulebook
from recon.rules import style, style_shifts
from recon.store import Store
from recon.studies import style as styles
from recon.studies.style.inputs import known_of
from tests import market
from tests.conftest import needs_real_years
from tests.market import Listing, Options
from tests.universe import SHARED

DAYS = market.sessions(20)
LAST = DAYS[-1]
# its names cannot be held against the listings: they need not be of the small market
BEFORE_THE_STORE = DAYS[0] - timedelta(days=14)
NUMBERS = rulebook(LAST).style
SECTORS = ("Technology", "Finance")


def listings(count: int = 40) -> tuple[Listing, ...]:
    return tuple(
        Listing(
            symbol=f"C{n:03d}",
            name=f"Company {n:03d} Inc. Common Stock",
            close_usd=40.0 + n,
            shares_millions=100.0 - n,
            sector=SECTORS[n % 2],
        )
        for n in range(count)
    )


def rows_of(symbols: list[str], known_on: date, **measures: object) -> pd.DataFrame:
    table = pd.DataFrame({"symbol": symbols, **measures})
    long = table.melt("symbol", var_name="measure")
    return long.assign(period_end=None, known_on=known_on, source="test")


@pytest.fixture(scope="module")
def calm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store without fundamentals, for tests to copy: made once for all."""
    folder = tmp_path_factory.mktemp("calm") / "store"
    market.take(folder, market.calm(DAYS, listings()))
    return folder


@pytest.fixture
def store(calm_folder: Path, tmp_path: Path) -> Store:
    return Store(shutil.copytree(calm_folder, tmp_path / "store"))


def bring(store: Store, rows: pd.DataFrame) -> None:
    ingest.fundamental_rows(store.folder, rows, "rows", Options())


def usual(count: int = 40, seed: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "price_to_book_ratio": rng.lognormal(1, 0.7, count),
        "growth_forecast_frac": rng.normal(0.1, 0.1, count),
        "sales_growth_frac": rng.normal(0.1, 0.1, count),
    }


SYMBOLS = [f"C{n:03d}" for n in range(40)]


def test_a_store_without_fundamentals_says_so(store: Store) -> None:
    styled = styles.project(store, LAST)
    assert styled.missing.startswith("No fundamentals are known on")
    assert styled.companies["value_weight_frac"].isna().all()
    assert set(styled.companies["shift"]) == {vocabulary.NOT_KNOWN}


def test_old_fundamentals_are_not_used(store: Store) -> None:
    bring(store, rows_of(SYMBOLS, date(2023, 1, 1), **usual()))
    assert "more than 400 days before" in styles.project(store, LAST).missing


def test_fundamentals_of_other_companies_alone_are_not_called_old(
    store: Store,
) -> None:
    bring(store, rows_of(["ELSE"], DAYS[0], **usual(1)))
    missing = styles.project(store, LAST).missing
    assert "No book to price and no growth forecast" in missing


def test_a_range_holds_the_weight_that_december_keeps_or_a_new_listing_is_given(
    demo_store: Path,
) -> None:
    table = styles.project(Store(demo_store), date(2026, 11, 19)).companies
    assert not table["is_reassigned"].all() and table["is_group_average"].any()
    known = table[table["value_weight_frac"].notna()]
    low, high = "value_weight_low_frac", "value_weight_high_frac"
    assert (known[low] <= known["value_weight_frac"]).all()
    assert (known["value_weight_frac"] <= known[high]).all()


def test_one_variable_known_of_nobody_is_named(store: Store) -> None:
    known = usual()
    del known["growth_forecast_frac"]
    bring(store, rows_of(SYMBOLS, DAYS[0], **known))
    assert "No growth forecast of any company" in styles.project(store, LAST).missing


def test_every_company_of_the_indexes_gets_a_style(store: Store) -> None:
    bring(store, rows_of(SYMBOLS, DAYS[0], **usual()))
    styled = styles.project(store, LAST)
    assert styled.missing == ""
    assert styled.companies["value_weight_frac"].notna().all()
    assert set(styled.companies["missing"]) == {""}
    assert set(styled.companies["proxy"]) == {"all shares for the available ones"}


@pytest.mark.slow
def test_later_fundamentals_and_days_change_nothing_of_an_earlier_day(
    store: Store,
) -> None:
    bring(store, rows_of(SYMBOLS, DAYS[0], **usual()))
    before = styles.project(store, DAYS[9]).companies
    bring(store, rows_of(SYMBOLS, DAYS[10], **usual(seed=9)))
    after = styles.project(store, DAYS[9]).companies
    pd.testing.assert_frame_equal(before, after)
    assert not styles.project(store, DAYS[10]).companies["cvs"].equals(before["cvs"])


def known(store: Store, as_of: date = LAST) -> pd.DataFrame:
    projection = reconstitution.project(store, as_of)
    return known_of(store, projection).set_index("symbol")


def test_price_to_book_is_carried_on_by_the_companys_market_cap(store: Store) -> None:
    bring(store, rows_of(["C000"], DAYS[0], price_to_book_ratio=[4.0]))
    quotes = store.quotes(DAYS[0], LAST).merge(store.securities(DAYS[0], LAST))
    caps = quotes[quotes["symbol"] == "C000"].set_index("snapshot_date")
    grown = caps["total_market_cap_usd"].iloc[-1] / caps["total_market_cap_usd"].iloc[0]
    assert grown != 1
    assert known(store).at["C000", "book_to_price"] == pytest.approx(0.25 / grown)


def test_book_value_is_set_against_the_companys_cap_of_the_day(store: Store) -> None:
    bring(store, rows_of(["C000"], DAYS[0], book_value_usd=[5e8]))
    row = known(store).loc["C000"]
    assert row["book_to_price"] == pytest.approx(5e8 / row["total_market_cap_usd"])


def test_book_value_a_share_is_set_against_the_close_of_its_day(store: Store) -> None:
    bring(store, rows_of(["C000"], LAST, book_value_per_share_usd=[5.0]))
    row = known(store).loc["C000"]
    assert row["book_to_price"] == pytest.approx(5.0 / row["close_usd"])


def test_of_two_book_values_the_newer_one_counts(store: Store) -> None:
    bring(store, rows_of(["C000"], DAYS[0], book_value_usd=[5e8]))
    bring(store, rows_of(["C000"], LAST, price_to_book_ratio=[4.0]))
    assert known(store).at["C000", "book_to_price"] == pytest.approx(0.25)


def test_the_thing_itself_goes_before_a_newer_proxy(store: Store) -> None:
    bring(store, rows_of(["C000"], DAYS[0], growth_forecast_frac=[0.2]))
    bring(store, rows_of(["C000"], LAST, eps_growth_forecast_frac=[0.5]))
    row = known(store).loc["C000"]
    assert row["growth_forecast_frac"] == 0.2
    assert "forecast" not in row["proxy"]


def test_growth_of_one_year_is_not_ranked_with_growth_over_several(
    store: Store,
) -> None:
    some = SYMBOLS[:25]
    bring(store, rows_of(some, LAST, eps_growth_forecast_frac=[0.1] * 25))
    bring(store, rows_of(SYMBOLS, LAST, eps_growth_next_year_frac=[0.9] * 40))
    growth = known(store)["growth_forecast_frac"]
    assert growth[some].eq(0.1).all()
    assert growth.drop(some).isna().all()


def test_growth_of_one_year_is_used_where_few_have_better(store: Store) -> None:
    some = SYMBOLS[:5]
    bring(store, rows_of(some, LAST, eps_growth_forecast_frac=[0.1] * 5))
    bring(store, rows_of(SYMBOLS, LAST, eps_growth_next_year_frac=[0.9] * 40))
    table = known(store)
    assert table["growth_forecast_frac"].eq(0.9).all()
    assert table["proxy"].str.contains("next fiscal year for the I/B/E/S").all()


def test_the_free_float_makes_the_weight(store: Store) -> None:
    bring(store, rows_of(["C000"], LAST, free_float_frac=[0.4]))
    row = known(store).loc["C000"]
    expected = 0.4 * row["total_market_cap_usd"]
    assert row["float_market_cap_usd"] == pytest.approx(expected)
    assert row["proxy"] == ""


def test_a_filled_variable_names_the_group_that_stands_in(store: Store) -> None:
    some = usual()
    some["sales_growth_frac"][0] = np.nan
    bring(store, rows_of(SYMBOLS, LAST, **some))
    table = styles.project(store, LAST).companies.set_index("symbol")
    assert table.at["C000", "missing"] == "sales growth: mean of its industry"


def lists(store: Store, as_of: date, **halves: dict[str, float]) -> None:
    """Bring lists of style members: index code to symbol and weight."""
    rows = [
        {"index": code, "as_of": as_of, "symbol": symbol, "weight_frac": weight}
        for code, members in halves.items()
        for symbol, weight in members.items()
    ]
    path = store.folder.parent / "lists.parquet"
    pd.DataFrame(rows).to_parquet(path)
    ingest.memberships(store.folder, [path], Options())


def weights(symbols: list[str], others: int = 300) -> dict[str, float]:
    """The symbols with a hundredth each, and enough names for a usable list."""
    return dict.fromkeys(symbols, 0.01) | {f"Z{n:04d}": 0.001 for n in range(others)}


def test_lists_of_style_members_give_the_styles_that_went_before(store: Store) -> None:
    bring(store, rows_of(SYMBOLS, DAYS[0], **usual()))
    value = weights(["C000", "C002"]) | {"C002": 0.03}
    lists(store, BEFORE_THE_STORE, R1000V=value, R1000G=weights(["C001", "C002"]))
    styled = styles.project(store, LAST)
    assert styled.previous_missing == ""
    assert "Russell 1000 by lists of" in styled.previous_lists
    before = styled.companies.set_index("symbol")["previous_value_weight_frac"]
    assert before["C000"] == 1.0
    assert before["C001"] == 0.0
    assert before["C002"] == pytest.approx(0.75)
    assert np.isnan(before["C003"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        pytest.param(date(2023, 6, 1), "R1000G", id="from before the event"),
        pytest.param(LAST + timedelta(days=1), "R1000G", id="from after the day"),
        pytest.param(DAYS[1], "R2000G", id="of another index's half"),
    ],
)
def test_lists_that_say_nothing_of_the_last_event(
    store: Store, as_of: date, code: str
) -> None:
    bring(store, rows_of(SYMBOLS, DAYS[0], **usual()))
    lists(store, as_of, **{"R1000V": weights(["C000"]), code: weights(["C001"])})
    styled = styles.project(store, LAST)
    assert styled.previous_lists == ""
    assert styled.previous_missing != ""


@pytest.fixture(scope="module")
def august(real_years: Store, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Members of 11 August 2023 known that day, scored within their index."""
    folder = tmp_path_factory.mktemp("august") / "store"
    shutil.copytree(real_years.folder, folder)
    options = Options()
    ingest.fundamentals(folder, [FINVIZ], options)
    store, day = Store(folder), date(2023, 8, 11)
    projection = reconstitution.project(store, day)
    members = known_of(store, projection)
    members = members[members["current_index"].isin(["R1000", "R2000"])].assign(
        base_index=lambda table: table["current_index"],
        subsector=lambda table: table["industry"],
        industry=lambda table: table["sector"],
    )
    store.close()
    return style.score(members.reset_index(drop=True), projection.rules)


FINVIZ = SHARED / "fundamentals" / "finviz_2023-08.parquet"
needs_finviz = pytest.mark.shared(FINVIZ)


@pytest.mark.long
@needs_real_years
@needs_finviz
@pytest.mark.parametrize("index", ["R1000", "R2000"])
def test_about_seventy_percent_of_real_members_are_of_one_style(
    august: pd.DataFrame, index: str
) -> None:
    rows = august[(august["base_index"] == index) & august["cvs"].notna()]
    assert len(rows) > 950
    one_style = rows["value_weight_frac"].isin([0, 1]).mean()
    assert one_style == pytest.approx(0.70, abs=0.02)
    value = (rows["value_weight_frac"] * rows["float_market_cap_usd"]).sum()
    half = value / rows["float_market_cap_usd"].sum()
    assert half == pytest.approx(0.50, abs=0.02)


@pytest.mark.long
@needs_real_years
@needs_finviz
def test_the_seven_largest_technology_names_are_growth(august: pd.DataFrame) -> None:
    seven = ["AAPL", "MSFT", "GOOGL", "AMZN", "NVDA", "META", "TSLA"]
    growth = august.set_index("symbol")["growth_weight_frac"]
    assert growth.reindex(seven).eq(1).all()


# shifts, on small tables
def shifted(**columns: object) -> pd.DataFrame:
    usual_columns = {
        "base_index": "R1000",
        "current_index": "R1000",
        "previous_base_index": "R1000",
        "float_market_cap_usd": 100.0,
        "value_weight_frac": 1.0,
        "previous_value_weight_frac": 0.0,
        "is_cvs_kept": False,
        **dict.fromkeys(style_shifts.VARIABLE_WORDS, 0.5),
        **{f"previous_{name}": 0.5 for name in style_shifts.VARIABLE_WORDS},
    }
    made = pd.DataFrame(columns)
    rest = {k: v for k, v in usual_columns.items() if k not in made}
    return style_shifts.add_shifts(made.assign(**rest), NUMBERS)


@pytest.mark.parametrize(
    ("before", "now", "shift"),
    [
        pytest.param(0.0, 1.0, "to value", id="growth to value"),
        pytest.param(0.5, 0.44, "to growth", id="six points towards growth"),
        pytest.param(0.5, 0.46, "stays", id="four points are left out"),
        pytest.param(np.nan, 0.46, "not known", id="an earlier style not known"),
        pytest.param(0.5, np.nan, "not known", id="a style not known"),
    ],
)
def test_what_counts_as_a_shift(before: float, now: float, shift: str) -> None:
    table = shifted(previous_value_weight_frac=[before], value_weight_frac=[now])
    assert table["shift"].tolist() == [shift]


def test_a_company_of_no_index_is_new_where_members_are_known() -> None:
    table = shifted(
        current_index=["R1000", None, None], base_index=["R1000", "R1000", "MICRO"]
    )
    assert table["shift"].tolist() == ["to value", "new", "to value"]


def test_the_variable_that_pushed_most_is_the_driver() -> None:
    table = shifted(
        book_to_price_score=[0.74], sales_growth_score=[0.9], growth_forecast_score=0.1
    )
    # half of +0.24 is more than a quarter of +0.4; the forecast pulls back
    assert table["book_to_price_score_change"].iloc[0] == pytest.approx(0.12)
    assert table["driver"].iloc[0] == "book to price, CVS +0.12"


def test_a_score_that_moved_the_other_way_did_not_drive_the_shift() -> None:
    # the weight turned to value though the score fell by 0.10 - 0.05
    table = shifted(book_to_price_score=[0.3], sales_growth_score=[0.7])
    assert table["driver"].iloc[0] == style_shifts.LINES_MOVED


def test_what_drove_a_shift_is_not_known_where_the_earlier_score_is_not() -> None:
    table = shifted(previous_sales_growth_score=[np.nan])
    assert table["driver"].iloc[0] == vocabulary.NOT_KNOWN


def test_a_company_that_moved_is_driven_by_its_new_index() -> None:
    table = shifted(previous_base_index=["R2000"])
    assert table["driver"].iloc[0] == "Russell 2000 to Russell 1000"


def test_a_kept_score_shifts_because_the_lines_moved() -> None:
    assert shifted(is_cvs_kept=[True])["driver"].iloc[0] == style_shifts.LINES_MOVED


def test_the_cap_that_changes_side_is_signed() -> None:
    table = shifted(
        previous_value_weight_frac=[0.0, 1.0], value_weight_frac=[0.5, 0.75]
    )
    assert table["shifted_usd"].tolist() == [50.0, -25.0]


def test_totals_count_both_styles_before_and_after() -> None:
    table = shifted(
        value_weight_frac=[1.0, 0.25],
        previous_value_weight_frac=[0.0, 0.25],
        float_market_cap_usd=[100.0, 300.0],
    )
    table["growth_weight_frac"] = 1 - table["value_weight_frac"]
    before = 1 - table["previous_value_weight_frac"]
    table["previous_growth_weight_frac"] = before
    value, growth = style_shifts.totals(table, ("R1000",)).to_dict("records")
    assert (value["usd"], growth["usd"]) == (175.0, 225.0)
    assert (value["previous_usd"], growth["previous_usd"]) == (75.0, 325.0)
    assert value["frac"] == pytest.approx(175 / 400)
    assert (value["company_count"], value["one_style_count"]) == (2, 1)


def test_sector_tilt_adds_up_and_shows_what_changed() -> None:
    table = shifted(
        sector=["Energy", "Finance", None],
        value_weight_frac=[1.0, 0.5, 1.0],
        previous_value_weight_frac=[1.0, 1.0, 0.0],
    )
    tilt = style_shifts.sector_tilt(table, "R1000", "value").set_index("sector")
    assert tilt["frac"].sum() == pytest.approx(1)
    assert tilt.at["Energy", "frac"] == pytest.approx(0.4)
    assert tilt.at["not known", "change_frac"] == pytest.approx(0.4)


def test_a_style_in_words_says_both_where_it_shifts() -> None:
    table = shifted(
        symbol=["UP", "SAME", "LOST"],
        previous_value_weight_frac=[0.14, 0.98, 0.5],
        value_weight_frac=[1.0, 1.0, np.nan],
    )
    said = style_shifts.words(table)
    assert said.to_dict() == {
        "UP": "14 → 100% value",
        "SAME": "value",
        "LOST": "not known",
    }


def test_shifts_come_first_by_their_effect_and_then_the_largest() -> None:
    table = shifted(
        symbol=["BIG", "SMALL", "MOST"],
        previous_value_weight_frac=[1.0, 0.0, 1.0],
        value_weight_frac=[1.0, 1.0, 0.0],
        float_market_cap_usd=[900.0, 10.0, 50.0],
    )
    assert style_shifts.by_effect(table)["symbol"].tolist() == ["MOST", "SMALL", "BIG"]


def test_the_command_writes_exactly_these_columns_a_row_a_listing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, rows_of(SYMBOLS, DAYS[0], **usual()))
    path = tmp_path / "style.csv"
    words = ["recon", "style", "--as-of", str(LAST), "--format", "csv"]
    given = [*words, "--store", str(store.folder), "-o", str(path)]
    monkeypatch.setattr(sys, "argv", given)
    assert main() == 0
    table = pd.read_csv(path)
    first = "symbol base_index cvs cvs_low cvs_high value_weight_frac"
    rest = "growth_weight_frac previous_value_weight_frac shift missing proxy"
    assert list(table) == [*first.split(), *rest.split()]
    assert len(table) == 40
    assert (table["value_weight_frac"] + table["growth_weight_frac"]).eq(1).all()
    assert (table["cvs_low"] <= table["cvs"]).all()
    assert (table["cvs"] <= table["cvs_high"]).all()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([("OLD", "NEW")], ["NEW", "SAME"], id="a symbol that changed"),
        pytest.param(
            [("OLD", "MID"), ("MID", "NEW")], ["NEW", "SAME"], id="one that did twice"
        ),
        pytest.param([("OLD", "SAME")], ["OLD", "SAME"], id="one that another has"),
        pytest.param([("GONE", "NEW")], ["OLD", "SAME"], id="of no company of then"),
        pytest.param([], ["OLD", "SAME"], id="none"),
    ],
)
def test_an_earlier_style_follows_a_changed_symbol(
    changes: list[tuple[str, str]], expected: list[str]
) -> None:
    previous = pd.DataFrame({"key": ["OLD", "SAME"], "value_weight_frac": [0.2, 0.8]})
    table = pd.DataFrame(changes, columns=["key", "key_new"])
    found = styles.with_new_keys(previous, table)
    assert found["key"].tolist() == expected
    assert found["value_weight_frac"].tolist() == [0.2, 0.8]
