"""The demo market looks like the real one, and is the same on every machine."""

from dataclasses import dataclass
from datetime import date

import exchange_calendars
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from recon.sources import demo

TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    {
        "date": pa.date32(),
        "symbol": TEXT,
        "exchange": TEXT,
        "name": TEXT,
        "price": pa.float64(),
        "volume": pa.int64(),
        "market_cap": pa.float64(),
        "country": TEXT,
        "ipo_year": pa.int16(),
        "sector": TEXT,
        "industry": TEXT,
    }
)
WELL_KNOWN = (
    "Apple|Microsoft|Alphabet|Amazon|Nvidia|Tesla|Berkshire|Broadcom|Walmart|Lilly|"
    "JPMorgan|Visa|Exxon|Mastercard|Oracle|Costco|Netflix|Procter|Home Depot|Chevron|"
    "Ford|Goldman|Liberty Media|Lennar|Pfizer|Boeing|Nuveen|Eaton Vance|BlackRock"
)


@dataclass(frozen=True, kw_only=True)
class Built:
    """The market, its rows together, and the columns that most tests read."""

    market: demo.DemoMarket
    rows: pa.Table
    day: np.ndarray  # of each row
    code: np.ndarray  # of each row, the place of its symbol in the alphabet
    sessions: list[date]

    def on(self, day: date) -> pd.DataFrame:
        """Return the rows of one day."""
        return self.rows.filter(pc.equal(self.rows["date"], day)).to_pandas()


@pytest.fixture(scope="module")
def sessions() -> list[date]:
    calendar = exchange_calendars.get_calendar(
        "XNYS", start=str(demo.DEMO_START), end=str(demo.DEMO_END)
    )
    return [session.date() for session in calendar.sessions]


@pytest.fixture(scope="module")
def built(sessions: list[date]) -> Built:
    market = demo.market(sessions)
    rows = pa.concat_tables(market.listings)
    return Built(
        market=market,
        rows=rows,
        day=rows["date"].to_numpy(),
        code=rows["symbol"].combine_chunks().indices.to_numpy(),
        sessions=sessions,
    )


@pytest.fixture(scope="module")
def last(built: Built) -> pd.DataFrame:
    return built.on(built.sessions[-1]).merge(built.market.official, on="symbol")


def test_the_same_seed_gives_the_same_market(built: Built) -> None:
    again = demo.market(built.sessions)
    assert [
        table.equals(other)
        for table, other in zip(again.listings, built.market.listings, strict=True)
    ] == [True] * 4
    pd.testing.assert_frame_equal(again.official, built.market.official)


def test_another_seed_gives_another_market(sessions: list[date]) -> None:
    one, other = (demo.market(sessions[:80], seed).listings[0] for seed in (1, 2))
    assert not one.equals(other)


def test_a_table_per_year_in_the_columns_of_the_screener(built: Built) -> None:
    tables = built.market.listings
    assert [table.schema for table in tables] == [SCHEMA] * 4
    assert [pc.unique(pc.year(table["date"])).to_pylist() for table in tables] == [
        [2023],
        [2024],
        [2025],
        [2026],
    ]


def test_every_session_is_there_with_about_six_thousand_rows(built: Built) -> None:
    days, counts = np.unique(built.day, return_counts=True)
    assert days.tolist() == built.sessions
    whole = days != np.datetime64(built.market.broken_day)
    assert 5_800 < counts[whole].min() <= counts[whole].max() < 6_400
    assert 6_800 < len(built.market.official) < 7_500


def test_one_day_is_broken_to_half_its_rows_and_total(built: Built) -> None:
    broken = built.market.broken_day
    before = built.sessions[built.sessions.index(broken) - 1]
    day, usual = built.on(broken), built.on(before)
    assert len(day) / len(usual) == pytest.approx(0.5, abs=0.05)
    assert day["market_cap"].sum() < 0.8 * usual["market_cap"].sum()


def test_rows_go_by_day_and_symbol_none_twice(built: Built) -> None:
    same_day = built.day[1:] == built.day[:-1]
    symbols = built.rows["symbol"].combine_chunks().dictionary.to_pylist()
    assert symbols == sorted(set(symbols))
    assert (np.diff(built.code)[same_day] > 0).all()
    assert (np.diff(built.day.astype(int)) >= 0).all()


def test_prices_are_positive_and_caps_and_volumes_never_negative(built: Built) -> None:
    assert pc.min(built.rows["price"]).as_py() > 0
    assert pc.min(built.rows["volume"]).as_py() >= 0
    assert pc.min(built.rows["market_cap"]).as_py() >= 0
    missing = [built.rows[name].null_count > 0 for name in SCHEMA.names]
    assert missing == [
        name in ("market_cap", "ipo_year", "sector", "industry")
        for name in SCHEMA.names
    ]


@pytest.mark.parametrize(
    ("rank", "low_bn", "high_bn"),
    [
        pytest.param(1, 4_000, 5_000, id="the largest is between 4 and 5 trillion"),
        pytest.param(100, 100, 150, id="the hundredth is above 100 billion"),
        pytest.param(1000, 4.5, 6, id="the thousandth is about 5 billion"),
        pytest.param(2000, 0.8, 1.2, id="the two thousandth is about 1 billion"),
        pytest.param(3000, 0.15, 0.25, id="the three thousandth is about 200 million"),
        pytest.param(4000, 0.025, 0.05, id="the four thousandth is about 40 million"),
    ],
)
def test_sizes_fall_with_rank_as_in_the_market(
    last: pd.DataFrame, rank: int, low_bn: float, high_bn: float
) -> None:
    caps = companies(last)
    assert low_bn < caps.iloc[rank - 1] / 1e9 < high_bn


