"""The queries: each binds, and returns what the store and the tables say."""

import inspect
import re
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest

from recon import tables
from recon.store import CORE_TABLES, YEAR_TABLES, Store, query_text
from recon.store.staging import ATTRIBUTES
from recon.store.writer import FILING_TABLES
from tests import market

NAMES = sorted(
    path.name.removesuffix(".sql")
    for path in files("recon.store").joinpath("queries").iterdir()
    if path.name.endswith(".sql")
)
DECLARED = {
    "break_points": tables.BreakPoints,
    "fund_holdings": tables.FundHoldings,
    "fundamentals": tables.Fundamentals,
    "members": tables.Memberships,
    "quotes": tables.Quotes,
    "securities": tables.Securities,
    "segment_days": tables.SegmentDays,
    "statements": tables.Fundamentals,
}
DRAWN_OR_LISTED = ("lists", "members", "break_points", "segment_days")
DAY = market.FIRST


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("queries") / "store"
    market.take(folder, market.eventful())
    return Store(folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_takes_what_its_method_gives(name: str) -> None:
    (statement,) = duckdb.connect().extract_statements(query_text(name))
    asked = set(inspect.signature(getattr(Store, name)).parameters) - {"self"}
    assert set(statement.named_parameters) == asked


@pytest.mark.parametrize("name", NAMES)
def test_a_query_names_its_columns_and_says_what_a_row_is(name: str) -> None:
    text = query_text(name)
    assert text.startswith("-- one row per ")
    assert not re.search(r"select\s+([a-z]+\.)?\*", text, re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_binds_and_returns_the_declared_columns(
    store: Store, name: str
) -> None:
    given = {
        "since": DAY,
        "until": market.LAST,
        "as_of": market.LAST,
        "symbol_ids": [0, 1],
        "days": [DAY, market.LAST],
        "symbols": ["BIG"],
        "reason": "%",
        "reasons": ["no symbol"],
        "symbol": "%",
        "row_limit": 10,
        "measures": ["net_income_usd"],
        "ends_after": DAY,
        "ciks": [1],
        "forms": ["10-K"],
        "facts": ["revenue_usd"],
    }
    method = getattr(Store, name)
    wanted = set(inspect.signature(method).parameters) - {"self"}
    table = method(store, **{key: given[key] for key in wanted})
    if name in DECLARED:
        schema = DECLARED[name].to_schema()
        assert set(schema.columns) <= set(table.columns)
        assert len(schema.validate(table)) == len(table)
    assert table.columns.is_unique


def test_every_method_of_the_store_has_its_query() -> None:
    source = inspect.getsource(Store)
    assert sorted(set(re.findall(r'self\._(?:frame|arrays)\(\s*"(\w+)"', source))) == (
        NAMES
    )


WRITES = sorted(
    path.name.removesuffix(".sql")
    for path in files("recon.store").joinpath("statements").iterdir()
    if path.name.endswith(".sql")
)


@pytest.mark.parametrize("name", WRITES)
def test_a_statement_is_one_and_lists_what_it_writes(name: str) -> None:
    assert len(duckdb.connect().extract_statements(query_text(name, "statements"))) == 1


def test_every_statement_is_executed_somewhere() -> None:
    folder = Path(tables.__file__).parent / "store"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    named = {*re.findall(r'"([a-z_]+)"', text)}
    pairs = {f"{verb}_{table}" for verb in VERBS for table in DRAWN_OR_LISTED}
    filed = {f"{verb}_{table}" for verb in MERGED for table in FILING_TABLES}
    assert set(WRITES) - named - pairs - filed == set()


VERBS = ("delete", "insert")
MERGED = ("merge", *VERBS)


def test_the_schema_is_what_the_stored_files_hold(store: Store) -> None:
    manifest = store.manifest()
    for schema, names, path in (
        ("schema_core.sql", CORE_TABLES, manifest.core),
        ("schema_year.sql", YEAR_TABLES, manifest.years[DAY.year]),
    ):
        fresh = duckdb.connect()
        fresh.execute(files("recon.store").joinpath(schema).read_text())
        stored = duckdb.connect(store.folder / path, read_only=True)
        created = [row[0] for row in fresh.execute("show tables").fetchall()]
        assert sorted(created) == sorted(names)
        for name in names:
            described = [
                con.execute(f"describe {name}").fetchall() for con in (fresh, stored)
            ]
            assert described[0] == described[1]


def test_the_attributes_of_a_security_are_the_schemas(store: Store) -> None:
    securities = store.securities(DAY, market.LAST)
    assert list(securities)[3:] == list(ATTRIBUTES)


def test_no_sql_outside_the_store() -> None:
    root = Path(tables.__file__).parent
    for path in root.rglob("*.py"):
        if path.parent.name == "store":
            continue
        text = path.read_text(encoding="utf-8")
        assert "import duckdb" not in text, path.name
