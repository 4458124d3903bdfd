"""Archives of the Nasdaq screener and holdings of index funds, as they really come."""

import gzip
import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from recon import ingest
from recon.errors import SourceUnreadable
from recon.indexes import INDEXES
from recon.sources import ishares, nasdaq
from recon.sources.git_objects import Clone, is_clone
from recon.store import Store
from tests import market
from tests.market import Options
from tests.universe import SHARED

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is absent")
DAYS = market.sessions(3)


# ---- Nasdaq screener ---------------------------------------------------------


def screener(rows: pd.DataFrame, exchange: str) -> bytes:
    """Rows of one day as the screener writes those of one exchange."""
    chosen = rows[rows["exchange"] == exchange.upper()]
    return json.dumps(
        [
            {
                "symbol": row["symbol"],
                "name": row["name"],
                "lastsale": f"${row['price']:,.2f}",
                "netchange": "1.85",
                "pctchange": "1.343%",
                "volume": str(row["volume"]),
                "marketCap": f"{row['market_cap']:.2f}"
                if row["market_cap"] > 0
                else "",
                "country": row["country"] or "",
                "ipoyear": str(row["ipo_year"]),
                "industry": row["industry"] or "",
                "sector": row["sector"] or "",
                "url": f"/market-activity/stocks/{row['symbol'].lower()}",
            }
            for row in chosen.to_dict("records")
        ]
    ).encode()


def dated_folders(folder: Path, days: list[date]) -> Path:
    """Lay an archive out by day, with and without compression."""
    for number, day in enumerate(days):
        (folder / day.isoformat()).mkdir(parents=True)
        for exchange in nasdaq.EXCHANGES:
            content = screener(market.calm([day]), exchange)
            name = f"{exchange}_full_tickers.json"
            if number % 2:
                name, content = f"{name}.gz", gzip.compress(content)
            (folder / day.isoformat() / name).write_bytes(content)
    (folder / "README.md").write_text("not a day")
    return folder


def git(folder: Path, *arguments: str, when: datetime | None = None) -> None:
    stamp = (when or datetime(2024, 1, 1, tzinfo=UTC)).isoformat()
    identity = {
        "GIT_AUTHOR_NAME": "archive",
        "GIT_AUTHOR_EMAIL": "archive@example.org",
        "GIT_COMMITTER_NAME": "archive",
        "GIT_COMMITTER_EMAIL": "archive@example.org",
        "GIT_AUTHOR_DATE": stamp,
        "GIT_COMMITTER_DATE": stamp,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        env=os.environ | identity,
    )


def clone_of(archive: Path, folder: Path, days_later: int = 1) -> Path:
    """Commit an archive's days as the nightly job does: at 01:30 UTC the next day.

    The real folders are named after that next day already.
    """
    folder.mkdir()
    git(folder, "init", "-q")
    for day, files in nasdaq.archive_days(archive).items():
        for file in nasdaq.folder_files(day, files):
            path = folder / file.exchange / f"{file.exchange}_full_tickers.json"
            path.parent.mkdir(exist_ok=True)
            content = file.content
            is_gzip = content[:2] == b"\x1f\x8b"
            path.write_bytes(gzip.decompress(content) if is_gzip else content)
        git(folder, "add", "-A")
        night = datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)
        git(folder, "commit", "-qm", "nightly", when=night + timedelta(days_later))
    # what is checked out is of no account
    shutil.rmtree(folder / "nasdaq")
    return folder


def archived(folder: Path, source: Path) -> Store:
    ingest.archive(folder, [source], Options())
    return Store(folder)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return dated_folders(tmp_path / "archive", DAYS)


@pytest.mark.slow
def test_dated_folders_are_the_same_market_as_a_table(
    tmp_path: Path, archive: Path
) -> None:
    market.take(tmp_path / "table", market.calm(DAYS))
    wanted = market.snapshots(Store(tmp_path / "table"))
    store = archived(tmp_path / "store", archive)
    found = market.snapshots(store)
    # the archive's rows say "1.343%", the table says nothing
    assert found["close_change_frac"].unique() == pytest.approx([0.01343])
    pd.testing.assert_frame_equal(
        found.assign(close_change_frac=wanted["close_change_frac"]), wanted
    )
    assert store.ledger()["source"].tolist() == ["archive"]


