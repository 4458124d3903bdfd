"""What filings say of structure and nationality, and that it counts from its day."""

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from recon import ingest, reconstitution
from recon.rulebook import rulebook
from recon.rules import countries, filers
from recon.sources.filings import FILERS, FORMS
from recon.store import Store
from recon.studies import company
from tests import market
from tests.edgar_server import filer
from tests.test_filings import archive

RULES = rulebook(date(2024, 4, 30))
DAY = pd.Timestamp("2024-02-01")
HOME, AWAY = "US", "IE"


def stated(
    sic: int | None = 3711,
    incorporated: str | None = HOME,
    based: str | None = HOME,
    name: str = "Cars Inc.",
    kind: str = "operating",
) -> pd.DataFrame:
    row = (7, DAY, name, kind, sic, incorporated, based, "a-1")
    return pd.DataFrame([row], columns=list(FILERS)).astype({"sic": "Int64"})


def filed(
    identity: pd.DataFrame,
    forms: Sequence[tuple[str, str, str]] = (),
    places: Sequence[tuple[str, str, float]] = (),
) -> pd.DataFrame:
    """Return what filings say on the last day, of one filer with one symbol."""
    rows = [
        (7, form, pd.Timestamp(day), pd.NaT, items, form) for form, day, items in forms
    ]
    figures = [
        (7, fact, place, pd.Timestamp("2023-12-31"), value, DAY)
        for fact, place, value in places
    ]
    columns = ["cik", "fact", "place", "period_end", "value", "known_on"]
    symbol = {"cik": 7, "symbol": "CARS", "exchange": None}
    return filers.judge(
        filers.Filed(
            filers=identity,
            symbols=pd.DataFrame([symbol | {"known_on": DAY, "seen_on": DAY}]),
            forms=pd.DataFrame(rows, columns=list(FORMS)).astype(
                {"filed_on": "datetime64[us]", "items": "str"}
            ),
            by_country=pd.DataFrame(figures, columns=columns),
        ),
        RULES,
    )


@pytest.mark.parametrize(
    ("identity", "forms", "outcome", "words"),
    [
        pytest.param(stated(), (), "", "", id="nothing is said of a car maker"),
        pytest.param(
            stated(6770),
            (),
            "fail",
            "blank-check company by SIC code 6770, filed 2024-02-01",
            id="a blank-check company",
        ),
        pytest.param(
            stated(6770), [("8-K", "2024-03-01", "5.06")], "", "", id="merged since"
        ),
        pytest.param(
            stated(),
            [("N-54A", "2020-03-01", "")],
            "fail",
            "business development company by its N-54A, filed 2020-03-01",
            id="elected",
        ),
        pytest.param(
            stated(),
            [("N-54A", "2020-03-01", ""), ("N-54C", "2021-03-01", "")],
            "",
            "",
            id="elected and withdrawn",
        ),
        pytest.param(
            stated(),
            [("N-CSR", "2023-03-01", "")],
            "fail",
            "registered fund, which reports on N-CSR, filed 2023-03-01",
            id="a fund",
        ),
        pytest.param(
            stated(kind="investment"),
            (),
            "fail",
            "investment company by the SEC's type of it, filed 2024-02-01",
            id="a fund by its type",
        ),
        pytest.param(
            stated(6792, name="Some Basin Royalty Trust"),
            (),
            "fail",
            "royalty trust by SIC code 6792 and name, filed 2024-02-01",
            id="a royalty trust",
        ),
        pytest.param(
            stated(name="Some Partners L.P."),
            (),
            "fail",
            "limited partnership, filed 2024-02-01",
            id="a limited partnership",
        ),
        pytest.param(
            stated(name="Far LLC", incorporated=AWAY), (), "", "", id="no US LLC"
        ),
    ],
)
def test_structure_by_filings(
    identity: pd.DataFrame,
    forms: Sequence[tuple[str, str, str]],
    outcome: str,
    words: str,
) -> None:
    last = filed(identity, forms).iloc[-1]
    assert (last["structure"], last["structure_words"]) == (outcome, words)


ASSETS, SALES = countries.ASSETS, countries.SALES


