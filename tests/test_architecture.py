"""The plan of the house: who may import whom, what is named how, and where it is."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from recon.store import kept

ROOT = Path(__file__).parents[1]
RECON, PAGES, DOCS = ROOT / "recon", ROOT / "pages", ROOT / "docs"
# a module imports from lower floors only; on a floor nobody knows the others
FLOORS = (
    {
        "fundamental_measures",
        "tables",
        "vocabulary",
        "rulebook",
        "schedule",
        "indexes",
        "record",
        "errors",
        "formatting",
        "places",
    },
    {"rules", "store", "sources"},
    {"reconstitution"},
    {"ingest", "studies"},
    {"jobs", "charts", "export"},
    {"exhibits"},
    {"note", "alerts"},
    {"commands"},
    {"__main__"},
)
# floor 0 in the order in which it is built, and the version
GROUND = (
    "errors",
    "fundamental_measures",
    "vocabulary",
    "indexes",
    "tables",
    "record",
    "rulebook",
    "schedule",
    "formatting",
    "places",
)
RULES = sorted(
    path.stem for path in (RECON / "rules").glob("*.py") if path.stem != "__init__"
)
# the one door of each library that is more than a table
DOORS = {
    "duckdb": {"recon/store"},
    "filelock": {"recon/store"},
    "plotly": {"recon/charts"},
    "streamlit": {"app.py", "pages"},
    "pdfplumber": {"recon/sources"},
    "icalendar": {"recon/export"},
    "openpyxl": {"recon/ingest"},
    "xlsxwriter": {"recon/export"},
    "orjson": {"recon/sources"},
    "exchange_calendars": {"recon/schedule.py"},
    "pandera": {"recon/tables.py"},
    "pycountry": {"recon/places.py"},
    "pptx": {"recon/export"},
    "docx": {"recon/export"},
    "kaleido": {"recon/export", "recon/charts"},
    "scipy": {"recon/rules", "recon/studies"},
    "statsmodels": {"recon/studies"},
    "typer": {"recon/__main__.py", "recon/commands"},
    "rich": {"recon/commands"},
    "yfinance": {"recon/sources"},
    "requests": {"recon/sources", "recon/alerts"},
    "curl_cffi": {"recon/sources"},
    "tenacity": {"recon/sources", "recon/alerts"},
    "smtplib": {"recon/alerts"},
    "pybreaker": {"recon/sources"},
    "pyrate_limiter": {"recon/sources"},
    "crontab": {"recon/commands"},
}
MODULES = sorted(RECON.rglob("*.py"))
PAGE_FILES = sorted(PAGES.glob("*/*.py"))
STUDIES = {
    path.relative_to(RECON / "studies").parts[0].removesuffix(".py")
    for path in (RECON / "studies").rglob("*.py")
} - {"__init__"}
# modules of the four rooms of a study that are no study, and why
NO_STUDY = {
    "charts": {
        "markup": "takes strangers' markup out of any figure",
        "pictures": "draws any figure with a browser on the server",
        "printing": "turns any figure into one for paper",
    },
    "exhibits": {
        "answers": "asks the studies, each question once",
        "exhibit": "what a declaration is",
        "headlines": "the sentences of findings",
        "memory": "keeps answers",
        "past_demand": "what demand came to, on the page of accuracy",
        "question": "reads the parameters of a link",
    },
    "pages": {
        "builder": "arranges a note",
        "load": "starts and watches loads",
    },
}
# studies without a module of their own, made of other studies' answers
JOINED = {"overview": "today's lines and moves, from break_points and candidates"}
# names that say too little about one module, and nothing about two
ONCE = ("answers", "tables", "reasons", "styles")
SAY_NOTHING = {"utils", "util", "helpers", "helper", "misc", "common", "manager"}
PAGE_LINES, SHARED_LINES, APP_LINES = 80, 150, 70


def module_of(path: Path) -> str:
    """Name of the module or package of `recon` that a file belongs to."""
    return path.relative_to(RECON).parts[0].removesuffix(".py")


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """Dotted names that a file imports, those for type checkers alone included."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports by dots"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(names)


def recon_imports_of(path: Path) -> set[str]:
    """Modules and packages of `recon` that a file imports, its own left out."""
    parts = [name.split(".") for name in imports_of(path)]
    found = {name[1] for name in parts if name[0] == "recon" and len(name) > 1}
    return found - {module_of(path), "__version__"}


def floor_of(module: str) -> int:
    return next(n for n, floor in enumerate(FLOORS) if module in floor)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_module_has_its_floor() -> None:
    on_floors = set().union(*FLOORS)
    assert {module_of(path) for path in MODULES} - {"__init__"} <= on_floors


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_imports_from_lower_floors_only(path: Path) -> None:
    module = module_of(path)
    if module == "__init__":
        # its public names, for types alone: see the test of what it imports
        assert recon_imports_of(path) == {"reconstitution", "store", "studies"}
        return
    wrong = [
        other for other in sorted(recon_imports_of(path)) if not is_below(other, module)
    ]
    assert wrong == [], f"{named(path)} must not import {', '.join(wrong)}"


def is_below(other: str, module: str) -> bool:
    if other in GROUND and module in GROUND:
        return GROUND.index(other) < GROUND.index(module)
    return floor_of(other) < floor_of(module)


def test_the_key_of_kept_answers_holds_the_text_of_all_they_run_through() -> None:
    """No study imports, at any remove, from a room that the key leaves out."""
    uses: dict[str, set[str]] = {}
    for path in MODULES:
        uses.setdefault(module_of(path), set()).update(recon_imports_of(path))
    reached, new = set(), {"studies"}
    while new:
        reached |= new
        new = set().union(*(uses[room] for room in new)) - reached
    assert "rules" in reached
    assert not reached & {name.removesuffix(".py") for name in kept.NOT_READ_BY}


