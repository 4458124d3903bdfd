"""Filings: EDGAR's forms parsed, loaded once, resumed, and made into fundamentals."""

import gzip
import io
import json
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from recon import ingest, places
from recon.errors import BadRequest, SourceBlocked, SourceSilent, SourceUnreadable
from recon.ingest import Counters, Options, live_filings, staged_filings
from recon.ingest.live_filings import Asking
from recon.rulebook import rulebook
from recon.rules import statements
from recon.sources.filings import (
    company_facts,
    daily_index,
    data_sets,
    submissions,
    tables_of,
    tickers,
)
from recon.sources.http_client import RetryPolicy
from recon.store import Store
from tests import edgar_server, market
from tests.edgar_server import entry, facts, filer
from tests.universe import SHARED

TODAY = date(2024, 6, 3)
QUIET = Options(wait_seconds=5.0, today=TODAY)
RECORDED = SHARED / "filings"


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(f"{name}.json", content)
    return path


def stored(folder: Path) -> dict[str, pd.DataFrame]:
    """Everything that filings have left in a store."""
    store = Store(folder)
    every = store.filing_facts(date.max, ["revenue_usd", "equity_usd"])
    return {
        "filers": store.filers(date.max),
        "symbols": store.filer_symbols(date.max),
        "filings": store.filings(date.max, ["10-K", "8-K"]),
        "facts": every,
        "fundamentals": store.fundamentals(TODAY),
    }


@pytest.mark.shared(RECORDED / "submissions_CIK.json.gz")
def test_the_recorded_submissions_say_who_tesla_is_and_what_it_filed() -> None:
    content = gzip.decompress((RECORDED / "submissions_CIK.json.gz").read_bytes())
    told = submissions.parse(content, "CIK0001318605.json")
    known_on, name = "2022-11-30", "Tesla, Inc."
    assert told.filers == [(1318605, known_on, name, "operating", 3711, "US", "US", "")]
    assert told.symbols == [(1318605, "TSLA", "Nasdaq", known_on)]
    assert told.former_names == [
        (1318605, "TESLA MOTORS INC", "2005-02-17", "2017-01-27")
    ]
    annual = [row for row in told.forms if row[1] == "10-K"]
    assert len(told.forms) == 58 and len(annual) == 9
    number = "0000950170-22-000796"
    assert annual[0] == (1318605, "10-K", "2022-02-07", "2021-12-31", None, number)


@pytest.mark.shared(*sorted(RECORDED.glob("companyfacts_*")))
@pytest.mark.parametrize(
    ("name", "cik", "row"),
    [
        pytest.param(
            "snow",
            1640147,
            ("shares_outstanding", "", 288_700_000, None, "2021-03-01", "2021-03-31"),
            id="a filer under US-GAAP",
        ),
        pytest.param(
            "lpa",
            1997711,
            ("revenue_usd", "", 39_436_343, "2023-01-01", "2023-12-31", "2024-04-26"),
            id="a filer under IFRS",
        ),
    ],
)
def test_the_recorded_company_facts_are_read(
    name: str, cik: int, row: tuple[object, ...]
) -> None:
    content = gzip.decompress((RECORDED / f"companyfacts_{name}.json.gz").read_bytes())
    found = company_facts.parse(content, name).facts
    assert (cik, *row) in [each[:7] for each in found]


@pytest.mark.shared(RECORDED / "form.20200318.idx.gz")
def test_the_recorded_indexes_give_each_filing_whatever_their_order() -> None:
    counts = {}
    for name in ("form.20200318", "company.20221003"):
        content = gzip.decompress((RECORDED / f"{name}.idx.gz").read_bytes())
        forms = daily_index.parse(content, name).forms
        counts[name] = len(forms), sum(row[1] == "10-K" for row in forms)
    assert counts == {"form.20200318": (455, 68), "company.20221003": (492, 1)}


@pytest.mark.shared(RECORDED / "company_tickers.json.gz")
def test_the_recorded_list_of_tickers_is_of_the_day_it_was_fetched() -> None:
    content = gzip.decompress((RECORDED / "company_tickers.json.gz").read_bytes())
    found = tickers.parse(content, "company_tickers.json", TODAY).symbols
    assert len(found) == 9610
    assert found[0] == (789019, "MSFT", None, "2024-06-03")


