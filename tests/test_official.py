"""Official lists: read whole or not at all, kept as posted, set beside ours."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen import canvas

from recon import ingest, schedule
from recon.errors import BadRequest, SourceUnreadable
from recon.exhibits import Answers, official
from recon.sources import official_lists, official_pdf
from recon.sources.official_lists import Told
from recon.store import Store
from recon.studies import accuracy
from recon.studies.official import comparing, posted
from tests import market, terminal
from tests.conftest import needs_real_years
from tests.universe import SHARED

STATED = SHARED / "membership" / "official_additions_deletions.parquet"
LINE_PT, TOP_PT = 12, 740
Cells = Sequence[tuple[float, str]]


def written(path: Path, *pages: Sequence[Cells]) -> Path:
    """Write a PDF, a page a sequence of lines, a line its texts with their places."""
    made = canvas.Canvas(str(path), pagesize=letter)
    for lines in pages:
        for number, line in enumerate(lines):
            for left, text in line:
                made.setFont("Helvetica", 8)
                made.drawString(left, TOP_PT - LINE_PT * number, text)
        made.showPage()
    made.save()
    return path


def side_by_side() -> list[list[Cells]]:
    """Two columns of names a page, as in 2019 to 2022."""
    head = [(50, "Company"), (230, "Ticker"), (320, "Company"), (500, "Ticker")]
    return [
        [
            [(50, "Russell 3000® Index – Additions")],
            [(50, "Preliminary list, posted June 5, 2020")],
            [(50, "Effective after the close of June 26, 2020")],
            head,
            [(50, "ACACIA RESEARCH"), (230, "ACTG"), (320, "AEHR TEST"), (500, "AEHR")],
            [
                (50, "BROWN FORMAN CL B"),
                (230, "BF.B"),
                (320, "1-800 CO"),
                (500, "FLWS"),
            ],
            [(50, "3D SYSTEMS CORP"), (230, "DDD")],
            [(50, "ftserussell.com"), (280, "June 5, 2020"), (500, "1")],
        ],
        [
            head,
            [(50, "ZUMIEZ INC"), (230, "ZUMZ")],
            [(50, "About FTSE Russell")],
            [(50, "FTSE Russell is a leading global provider of benchmarks.")],
        ],
    ]


def with_industry() -> list[list[Cells]]:
    """One name a line with its industry, additions and then deletions, as in 2023."""
    head = [(50, "Company Name"), (230, "Ticker"), (320, "ICB Industry")]
    return [
        [
            [(50, "Russell 2000 Index")],
            [(50, "Reconstitution 2023: Update 2, 2 June 2023")],
            [(50, "Additions")],
            head,
            [(50, "ATLAS ENERGY SOLUTIONS I"), (230, "AESI"), (320, "Energy")],
            [(50, "Deletions")],
            head,
            [(50, "GROUPON INC"), (230, "GRPN"), (320, "Consumer Discretionary")],
            [(50, "Source: FTSE Russell. Total 1")],
        ]
    ]


def ticker_first() -> list[list[Cells]]:
    """Ticker before the name and no date or kind, as in 2025."""
    return [
        [
            [(50, "Russell Microcap Index Additions")],
            [(50, "Symbol"), (130, "Company")],
            [(50, "ABCD"), (130, "ALPHA BETA CO")],
        ]
    ]


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        pytest.param(
            side_by_side,
            [
                ("R3000", "addition", symbol, key, "preliminary", "2020-06-05")
                for symbol, key in (
                    ("ACTG", "ACTG"),
                    ("AEHR", "AEHR"),
                    ("BF.B", "BFB"),
                    ("FLWS", "FLWS"),
                    ("DDD", "DDD"),
                    ("ZUMZ", "ZUMZ"),
                )
            ],
            id="two columns of names and small print",
        ),
        pytest.param(
            with_industry,
            [
                ("R2000", "addition", "AESI", "AESI", "update 2", "2023-06-02"),
                ("R2000", "deletion", "GRPN", "GRPN", "update 2", "2023-06-02"),
            ],
            id="industries, and both actions in one document",
        ),
        pytest.param(
            ticker_first,
            [("MICRO", "addition", "ABCD", "ABCD", "final", "2025-06-27")],
            id="ticker first, kind and day told",
        ),
    ],
)
def test_a_document_is_read_whole(
    layout: Callable[[], list], expected: list[tuple], tmp_path: Path
) -> None:
    path = written(tmp_path / "list.pdf", *layout())
    told = Told(kind="final", posted_on=date(2025, 6, 27))
    found = official_pdf.parse(path, told)
    days = found["posted_on"].dt.strftime("%Y-%m-%d")
    names = ["index", "action", "symbol", "key", "kind"]
    rows = found[names].assign(posted_on=days).itertuples(index=False, name=None)
    assert list(rows) == expected


def test_what_stands_beside_a_name_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "list.pdf", *with_industry())
    found = official_pdf.parse(path, Told())
    assert found[["name", "industry"]].to_numpy().tolist() == [
        ["ATLAS ENERGY SOLUTIONS I", "Energy"],
        ["GROUPON INC", "Consumer Discretionary"],
    ]


def without(lines: list[list[Cells]], page: int, line: int, cells: Cells) -> list:
    lines[page][line] = cells
    return lines


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        pytest.param(
            without(side_by_side(), 0, 5, [(50, "BROWN FORMAN CL B")]),
            "list.pdf, page 1, line 6: 'BROWN FORMAN CL B' is no name with its ticker. "
            "Nothing of the file was taken.",
            id="a name without its ticker",
        ),
        pytest.param(
            without(
                side_by_side(), 0, 4, [(50, "A CO"), (230, "A"), (320, "AEHR TEST")]
            ),
            "list.pdf, page 1, line 5: 'AEHR TEST' is no name with its ticker. Nothing "
            "of the file was taken.",
            id="half a line",
        ),
        pytest.param(
            without(ticker_first(), 0, 0, [(50, "Additions")]),
            "list.pdf, page 1, line 3: no title before it says the index; name it with "
            "--index. Nothing of the file was taken.",
            id="no index",
        ),
        pytest.param(
            [[[(50, "A letter to our clients")]]],
            "list.pdf has no names under a head such as 'Company  Ticker'; is it a "
            "scan? A list of additions, deletions or members is expected.",
            id="no list at all",
        ),
    ],
)
def test_a_document_that_only_partly_can_be_read_is_refused(
    pages: list, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "list.pdf", *pages)
    with pytest.raises(SourceUnreadable) as refused:
        official_pdf.parse(path, Told())
    assert str(refused.value) == said


def test_what_is_no_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.pdf"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(SourceUnreadable, match="could not be read as PDF"):
        official_pdf.parse(path, Told())


TABLE = {"Ticker": ["BF.B"], "Index": ["R1000"], "Action": ["Addition"]}


@pytest.mark.parametrize(
    ("columns", "told", "said"),
    [
        pytest.param(
            {"Ticker": ["?"]}, Told(), "row 2: '\\?' is no ticker", id="ticker"
        ),
        pytest.param({"Index": ["SP500"]}, Told(), "no index 'SP500'", id="index"),
        pytest.param({"Action": ["swap"]}, Told(), "'swap' is neither", id="action"),
        pytest.param({"Posted": ["soon"]}, Told(), "'soon' is no day", id="day"),
        pytest.param({"Kind": ["leak"]}, Told(), "no kind 'leak'", id="kind"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(
    columns: dict[str, list[str]], told: Told, said: str
) -> None:
    with pytest.raises(SourceUnreadable, match=said):
        official_lists.parse_table(pd.DataFrame(TABLE | columns), "x.csv", told)


def test_what_no_column_says_is_told_or_asked_for() -> None:
    table = pd.DataFrame({"Ticker": ["BF.B"]})
    with pytest.raises(SourceUnreadable, match="no column of the index; name it with"):
        official_lists.parse_table(table, "x.csv", Told())
    told = Told(index="R1000", action="deletion", kind="final")
    found = official_lists.parse_table(table, "x.csv", told)
    assert found[["index", "action", "key", "kind"]].to_numpy().tolist() == [
        ["R1000", "deletion", "BFB", "final"]
    ]
    with pytest.raises(BadRequest, match="There is no kind 'leak'"):
        Told(kind="leak")


# ---- kept in a store ---------------------------------------------------------


def a_list(path: Path, symbols: Sequence[str], **columns: str) -> Path:
    usual = {"index": "R2000", "action": "addition"}
    table = pd.DataFrame({"ticker": list(symbols), **usual, **columns})
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a small market, without official lists."""
    folder = tmp_path_factory.mktemp("official") / "store"
    market.take(folder, market.calm(market.sessions(1)))
    return folder


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "store"))