@needs_git
def test_a_clone_is_read_without_checking_out(tmp_path: Path, archive: Path) -> None:
    clone = clone_of(archive, tmp_path / "clone")
    folders, commits = (
        archived(tmp_path / name, source)
        for name, source in (("a", archive), ("b", clone))
    )
    pd.testing.assert_frame_equal(market.snapshots(commits), market.snapshots(folders))
    assert not (clone / "nasdaq").exists()
    generation = commits.generation
    (taken,) = ingest.archive(tmp_path / "b", [clone], Options())
    assert taken.note == "already in the store; nothing changed"
    assert commits.generation == generation


@needs_git
def test_of_two_commits_of_an_evening_the_later_counts(
    tmp_path: Path, archive: Path
) -> None:
    clone = clone_of(archive, tmp_path / "clone")
    dearer = market.calm(DAYS[-1:]).assign(price=777.0)
    for exchange in nasdaq.EXCHANGES:
        path = clone / exchange / f"{exchange}_full_tickers.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(screener(dearer, exchange))
    git(clone, "add", "-A")
    late = datetime(2024, 3, 6, 4, 30, tzinfo=UTC)  # half past eleven in New York
    git(clone, "commit", "-qm", "again", when=late)
    commits = nasdaq.clone_commits(Clone(clone))
    assert list(commits) == DAYS
    files = nasdaq.clone_files(Clone(clone), DAYS[-1], commits[DAYS[-1]])
    rows = [row for file in files for row in nasdaq.parse_screener(file)]
    assert {row["close_usd"] for row in rows} == {"$777.00"}


@needs_git
def test_a_bare_clone_is_read_too(tmp_path: Path, archive: Path) -> None:
    clone = clone_of(archive, tmp_path / "clone")
    git(tmp_path, "clone", "-q", "--bare", str(clone), str(tmp_path / "bare"))
    assert is_clone(tmp_path / "bare")
    assert list(nasdaq.clone_commits(Clone(tmp_path / "bare"))) == DAYS


@needs_git
def test_a_folder_that_is_no_clone_says_so(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere")
    with pytest.raises(SourceUnreadable, match="keeps its git objects elsewhere"):
        archived(tmp_path / "store", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is empty; expected JSON", id="nothing"),
        pytest.param(b'[{"symbol": "A", ', "is not complete JSON", id="half of it"),
        pytest.param(b"\xff\xfe", "is not complete JSON", id="no text"),
        pytest.param(b"[" * 200_000, "is not complete JSON", id="brackets without end"),
        pytest.param(b"17", "holds no list of listings", id="a number"),
        pytest.param(b"[1, 2]", "holds no list of listings", id="a list of numbers"),
        pytest.param(b'{"data": {"rows": null}}', "holds no list", id="no rows"),
        pytest.param(b'[{"a": 1}]', "lacks symbol, lastsale or marketCap", id="others"),
        pytest.param(b"\x1f\x8b\x08broken", "is not a complete gz", id="a broken gz"),
        pytest.param(
            gzip.compress(b"[]" * 999)[:-9],
            "is not a complete gzip",
            id="a truncated gz",
        ),
        pytest.param(None, "lacks the file of nyse", id="no file"),
    ],
)
def test_a_bad_file_leaves_its_day_out_and_the_others_in(
    tmp_path: Path, archive: Path, content: bytes | None, words: str
) -> None:
    path = archive / DAYS[0].isoformat() / "nyse_full_tickers.json"
    path.unlink() if content is None else path.write_bytes(content)
    (taken,) = ingest.archive(tmp_path / "store", [archive], Options())
    store = Store(tmp_path / "store")
    assert [day.date() for day in store.published_days()] == DAYS[1:]
    assert f"{DAYS[0]} left out: " in taken.note and words in taken.note
    assert "\n" not in taken.note
    refused = store.quarantine()
    assert refused["snapshot_date"].dt.date.unique().tolist() == [DAYS[0]]
    assert refused["reason"].str.contains(words, regex=False).all()
    others = market.calm(DAYS[:1]).query("exchange != 'NYSE'")["symbol"]
    assert sorted(refused["symbol"].dropna()) == sorted(others)
    assert taken.quarantined == len(others) + 1 == refused["repeats"].sum()
    assert taken.offered == taken.accepted + taken.quarantined
    # once the file is mended, its day goes in
    path.write_bytes(screener(market.calm(DAYS[:1]), "nyse"))
    ingest.archive(tmp_path / "store", [archive], Options())
    assert len(store.published_days()) == 3