def test_the_list_with_exchanges_is_read_by_its_fields() -> None:
    whole = {
        "fields": ["cik", "name", "ticker", "exchange"],
        "data": [[320193, "Apple Inc.", "AAPL", "Nasdaq"], [1, "None", None, None]],
    }
    content = json.dumps(whole).encode()
    assert tickers.recognizes(content)
    found = tickers.parse(content, "x.json", TODAY).symbols
    assert found == [(320193, "AAPL", "Nasdaq", "2024-06-03")]


def test_of_two_tags_for_one_fact_a_report_gives_the_first_on_record() -> None:
    span = {"start": "2023-01-01"}
    content = facts(
        7,
        us_gaap__SalesRevenueNet__USD=[entry(5, "2023-12-31", "2024-02-01", **span)],
        us_gaap__Revenues__USD=[
            entry(9, "2023-12-31", "2024-02-01", **span),
            entry(8, "2023-12-31", "2024-02-01"),  # of a day, where a span is meant
        ],
        us_gaap__Assets__EUR=[entry(1, "2023-12-31", "2024-02-01")],
    )
    told = company_facts.parse(content, "x.json")
    days = ("2023-01-01", "2023-12-31", "2024-02-01")
    assert told.facts == [(7, "revenue_usd", "", 9, *days, "10-K", "a-2024-02-01")]
    assert told.passed_over == 2


SUB = (
    "adsh\tcik\tname\tsic\tcountryba\tcountryinc\tstprinc\tform\tperiod\tfiled"
    "\tinstance\n"
    "x-1\t77\tACME INC\t3711\tUS\tUS\tDE\t10-K\t20201231\t20210226"
    "\tacme-20201231_htm.xml\n"
    'x-2\t78\tA "QUOTED LTD\t\tIL\t\tDE\t10-K\t20201231\t20210226'
    "\tform-20201231_htm.xml\n"
    "x-3\t79\tOTHER INC\t3711\tUS\tUS\tDE\t10-K\t20201231\t20210301"
    "\tform-20201231_htm.xml\n"
)
NUM = (
    "adsh\ttag\tversion\tddate\tqtrs\tuom\tsegments\tcoreg\tvalue\tfootnote\n"
    "x-1\tRevenues\tus-gaap/2020\t20201231\t4\tUSD\t\t\t100.5\t\n"
    "x-1\tRevenues\tus-gaap/2020\t20201231\t4\tUSD\tGeographical=US;\t\t60\t\n"
    "x-1\tRevenues\tus-gaap/2020\t20201231\t4\tUSD\tGeographical=US;A=B;\t\t6\t\n"
    "x-1\tSalesRevenueNet\tus-gaap/2020\t20201231\t4\tUSD\t\t\t99\t\n"
    "x-1\tAssets\tus-gaap/2020\t20201231\t0\tUSD\t\tSubsidiary\t99\t\n"
    "x-1\tEntityCommonStockSharesOutstanding\tdei/2020\t20210131\t0\tshares"
    "\tClassOfStock=CommonClassA;\t\t10\t\n"
)


def quarter(path: Path) -> Path:
    """Made-up quarter of the Financial Statement Data Sets, by their description."""
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("sub.txt", SUB)
        target.writestr("num.txt", NUM)
        target.writestr("tag.txt", "tag\n")
    return path


def test_a_quarter_of_data_sets_has_classes_countries_and_filers_as_they_were() -> None:
    streams = io.BytesIO(SUB.encode()), io.BytesIO(NUM.encode())
    found = tables_of(list(data_sets.parse(*streams, "2021q1.zip")))
    filers = found["filers"][["cik", "sic", "incorporated_in", "based_in"]]
    assert filers.astype(object).where(filers.notna(), None).to_numpy().tolist() == [
        [77, 3711, "US", "US"],
        [78, None, "US", "IL"],
        [79, 3711, "US", "US"],
    ]
    assert found["symbols"][["cik", "symbol"]].to_numpy().tolist() == [[77, "ACME"]]
    columns = ["fact", "member", "value", "period_start", "period_end"]
    table = found["facts"][columns].astype({"period_start": "str"})
    assert sorted(map(tuple, table.to_numpy().tolist()), key=str) == [
        ("revenue_usd", "", 100.5, "2020-01-01", pd.Timestamp("2020-12-31")),
        (
            *("revenue_usd", "Geographical=US", 60.0, "2020-01-01"),
            pd.Timestamp("2020-12-31"),
        ),
        (
            *("shares_outstanding", "ClassOfStock=CommonClassA", 10.0),
            *(table["period_start"].iloc[-1], pd.Timestamp("2021-01-31")),
        ),
    ]