def test_the_market_is_worth_75_trillion_and_technology_most(
    last: pd.DataFrame,
) -> None:
    assert companies(last).sum() / 1e12 == pytest.approx(75, abs=6)
    by_sector = last[~last["officially_ineligible"]].groupby("sector", observed=True)
    assert by_sector["market_cap"].sum().idxmax() == "Technology"
    assert set(by_sector.size().nlargest(3).index) == {
        "Consumer Discretionary",
        "Finance",
        "Health Care",
    }


def test_the_fall_of_spring_2025_is_seen_in_the_total(built: Built) -> None:
    high, low = (
        built.on(day)["market_cap"].sum()
        for day in (date(2025, 2, 19), date(2025, 4, 8))
    )
    assert low / high - 1 == pytest.approx(-0.15, abs=0.05)


def test_classes_with_a_company_wide_cap_imply_the_same_shares(
    last: pd.DataFrame,
) -> None:
    pairs = classes(last, " Class C Capital Stock", " Class A Common Stock")
    tracking = classes(last, " Series C", " Series A")
    for both in (pairs, tracking):
        shares = both["market_cap"] / both["price"]
        agree = shares.groupby(both["issuer"]).agg(lambda of: of.max() / of.min() - 1)
        assert (agree < 1e-6).all()
    assert (len(pairs), len(tracking)) == (6, 4)


def test_one_pair_stands_at_1500_to_1_with_one_cap(last: pd.DataFrame) -> None:
    price = last.set_index("symbol")["price"].astype(float)
    dear = price[price > 100_000].index.tolist()
    assert len(dear) == 1
    assert dear[0].endswith("/A")
    cheap = dear[0].replace("/A", "/B")
    cap = last.set_index("symbol")["market_cap"]
    assert price[dear[0]] / price[cheap] == pytest.approx(1500, rel=0.02)
    assert cap[dear[0]] / cap[cheap] == pytest.approx(1, rel=0.02)


def test_about_thirty_companies_list_two_classes(last: pd.DataFrame) -> None:
    slash = last["symbol"].astype(str).str.endswith("/A")
    second = last["name"].astype(str).str.contains("Class B Common Stock|Series A Marr")
    wide = classes(last, " Class C Capital Stock", " Class A Common Stock")
    assert 28 <= slash.sum() + second.sum() + len(wide) / 2 <= 36
    assert last.loc[slash, "market_cap"].isna().sum() == 8


@pytest.mark.parametrize(
    ("wording", "least", "most"),
    [
        (r"Preferred Stock|1/1000th|Depositary Shares$", 250, 450),
        (r"Acquisition Corp|Growth Opportunity", 300, 450),
        (r"Warrants$", 150, 260),
        (r" Fund\b| Income Trust$", 200, 300),
        (r"L\.P\. | LP ", 30, 50),
        (r"Royalty Trust", 10, 20),
        (r"% (?:Senior )?Notes due 20", 90, 120),
    ],
)
def test_other_paper_is_listed_in_the_words_of_the_screener(
    last: pd.DataFrame, wording: str, least: int, most: int
) -> None:
    assert least <= last["name"].astype(str).str.contains(wording).sum() <= most


def test_a_dozen_caps_are_absurd_for_a_day(built: Built) -> None:
    usual = built.day != np.datetime64(built.market.broken_day)
    order = np.argsort(built.code[usual], kind="stable")
    code = built.code[usual][order]
    figure = {
        name: built.rows[name].to_numpy()[usual][order]
        for name in ("price", "market_cap")
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        jump = {name: np.abs(np.diff(np.log(of))) for name, of in figure.items()}
    same = (code[1:] == code[:-1]) & np.isfinite(jump["market_cap"])
    absurd = same & (jump["market_cap"] > 1.9) & (jump["price"] < 0.3)
    assert absurd.sum() == 24  # up and down again


def test_the_official_view_differs_for_a_few(built: Built, last: pd.DataFrame) -> None:
    ratio = built.market.official["official_cap_ratio"]
    assert (ratio == 1).mean() > 0.9
    assert (ratio.min(), ratio.max()) == (0.8, 1.25)
    looks = last["country"].eq("United States") & last["industry"].notna()
    foreign = last["country"].ne("United States")
    out = last["officially_ineligible"]
    assert 0.85 < out[foreign].mean() < 1
    assert out[last["industry"].eq("Blank Checks")].all()
    company = looks & last["name"].astype(str).str.endswith(("Inc. Common Stock",))
    assert 0 < out[company].mean() < 0.1


def test_no_name_is_that_of_a_well_known_company(built: Built) -> None:
    names = pd.Series(pc.unique(built.rows["name"]).to_pylist())
    assert names[names.str.contains(rf"\b(?:{WELL_KNOWN})\b")].tolist() == []


def companies(day: pd.DataFrame) -> pd.Series:
    """Return the market caps of eligible companies, USD, largest first."""
    issuer = day["name"].astype(str).str.replace(r" (Class|Series) .*", "", regex=True)
    caps = day[~day["officially_ineligible"]].groupby(issuer)["market_cap"].max()
    return caps.sort_values(ascending=False)


def classes(day: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Return the rows of companies that list both classes, with their `issuer`."""
    name = day["name"].astype(str)
    issuer = name.str.replace(f"{first}|{second}", "", regex=True)
    described = name.str.contains(first), name.str.contains(second)
    both = set(issuer[described[0]]) & set(issuer[described[1]])
    return day.assign(issuer=issuer)[issuer.isin(both)]
