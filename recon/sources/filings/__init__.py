"""What companies file with the SEC: identities, forms, facts of their reports.

Each module here parses one documented form of EDGAR's data into the tables of a `Told`.
`bulk` streams them from folders and bulk archives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

# one row a filer and day on which it was stated so
FILERS = (
    "cik",
    "known_on",
    "name",
    "entity_type",
    "sic",
    "incorporated_in",
    "based_in",
    "accession",
)
# one row a filer, former name and the days it was in use
FORMER_NAMES = ("cik", "name", "since", "until")
# one row a filer and symbol, as stated on a day
SYMBOLS = ("cik", "symbol", "exchange", "known_on")
# one row a filing
FORMS = ("cik", "form", "filed_on", "period_end", "items", "accession")
# one row a fact of a report; `member` is a share class or country, empty for all
FACTS = (
    "cik",
    "fact",
    "member",
    "value",
    "period_start",
    "period_end",
    "known_on",
    "form",
    "accession",
)
DAYS = ("known_on", "since", "until", "filed_on", "period_start", "period_end")
WHOLE_NUMBERS = ("cik", "sic")
TABLES: dict[str, tuple[str, ...]] = {
    "filers": FILERS,
    "former_names": FORMER_NAMES,
    "symbols": SYMBOLS,
    "forms": FORMS,
    "facts": FACTS,
}


Row = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one piece of data says, row by row in the columns of `TABLES`.

    A day is a text in ISO 8601 or missing. `whole` has tables that come as such;
    `passed_over` counts values that are not read: of other units or other periods;
    `refusal` says why a member of an archive was not read.
    """

    filers: Sequence[Row] = ()
    former_names: Sequence[Row] = ()
    symbols: Sequence[Row] = ()
    forms: Sequence[Row] = ()
    facts: Sequence[Row] = ()
    whole: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    passed_over: int = 0
    refusal: str = ""

    def row_count(self) -> int:
        """Count the rows of all tables."""
        rows = sum(len(getattr(self, name)) for name in TABLES)
        return rows + sum(map(len, self.whole.values()))


def tables_of(parts: Sequence[Told]) -> dict[str, pd.DataFrame]:
    """Return what several pieces say as the tables of `TABLES`."""
    found = {}
    for name, columns in TABLES.items():
        rows = [row for each in parts for row in getattr(each, name)]
        tables = [pd.DataFrame(rows, columns=list(columns))]
        tables += [each.whole[name] for each in parts if name in each.whole]
        typed = [_typed(table) for table in tables if len(table)] or map(_typed, tables)
        found[name] = pd.concat(typed, ignore_index=True)
    return found


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Give columns their types; what is no day or no number is missing."""
    columns = {}
    for name, column in table.items():
        if name in DAYS:
            days = pd.to_datetime(column, format="ISO8601", errors="coerce")
            columns[name] = days.astype("datetime64[us]")
        elif name in WHOLE_NUMBERS:
            columns[name] = pd.to_numeric(column, errors="coerce").astype("Int64")
        elif name == "value":
            columns[name] = pd.to_numeric(column, errors="coerce").astype("float64")
        else:
            columns[name] = column.astype("str")
    return pd.DataFrame(columns)
