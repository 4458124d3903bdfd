"""Changes told together: a row a company, counts by list and by cause, one sentence."""

import pandas as pd

from recon import formatting
from recon.indexes import BROAD, INDEXES, LARGE, SMALL
from recon.studies.changes import Changes, words

MAIN = (LARGE, SMALL, BROAD)
LIST_KINDS = (words.JOINS, words.LEAVES)
MOVES_LISTS = "moves lists"


def by_company(rows: pd.DataFrame) -> pd.DataFrame:
    """Return changes with the lists that a company joins and leaves in one row.

    Columns: those of `words.COLUMNS` with kind ``moves lists`` for such a row, joins
    and leaves (lists, comma-separated), joins_short and leaves_short (the first two of
    them), and name (symbol and company). Rows of the Russell 1000, 2000 and 3000 come
    first.
    """
    is_list = rows["kind"].isin(LIST_KINDS)
    moved, others = rows[is_list], rows[~is_list]
    shown = moved["list"].map(short)
    moved = moved.assign(
        joins=shown.where(moved["kind"].eq(words.JOINS)),
        leaves=shown.where(moved["kind"].eq(words.LEAVES)),
        is_main=moved["list"].isin(MAIN),
    )
    by = ["symbol", "company", "before", "after"]
    told = moved.groupby(by, sort=False).agg(
        joins=("joins", _joined),
        leaves=("leaves", _joined),
        list=("list", "first"),
        cause=("cause", "first"),
        why=("why", "first"),
        is_main=("is_main", "any"),
    )
    told = told.reset_index().assign(kind=MOVES_LISTS)
    told = told.sort_values("is_main", ascending=False, kind="stable")
    others = others.assign(joins="", leaves="")
    both = pd.concat([told.drop(columns="is_main"), others], ignore_index=True)
    name = (both["symbol"] + "  " + both["company"]).str.strip()
    return both.assign(
        name=name,
        list=both["list"].map(short),
        joins_short=both["joins"].map(_first_two),
        leaves_short=both["leaves"].map(_first_two),
    )


def by_list(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a list: how many join and leave it, and who comes first.

    Columns: list, joins, leaves, joining and leaving (symbols, the largest first).
    """
    moved = rows[rows["kind"].isin(LIST_KINDS)]
    found = []
    for code in (*MAIN, *(code for code in INDEXES if code not in MAIN)):
        own = moved[moved["list"] == code]
        names = [own.loc[own["kind"] == kind, "symbol"].tolist() for kind in LIST_KINDS]
        found.append((short(code), *map(len, names), *map(", ".join, names)))
    columns = ["list", "joins", "leaves", "joining", "leaving"]
    return pd.DataFrame(found, columns=columns)


def by_cause(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a cause: how many companies it moved, most first.

    Columns: cause, company_count, symbols.
    """
    moved = by_company(rows)
    moved = moved[moved["kind"] == MOVES_LISTS]
    found = moved.groupby("cause").agg(
        company_count=("symbol", "size"), symbols=("symbol", _joined)
    )
    return found.sort_values("company_count", ascending=False).reset_index()


def sentence(changes: Changes) -> str:
    """Say what changed between two days, fit to be quoted."""
    counts = by_list(changes.rows).set_index("list")
    parts = [
        f"{_names(counts.loc[short(code), 'joins'], 'join')} the projected "
        f"{INDEXES[code].name} and {_count(counts.loc[short(code), 'leaves'], 'leave')}"
        for code in (LARGE, SMALL)
        if counts.loc[short(code), ["joins", "leaves"]].sum()
    ]
    said = "; ".join(parts) or "no name joins or leaves the projected Russell 3000"
    causes = by_cause(changes.rows)
    if len(causes):
        most = causes.iloc[0]
        said += f"; {most['cause']} moved most of them, {most['company_count']:,}"
    line = changes.lines.set_index("rank").loc[INDEXES[LARGE].line_rank]
    since = f"Since {formatting.day(changes.then)}"
    event = f" {changes.event} was implemented meanwhile." if changes.event else ""
    return (
        f"{since}, {said}. The Russell 1000/2000 line moved "
        f"{formatting.percent(line['change_frac'], 2, True)} to "
        f"{formatting.usd(line['after_usd'], 2)}, the market "
        f"{formatting.percent(line['market_frac'], 2, True)}.{event}"
    )


def short(code: str) -> str:
    """Return the name of a list without the family's, such as ``R1000`` or ``Top 50``.

    >>> short("R1000"), short("TOP50"), short("MIDCAP"), short("R1000 / R2000")
    ('R1000', 'Top 50', 'Midcap', 'R1000 / R2000')
    """
    if code not in INDEXES or code[1].isdigit():
        return code
    return INDEXES[code].name.replace("Russell ", "").replace(" Mega Cap", "")


def _first_two(lists: str) -> str:
    names = lists.split(", ")
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more


def _joined(names: pd.Series) -> str:
    return ", ".join(dict.fromkeys(names.dropna()))


def _names(count: int, verb: str) -> str:
    return f"{formatting.count(count, 'name')} {_verb(count, verb)}"


def _count(count: int, verb: str) -> str:
    return f"{count:,} {_verb(count, verb)} it"


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb
