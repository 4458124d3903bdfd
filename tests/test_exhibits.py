"""Every exhibit: page, note, command line and file say the same."""

import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import app
from pages.display import in_units
from recon import __main__ as command_line
from recon.errors import BadRequest, ReconError
from recon.exhibits import EXHIBITS, Answers, Question, break_points, candidates
from recon.exhibits.exhibit import Made
from recon.export import cells
from recon.export.pieces import Note, Piece
from recon.note import making, output
from recon.store import Store
from tests.conftest import TODAY, needs_real_years
from tests.visits import opened

FILES = {
    path: file
    for entries in app.CONTENTS.values()
    for path, (file, _) in entries.items()
}
PAGES = sorted({each.page for each in EXHIBITS.values()})
DEMO_DAY, REAL_DAY = date(2026, 5, 20), date(2024, 4, 30)
LINKS = {
    "company": {"symbol": "PALD"},
    "style": {"base": "Russell 2000", "shift_to-growth": "true"},
    "candidates": {"move_deletion": "true"},
    "changes": {"against": "another day", "since": "2026-04-20"},
    "demand": {"move_migration-up": "true", "r2000": "150"},
    "break-points": {"line": "R3000 lower", "since": "2026-01-02"},
    "methodology": {"changes": "true"},
    "events": {"group": "deletions"},
    "watchlist": {"names": "PALD #near up or held?\nNOTHERE"},
}
REAL_LINKS = {
    "company": {"symbol": "TUSK"},
    "break-points": {"since": "2023-01-03"},
    "changes": {"against": "another day", "since": "2024-04-22"},
    "events": {"event": "June 2023"},
}
# asked for on the command line and in notes, on no page as it opens
OFF_PAGE = {
    "candidates/sectors",
    "style/all_shifts",
    "style/sectors",
    "accuracy/growth_figure",
    "what-if/odds",
}
# two forecasts of a thousand rank days each: tests/test_changes.py has its table
SIMULATED = {"changes/odds"}
# a store keeps them once a command has made them, or several sessions were looked at
NOT_KEPT = {
    *("accuracy/odds", "accuracy/reliability", "accuracy/record"),
    "company/odds-path",
}


@pytest.fixture(scope="module")
def demo(demo_answers: Answers) -> Answers:
    return demo_answers


@pytest.fixture(scope="module")
def real(real_years: Store) -> Answers:
    return Answers(real_years)


