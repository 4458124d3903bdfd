"""Rows on their way in: read as offered, sorted into good and refused ones.

A provider's rows come from a file that DuckDB reads itself (CSV, Parquet) or as an
Arrow table that a parser made. Either way they are normalised once: texts become days
and numbers, and a row that cannot be read keeps its reason.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from recon.errors import SourceUnreadable
from recon.store import delimited
from recon.store.draft import count, run
from recon.store.notation import CAP_UNITS, DAY_EXAMPLES, DAY_FORMS, PLAIN, Notation

ATTRIBUTES = (
    "exchange",
    "name",
    "country",
    "ipo_year",
    "sector",
    "industry",
    "security_type",
    "incorporation_country",
    "cik",
)
NUMBERS = (
    "close_usd",
    "total_market_cap_usd",
    "volume_shares",
    "shares_outstanding",
    "available_shares",
    "close_change_frac",
)
REFUSAL = "refusal"  # a column in which a source says why it refuses the row
_FACTS = ("snapshot_date", "symbol", *NUMBERS)
COLUMNS = (*_FACTS, *ATTRIBUTES)

SYMBOL_PATTERN = r"[A-Za-z0-9][A-Za-z0-9./^$=+*~_-]{0,15}"
LARGEST_CLOSE_USD = 1e8  # Berkshire Hathaway A stands near a million
LARGEST_CAP_USD = 1e15
NUMBER_PATTERN = (
    r"[-+]?\$?[-+]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?([eE][-+]?\d+)?|[-+]?(inf|infinity)"
)
BLANKS = " \u00a0\u2009\u202f\u2019''"  # between thousands, as SQL has them
LIKELY_DAYS = "1900-01-01", "2199-12-31"
NO_MISFITS = delimited.Misfits().table(0)
EMPTY = "('', '-', '--', 'n/a', 'na', 'nan', 'none', 'null', 'nat', '<na>')"


def read_file(con: duckdb.DuckDBPyConnection, path: Path, rows_above: int = 0) -> None:
    """Make the temporary view `raw` of a CSV or Parquet file, as it is.

    `rows_above` lines above a CSV file's header are passed over.

    Raises
    ------
    SourceUnreadable
        If the file is neither, or is empty, truncated or damaged.
    """
    con.execute("drop view if exists raw")
    misfits = NO_MISFITS
    if path.suffix.lower() != ".parquet":
        spill = Path(
            con.execute("select current_setting('temp_directory')").fetchall()[0][0]
        )
        spill.mkdir(parents=True, exist_ok=True)
        target = spill / "offered.parquet"
        misfits = delimited.to_parquet(path, target, rows_above)
        relation = con.read_parquet(_no_pattern(target), hive_partitioning=False)
        relation.create_view("raw")
    else:
        try:
            _view_parquet(con, path)
        except duckdb.Error as error:
            first = str(error).strip().splitlines()[0]
            raise SourceUnreadable(
                f"{path.name} could not be read as Parquet: {first}"
            ) from error
    _keep_misfits(con, misfits)


def read_table(con: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """Make `raw` of an Arrow table; a `row_number` column is added where absent."""
    con.execute("drop view if exists raw")
    con.register("offered_table", table)
    numbered = "*" if "row_number" in table.column_names else "*, row_number() over ()"
    numbered += "" if "row_number" in table.column_names else " as row_number"
    con.execute(f"create view raw as select {numbered} from offered_table")
    _keep_misfits(con, NO_MISFITS)


def _view_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    relation = con.read_parquet(
        _no_pattern(path), file_row_number=True, hive_partitioning=False
    )
    number = "file_row_number + 1 as row_number"
    projection = f"* exclude (file_row_number), {number}"
    if "row_number" in relation.columns:  # theirs is not used
        projection = f"* exclude (file_row_number) replace ({number})"
    relation.project(projection).create_view("raw")
    con.execute("select 1 from raw limit 1").fetchall()


def _no_pattern(path: Path) -> str:
    """Return a path in which nothing stands for other names."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _keep_misfits(con: duckdb.DuckDBPyConnection, misfits: pa.Table) -> None:
    con.register("misfit_lines", misfits)
    con.execute("create or replace temp table misfits as from misfit_lines")
    con.unregister("misfit_lines")