def test_a_study_uses_another_only_if_its_first_line_says_so() -> None:
    uses: dict[str, set[str]] = {study: set() for study in STUDIES}
    for path in (RECON / "studies").rglob("*.py"):
        study = path.relative_to(RECON / "studies").parts[0].removesuffix(".py")
        parts = [name.split(".") for name in imports_of(path)]
        used = {name[2] for name in parts if name[:2] == ["recon", "studies"]}
        for other in used & STUDIES - {study}:
            uses[study].add(other)
            first = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            words = first.split("\n")[0].replace(" ", "_").lower()
            assert other in words, f"{named(path)} uses {other} and does not say so"
    while done := {study for study, others in uses.items() if not others}:
        uses = {study: others - done for study, others in uses.items() if others}
    assert uses == {}, "these studies go round in a circle"


def test_a_study_has_one_name_in_every_room() -> None:
    rooms = {
        "charts": {path.stem for path in (RECON / "charts").glob("*.py")},
        "exhibits": {path.stem for path in (RECON / "exhibits").glob("*.py")},
        "pages": {path.stem for path in PAGE_FILES},
    }
    for room, modules in rooms.items():
        others = modules - {"__init__"} - STUDIES - JOINED.keys()
        assert others == NO_STUDY[room].keys(), room
    assert STUDIES <= rooms["exhibits"]


def test_no_module_has_a_name_that_says_nothing() -> None:
    files = [*MODULES, *PAGES.rglob("*.py")]
    names = [path.parent.name if is_package(path) else path.stem for path in files]
    assert not set(names) & SAY_NOTHING
    assert [name for name in ONCE if names.count(name) > 1] == []


def is_package(path: Path) -> bool:
    return path.stem == "__init__"


def test_no_two_public_functions_are_called_explain() -> None:
    explaining = [
        named(path)
        for path in [*MODULES, *PAGES.rglob("*.py")]
        if re.search(r"^def explain\(", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(explaining) <= 1, explaining


def test_the_library_knows_neither_pages_nor_app() -> None:
    names = {name.split(".")[0] for path in MODULES for name in imports_of(path)}
    assert not names & {"app", "pages", "tests", "benchmarks"}


@pytest.mark.parametrize("library", DOORS)
def test_each_library_has_one_door(library: str) -> None:
    files = [*MODULES, *sorted(PAGES.rglob("*.py")), ROOT / "app.py"]
    users = {
        named(path)
        for path in files
        if library in {n.split(".")[0] for n in imports_of(path)}
    }
    doors = DOORS[library]
    assert {u for u in users if not any(u.startswith(door) for door in doors)} == set()


@pytest.mark.parametrize("module", RULES)
def test_a_rule_knows_no_file_no_clock_and_no_connection(module: str) -> None:
    text = (RECON / "rules" / f"{module}.py").read_text("utf-8")
    imported = {n.split(".")[0] for n in imports_of(RECON / "rules" / f"{module}.py")}
    assert not imported & {"pathlib", "os", "io", "time", "datetime.datetime", "duckdb"}
    assert not re.search(r"\bopen\(|\.today\(|\.now\(|inplace=True|iterrows", text)


@pytest.mark.parametrize("path", PAGE_FILES, ids=named)
def test_a_page_chooses_calls_and_shows(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = len(text.splitlines())
    assert lines <= PAGE_LINES
    assert not re.search(r"[\"'].*\bselect\b.+\bfrom\b|\.execute\(|\.sql\(", text, re.I)
    for word in ("st.cache", "cache_data", "cache_resource", "session_state"):
        assert word not in text


def test_what_pages_share_stays_small() -> None:
    lines = len((PAGES / "__init__.py").read_text("utf-8").splitlines())
    assert lines <= SHARED_LINES


def test_the_app_is_a_table_of_contents() -> None:
    text = (ROOT / "app.py").read_text("utf-8")
    lines = len(text.splitlines())
    assert lines <= APP_LINES
    for path in PAGE_FILES:
        if path.name != "__init__.py":
            assert path.relative_to(ROOT).as_posix() in text or path.stem in text


def test_sql_lives_with_the_store() -> None:
    statement = re.compile(
        r"[\"'](select|insert|delete|update|create|attach|with)\s.*\b(from|into|table|as)\b",
        re.I,
    )
    wrong = [
        f"{named(path)}:{number}"
        for path in MODULES
        if module_of(path) != "store"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if statement.search(line)
    ]
    assert wrong == []


@pytest.mark.parametrize("module", RULES)
def test_the_methodology_page_names_every_public_rule(module: str) -> None:
    page = (DOCS / "methodology.md").read_text("utf-8")
    tree = ast.parse((RECON / "rules" / f"{module}.py").read_text("utf-8"))
    public = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert [name for name in public if f"{module}.{name}" not in page] == []


def test_the_architecture_page_has_the_floors() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d) \| ([^|]+) \|", page, re.MULTILINE)
    floors = {int(n): set(re.findall(r"`(\w+)`", names)) for n, names in rows}
    assert floors == dict(enumerate(FLOORS))


def test_the_architecture_page_names_what_is_there() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    paths = set(re.findall(r"`([\w./]+(?:/|\.\w+)[\w./]*)`", page))
    assert len(paths) > 20
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    for room in ("a chart", "a study", "a source", "a rule"):
        assert f"| {room} | " in page
