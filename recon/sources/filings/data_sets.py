"""The SEC's Financial Statement Data Sets: what each report says, quarter by quarter.

A quarter is an archive of ``sub.txt`` (a row a filing, with the filer as it was then),
``num.txt`` (a row a number, with share classes and countries where they are told) and
others that are not read. Both are separated by tabs and have a header.
"""

import csv
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from recon.errors import SourceUnreadable
from recon.sources.filings import FACTS, FILERS, FORMS, SYMBOLS, Told
from recon.sources.filings.tags import tag_table, tags

SUB, NUM = "sub.txt", "num.txt"
SUB_COLUMNS = (
    *("adsh", "cik", "name", "sic", "countryba", "countryinc", "stprinc", "form"),
    *("period", "filed", "instance"),
)
NUM_COLUMNS = ("adsh", "tag", "version", "ddate", "qtrs", "uom", "value")
SEGMENTS, COREGISTRANT = "segments", "coreg"
CLASS, PLACE = "ClassOfStock", "Geographical"
BLOCK_BYTES = 1 << 24
PREFIX_LETTERS = 6
TAB = arrow_csv.ParseOptions(delimiter="\t", quote_char=False)


def is_quarter(names: list[str]) -> bool:
    """Tell whether the members of an archive, or a folder's files, are a quarter's."""
    found = {PurePath(name).name for name in names}
    return {SUB, NUM} <= found


def parse(sub: IO[bytes], num: IO[bytes], origin: str) -> Iterator[Told]:
    """Parse one quarter, in pieces that fit in memory.

    Raises
    ------
    SourceUnreadable
        If it is not of the form.
    """
    try:
        filings = _filings(sub, origin)
        yield _told_of(filings)
        yield from _numbers(num, filings, origin)
    except (pa.ArrowInvalid, ValueError, KeyError, csv.Error) as error:
        raise SourceUnreadable(
            f"{origin} is not of the form of the Financial Statement Data Sets: "
            f"{str(error).splitlines()[0] if str(error) else type(error).__name__}."
        ) from error


def _filings(sub: IO[bytes], origin: str) -> pd.DataFrame:
    texts = arrow_csv.ConvertOptions(
        column_types={name: pa.string() for name in SUB_COLUMNS},
        include_columns=list(SUB_COLUMNS),
        strings_can_be_null=True,
    )
    table = arrow_csv.read_csv(sub, parse_options=TAB, convert_options=texts)
    found = table.to_pandas()
    days = {
        name: pd.to_datetime(found[name], format="%Y%m%d", errors="coerce")
        for name in ("period", "filed")
    }
    numbers = {
        name: pd.to_numeric(found[name], errors="coerce") for name in ("cik", "sic")
    }
    found = found.assign(**days, **numbers)
    return found[found["cik"].notna() & found["filed"].notna()]


def _told_of(filings: pd.DataFrame) -> Told:
    """Return the filers and forms of a quarter, and symbols that files are named by."""
    blank = pd.Series("", index=filings.index)
    is_home = filings["countryinc"].isna() & filings["stprinc"].notna()
    filers = pd.DataFrame(
        {
            "cik": filings["cik"],
            "known_on": filings["filed"],
            "name": filings["name"],
            "entity_type": None,
            "sic": filings["sic"],
            "incorporated_in": filings["countryinc"].mask(is_home, "US"),
            "based_in": filings["countryba"],
            "accession": filings["adsh"],
        }
    )
    forms = pd.DataFrame(
        {
            "cik": filings["cik"],
            "form": filings["form"],
            "filed_on": filings["filed"],
            "period_end": filings["period"],
            "items": None,
            "accession": filings["adsh"],
        }
    )
    # companies name the file of a report after their symbol: snow-20210131.htm
    prefix = filings["instance"].fillna("").str.extract(r"^([a-z]+)-\d{8}")[0]
    symbols = pd.DataFrame(
        {
            "cik": filings["cik"],
            "symbol": prefix.fillna(blank).str.upper(),
            "exchange": None,
            "known_on": filings["filed"],
        }
    )
    is_short = symbols["symbol"].str.len().between(1, PREFIX_LETTERS)
    symbols = symbols[is_short].sort_values("known_on")
    # "form-20201231.htm" is no symbol: what several filers use is none of theirs
    users = symbols.groupby("symbol")["cik"].transform("nunique")
    symbols = symbols[users == 1]
    return Told(
        whole={
            "filers": filers[list(FILERS)],
            "forms": forms[list(FORMS)],
            "symbols": symbols.drop_duplicates(["cik", "symbol"])[list(SYMBOLS)],
        }
    )


