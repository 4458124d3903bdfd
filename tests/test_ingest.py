"""Bad input: what goes in still goes in, what is refused is kept with its reason."""

import gzip
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from recon import ingest
from recon.errors import ReconError, SourceUnreadable
from recon.ingest.quality import CAP_REASONS
from recon.store import Store
from tests import market
from tests.market import Options

DAYS = market.sessions(2)
HEADER = "date,symbol,price,market_cap,volume"
GOOD = [
    f"2024-03-0{day},{symbol},{10 + day + n},{10 + day + n}000000,{1000 * n + day}"
    for day in (1, 4)
    for n, symbol in enumerate(["AAA", "BBB", "CCC"], 1)
]


def csv_of(
    folder: Path, *lines: str, header: str = HEADER, name: str = "in.csv"
) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8", newline="")
    return path


def taken(folder: Path, path: Path, **options: object) -> Store:
    """Ingest one vendor file, check that its rows add up, return the store."""
    (file,) = ingest.vendor(folder / "store", [path], Options(**options))
    store = Store(folder / "store")
    accounted(store, file)
    return store


def accounted(store: Store, file: ingest.Taken, known_rows: int = 0) -> None:
    """Check that every offered row was accepted, refused, or of a stored day."""
    entry = store.ledger().iloc[0]
    counts = entry["offered_count"], entry["accepted_count"], entry["quarantined_count"]
    assert counts == (file.offered, file.accepted, file.quarantined)
    refused = store.quarantine(row_limit=10**9)
    refused = refused[refused["ingest_id"] == entry["ingest_id"]]
    assert refused["repeats"].sum() == file.quarantined
    assert refused["origin"].eq(file.origin).all()
    assert refused["row_number"].ge(1).all()
    # a row whose cap alone is refused is accepted and kept in the quarantine too
    carried = refused["reason"].isin(CAP_REASONS.values()).sum()
    assert file.offered == file.accepted + file.quarantined - carried + known_rows


def refusals(store: Store) -> list[tuple[int, str]]:
    table = store.quarantine().sort_values("row_number")
    return list(
        zip(table["row_number"].tolist(), table["reason"].tolist(), strict=True)
    )


def symbols(store: Store) -> list[str]:
    return sorted(market.snapshots(store)["symbol"].unique())


NOT_A_DAY = "the date is not a day; expected a form such as 2024-04-30"
NO_TICKER = "the symbol has characters that no ticker has"
AGAIN = "another row of the same day has this symbol"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("03/01/2024,DDD,1,1,1", NOT_A_DAY, id="an American date"),
        pytest.param("1.3.2024,DDD,1,1,1", NOT_A_DAY, id="a German date"),
        pytest.param("2024-02-30,DDD,1,1,1", NOT_A_DAY, id="the thirtieth of February"),
        pytest.param("45352,DDD,1,1,1", NOT_A_DAY, id="a day counted by Excel"),
        pytest.param(
            "0024-03-01,DDD,1,1,1", NOT_A_DAY, id="a day of the first century"
        ),
        pytest.param(",DDD,1,1,1", NOT_A_DAY, id="no date"),
        pytest.param("2024-03-01,,1,1,1", "the row has no symbol", id="no symbol"),
        pytest.param('2024-03-01,"D""D",1,1,1', NO_TICKER, id="a symbol with a quote"),
        pytest.param(
            "2024-03-01,D'D,1,1,1", NO_TICKER, id="a symbol with an apostrophe"
        ),
        pytest.param(
            '2024-03-01,"D\nD",1,1,1', NO_TICKER, id="a symbol with a newline"
        ),
        pytest.param("2024-03-01,D\0D,1,1,1", NO_TICKER, id="a symbol with a null"),
        pytest.param(f"2024-03-01,{'D' * 17},1,1,1", NO_TICKER, id="a long symbol"),
        pytest.param(
            "2024-03-01,DDD,-1,1,1",
            "the price -1.0 is not above zero",
            id="a negative price",
        ),
        pytest.param(
            "2024-03-01,DDD,0,1,1", "the price 0.0 is not above zero", id="no price"
        ),
        pytest.param(
            "2024-03-01,DDD,1e9,1,1",
            "the price 1000000000.0 is absurd",
            id="a price of a billion",
        ),
        pytest.param(
            "2024-03-01,DDD,inf,1,1",
            "the price inf is absurd",
            id="a price without end",
        ),
        pytest.param(
            "2024-03-01,DDD,1,-5,1",
            "the market cap -5.0 is negative",
            id="a negative cap",
        ),
        pytest.param(
            "2024-03-01,DDD,1,1e15,1",
            "the market cap 1000000000000000.0 is absurd",
            id="a cap of 1,000 tn",
        ),
        pytest.param(
            "2024-03-01,DDD,1,inf,1",
            "the market cap inf is absurd",
            id="a cap without end",
        ),
        pytest.param(
            "2024-03-01,DDD,1,1,-1",
            "the volume -1.0 is impossible",
            id="a negative volume",
        ),
        pytest.param(
            "2024-03-01,DDD,1,1,1e99",
            "the volume 1e+99 is impossible",
            id="an absurd volume",
        ),
        pytest.param(
            "2024-03-01,DDD,one,1,1",
            "price 'one' is not a number",
            id="a price in words",
        ),
        pytest.param(
            '2024-03-01,DDD,"1.234,50",1,1',
            "price '1.234,50' is not a number",
            id="a German number",
        ),
        pytest.param(
            '2024-03-01,DDD,"12,50",1,1',
            "price '12,50' is not a number",
            id="a decimal comma",
        ),
        pytest.param(
            "2024-03-01,DDD,1,5.7B,1",
            "market_cap '5.7B' is not a number",
            id="billions as a letter",
        ),
        pytest.param(
            "2024-03-01,DDD,1,1",
            "the line has 4 values, the header 5",
            id="a short line",
        ),
        pytest.param(
            "2024-03-01,DDD,1,1,1,1",
            "the line has 6 values, the header 5",
            id="a long line",
        ),
        pytest.param("# a note", "the line has 1 values, the header 5", id="a note"),
        pytest.param("2024-03-01,AAA,9,9,9", AGAIN, id="a symbol twice"),
    ],
)
def test_a_bad_row_is_refused_alone_with_its_number(
    tmp_path: Path, line: str, reason: str
) -> None:
    store = taken(tmp_path, csv_of(tmp_path, *GOOD[:2], line, *GOOD[2:]))
    assert refusals(store) == [(3, reason)]
    assert len(market.snapshots(store)) == len(GOOD)
    assert symbols(store) == ["AAA", "BBB", "CCC"]
    assert market.snapshots(store)["close_usd"].tolist() == [12, 13, 14, 15, 16, 17]