def column_names(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the column names of `raw`, without the row number."""
    names = [row[0] for row in con.execute("describe raw").fetchall()]
    return [name for name in names if name != "row_number"]


def normalise(
    con: duckdb.DuckDBPyConnection,
    columns: Mapping[str, str],
    origin: str,
    notation: Notation = PLAIN,
) -> None:
    """Make `offered` (good rows), `refused` and `versions` out of `raw`.

    `columns` names, for each of `COLUMNS` that the file has, the file's own column.
    An offered row carries days and numbers; its texts are one row of `versions`,
    found by symbol and `version_hash`. A row with a text in the column of `REFUSAL`
    is refused with it. `notation` says how texts are written.
    """
    types = {row[0]: row[1] for row in con.execute("describe raw").fetchall()}
    used = {name: columns[name] for name in COLUMNS if name in columns}
    facts = [name for name in used if name not in ATTRIBUTES]
    kept = [f"{_quoted(used[name])} as raw_{name}" for name in facts]
    refusal = (
        _quoted(columns[REFUSAL]) if REFUSAL in columns else "cast(null as varchar)"
    )
    kept.append(f"{refusal} as refusal")
    values = {name: _value(name, used.get(name), types, notation) for name in COLUMNS}
    parsed = [f"{values[name]} as {name}" for name in _FACTS]
    texts = {name: _text(f"raw_{name}", types[used[name]]) for name in facts}
    shown = ", ".join(f"'{name}', {_as_offered(name, notation)}" for name in facts)
    attributes = [_quoted(used[name]) for name in ATTRIBUTES if name in used]
    hashed = f"hash({', '.join(attributes or ['0'])})"
    for leftover in ("table if exists parsed", "view if exists offered"):
        con.execute(f"drop {leftover}")
    con.execute(
        f"""
        create temp table parsed as
        with given as (select row_number, {hashed} as version_hash,
                              {", ".join(kept + parsed)} from raw),
             judged as (select *, coalesce(
                 refusal, {_unread(used, texts, types, notation)},
                 {_reason(notation)}) as reason from given)
        select row_number, version_hash, {", ".join(_FACTS)}, reason,
               case when reason is not null then json_object({shown})::varchar end
               as as_offered
        from judged
        """
    )
    run(con, "refuse_unread", origin=origin)
    con.execute("create temp view offered as select * from parsed where reason is null")
    run(con, "refuse_misfits", origin=origin)
    if count(con, "count_repeated"):
        run(con, "rank_repeated")
        run(con, "refuse_repeated", origin=origin)
        run(con, "mark_repeated")
    # texts are read once for all rows that share them
    distinct = ", ".join(dict.fromkeys([_quoted(used["symbol"]), *attributes]))
    named = ", ".join(f"any_value({values[name]}) as {name}" for name in ATTRIBUTES)
    con.execute(
        f"""
        create or replace temp table versions as
        select {values["symbol"]} as symbol, {hashed} as version_hash, {named}
        from (select distinct {distinct} from raw)
        group by 1, 2
        """
    )


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _is_number(kind: str) -> bool:
    return kind.startswith(("DECIMAL", "FLOAT", "DOUBLE")) or "INT" in kind


def _text(column: str, kind: str) -> str:
    text = f"trim(cast({column} as varchar))"
    return f"case when lower({text}) in {EMPTY} then null else {text} end"


def _shown(column: str) -> str:
    """SQL of a raw value as the quarantine shows it.

    In a lambda it is left alone for rows that are not refused; elsewhere DuckDB would
    work out the parts that it repeats for every row.
    """
    return (
        f"list_transform([trim(cast({column} as varchar))], "
        f"lambda x: case when lower(x) in {EMPTY} then null else x end)[1]"
    )


def _as_offered(name: str, notation: Notation) -> str:
    """SQL of a value for the quarantine: as it was given, in our notation if not so."""
    if notation == PLAIN or name not in NUMBERS:
        return _shown(f"raw_{name}")
    return f"coalesce({name}::varchar, {_shown(f'raw_{name}')})"


def _value(
    name: str, column: str | None, types: Mapping[str, str], notation: Notation
) -> str:
    if column is None:
        return f"cast(null as {_kind_of(name)})"
    kind, raw = types[column], _quoted(column)
    text = _text(raw, kind)
    if name == "snapshot_date":
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            zone = " at time zone 'UTC'" if kind.endswith("TIME ZONE") else ""
            return _likely(f"cast({raw}{zone} as date)")
        return _likely(
            f"coalesce(try_cast(nullif(regexp_extract({text}, "
            r"'^\d{4}-\d{2}-\d{2}(?:$|[T ])'), '')[:10] as date), "
            f"try_strptime(regexp_extract({text}, " + r"'^\d{8}$'), '%Y%m%d')::date, "
            f"{_day(text, notation)})"
        )
    if name in NUMBERS or name == "ipo_year":
        written = _number(text, notation)
        number = f"cast({raw} as double)" if _is_number(kind) else written
        if name == "total_market_cap_usd":
            factor = CAP_UNITS[notation.cap_unit]
            number = number if factor == 1 else f"{number} * {factor:.0f}::double"
            return f"nullif(nullif({number}, 0), 'nan'::double)"
        if name == "close_change_frac":  # offered in percent; none is a total loss
            percent = _number(f"replace({text}, '%', '')", notation)
            percent = number if _is_number(kind) else percent
            return f"case when {percent} > -100 then {percent} / 100 end"
        if name == "ipo_year":
            return (
                f"cast(case when {number} between 1700 and 2200 then {number} end "
                "as smallint)"
            )
        return f"nullif({number}, 'nan'::double)"
    return f"nullif(trim(cast({raw} as varchar)), '')" if name == "symbol" else text


def _likely(day: str) -> str:
    """SQL of a day, null where no listing could be of its century."""
    first, last = LIKELY_DAYS
    return f"case when {day} between '{first}' and '{last}' then {day} end"


def _day(text: str, notation: Notation) -> str:
    """SQL of a day written as text in the order of a notation, its time left out."""
    parts = rf"regexp_replace({text}, '[T ,]+\d{{1,2}}:\d{{2}}.*$', '')"
    joined = f"regexp_replace({parts}, '[-./ ,]+', '-', 'g')"
    return f"try_strptime({joined}, {list(DAY_FORMS[notation.day_order])})::date"


def _number(text: str, notation: Notation = PLAIN) -> str:
    """SQL of a number written as text; thousands have commas between them.

    With a decimal comma they have points, blanks or apostrophes.
    """
    if notation.decimal_comma:
        text = f"translate({text}, '.,', ',.')"
        grouped = rf"{text}, '[-+]?\d{{1,3}}([{BLANKS}]\d{{3}})+(\.\d*)?'"
        text = (
            f"case when regexp_full_match({grouped}) "
            f"then regexp_replace({text}, '[{BLANKS}]', '', 'g') else {text} end"
        )
    return (
        f"case when regexp_full_match({text}, '{NUMBER_PATTERN}', 'i') then "
        f"try_cast(replace(replace({text}, '$', ''), ',', '') as double) end"
    )


def _kind_of(name: str) -> str:
    if name in NUMBERS:
        return "double"
    if name == "ipo_year":
        return "smallint"
    return "date" if name == "snapshot_date" else "varchar"


def _unread(
    columns: Mapping[str, str],
    texts: Mapping[str, str],
    types: Mapping[str, str],
    notation: Notation,
) -> str:
    """SQL of the first number that is text and cannot be read, as a sentence."""
    cases = [
        f"when {texts[name]} is not null and {name} is null and "
        f"coalesce({_number(texts[name], notation)}, 'nan'::double) != 0 then "
        f"'{columns[name].replace(chr(39), chr(39) * 2)} ''' || "
        f"left({texts[name]}, 40) || ''' is not a number'"
        for name in NUMBERS
        if name in columns
        and name != "close_change_frac"  # no row is refused for want of it
        and not _is_number(types[columns[name]])
    ]
    return f"case {' '.join(cases)} end" if cases else "cast(null as varchar)"


def _reason(notation: Notation) -> str:
    example = DAY_EXAMPLES[notation.day_order]
    return f"""case
        when snapshot_date is null
        then 'the date is not a day; expected a form such as {example}'
        when symbol is null then 'the row has no symbol'
        when not regexp_full_match(symbol, '{SYMBOL_PATTERN}')
        then 'the symbol has characters that no ticker has'
        when close_usd <= 0 then 'the price ' || close_usd || ' is not above zero'
        when close_usd >= {LARGEST_CLOSE_USD} or isinf(close_usd)
        then 'the price ' || close_usd || ' is absurd'
        when total_market_cap_usd < 0
        then 'the market cap ' || total_market_cap_usd || ' is negative'
        when total_market_cap_usd >= {LARGEST_CAP_USD}
        then 'the market cap ' || total_market_cap_usd || ' is absurd'
        when volume_shares < 0 or volume_shares >= 1e15
        then 'the volume ' || volume_shares || ' is impossible'
        when shares_outstanding <= 0 or shares_outstanding >= 1e15
          or available_shares < 0 or available_shares >= 1e15
        then 'the share count is impossible'
        end"""
