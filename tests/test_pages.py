"""Every page runs on the demo market and on no store at all, and is in the contents."""

import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app
from recon.exhibits import EXHIBITS, candidates, style
from tests.conftest import TODAY
from tests.visits import opened

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path.relative_to(ROOT / "pages").as_posix() for path in ROOT.glob("pages/*/*.py")
)
LISTED = sorted(
    file for entries in app.CONTENTS.values() for file, _ in entries.values()
)
TITLES = dict(pair for entries in app.CONTENTS.values() for pair in entries.values())
NEEDS_NO_STORE = {"data/methodology.py", "data/load.py"}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a page of the app on a store."""

    def run_page(file: str, store: Path, **link: str) -> AppTest:
        monkeypatch.setenv("RECON_STORE", str(store))
        monkeypatch.setenv("RECON_TODAY", TODAY)
        return opened(file, **link)

    return run_page


TABLE_ROOM_PX = 975  # beside the menu on a screen of 1280


def words(test: AppTest) -> str:
    """Return everything written on a page."""
    parts = [*test.title, *test.markdown, *test.caption, *test.subheader]
    return "\n".join(str(part.value) for part in parts)


def test_every_page_file_is_in_the_contents() -> None:
    assert LISTED == FILES


@pytest.mark.parametrize("file", FILES)
def test_a_page_runs_on_the_demo_market(run, demo_store: Path, file: str) -> None:
    test = run(file, demo_store)
    assert not test.exception
    assert test.title[0].value == TITLES[file]
    if file not in NEEDS_NO_STORE:
        assert "Demo market, synthetic" in words(test)


@pytest.mark.parametrize("file", FILES)
def test_a_page_says_what_is_missing_without_a_store(
    run, tmp_path: Path, file: str
) -> None:
    test = run(file, tmp_path / "none")
    assert not test.exception
    if file not in NEEDS_NO_STORE:
        assert test.title[0].value == "No listings yet"
        assert "Today's market from Yahoo" in [each.label for each in test.button]


@pytest.mark.parametrize(
    "link",
    [
        pytest.param({"as_of": "2023-11-20"}, id="the first day of the store"),
        pytest.param({"as_of": "2024-01-01"}, id="a holiday"),
        pytest.param({"as_of": "1999-01-01"}, id="a day before the store"),
        pytest.param({"as_of": "soon"}, id="no day at all"),
        pytest.param({"line": "R3000E lower"}, id="the last line"),
        pytest.param({"line": "nonsense"}, id="a line that there is not"),
        pytest.param({"since": "2026-11-19", "scale": "linear"}, id="one session"),
    ],
)
def test_break_points_answer_any_link(run, demo_store: Path, link: dict) -> None:
    test = run("now/break_points.py", demo_store, **link)
    assert not test.exception
    assert test.title[0].value == "Breakpoints"


@pytest.mark.parametrize(
    ("as_of", "event"),
    [
        pytest.param("2026-11-19", "December 2026", id="the latest day, from today"),
        pytest.param("2026-05-05", "June 2026", id="an earlier day from itself"),
    ],
)
def test_the_overview_shows_the_event_of_its_day(
    run, demo_store: Path, as_of: str, event: str
) -> None:
    test = run("now/overview.py", demo_store)
    test.date_input(key="as_of").set_value(date.fromisoformat(as_of)).run()
    figure = test.get("plotly_chart")[0].proto.spec
    assert f"{event} reconstitution" in figure
    assert ("today" in figure) == (as_of == "2026-11-19")


JUNK = {
    "as_of": "2099-13-45",
    "line": "<b>&\"'`$x$",
    "since": "=cmd()",
    "sector_no-such-sector": "true",
    "symbol": "]]>💥",
    "year": "1066",
    "v": "99",
    "no such thing": "1" * 5_000,
}


@pytest.mark.parametrize("file", FILES)
def test_a_page_ignores_what_a_link_asks_in_vain_and_says_so(
    run, demo_store: Path, file: str
) -> None:
    test = run(file, demo_store, **JUNK)
    assert not test.exception
    assert test.title[0].value == TITLES[file]
    told = words(test)
    assert "Not all of the link could be followed" in told
    assert "another version" in told and "`no such thing=1" in told
    assert "<b>" not in told.replace("`line=<b>&\"' $x$`", "")


def test_a_link_that_names_what_is_no_control_is_told_so_once(
    run, demo_store: Path
) -> None:
    inner = ("shown_page", "not_followed", "largest_add", "moves", "note")
    test = run("now/overview.py", demo_store, **dict.fromkeys(inner, "x"))
    test.run()
    assert not test.exception
    for name in inner:
        assert words(test).count(f"`{name}=x` is not known here") == 1
        assert name not in test.query_params


def test_style_says_what_is_missing_before_any_fundamentals(
    run, demo_store: Path
) -> None:
    test = run("now/style.py", demo_store)
    test.date_input(key="as_of").set_value(date(2023, 11, 20)).run()
    assert not test.exception
    assert "**Value and growth are not known.**" in words(test)
    assert test.code[0].value == "python -m recon ingest fundamentals FILE"


def test_style_is_filtered_within_the_index_chosen(run, demo_store: Path) -> None:
    test = run("now/style.py", demo_store)
    test.date_input(key="as_of").set_value(date(2026, 5, 20)).run()
    test.radio(key="base").set_value("Russell 2000").run()
    test.checkbox(key="shift_to-growth").check().run()
    table = test.dataframe[0].value
    assert len(table) > 10
    assert set(table["shift"]) == {"◂ to growth"}
    assert "of the Russell 2000's available cap" in words(test)
    assert "Shift of style: ◂ to growth" in words(test)


def test_a_company_shows_how_its_score_comes_about(run, demo_store: Path) -> None:
    test = run("now/company.py", demo_store, symbol="PALD")
    specs = [chart.proto.spec for chart in test.get("plotly_chart")]
    assert any("PALD is all growth in the Russell 1000" in spec for spec in specs)


def test_candidates_show_the_style_they_move_with(run, demo_store: Path) -> None:
    table = run("now/candidates.py", demo_store).dataframe[0].value
    assert table["style"].str.contains("→").any()
    assert table["style"].isin(["growth", "value"]).any()


def test_overview_and_data_count_the_same_days_of_a_past_day(
    run, demo_store: Path
) -> None:
    counts = []
    for file in ("now/overview.py", "data/data_health.py"):
        test = run(file, demo_store)
        test.date_input(key="as_of").set_value(date(2025, 12, 1)).run()
        found = re.search(r"(\d+) sessions since|(\d+) of \d+ days", words(test))
        assert found
        counts.append(found[1] or found[2])
    assert counts[0] == counts[1] != "752"


MARKER_PX = {"candidates/candidates": 36, "style/shifts": 45}
FITTED = {
    f"{key}": (each.columns, MARKER_PX.get(key, 0))
    for key, each in EXHIBITS.items()
    if not each.is_chart and not callable(each.columns)
}
FITTED["candidates with styles"] = (candidates.COLUMNS, 36)
FITTED["shifts of style, above a thousand rows"] = (style.COLUMNS, 45)


@pytest.mark.parametrize("name", FITTED)
def test_a_table_fits_a_small_screen_without_scrolling_sideways(name: str) -> None:
    table, marker_px = FITTED[name]
    widths = [
        column.width
        for column in table.values()
        if not column.is_more and isinstance(column.width, int)
    ]
    assert sum(widths) + marker_px <= TABLE_ROOM_PX