def test_lists_are_appended_and_the_last_one_counts(
    folder: Path, tmp_path: Path
) -> None:
    names = {"a.csv": ["A", "B"], "b.csv": ["B", "C"]}
    paths = [a_list(tmp_path / name, symbols) for name, symbols in names.items()]
    days = schedule.reconstitution(2024, "June")
    posted_on = [days.preliminary_list, days.updates[0]]
    for path, day in zip(paths, posted_on, strict=True):
        (taken,) = ingest.official(folder, [path], market.QUIET, Told(posted_on=day))
        assert taken.accepted == 2
    (again,) = ingest.official(folder, paths[:1], market.QUIET, Told())
    assert again.note == "already in the store; nothing changed"
    store = Store(folder)
    heads = store.official_lists()
    assert heads[["kind", "event", "security_count"]].to_numpy().tolist() == [
        ["preliminary", "June 2024", 2],
        ["update 1", "June 2024", 2],
    ]
    assert heads["digest"].str.len().tolist() == [64, 64]
    names_then = store.official_names(days.preliminary_list)
    assert names_then["key"].tolist() == ["A", "B"]
    both = posted.of_event(store.official_names(date(2024, 6, 30)), days)
    assert posted.newest(both)["key"].tolist() == ["B", "C"]
    assert posted.statement(posted.newest(both)) == "update 1 of 31 May 2024"
    drift = posted.drift(both)
    shown = drift[["list", "kind", "new", "dropped"]].to_numpy().tolist()
    assert shown == [
        ["R2000 additions", "preliminary", "", ""],
        ["R2000 additions", "update 1", "C", "A"],
    ]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param(Told(), "says neither when it was posted nor", id="no day"),
        pytest.param(
            Told(posted_on=date(2024, 5, 28)),
            "which list of June 2024 it is, and none was due on 28 May 2024",
            id="no kind",
        ),
        pytest.param(
            Told(effective_on=date(2024, 1, 5)),
            "no reconstitution is within",
            id="event",
        ),
    ],
)
def test_a_list_whose_place_is_not_told_is_refused(
    folder: Path, tmp_path: Path, told: Told, said: str
) -> None:
    path = a_list(tmp_path / "a.csv", ["A"])
    with pytest.raises(SourceUnreadable, match=said):
        ingest.official(folder, [path], market.QUIET, told)
    assert Store(folder).official_lists().empty