ODD_SYMBOLS = "NA NAN TRUE NULL NONE INF 1A BRK.B BRK/B A^B TES_T".split()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_a_symbol_that_looks_like_something_else_is_kept(
    tmp_path: Path, suffix: str
) -> None:
    rows = market.calm(DAYS[:1]).head(len(ODD_SYMBOLS)).assign(symbol=ODD_SYMBOLS)
    store = taken(tmp_path, market.write(rows, tmp_path / f"in{suffix}"))
    assert symbols(store) == sorted(ODD_SYMBOLS)


WRITTEN = {
    "$1,234.50": 1234.5,
    "1234.50": 1234.5,
    " 1,234.5 ": 1234.5,
    "1.2345e3": 1234.5,
    "+1234.5": 1234.5,
    "1,234,567": 1234567,
    ".5": 0.5,
    "": np.nan,
    "N/A": np.nan,
    "NaN": np.nan,
    "--": np.nan,
}


def test_numbers_are_read_as_they_are_written(tmp_path: Path) -> None:
    lines = [f'2024-03-01,A{n},"{text}",1e9,5' for n, text in enumerate(WRITTEN, 10)]
    store = taken(tmp_path, csv_of(tmp_path, *lines))
    found = market.snapshots(store)["close_usd"].tolist()
    assert found == pytest.approx(list(WRITTEN.values()), nan_ok=True)
    assert store.quarantine().empty


@pytest.mark.parametrize(
    ("form", "encoding", "newline"),
    [
        pytest.param(",", "utf-8", "\n", id="plain"),
        pytest.param(";", "utf-8", "\n", id="semicolons"),
        pytest.param("\t", "utf-8", "\n", id="tabs"),
        pytest.param("|", "utf-8", "\n", id="bars"),
        pytest.param(",", "utf-8-sig", "\r\n", id="a byte order mark, Windows lines"),
        pytest.param(";", "utf-16", "\r\n", id="UTF-16, as Excel saves text"),
        pytest.param(",", "latin-1", "\r", id="Latin-1, old Macintosh lines"),
    ],
)
def test_the_form_of_a_text_file_is_found_out(
    tmp_path: Path, form: str, encoding: str, newline: str
) -> None:
    rows = market.calm(DAYS)
    rows["name"] = 'Société "One", Two; Three|\tInc.'
    text = rows.to_csv(sep=form, index=False, lineterminator=newline)
    path = tmp_path / ("in.csv" if newline == "\n" else "in.csv.gz")
    content = text.encode(encoding)
    path.write_bytes(content if newline == "\n" else gzip.compress(content))
    stored = market.snapshots(taken(tmp_path, path))
    assert len(stored) == len(rows)
    (found,) = stored["name"].unique()
    assert found.replace("\ufffd", "é") == rows["name"].iloc[0]


