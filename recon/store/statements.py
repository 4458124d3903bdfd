"""The SQL that writes: a file for each statement, values bound by name."""

from functools import cache
from importlib.resources import files

import duckdb


@cache
def statement_text(name: str) -> str:
    """Return the SQL of one statement."""
    return files(__package__).joinpath("statements", f"{name}.sql").read_text("utf-8")


def run(
    con: duckdb.DuckDBPyConnection, name: str, **values: object
) -> duckdb.DuckDBPyConnection:
    """Execute one statement; `values` are all of its parameters and no others."""
    return con.execute(statement_text(name), values)


def count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Return the number that a statement counts."""
    ((number,),) = run(con, name).fetchall()
    return int(number)