def test_a_bad_row_of_a_screener_file_is_refused_alone(
    tmp_path: Path, archive: Path
) -> None:
    path = archive / DAYS[0].isoformat() / "nyse_full_tickers.json"
    rows = json.loads(path.read_text())
    odd = [
        {"symbol": "ODD1", "lastsale": "$-1.00", "marketCap": ""},
        {"symbol": {"a": 1}, "lastsale": "1", "marketCap": "1"},
        {},
    ]
    path.write_text(json.dumps(odd + rows))
    store = archived(tmp_path / "store", archive)
    assert sorted(store.quarantine()["reason"]) == [
        "the price -1.0 is not above zero",
        "the row has no symbol",
        "the symbol has characters that no ticker has",
    ]
    stored = market.snapshots(store).groupby("snapshot_date").size()
    assert stored.tolist() == [len(market.LISTINGS)] * 3


def test_half_a_character_and_the_live_form_are_read() -> None:
    rows = '[{"symbol": "A\\ud800", "lastsale": "1", "marketCap": NaN}]'
    for content in (rows, f'{{"data": {{"rows": {rows}}}}}'):
        file = nasdaq.ScreenerFile(
            snapshot_date=DAYS[0], exchange="nyse", origin="x", content=content.encode()
        )
        table = nasdaq.to_table(nasdaq.parse_screener(file))
        assert table["symbol"].to_pylist() == ["A?"]


def test_a_folder_without_days_says_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "absent"):
        with pytest.raises(SourceUnreadable, match="holds no folders named YYYY-MM-DD"):
            archived(tmp_path / "store", path)


@pytest.fixture(scope="module")
def real_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "clone"
    return clone_of(SHARED / "nasdaq_screener", folder, days_later=0)


@pytest.mark.shared(SHARED)
@needs_git
def test_the_real_days_read_from_a_clone_are_those_of_the_folders(
    real_clone: Path,
) -> None:
    commits = nasdaq.clone_commits(Clone(real_clone))
    folders = nasdaq.archive_days(SHARED / "nasdaq_screener")
    assert [day + timedelta(1) for day in commits] == list(folders)
    for day, paths in folders.items():
        session = day - timedelta(1)
        from_folder, from_clone = (
            [nasdaq.parse_screener(file) for file in files]
            for files in (
                nasdaq.folder_files(session, paths),
                nasdaq.clone_files(Clone(real_clone), session, commits[session]),
            )
        )
        assert from_clone == from_folder


def listed(folder: Path, day: str) -> pd.DataFrame:
    """Close and cap by symbol of one day of the listings table, as stored."""
    rows = duckdb.sql(
        f"from '{SHARED}/us_listings/us_listings_{day[:4]}.parquet' "
        f"where date = '{day}'"
    ).df()
    market.take(folder, rows)
    return priced(Store(folder), day)


def priced(store: Store, day: str) -> pd.DataFrame:
    stored = market.snapshots(store)
    stored = stored[stored["snapshot_date"] == pd.Timestamp(day)]
    return stored.set_index("symbol")[["close_usd", "total_market_cap_usd"]]


@pytest.mark.shared(SHARED)
@needs_git
def test_a_real_day_of_a_clone_is_that_day_of_the_listings(
    tmp_path: Path, real_clone: Path
) -> None:
    table = listed(tmp_path / "table", "2024-04-29")
    archive = priced(archived(tmp_path / "store", real_clone), "2024-04-29")
    print(f"\n{len(archive):,} symbols in the archive, {len(table):,} in the table")
    assert len(archive) > 7000
    pd.testing.assert_frame_equal(archive, table, check_exact=False, rtol=0, atol=0.51)


