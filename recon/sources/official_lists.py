"""Official lists of an index event: additions, deletions, members, as posted.

A list has an index, a kind (preliminary, update 1 to 4, final), the day it was posted
and the day it takes effect. A file that only partly can be read is refused whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon.errors import BadRequest, SourceUnreadable
from recon.indexes import LISTED
from recon.sources.column_names import recognized
from recon.vocabulary import ADDITION, DELETION, membership_key

MEMBER = "member"
ACTIONS = {
    **dict.fromkeys(("addition", "additions", "add", "adds", "added"), ADDITION),
    **dict.fromkeys(("deletion", "deletions", "delete", "del", "deleted"), DELETION),
    **dict.fromkeys(("member", "members", "membership", "constituent"), MEMBER),
}
PRELIMINARY, FINAL = "preliminary", "final"
KINDS = (PRELIMINARY, "update 1", "update 2", "update 3", "update 4", FINAL)
TICKER = re.compile(r"[A-Z][A-Z0-9]{0,5}([./ -][A-Z]{1,3})?")
ROWS = [
    "index",
    "action",
    "symbol",
    "name",
    "industry",
    "kind",
    "posted_on",
    "effective_on",
]
# our columns, and how they are called in tables
NAMES: Mapping[str, tuple[str, ...]] = {
    "symbol": ("ticker", "symbol", "tickersymbol"),
    "index": ("index", "indexname"),
    "action": ("action", "change", "type"),
    "name": ("name", "company", "companyname", "securityname"),
    "industry": ("industry", "icbindustry", "sector", "rgssector"),
    "kind": ("kind", "list", "status"),
    "posted_on": ("postedon", "posted", "postedat", "posteddate"),
    "effective_on": ("effectivedate", "effectiveon", "effective"),
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a person says of a file that does not say it itself; None for nothing."""

    index: str | None = None
    action: str | None = None
    kind: str | None = None
    posted_on: date | None = None
    effective_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse an index, action or kind that there is not."""
        for value, choices, what in (
            (self.index, LISTED, "index"),
            (self.action, (ADDITION, DELETION, MEMBER), "action"),
            (self.kind, KINDS, "kind"),
        ):
            if value is not None and value not in choices:
                raise BadRequest(
                    f"There is no {what} '{value}'; choose {', '.join(choices)}."
                )


def parse_table(table: pd.DataFrame, origin: str, told: Told) -> pd.DataFrame:
    """Return the rows of a table: one row a name, with the columns of `ROWS`.

    Columns are known by their names (`NAMES`); what the table lacks may be `told`,
    and is missing where neither says it. `table` holds texts or dates.

    Raises
    ------
    SourceUnreadable
        If a column is missing, or a row cannot be read: the first such row.
    """
    columns = _columns(table)
    for needed in ("symbol", "index", "action"):
        if needed not in columns and getattr(told, needed, None) is None:
            raise SourceUnreadable(
                f"{origin} has no column of the {needed}"
                + ("" if needed == "symbol" else f"; name it with --{needed}")
                + f". It has {', '.join(map(str, table.columns))}."
            )
    found = pd.DataFrame(index=table.index)
    for name in ROWS:
        given = getattr(told, name, None)
        if name in columns:
            own = table[columns[name]]
            found[name] = own.where(own.notna() & own.astype("str").ne(""), given)
        else:
            found[name] = given
    rows = []
    for number, row in enumerate(found.to_dict("records"), start=2):
        try:
            rows.append(_row(row))
        except ValueError as error:
            raise SourceUnreadable(f"{origin}, row {number}: {error}.") from None
    if not rows:
        raise SourceUnreadable(f"{origin} has no rows.")
    return as_rows(rows)


def as_rows(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return read names as a table, with `key`, as membership lists write symbols."""
    table = pd.DataFrame(rows, columns=ROWS)
    days = {name: pd.to_datetime(table[name]) for name in ("posted_on", "effective_on")}
    texts = [name for name in ROWS if name not in days]
    table = table.assign(**days).astype(dict.fromkeys(texts, "str"))
    return table.assign(key=membership_key(table["symbol"]).astype("str"))


def _columns(table: pd.DataFrame) -> dict[str, str]:
    """Return the table's own name of each column that it has."""
    return recognized([str(name) for name in table.columns], NAMES)


def _row(row: dict[str, object]) -> dict[str, object]:
    symbol = str(row["symbol"] or "").strip().upper()
    if not TICKER.fullmatch(symbol):
        raise ValueError(f"'{symbol}' is no ticker")
    index = str(row["index"]).strip().upper()
    if index not in LISTED:
        raise ValueError(f"there is no index '{row['index']}'")
    action = ACTIONS.get(str(row["action"]).strip().lower())
    if action is None:
        raise ValueError(f"'{row['action']}' is neither addition, deletion nor member")
    kind = None if _is_missing(row["kind"]) else str(row["kind"]).strip().lower()
    if kind is not None and kind not in KINDS:
        raise ValueError(f"there is no kind '{kind}'; choose {', '.join(KINDS)}")
    days = {name: _day(row[name]) for name in ("posted_on", "effective_on")}
    texts = {
        name: None if _is_missing(row[name]) else str(row[name]).strip()
        for name in ("name", "industry")
    }
    return {
        "index": index,
        "action": action,
        "symbol": symbol,
        "kind": kind,
        **texts,
        **days,
    }


def _day(value: object) -> pd.Timestamp | None:
    if _is_missing(value):
        return None
    try:
        return pd.Timestamp(str(value)).normalize()
    except ValueError:
        raise ValueError(f"'{value}' is no day") from None


def _is_missing(value: object) -> bool:
    return value is None or bool(pd.isna(value)) or str(value).strip() == ""