@pytest.mark.parametrize(
    ("incorporated", "based", "places", "outcome", "why"),
    [
        pytest.param(HOME, HOME, (), "pass", "all indicators agree", id="all agree"),
        pytest.param(AWAY, HOME, (), "pass", "headquarters decide", id="headquarters"),
        pytest.param(AWAY, AWAY, (), "fail", "headquarters decide", id="abroad"),
        pytest.param(HOME, AWAY, (), "", "", id="no figures, and a base abroad"),
        pytest.param(
            *("KY", "BM", (), "pass"),
            "benefit-driven base: the exchange decides",
            id="a benefit-driven base",
        ),
        pytest.param(
            *(AWAY, AWAY),
            [(ASSETS, "US", 60), (ASSETS, "IE", 40)],
            *("pass", "60% of long-lived assets in US"),
            id="assets lead by exactly 20 points",
        ),
        pytest.param(
            *(AWAY, AWAY),
            [(ASSETS, "US", 59), (ASSETS, "IE", 41)],
            *("fail", "headquarters decide"),
            id="assets lead by less",
        ),
        pytest.param(
            *(AWAY, HOME),
            [(ASSETS, "IE", 70), (ASSETS, "US", 30), (SALES, "US", 100)],
            *("fail", "70% of long-lived assets in IE"),
            id="assets go before sales and headquarters",
        ),
        pytest.param(
            *(AWAY, AWAY),
            [(SALES, "US", 40), (SALES, "NonUs", 60)],
            *("pass", "40% of revenue in US"),
            id="40% beside the rest of the world",
        ),
        pytest.param(
            *(AWAY, AWAY),
            [(SALES, "US", 45), (SALES, "Europe", 30), (SALES, "NonUs", 25)],
            *("fail", "headquarters decide"),
            id="a region is no rest",
        ),
        pytest.param(
            *(AWAY, HOME),
            [(ASSETS, "CN", 90), (ASSETS, "US", 10)],
            *("pass", "headquarters decide"),
            id="a primary country that is no indicator",
        ),
        pytest.param(
            *(AWAY, AWAY),
            [(ASSETS, "US", 90), (ASSETS, "IE", -10)],
            *("fail", "headquarters decide"),
            id="a negative figure tells nothing",
        ),
        pytest.param(HOME, None, (), "", "", id="an indicator is not known"),
    ],
)
def test_country_by_filings(
    incorporated: str,
    based: str | None,
    places: Sequence[tuple[str, str, float]],
    outcome: str,
    why: str,
) -> None:
    last = filed(stated(incorporated=incorporated, based=based), (), places).iloc[-1]
    assert last["country"] == outcome
    where = f"incorporated in {incorporated}, headquarters in {based}, filed 2024-02-01"
    assert last["country_words"] == (f"{where}: {why}" if outcome else "")