@pytest.mark.shared(SHARED)
def test_a_real_folder_named_after_its_night_is_the_session_before(
    tmp_path: Path,
) -> None:
    """The real folders bear the UTC day on which the state after the close was read."""
    (tmp_path / "archive").mkdir()
    night = SHARED / "nasdaq_screener" / "2024-05-01"
    (tmp_path / "archive" / night.name).symlink_to(night)
    table = listed(tmp_path / "table", "2024-04-30")
    nights = Options(folders_are_nights=True)
    ingest.archive(tmp_path / "store", [tmp_path / "archive"], nights)
    archive = priced(Store(tmp_path / "store"), "2024-04-30")
    pd.testing.assert_frame_equal(archive, table, check_exact=False, rtol=0, atol=0.51)


# ---- iShares holdings --------------------------------------------------------

HOLDINGS = """\ufeffiShares Russell 2000 ETF
Fund Holdings as of,"Apr 30, 2024"
Inception Date,"May 22, 2000"
Shares Outstanding,"310,600,000.00"
Stock,"-"
Bond,"-"
Cash,"-"
Other,"-"
\u00a0
Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,\
Location,Exchange,Currency,FX Rate,Market Currency,Accrual Date
"SMCI","SUPER MICRO COMPUTER INC","Information Technology","Equity","1,052,911,734.00",\
"1.75","1,052,911,734.00","1,226,000.00","858.80","United States","NASDAQ","USD",\
"1.00","USD","-"
"BRKB","BERKSHIRE HATHAWAY INC CLASS B","Financials","Equity","1,000.00","0.34",\
"1,000.00","2.00","396.73","United States","New York Stock Exchange Inc.","USD","1.00",\
"USD","-"
"NA","NANO LABS, LTD","Information Technology","Equity","900.00","0.01","900.00",\
"9.00","100.00","China","NASDAQ","USD","1.00","USD","-"
"XTSLA","BLK CSH FND TREASURY SL AGENCY","Cash and/or Derivatives","Money Market",\
"164,012,000.00","0.27","164,012,000.00","164,012,000.00","1.00","United States","-",\
"USD","1.00","USD","-"
"USD","USD CASH","Cash and/or Derivatives","Cash","-1,012.00","-0.01","-1,012.00",\
"-1,012.00","100.00","United States","-","USD","1.00","USD","-"
"MSFUT","CASH COLLATERAL MSFUT USD","Cash and/or Derivatives","Cash Collateral and \
Margins","4,000.00","0.01","4,000.00","4,000.00","100.00","United States","-","USD",\
"1.00","USD","-"
"-","GTX INC - CVR","Health Care","Equity","10.00","0.00","10.00","312.00","0.05",\
"United States","-","USD","1.00","USD","-"
"RTYM4","RUSSELL 2000 EMINI CME JUN 24","Cash and/or Derivatives","Futures","0.00",\
"0.00","180,000,000.00","1,800.00","1,983.00","-","Chicago Mercantile Exchange","USD",\
"1.00","USD","-"
\u00a0
"The content contained herein is owned or licensed by BlackRock and/or its third-party \
information providers and is protected by applicable copyright and related laws. \
Holdings subject to change."
"""


def test_holdings_as_the_fund_page_serves_them() -> None:
    table = ishares.parse_holdings(HOLDINGS, "IWM_holdings.csv")
    assert table["symbol"].tolist() == ["SMCI", "BRKB", "NA"]
    assert table["weight_frac"].tolist() == pytest.approx([0.0175, 0.0034, 0.0001])
    assert set(table["index"]) == {"R2000"}
    assert set(table["as_of"]) == {pd.Timestamp(2024, 4, 30)}
    assert set(table["source"]) == {"iShares Russell 2000 ETF holdings"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "iShares Russell 2000 ETF",
            "Some Fund",
            "which stands for no index here; name",
        ),
        ("Ticker,Name", "Symbol,Name", "has no header line that starts with 'Ticker'"),
        ("Apr 30, 2024", "yesterday", "holdings as of 'yesterday', which is no day"),
        ("Fund Holdings as of", "As at", "has no line 'Fund Holdings as of'"),
        ("Weight (%)", "Share", "has no column 'Weight (%)'"),
        ("Asset Class", "Kind", "has no column 'Asset Class'"),
    ],
)
def test_holdings_of_another_form_are_refused(old: str, new: str, words: str) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        ishares.parse_holdings(HOLDINGS.replace(old, new), "IWM_holdings.csv")
    assert str(refused.value).startswith("IWM_holdings.csv")
    assert words in str(refused.value)