def test_a_name_that_stands_twice_refuses_the_file(
    folder: Path, tmp_path: Path
) -> None:
    path = a_list(tmp_path / "a.csv", ["BF.B", "BF/B"], effective="2024-06-28")
    with pytest.raises(SourceUnreadable, match="names BF/B twice in the final list"):
        ingest.official(folder, [path], market.QUIET, Told(kind="final"))


def test_members_after_an_event_become_a_list_of_members(
    folder: Path, tmp_path: Path
) -> None:
    told = Told(kind="final", effective_on=date(2024, 6, 28))
    symbols = [f"S{number}" for number in range(1900)]
    path = a_list(tmp_path / "a.csv", symbols, action="member")
    ingest.official(folder, [path], market.QUIET, told)
    (row,) = Store(folder).membership_lists().to_dict("records")
    assert (row["index"], row["source"], row["usable"]) == (
        "R2000",
        "FTSE Russell",
        True,
    )
    assert row["as_of"].date() == date(2024, 6, 28)
    early = a_list(tmp_path / "b.csv", symbols, action="member", kind="preliminary")
    with pytest.raises(SourceUnreadable, match="only final ones say who is a member"):
        ingest.official(
            folder, [early], market.QUIET, Told(posted_on=told.effective_on)
        )


def test_the_command_takes_a_workbook_and_says_what_it_holds(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "list.xlsx"
    pd.DataFrame({"Ticker": ["A"], "Company": ["A Co"]}).to_excel(path, index=False)
    told = ["--index", "R1000", "--action", "addition", "--posted", "2024-05-24"]
    code, said = terminal.run(
        "ingest", "official", str(path), *told, "--store", str(folder)
    )
    assert code == 0, said
    assert said == (
        "list.xlsx: 1 row offered, 1 accepted, 0 quarantined; R1000 additions, "
        "preliminary of June 2024, posted 24 May 2024: 1\n"
    )


# ---- beside ours ---------------------------------------------------------------


def test_without_a_list_ours_stands_alone_and_the_next_is_named(
    demo_answers: Answers,
) -> None:
    question = official.EventQuestion(as_of=date(2026, 11, 5))
    found = official.board(demo_answers, question)
    assert found.event.name == "December 2026"
    assert found.rows["official"].isna().all() and found.rows["after"].isna().all()
    assert found.due == ("Preliminary list", date(2026, 11, 13))
    said = official.headline(demo_answers, question)
    assert said.startswith(
        "No official list of December 2026 is loaded; the next is due on 13 Nov 2026 "
        "(preliminary list). Ours has"
    )
    projected = demo_answers.projection(date(2026, 10, 30))
    moves = projected.companies["move"].value_counts()
    counts = found.lists.set_index("list")["ours"]
    assert counts["R3000 additions"] == moves["addition"]


@pytest.fixture(scope="module")
def stated(
    real_years: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Answers]:
    """The real years with the official final lists of June 2023 and 2024."""
    folder = tmp_path_factory.mktemp("stated") / "store"
    shutil.copytree(real_years.folder, folder)
    ingest.official(folder, [STATED], market.QUIET, Told(kind="final"))
    store = Store(folder)
    yield Answers(store)
    store.close()


@needs_real_years
@pytest.mark.shared(STATED)
@pytest.mark.parametrize(
    ("event", "both"), [("June 2023", (240, 152)), ("June 2024", (179, 131))]
)
def test_the_board_of_a_past_event_is_what_a_backtest_counts(
    stated: Answers, event: str, both: tuple[int, int]
) -> None:
    day = date(2024, 12, 31)
    found = stated.official_board(day, event)
    lists = found.lists.set_index("list").loc[["R3000 additions", "R3000 deletions"]]
    assert tuple(lists["both"].astype(int)) == both
    scored = accuracy.score(
        stated.store,
        found.event.year,
        official=pd.read_parquet(STATED),
        project_on=stated.projection,
    )
    assert scored.official is not None
    hits = scored.official.set_index("list")["hits"]
    # what is set apart in a score is on the board, with its note for a cause
    assert (lists["both"].to_numpy() >= hits.iloc[[0, 2]].to_numpy()).all()
    wrong = found.rows[found.rows["agrees"].eq(False)]
    assert wrong["cause"].isin(accuracy.causes.TAXONOMY).all()
    assert wrong["why"].ne("").all() and len(wrong) > 50
    right = found.rows[found.rows["agrees"].eq(True)]
    assert right["cause"].eq("").all()


@needs_real_years
@pytest.mark.shared(STATED)
def test_a_board_knows_nothing_that_is_posted_later(stated: Answers) -> None:
    found = stated.official_board(date(2024, 6, 27))
    assert (found.event.name, found.stated, found.came) == ("June 2024", "", "")
    assert found.due is None
    on_the_day = stated.official_board(date(2024, 6, 28))
    assert on_the_day.stated == "final of 28 Jun 2024"
    assert on_the_day.came.startswith("What came is not known on the day")


@needs_real_years
@pytest.mark.shared(STATED)
@pytest.mark.parametrize(
    ("symbol", "ours", "theirs", "after", "cause", "why"),
    [
        pytest.param(
            "CRH", False, True, True, "nationality", "based in Ireland", id="home"
        ),
        pytest.param(
            "GEV", True, False, True, "list", comparing.MEMBER_BEFORE, id="spun off"
        ),
        pytest.param(
            "AS",
            False,
            True,
            True,
            "nationality",
            "based in a country not known, incorporated abroad by its name",
            id="country not known",
        ),
    ],
)
def test_a_difference_has_its_cause(
    stated: Answers,
    symbol: str,
    ours: bool,
    theirs: bool,
    after: bool,
    cause: str,
    why: str,
) -> None:
    rows = stated.official_board(date(2024, 12, 31)).rows
    (row,) = rows[
        rows["symbol"].eq(symbol) & rows["list"].eq("R3000 additions")
    ].to_dict("records")
    said = [row[name] for name in ("ours", "official", "after", "cause", "why")]
    assert said == [ours, theirs, after, cause, why]