def test_places_of_the_sec_are_countries() -> None:
    codes = ["de", "Z4", "2M", "XX", None]
    assert [places.sec_place(code) for code in codes] == ["US", "CA", "DE", None, None]


def test_filings_are_stored_once_and_a_restatement_is_a_row_of_its_own(
    tmp_path: Path,
) -> None:
    folder, span = tmp_path / "store", {"start": "2022-01-01"}
    told = facts(
        7,
        us_gaap__Revenues__USD=[
            entry(100, "2022-12-31", "2023-02-01", **span),
            entry(100, "2022-12-31", "2023-05-01", **span),  # no news
            entry(90, "2022-12-31", "2024-02-01", **span),  # restated
        ],
    )
    path = archive(tmp_path / "companyfacts.zip", CIK7=told, CIK8=b"{}", CIK9=b"nope")
    (taken,) = ingest.filings(folder, [path], QUIET)
    assert (taken.offered, taken.accepted) == (3, 3)
    assert taken.note.startswith("3 facts; 1 member not read, the first: CIK9.json is")
    (again,) = ingest.filings(folder, [path], QUIET)
    assert again.note == "already in the store; nothing changed"
    rows = Store(folder).filing_facts(date.max, ["revenue_usd"])
    assert rows["value"].tolist() == [100, 90]
    known = Store(folder).filing_facts(date(2023, 12, 31), ["revenue_usd"])
    assert known["value"].tolist() == [100]


def test_what_is_no_filing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceUnreadable, match="holds no filings"):
        ingest.filings(tmp_path / "store", [tmp_path / "empty"], QUIET)
    path = archive(tmp_path / "submissions.zip", CIK1=b"[1]")
    with pytest.raises(SourceUnreadable, match="no form of EDGAR's data"):
        ingest.filings(tmp_path / "store", [path], QUIET)
    (tmp_path / "short.zip").write_bytes(path.read_bytes()[:40])
    with pytest.raises(SourceUnreadable, match="is no ZIP archive"):
        ingest.filings(tmp_path / "store", [tmp_path / "short.zip"], QUIET)