def test_parts_are_averages_of_two_years_where_both_are_known() -> None:
    rows = [
        (1, SALES, place, pd.Timestamp(f"{year}-12-31"), value, pd.Timestamp(filed_on))
        for year, place, value, filed_on in (
            (2022, "", 100, "2023-02-01"),
            (2022, "US", 30, "2023-02-01"),
            (2023, "", 100, "2024-02-01"),
            (2023, "US", 50, "2024-02-01"),
        )
    ]
    columns = ["cik", "fact", "place", "period_end", "value", "known_on"]
    found = countries.shares(pd.DataFrame(rows, columns=columns))
    assert found["frac"].tolist() == pytest.approx([0.3, 0.4])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of a tiny market with the filings of two companies."""
    home = tmp_path_factory.mktemp("filers")
    listings = (
        *market.LISTINGS,
        market.Listing(
            "AWAY", "Far Away Ltd. Common Stock", 30, 500, country="Ireland"
        ),
    )
    days = market.sessions(6)
    market.take(home / "plain", market.calm(days, listings))
    shutil.copytree(home / "plain", home / "store")
    recent = {
        "accessionNumber": ["c-1"],
        "filingDate": [days[3].isoformat()],
        "reportDate": [""],
        "form": ["10-K"],
    }
    told = {"filings": {"recent": recent, "files": []}}
    address = {"business": {"stateOrCountry": "TX"}}
    path = archive(
        home / "submissions.zip",
        CIK1=filer(1, tickers=["SML"], stateOfIncorporation="DE", **told),
        CIK2=filer(2, tickers=["AWAY"], sic="3711", addresses=address, **told),
    )
    ingest.filings(home / "store", [path], market.Options(today=days[-1]))
    return home


def test_filings_decide_from_their_day_and_the_company_page_says_so(
    folder: Path,
) -> None:
    days = market.sessions(6)
    store = Store(folder / "store")
    reasons = {}
    for day in (days[2], days[3]):
        projected = reconstitution.project_as_if(store, day)
        table = projected.securities.set_index("symbol")
        reasons[day] = table.loc[["SML", "AWAY"], "ineligible_reason"].tolist()
        rows = company.explain(projected, table.at["AWAY", "security_id"], "a file")
    assert reasons[days[2]][1] == "based in Ireland"
    assert pd.isna(reasons[days[2]][0])
    assert reasons[days[3]][0].startswith("blank-check company by SIC code 6770")
    assert pd.isna(reasons[days[3]][1])
    country = rows.set_index("rule").loc["Country"]
    assert country["outcome"] == "✓ pass"
    assert country["value"] == (
        f"incorporated in KY, headquarters in US, filed {days[3]}: headquarters decide"
    )
    assert country["source"] == "SEC filings"


def test_where_filings_say_nothing_nothing_changes(folder: Path) -> None:
    day = market.sessions(6)[2]
    plain, loaded = (
        reconstitution.project_as_if(Store(folder / name), day)
        for name in ("plain", "store")
    )
    pd.testing.assert_frame_equal(plain.securities, loaded.securities)
    pd.testing.assert_frame_equal(plain.companies, loaded.companies)


def test_lines_are_drawn_anew_from_the_day_on_which_filings_turn_them(
    folder: Path,
) -> None:
    days = market.sessions(6)
    plain, loaded = (
        Store(folder / name).break_points(days[0], days[-1])
        for name in ("plain", "store")
    )
    counts = pd.DataFrame(
        {
            "plain": plain.groupby("snapshot_date")["company_count"].first(),
            "loaded": loaded.groupby("snapshot_date")["company_count"].first(),
        }
    )
    # one fails from the fourth day on, and another passes
    assert (counts["loaded"] - counts["plain"]).tolist() == [0, 0, 0, 0, 0, 0]
    totals = loaded["total_market_cap_usd"] - plain["total_market_cap_usd"]
    is_after = loaded["snapshot_date"] >= pd.Timestamp(days[3])
    assert (totals[is_after] > 0).all()
    assert (totals[~is_after] == 0).all()


def test_the_newest_cover_counts_its_classes_and_goes_before_the_balance_sheet() -> (
    None
):
    rows = [
        ("shares_outstanding", "", 100e6, "2023-02-01", "2023-03-01"),
        ("shares_outstanding", "ClassOfStock=CommonClassA", 60e6, "2024-02-01", DAY),
        ("shares_outstanding", "ClassOfStock=CommonClassB", 45e6, "2024-02-01", DAY),
        ("balance_shares", "", 103e6, "2023-12-31", DAY),
    ]
    columns = ["fact", "member", "value", "period_end", "known_on"]
    counts = pd.DataFrame(rows, columns=columns)
    for name in ("period_end", "known_on"):
        counts[name] = pd.to_datetime(counts[name], format="mixed")
    found = company.newest_count(counts)
    assert found is not None
    assert (found[0], found[2]) == (105e6, "CommonClassA 60.0mn, CommonClassB 45.0mn")
    sheet = company.newest_count(counts[counts["fact"] == "balance_shares"])
    assert sheet is not None and sheet[0] == 103e6
    later = counts.iloc[3:].assign(known_on=DAY + pd.Timedelta(days=90), value=99e6)
    quarterly = company.newest_count(pd.concat([counts, later]))
    assert quarterly is not None and quarterly[0] == 99e6
    assert company.newest_count(counts.iloc[:0]) is None