def test_a_stray_quote_costs_its_own_lines_only(tmp_path: Path) -> None:
    rows = [f'2024-03-01,S{n},{n},1e9,{n},"Company {n}, Inc."' for n in range(1, 30)]
    rows[9] = '2024-03-01,S10,10,1e9,10,"Company 10, Inc.'
    path = csv_of(tmp_path, *rows, header=f"{HEADER},name")
    store = taken(tmp_path, path)
    ((number, reason),) = refusals(store)
    assert number == 10
    assert "values, the header 6" in reason
    assert len(symbols(store)) == 27
    assert market.snapshots(store)["name"].iloc[0] == "Company 1, Inc."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("in.csv", b"", "in.csv is empty.", id="an empty file"),
        pytest.param("in.csv.gz", b"", "in.csv.gz is empty.", id="an empty gz"),
        pytest.param(
            "in.csv.gz",
            gzip.compress(b""),
            "in.csv.gz is empty; expected a header and rows.",
            id="a gz of nothing",
        ),
        pytest.param("in.csv", b"\n\n", "in.csv is empty; expected", id="blank lines"),
        pytest.param(
            "in.csv.gz",
            gzip.compress("\n".join([HEADER, *GOOD]).encode())[:-9],
            "in.csv.gz could not be read as CSV: Compressed file ended",
            id="a truncated gz",
        ),
        pytest.param(
            "in.parquet",
            b"PAR1",
            "in.parquet could not be read as Parquet",
            id="no Parquet",
        ),
        pytest.param(
            "in.xlsx", b"PK\3\4", "in.xlsx could not be read as XLSX", id="no workbook"
        ),
        pytest.param(
            "in.csv", bytes(range(256)) * 9, "in.csv has no column for", id="no text"
        ),
        pytest.param(
            "in.csv",
            b"day,ticker,last\n2024-03-01,A,1\n",
            "in.csv has no column for total_market_cap_usd (such as 'marketcap'); its "
            "header reads day, ticker, last. Name the columns with --map OURS=THEIRS.",
            id="a wrong header",
        ),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_sentence_and_the_others_go_in(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    bad, good = tmp_path / name, csv_of(tmp_path, *GOOD, name="good.csv")
    bad.write_bytes(content)
    unread, taken = ingest.vendor(tmp_path / "store", [bad, good], Options())
    assert unread.refusal.startswith(words)
    assert "\n" not in unread.refusal
    assert (taken.refusal, taken.accepted) == ("", len(GOOD))
    assert len(market.snapshots(Store(tmp_path / "store"))) == len(GOOD)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = market.write(market.calm(DAYS), tmp_path / "in.parquet")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(
        SourceUnreadable, match=r"^in\.parquet could not be read as Par"
    ):
        market.take(tmp_path / "store", path)


def test_a_folder_where_a_file_was_meant_is_refused(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "x", "There is no file"),
    ):
        with pytest.raises(SourceUnreadable, match=words):
            ingest.listings(tmp_path / "store", [path], Options())
        with pytest.raises(SourceUnreadable, match=words):
            ingest.memberships(tmp_path / "store", [path], Options())


def test_a_refused_row_of_a_day_that_is_stored_is_kept_too(tmp_path: Path) -> None:
    taken(tmp_path, csv_of(tmp_path, *GOOD))
    again = csv_of(tmp_path, *GOOD, "2024-03-01,DDD,-1,1,1", name="again.csv")
    (file,) = ingest.vendor(tmp_path / "store", [again], Options())
    store = Store(tmp_path / "store")
    accounted(store, file, known_rows=len(GOOD))
    assert refusals(store) == [(7, "the price -1.0 is not above zero")]


def test_a_refused_row_of_a_year_without_good_rows_is_kept_too(tmp_path: Path) -> None:
    store = taken(tmp_path, csv_of(tmp_path, *GOOD, "2022-03-01,DDD,-1,1,1"))
    assert refusals(store) == [(7, "the price -1.0 is not above zero")]