def test_rows_without_a_day_or_filed_after_today_keep_their_reason(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "store"
    told = facts(
        7,
        us_gaap__StockholdersEquity__USD=[
            entry(1, "2023-12-31", "2024-02-01"),
            entry(2, "2023-12-99", "2024-02-01"),
            entry(3, "2024-12-31", "2025-02-01"),
        ],
    )
    path = archive(tmp_path / "companyfacts.zip", CIK7=told)
    (taken,) = ingest.filings(folder, [path], QUIET)
    assert (taken.accepted, taken.quarantined) == (1, 2)
    refused = Store(folder).quarantine()
    assert sorted(refused["reason"]) == ["filed after today", "no day or number"]


class Killed(Exception):
    """What ends a load in a test, wherever it is."""


def test_a_killed_load_goes_on_and_leaves_the_same_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = {"start": "2023-01-01"}
    members = {
        f"CIK{cik}": facts(
            cik,
            us_gaap__Revenues__USD=[entry(cik, "2023-12-31", "2024-02-01", **span)],
        )
        for cik in range(1, 8)
    }
    path = archive(tmp_path / "companyfacts.zip", **members)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    ingest.filings(whole, [path], QUIET)
    monkeypatch.setattr(staged_filings, "PART_ROWS", 4)  # two members a part
    told: list[float] = []

    def die(what: str, fraction: float, counters: object = None) -> None:
        told.append(fraction)
        if len(told) == 3:
            raise Killed

    with pytest.raises(Killed):
        ingest.filings(killed, [path], replace(QUIET, progress=die))
    assert Store(killed).filing_counts()["fact_count"].tolist() == [0]
    read: list[int] = []

    def watch(what: str, fraction: float, counters: Counters | None = None) -> None:
        read.extend([counters.slices_done] if counters else [])

    ingest.filings(killed, [path], replace(QUIET, progress=watch))
    assert read == [6, 7]
    for name, table in stored(whole).items():
        pd.testing.assert_frame_equal(table, stored(killed)[name])
    assert not list((killed / "asked").glob("filings*"))


def test_a_symbol_that_comes_later_links_reports_to_fundamentals(
    tmp_path: Path,
) -> None:
    spans = [{"start": f"{year}-01-01"} for year in range(2018, 2024)]
    ends = [f"{year}-12-31" for year in range(2018, 2024)]
    filed = [f"{year + 1}-02-10" for year in range(2018, 2024)]
    revenue, shares = [], []
    for place in range(6):
        for year in range(max(place - 1, 0), place + 1):  # with the year before
            split = 2 if place == 5 else 1  # the last report counts after a split
            day, of = (ends[year], filed[place]), spans[year]
            revenue.append(entry(100 * 1.1**year, *day, **of))
            shares.append(entry(50 * split, *day, **of))
    told = facts(
        9,
        us_gaap__Revenues__USD=revenue,
        us_gaap__WeightedAverageNumberOfDilutedSharesOutstanding__shares=shares,
        us_gaap__StockholdersEquity__USD=[
            entry(40, "2023-12-31", "2024-02-10"),
            entry(44, "2024-03-31", "2024-05-05", form="10-Q"),
        ],
        us_gaap__LongTermDebtNoncurrent__USD=[entry(10, "2023-12-31", "2024-02-10")],
    )
    reports = archive(tmp_path / "companyfacts.zip", CIK9=told)
    named = archive(tmp_path / "submissions.zip", CIK9=filer(9, tickers=["NI.NE"]))
    folder = tmp_path / "store"
    ingest.filings(folder, [reports, named], QUIET)
    found = Store(folder).fundamentals(TODAY, ["book_value_usd"])
    assert found["value"].tolist() == [44]
    assert found["symbol"].tolist() == ["NINE"]
    before = Store(folder).fundamentals(date(2024, 5, 4), ["book_value_usd"])
    assert before["value"].tolist() == [40]
    growth = Store(folder).fundamentals(TODAY, ["sales_growth_frac"])
    assert growth["value"].tolist() == pytest.approx([0.1])  # the split aside
    assert growth["known_on"].tolist() == [pd.Timestamp("2024-02-10")]
    annual = Store(folder).statements(TODAY, date(2023, 1, 1))
    assert annual.set_index("measure")["value"].to_dict() == {
        "revenue_usd": pytest.approx(100 * 1.1**5),
        "total_equity_usd": 40,
        "total_debt_usd": 10,
    }


def test_a_filer_is_stored_as_it_was_stated_and_as_it_changed(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    later = json.loads(filer(5, sic="3711", name="Cars Inc."))
    later["filings"]["recent"]["filingDate"][0] = "2024-05-20"
    paths = [
        archive(tmp_path / "submissions.zip", CIK5=filer(5)),
        archive(tmp_path / "later.zip", CIK5=json.dumps(later).encode()),
        quarter(tmp_path / "2021q1.zip"),
    ]
    ingest.filings(folder, paths, QUIET)
    store = Store(folder)
    found = store.filers(TODAY)
    assert found[["cik", "sic", "incorporated_in"]].fillna(0).values.tolist() == [
        [5, 6770, "KY"],
        [5, 3711, "KY"],
        [77, 3711, "US"],
        [78, 0, "US"],
        [79, 3711, "US"],
    ]
    assert store.filer_symbols(date(2024, 3, 1))["symbol"].tolist() == [
        *("ACME", "SHL", "SHLWT"),
    ]
    eight = store.filings(TODAY, ["8-K"])
    assert eight["items"].tolist() == ["2.01"]


def test_growth_needs_six_years_in_a_row_each_with_sales() -> None:
    ends = pd.to_datetime([f"{year}-12-31" for year in (2017, *range(2019, 2024))])
    rows = pd.DataFrame(
        {
            "cik": 1,
            "fact": "revenue_usd",
            "period_end": ends,
            "value": 5.0,
            "known_on": ends + pd.Timedelta(days=50),
        }
    )
    assert statements.sales_growth(rows, rulebook(TODAY)).empty


def test_an_old_period_beside_a_new_one_is_no_news_of_today() -> None:
    rows = pd.DataFrame(
        {
            "cik": 1,
            "fact": "equity_usd",
            "period_end": pd.to_datetime(["2023-12-31", "2024-03-31", "2023-12-31"]),
            "value": [1.0, 2.0, 3.0],
            "known_on": pd.to_datetime(["2024-02-01", "2024-05-01", "2024-06-01"]),
        }
    )
    assert statements.newest_periods(rows)["value"].tolist() == [1, 2]


QUICK = RetryPolicy(
    seconds_between=0.001,
    jitter_seconds=0.0,
    first_wait_seconds=0.001,
    longest_wait_seconds=0.005,
    timeout_seconds=2.0,
    attempts=3,
)
SYMBOLS = {1: "BIG", 2: "SEC", 3: "TWO-A", 9: "SML", 50: "ABROAD"}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of a tiny market, to be copied."""
    folder = tmp_path_factory.mktemp("listed") / "store"
    market.take(folder, market.calm(market.sessions(3)))
    return folder


def test_edgar_is_asked_of_listed_companies_once_and_then_of_what_was_filed(
    listed: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(listed, tmp_path / "store"))
    now = datetime(2024, 6, 5, 20, tzinfo=UTC)
    edgar = edgar_server.Edgar(SYMBOLS, silent=frozenset({2}))
    with edgar_server.serving(edgar):
        asking = Asking(base=edgar.address, policy=QUICK, now=now)
        with pytest.raises(BadRequest, match="wants to know who asks"):
            live_filings.fetch_filings(folder, QUIET, asking)
        asking = replace(asking, contact="A Desk  desk@example.org")
        (taken,) = live_filings.fetch_filings(folder, QUIET, asking)
        assert edgar.agents == {"A Desk desk@example.org"}
        assert "asked next time: 1 companies" in taken.note
        revenue = Store(folder).filing_facts(date.max, ["revenue_usd"])
        assert revenue["cik"].tolist() == [1, 3]  # 9 has tagged nothing
        assert Store(folder).filers(date.max)["cik"].tolist() == [1, 3, 9]
        edgar.silent, edgar.asked = frozenset(), []
        edgar.filed_on = {date(2024, 6, 5): [1, 50], date(2024, 6, 4): [9]}
        (taken,) = live_filings.fetch_filings(
            folder, QUIET, replace(asking, contact="")
        )
        companies = [path.rsplit("/", 1)[-1] for path in edgar.asked if "CIK" in path]
        assert companies == [f"CIK{cik:010d}.json" for cik in (1, 1, 2, 2)]
        assert Store(folder).filers(date.max)["cik"].tolist() == [1, 2, 3, 9]


def test_bad_answers_of_edgar_lose_and_double_nothing(
    listed: Path, tmp_path: Path
) -> None:
    folders = []
    for name, frac in (("calm", 0.0), ("rough", 0.35)):
        folder = Path(shutil.copytree(listed, tmp_path / name))
        folders.append(folder)
        edgar = edgar_server.Edgar(SYMBOLS, fault_frac=frac, seed=3)
        asking = Asking(
            contact="a@example.org",
            policy=QUICK,
            now=datetime(2024, 6, 5, 20, tzinfo=UTC),
        )
        with edgar_server.serving(edgar):
            for _ in range(12):
                try:
                    live_filings.fetch_filings(
                        folder, QUIET, replace(asking, base=edgar.address)
                    )
                except (SourceSilent, SourceBlocked):
                    continue
                if not live_filings.read_notes(folder, "filings.json").get("owed"):
                    break
        assert frac == 0 or edgar.met["none"] < sum(edgar.met.values())
    calm, rough = map(stored, folders)
    for name, table in calm.items():
        pd.testing.assert_frame_equal(table, rough[name])