def shown_on(
    page: str, folder: Path, day: date, today: str, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    """Run a page as its link asks."""
    monkeypatch.setenv("RECON_STORE", str(folder))
    monkeypatch.setenv("RECON_TODAY", today)
    link = {"as_of": day.isoformat(), **link_of(page, folder)}
    test = opened(FILES[page], **link)
    assert not test.exception
    return test


def link_of(page: str, folder: Path) -> dict[str, str]:
    """Parameters of a page's link; a real store has other companies."""
    link = LINKS.get(page, {})
    return link if "demo" in folder.name else {**link, **REAL_LINKS.get(page, {})}


def written(folder: Path, path: Path, made: Made) -> bytes:
    """What the command line writes for an exhibit's question."""
    asked = [
        word
        for name, values in made.question.link().items()
        if name != "as_of"
        for value in values
        for word in (f"--{name}", value)
    ]
    day = made.question.as_of.isoformat()
    command_line.app(
        ["exhibit", made.exhibit.key, "--as-of", day, "--store", str(folder), *asked]
        + ["-o", str(path)],
        standalone_mode=False,
    )
    return path.read_bytes()


def check_pieces(test: AppTest, shown: Sequence[Made]) -> None:
    """The pieces that a page puts into a note are the exhibits', one a button."""
    test.session_state["note"] = Note(title="One page")  # an earlier visit's is kept
    for made in shown:
        test.button(key=f"{made.exhibit.place}_add").click()
    test.run()
    pieces = {piece.kind: piece for piece in test.session_state["note"].pieces}
    assert len(test.session_state["note"].pieces) == len(shown)
    for made in shown:
        check_piece(pieces[made.exhibit.key], made)


def check_piece(piece: Piece, made: Made) -> None:
    """A piece of a note is the exhibit's, and can be made anew."""
    assert (
        piece.stamp().split(" · rules")[0]
        == (made.piece().stamp().split(" · rules")[0])
    )
    again = making.refreshed(piece, made.answers, made.question.as_of)
    assert again.title == piece.title == made.piece().title
    for other in (again, piece):
        pd.testing.assert_frame_equal(cells.of(other)[0], cells.of(made.piece())[0])


def check_page(test: AppTest, made: Made) -> None:
    """A page shows the exhibit's own rows or the exhibit's own figure."""
    if made.exhibit.is_chart:
        title = made.figure().layout.meta["title"]
        assert any(title in str(chart.proto.spec) for chart in charts_of(test))
        return
    columns = made.columns()
    table = in_units(made.shown_rows()[list(columns)], columns).reset_index(drop=True)
    frames = [frame.value.reset_index(drop=True) for frame in test.dataframe]
    same = [frame for frame in frames if list(frame.columns) == list(table.columns)]
    assert same, f"no table of {made.exhibit.key} on its page"
    assert any(as_texts(frame).equals(as_texts(table)) for frame in same)


def charts_of(test: AppTest) -> list:
    return list(test.get("plotly_chart"))


def as_texts(table: pd.DataFrame) -> pd.DataFrame:
    """A table without its types, which a way to a browser and back may change."""
    return table.map(lambda value: "" if not_there(value) else plain(value))


def plain(value: object) -> str:
    return str(value.tolist() if hasattr(value, "tolist") else value)


def not_there(value: object) -> bool:
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


def check_files(folder: Path, made: Made, tmp_path: Path) -> None:
    """CSV, XLSX and JSON of the command line hold the exhibit's own numbers."""
    table = made.file_table()
    data = written(folder, tmp_path / "made.csv", made)
    back = pd.read_csv(io.BytesIO(data), comment="#", dtype=str, keep_default_na=False)
    assert list(back.columns) == list(table.columns) and len(back) == len(table)
    record = json.loads(output.of_exhibit(made, ".json"))
    assert record["about"]["as_of"] == made.provenance.day()
    for name in table.select_dtypes("number"):
        numbers = pd.to_numeric(back[name].replace("", None))
        pd.testing.assert_series_equal(
            numbers.astype(float), table[name].astype(float).reset_index(drop=True),
            check_names=False, rtol=1e-12,
        )  # fmt: skip
        rows = pd.Series([row[name] for row in record["rows"]], dtype=float)
        pd.testing.assert_series_equal(rows, numbers.astype(float), check_names=False)
    book = openpyxl.load_workbook(
        io.BytesIO(output.of_exhibit(made, ".xlsx")), read_only=True
    )
    sheets = [book[name] for name in book.sheetnames]
    assert max(sheet.max_row for sheet in sheets) >= min(len(table), 2)


def walk(
    page: str,
    answers: Answers,
    day: date,
    today: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> list[str]:
    """Compare every exhibit of a page wherever it appears; return those refused."""
    # the command would answer each question anew: minutes for the same numbers
    monkeypatch.setattr("recon.exhibits.Answers", lambda store: answers)
    folder = answers.store.folder
    test = shown_on(page, folder, day, today, monkeypatch)
    buttons = {button.key for button in test.button}
    refused, shown = [], []
    for key, exhibit in EXHIBITS.items():
        if exhibit.page != page or key in SIMULATED:
            continue
        link = {name: [value] for name, value in link_of(page, folder).items()}
        question, _ = exhibit.question.read(link, day)
        try:
            made = exhibit.made(answers, question)
            made.piece()
        except ReconError as error:
            assert str(error).endswith(".") and f"{exhibit.place}_add" not in buttons
            refused.append(key)
            continue
        if key not in OFF_PAGE and f"{exhibit.place}_add" in buttons:
            check_page(test, made)
            shown.append(made)
        elif key not in OFF_PAGE:
            refused.append(key)
        check_files(folder, made, tmp_path)
    if shown:
        check_pieces(test, shown)
    return refused


@pytest.mark.parametrize("place", PAGES)
def test_an_exhibit_is_the_same_everywhere_on_the_demo_market(
    demo: Answers, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refused = walk(place, demo, DEMO_DAY, TODAY, monkeypatch, tmp_path)
    # no official record speaks of a synthetic market
    official = {"accuracy/line_error", "break-points/official", "demand/auctions"}
    official |= {"official/drift"}
    official |= {key for key in EXHIBITS if key.startswith("accuracy/demand_")}
    assert set(refused) <= official | NOT_KEPT


@needs_real_years
@pytest.mark.long
@pytest.mark.parametrize("place", PAGES)
def test_an_exhibit_is_the_same_everywhere_on_the_real_years(
    real: Answers, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refused = walk(place, real, REAL_DAY, "2024-12-31", monkeypatch, tmp_path)
    # without fundamentals, and on rank day itself nothing is known later
    unknown = {key for key in EXHIBITS if key.startswith("style/")}
    unknown |= {"company/waterfall", "candidates/later", "official/drift"} | NOT_KEPT
    # neither rates nor statements are loaded
    unknown |= {"rates/all", "rates/fall", "rates/rolling", "company/rates"}
    unknown |= {key for key in EXHIBITS if key.startswith("valuation/")}
    # the page of one event has no years beside each other
    unknown |= {"events/years", "events/decay"}
    assert set(refused) <= unknown


@pytest.mark.parametrize("key", EXHIBITS)
def test_an_exhibit_without_data_says_why_in_a_sentence(
    key: str, tmp_path: Path
) -> None:
    with pytest.raises(ReconError, match=r"\.$"):
        written_without_store(key, tmp_path)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        pytest.param("break-points/fan", "", id="answered of its part of the question"),
        pytest.param("accuracy/record", "No forecast is on record by", id="refused"),
    ],
)
def test_an_exhibit_says_why_it_has_nothing_to_show(
    demo: Answers, key: str, why: str
) -> None:
    asked = break_points.DriftQuestion(as_of=DEMO_DAY, line=("Top 200",))
    said = EXHIBITS[key].missing(demo, asked)
    assert said.startswith(why) and bool(said) == bool(why)


def written_without_store(key: str, tmp_path: Path) -> None:
    command_line.app(
        [
            "exhibit",
            key,
            "--store",
            str(tmp_path / "none"),
            "-o",
            str(tmp_path / "x.csv"),
        ],
        standalone_mode=False,
    )


@pytest.mark.parametrize("key", EXHIBITS)
def test_a_day_before_all_else_is_answered_or_refused_in_a_sentence(
    demo: Answers, key: str
) -> None:
    """The first day of a store: no history, no fundamentals, no past event."""
    exhibit, day = EXHIBITS[key], demo.first_day()
    asked = {"symbol": ["PALD"]} if exhibit.page == "company" else {}
    try:
        made = exhibit.made(demo, exhibit.question.asked(asked, day))
        assert made.piece().title and made.provenance.as_of == day
    except ReconError as error:
        assert str(error).endswith(".")


def test_a_link_gives_back_the_question_it_was_made_from() -> None:
    asked = break_points.DriftQuestion(
        as_of=REAL_DAY, line=("Top 200", "R3000 lower"), scale="linear", market=False
    )
    assert break_points.DriftQuestion.read(asked.link(), REAL_DAY) == (asked, [])
    filtered = candidates.FilteredQuestion(
        as_of=REAL_DAY, on=("move_deletion", "sector_energy"), names=("TUSK",)
    )
    assert candidates.FilteredQuestion.read(filtered.link(), REAL_DAY)[0] == filtered


@pytest.mark.parametrize(
    ("parameters", "unread"),
    [
        pytest.param({"line": ["top 200"]}, "", id="case does not matter"),
        pytest.param({"line": ["nonsense"]}, "choose one of Top 50", id="no such line"),
        pytest.param({"since": ["soon"]}, "since=soon", id="no day"),
        pytest.param({"scale": ["cubic"]}, "scale=cubic", id="no such scale"),
        pytest.param({"lien": ["x"]}, "lien is not known here", id="no such name"),
        pytest.param({"v": ["1"], "as_of": ["x"]}, "", id="the link's own parts"),
    ],
)
def test_a_question_says_what_of_a_link_it_did_not_follow(
    parameters: dict[str, list[str]], unread: str
) -> None:
    question, problems = break_points.DriftQuestion.read(parameters, REAL_DAY)
    assert unread in "; ".join(problems) and bool(problems) == bool(unread)
    assert question.as_of == REAL_DAY
    if unread:
        with pytest.raises(BadRequest, match="Parameters here: line, since"):
            break_points.DriftQuestion.asked(parameters, REAL_DAY)


def test_a_form_that_there_is_not_is_refused_before_anything_is_made(
    tmp_path: Path,
) -> None:
    with pytest.raises(BadRequest, match="is a table and cannot be written as '.svg'"):
        command_line.app(
            ["exhibit", "overview/moves", "--store", str(tmp_path), "-o", "moves.svg"],
            standalone_mode=False,
        )


def test_every_exhibit_has_a_subject_and_a_question() -> None:
    for exhibit in EXHIBITS.values():
        assert exhibit.topic() and issubclass(exhibit.question, Question)
        assert exhibit.is_chart or exhibit.columns