def _numbers(num: IO[bytes], filings: pd.DataFrame, origin: str) -> Iterator[Told]:
    """Yield the facts of the quarter that are read, block by block."""
    wanted = pa.array(sorted({name for _, name in tags()}))
    options = arrow_csv.ConvertOptions(
        column_types={
            **dict.fromkeys(NUM_COLUMNS, pa.string()),
            **dict.fromkeys((SEGMENTS, COREGISTRANT), pa.string()),
        },
        strings_can_be_null=True,
    )
    reading = arrow_csv.ReadOptions(block_size=BLOCK_BYTES)
    blocks = arrow_csv.open_csv(
        num, read_options=reading, parse_options=TAB, convert_options=options
    )
    own = filings.set_index("adsh")[["cik", "filed", "form"]]
    own = own[~own.index.duplicated()]
    for block in blocks:
        table = pa.Table.from_batches([block])
        if missing := set(NUM_COLUMNS) - set(table.column_names):
            raise SourceUnreadable(f"{origin} lacks columns: {sorted(missing)}.")
        kept = table.filter(pc.is_in(table["tag"], value_set=wanted))
        if COREGISTRANT in kept.column_names:  # of a co-registrant, not the filer
            kept = kept.filter(pc.is_null(kept[COREGISTRANT]))
        if kept.num_rows:
            yield _facts(kept.to_pandas(), own)


def _facts(numbers: pd.DataFrame, own: pd.DataFrame) -> Told:
    offered = len(numbers)
    numbers = numbers.assign(
        taxonomy=numbers["version"].str.partition("/")[0],
        quarters=pd.to_numeric(numbers["qtrs"], errors="coerce"),
        end=pd.to_datetime(numbers["ddate"], format="%Y%m%d", errors="coerce"),
        member=_members(numbers),
        value=pd.to_numeric(numbers["value"], errors="coerce"),
    )
    numbers = numbers.merge(tag_table(), on=["taxonomy", "tag"]).join(own, on="adsh")
    is_read = numbers["uom"].eq(numbers["unit"])
    is_read &= numbers["is_of_span"].eq(numbers["quarters"] > 0)
    needed = ["cik", "quarters", "end", "member", "value"]
    read = numbers[is_read & numbers[needed].notna().all(axis=1)]
    months = read["end"].dt.to_period("M") - 3 * read["quarters"].astype(int)
    start = months.dt.to_timestamp(how="end").dt.normalize() + pd.Timedelta(days=1)
    facts = pd.DataFrame(
        {
            **read[["cik", "fact", "member", "value", "form", "order"]],
            "period_start": start.where(read["is_of_span"]),
            "period_end": read["end"],
            "known_on": read["filed"],
            "accession": read["adsh"],
        }
    )
    keys = ["accession", "fact", "member", "period_start", "period_end"]
    facts = facts.sort_values([*keys, "order"], kind="stable").drop_duplicates(keys)
    kept = facts[list(FACTS)].reset_index(drop=True)
    return Told(whole={"facts": kept}, passed_over=offered - len(read))


def _members(numbers: pd.DataFrame) -> pd.Series:
    """Return the share class or country of each number; empty for the whole.

    Missing where a number is of another part: a segment, a product, of two at once.
    """
    if SEGMENTS not in numbers:
        return pd.Series("", index=numbers.index)
    parts = numbers[SEGMENTS].fillna("").str.strip(";")
    is_class = parts.str.fullmatch(rf"{CLASS}=[^;=]+")
    is_place = parts.str.fullmatch(rf"{PLACE}=[^;=]+")
    return parts.where(is_class | is_place | parts.eq(""))