def test_the_index_can_be_said() -> None:
    text = HOLDINGS.replace("iShares Russell 2000 ETF", "Some Fund")
    table = ishares.parse_holdings(text, "x.csv", "MICRO")
    assert set(table["index"]) == {"MICRO"}


def test_a_short_list_is_kept_and_not_used(tmp_path: Path) -> None:
    path = tmp_path / "IWM_holdings.csv"
    path.write_text(HOLDINGS, encoding="utf-8")
    (taken,) = ingest.memberships(tmp_path / "store", [path], Options())
    store = Store(tmp_path / "store")
    (entry,) = store.membership_lists().to_dict("records")
    assert (entry["index"], entry["security_count"], entry["usable"]) == (
        "R2000",
        3,
        False,
    )
    assert taken.note.startswith("1 lists; R2000 of 2024-04-30 not used: 3 names; a")
    assert store.members(*market.ALWAYS)["symbol"].tolist() == ["BRKB", "NA", "SMCI"]
    generation = store.generation
    ingest.memberships(tmp_path / "store", [path], Options())
    assert store.generation == generation


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_of_holdings_keeps_the_tickers_na_and_nan(
    tmp_path: Path, suffix: str
) -> None:
    table = pd.DataFrame(
        {
            "index": ["R2000"] * 7 + ["R9"],
            "as_of": ["2024-04-30"] * 6 + ["soon", "2024-04-30"],
            "ticker": ["NA", "NAN", "BRK.B", None, "-", "NA", "AAA", "BBB"],
            "weight_pct": [1.0, 2, 3, 4, 5, 6, 7, 8],
        }
    )
    path = tmp_path / f"holdings{suffix}"
    table.to_csv(path, index=False) if suffix == ".csv" else table.to_parquet(path)
    members, refused = ishares.parse_table(
        pd.read_csv(path, dtype=str, keep_default_na=False)
        if suffix == ".csv"
        else pd.read_parquet(path),
        path.name,
        INDEXES,
    )
    assert members["symbol"].tolist() == ["NA", "NAN", "BRKB"]
    assert refused["reason"].tolist() == [
        "no ticker",
        "no ticker",
        "repeated in its list",
        "as_of is not a day",
        "unknown index",
    ]
    (taken,) = ingest.memberships(tmp_path / "store", [path], Options())
    assert (taken.offered, taken.accepted, taken.quarantined) == (8, 3, 5)


def test_a_refused_row_of_a_list_is_kept_in_the_quarantine(tmp_path: Path) -> None:
    path = tmp_path / "holdings.csv"
    path.write_text("index,as_of,ticker\nR2000,2024-04-30,AAA\nR2000,soon,BBB\n")
    ingest.memberships(tmp_path / "store", [path], Options())
    refused = Store(tmp_path / "store").quarantine()
    assert refused["reason"].tolist() == ["as_of is not a day"]


@pytest.mark.shared(SHARED)
def test_the_real_lists_go_in_and_are_known_on_their_day_only(tmp_path: Path) -> None:
    path = SHARED / "membership" / "index_holdings.parquet"
    (taken,) = ingest.memberships(tmp_path / "store", [path], Options())
    store = Store(tmp_path / "store")
    lists = store.membership_lists()
    rows = pd.read_parquet(path, columns=["index", "as_of", "source", "ticker"])
    print(f"\n{taken.offered:,} rows, {taken.accepted:,} taken, {len(lists)} lists")
    assert taken.offered == len(rows) == taken.accepted + taken.quarantined
    assert len(lists) == rows.groupby(["index", "as_of", "source"]).ngroups
    assert lists["security_count"].sum() == taken.accepted
    assert set(lists["index"]) == {"R1000", "R2000", "R3000"}
    until = date(2020, 1, 1)
    assert store.members(date.min, until)["as_of"].max() <= pd.Timestamp(until)