def test_a_growing_file_keeps_the_refusals_of_its_earlier_days(tmp_path: Path) -> None:
    rows = market.eventful()
    days = market.sessions(16)
    for count in (12, 16):
        bad = "2024-03-14,XXX,NYSE,Bad,-1,1,1,,,,\n"
        path = market.write(market.on(rows, days[:count]), tmp_path / "all.csv")
        path.write_text(path.read_text() + bad)
        market.take(tmp_path / "store", path)
    store = Store(tmp_path / "store")
    counts = store.quarantine_counts().set_index("reason")["row_count"]
    assert counts.sum() == 8 + 2  # the bad row stands in two files
    assert counts["the price -1.0 is not above zero"] == 2


def test_two_files_in_one_call_keep_their_refusals_apart(tmp_path: Path) -> None:
    first = csv_of(tmp_path, *GOOD[:3], "a line", name="first.csv")
    second = csv_of(tmp_path, *GOOD[3:], name="second.csv")
    files = ingest.vendor(tmp_path / "store", [first, second], Options())
    assert [file.quarantined for file in files] == [1, 0]
    assert Store(tmp_path / "store").quarantine()["origin"].tolist() == ["first.csv"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_columns_with_odd_names_are_mapped(tmp_path: Path, suffix: str) -> None:
    odd = {
        "date": 'The "Date"',
        "symbol": "It's; a symbol",
        "price": "Last, in $",
        "market_cap": "select * from x --",
        "volume": "row_number",
    }
    rows = market.calm(DAYS).rename(columns=odd)
    path = tmp_path / f"in{suffix}"
    if suffix == ".parquet":
        rows.to_parquet(path, index=False)
    else:
        market.write(rows, path)
    mapping = {
        "snapshot_date": odd["date"],
        "symbol": odd["symbol"],
        "close_usd": odd["price"],
        "total_market_cap_usd": odd["market_cap"],
    }
    store = taken(tmp_path, path, mapping=mapping)
    assert len(market.snapshots(store)) == len(rows)
    rows.loc[0, odd["price"]] = 0
    assert store.quarantine().empty


def test_spellings_that_nobody_knows_are_reported(tmp_path: Path) -> None:
    rows = [
        "2024-03-01,AAA,10,10000000,5,NYSE American,USA",
        "2024-03-01,BBB,10,10000000,5,Bourse,Ruritania",
        "2024-03-01,CCC,10,10000000,5,Bourse,BVI",
    ]
    path = csv_of(tmp_path, *rows, header=HEADER + ",exchange,country")
    store = taken(tmp_path, path)
    assert store.ledger()["note"].iloc[0] == (
        "exchange 'Bourse' of 2 listings is not recognized; "
        "country 'Ruritania' of 1 listing is not recognized"
    )


def test_a_file_read_again_by_another_mapping_is_not_already_there(
    tmp_path: Path,
) -> None:
    cells = [line.split(",") for line in GOOD]
    lines = [",".join([*line[:2], "dear", *line[2:]]) for line in cells]
    path = csv_of(tmp_path, *lines, header="date,symbol,ask,last,market_cap,volume")
    assert taken(tmp_path, path, mapping={"close_usd": "ask"}).published_days().empty
    right = taken(tmp_path, path, mapping={"close_usd": "last"})
    assert len(market.snapshots(right)) == len(GOOD)


def test_a_number_in_words_under_an_odd_name_is_refused_by_that_name(
    tmp_path: Path,
) -> None:
    header = 'date,symbol,"Don\'t, ""price""",market_cap,volume'
    path = csv_of(tmp_path, *GOOD, "2024-03-01,DDD,dear,1,1", header=header)
    store = taken(tmp_path, path, mapping={"close_usd": 'Don\'t, "price"'})
    assert refusals(store) == [(7, "Don't, \"price\" 'dear' is not a number")]


def test_a_path_with_a_pattern_in_it_is_that_file(tmp_path: Path) -> None:
    for name, rows in (("a1", GOOD[:3]), ("a[1]", GOOD[3:]), ("date=x/in", GOOD[:3])):
        path = tmp_path / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        table = pd.DataFrame(
            [row.split(",") for row in rows], columns=HEADER.split(",")
        )
        table.to_parquet(path, index=False)
    store = taken(tmp_path, tmp_path / "a[1].parquet")
    assert [day.date() for day in store.published_days()] == [date(2024, 3, 4)]
    ingest.vendor(tmp_path / "store", [tmp_path / "date=x/in.parquet"], Options())
    assert len(store.published_days()) == 2


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(["2024-03-01", "2024-03-04"], id="texts"),
        pytest.param(["20240301", "20240304"], id="texts without dashes"),
        pytest.param([20240301, 20240304], id="whole numbers"),
        pytest.param(
            ["2024-03-01 16:00:00", "2024-03-04T16:00"], id="texts with a time"
        ),
        pytest.param([datetime(2024, 3, 1), datetime(2024, 3, 4)], id="timestamps"),
        pytest.param(
            list(pd.to_datetime(["2024-03-01", "2024-03-04"], utc=True)),
            id="timestamps of UTC",
        ),
    ],
)
def test_a_day_is_read_in_any_clear_form(tmp_path: Path, days: list[object]) -> None:
    table = pd.DataFrame(
        {"date": days, "symbol": "AAA", "price": [1.0, 2.0], "market_cap": 1e9}
    )
    table.to_parquet(tmp_path / "in.parquet", index=False)
    store = taken(tmp_path, tmp_path / "in.parquet")
    assert [day.date() for day in store.published_days()] == DAYS


def test_numbers_that_are_none_in_parquet(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "date": DAYS[0],
            "symbol": list("ABCDEFG"),
            "price": [1, np.nan, np.inf, -np.inf, 5, 6, 7],
            "market_cap": [1e9, 1e9, 1e9, 1e9, np.nan, -np.inf, np.inf],
            "shares_outstanding": [1e9, np.nan, 1, 1, 1, 1, 1],
        }
    )
    table.to_parquet(tmp_path / "in.parquet", index=False)
    store = taken(tmp_path, tmp_path / "in.parquet")
    assert symbols(store) == ["A", "B", "E"]
    assert [number for number, _ in refusals(store)] == [3, 4, 6, 7]


def test_a_workbook_with_dates_texts_and_blank_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Date", "Ticker", "Last Price", "Market Cap", None, "Last Price"])
    sheet.append([datetime(2024, 3, 1), "AAA", 12.5, 1_000_000_000, "x", 99])
    sheet.append([])
    sheet.append(["2024-03-01", True, "$1,234.50", "2,000,000,000"])
    sheet.append([date(2024, 3, 1), "CCC", "#N/A", 3_000_000_000])
    sheet.append(["01.03.2024", "DDD", 1, 1])
    book.save(tmp_path / "in.xlsx")
    store = taken(tmp_path, tmp_path / "in.xlsx")
    stored = market.snapshots(store)
    assert stored[["symbol", "close_usd"]].values.tolist() == [
        ["AAA", 12.5],
        ["TRUE", 1234.5],
    ]
    assert refusals(store) == [(4, "Last Price '#N/A' is not a number"), (5, NOT_A_DAY)]


def test_of_two_rows_of_a_symbol_the_one_with_a_cap_stays(tmp_path: Path) -> None:
    lines = ["2024-03-01,AAA,1,,5", "2024-03-01,AAA,1,1e9,5", "2024-03-01,AAA,1,2e9,5"]
    store = taken(tmp_path, csv_of(tmp_path, *lines))
    assert market.snapshots(store)["total_market_cap_usd"].tolist() == [1e9]
    assert refusals(store) == [(1, AGAIN), (3, AGAIN)]


SCALE = 2_000_000


@pytest.mark.long
@pytest.mark.parametrize(
    ("line", "number", "accepted"),
    [
        pytest.param("2024-03-01,AAA,1,1000000000,5", 2, 1, id="a good row"),
        pytest.param("2024-03-01,AAA,-1,1000000000,5", 1, 0, id="a bad row"),
    ],
)
def test_a_row_two_million_times_is_one_row_of_the_quarantine(
    tmp_path: Path, line: str, number: int, accepted: int
) -> None:
    path = csv_of(tmp_path, *[line] * SCALE)
    code = (
        "import sys, resource; from pathlib import Path; from recon import ingest;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "ingest.vendor(Path(sys.argv[1]), [Path(sys.argv[2])],"
        "ingest.Options(is_sample=True));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "store", path],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert done.stdout.strip().isdigit(), "nothing else is written"
    used = int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
    print(
        f"\n{SCALE:,} rows of {path.stat().st_size / 1e6:.0f} MB: {used / 1e6:.0f} MB"
    )
    store = Store(tmp_path / "store")
    refused = store.quarantine()
    assert refused[["row_number", "repeats"]].values.tolist() == [
        [number, SCALE - accepted]
    ]
    entry = store.ledger().iloc[0]
    assert entry["offered_count"] == SCALE
    assert entry["accepted_count"] == accepted
    assert used < 900e6


def test_every_error_is_one_sentence_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(ReconError) as refused:
        taken(tmp_path, csv_of(tmp_path, *GOOD), mapping={"close": "price"})
    assert str(refused.value).startswith("'close' is not a column of this program; map")
