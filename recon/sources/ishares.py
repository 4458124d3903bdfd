"""Index fund holdings: the CSV that iShares fund pages serve, and dated tables.

A fund's holdings stand for its index on their day. Cash, futures and other lines that
are not shares are left out.
"""

import csv
import io
import re
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from recon.errors import SourceUnreadable

# every fund that a list may be of; those with a number have a page to fetch it from
FUND_ROWS = list(
    csv.DictReader(
        Path(__file__).with_name("funds.csv").read_text("utf-8").splitlines()
    )
)
# by the fund's name, as the first line of its CSV has it
FUNDS = {row["name"].upper(): row["index"] for row in FUND_ROWS}
AS_OF = re.compile(r'^"?fund holdings as of"?,\s*"?([^"]+?)"?\s*$', re.IGNORECASE)
DATE_FORMS = ("%b %d, %Y", "%B %d, %Y", "%d/%b/%Y", "%Y-%m-%d")
COLUMNS = (
    *("index", "as_of", "symbol", "weight_frac", "source"),
    *("held_shares", "market_value_usd"),
)
REQUIRED = ("Ticker", "Asset Class", "Weight (%)")
SHARES, VALUE = ("Quantity", "Shares"), ("Market Value",)


def parse_holdings(text: str, origin: str, index: str | None = None) -> pd.DataFrame:
    """Parse one holdings CSV into table `Memberships`.

    `index` overrides what the fund's name says. Symbols are spelled as the fund
    does, in capitals without punctuation.

    Raises
    ------
    SourceUnreadable
        If the day, the fund or the table's header cannot be found.
    """
    lines = text.lstrip("\ufeff").splitlines()
    fund = next((line.strip().strip('",') for line in lines if line.strip(' ",')), "")
    index = index or FUNDS.get(fund.upper())
    if index is None:
        raise SourceUnreadable(
            f"{origin} is of the fund '{fund[:60]}', which stands for no index here; "
            "name one with --index."
        )
    start = next(
        (n for n, line in enumerate(lines) if line.strip('" ').startswith("Ticker")),
        None,
    )
    if start is None:
        raise SourceUnreadable(
            f"{origin} has no header line that starts with 'Ticker'; expected the CSV "
            "of an iShares fund page."
        )
    table = _rows_below(lines[start:], origin)
    return members_of(table, index, _day(lines[:start], origin), f"{fund} holdings")


def members_of(
    table: pd.DataFrame, index: str, as_of: date, source: str
) -> pd.DataFrame:
    """Return table `Memberships` of the shares among a fund's holdings.

    `table` has Ticker, Asset Class and Weight (%) as texts and, where the source gives
    them, Quantity and Market Value. Cash, futures and rows without a ticker are left
    out.
    """
    is_share = table["Asset Class"].str.strip().eq("Equity")
    is_named = table["Ticker"].str.contains(r"[A-Za-z]", regex=True).fillna(False)
    table = table[is_share & is_named]
    return pd.DataFrame(
        {
            "index": index,
            "as_of": pd.Timestamp(as_of),
            "symbol": _key(table["Ticker"]),
            "weight_frac": _number(table, ("Weight (%)",)).div(100),
            "source": source,
            "held_shares": _amount(table, SHARES),
            "market_value_usd": _amount(table, VALUE),
        }
    ).drop_duplicates("symbol")


def _number(table: pd.DataFrame, names: Collection[str]) -> pd.Series:
    """Return the first column of those names as numbers, missing without one."""
    name = next((each for each in names if each in table), None)
    if name is None:
        return pd.Series(float("nan"), index=table.index)
    values = table[name]
    if not pd.api.types.is_numeric_dtype(values):
        values = values.astype("str").str.replace(",", "")
    return pd.to_numeric(values, errors="coerce").astype(float)


def _amount(table: pd.DataFrame, names: Collection[str]) -> pd.Series:
    """Return what a fund holds as numbers; nothing of a security is not known."""
    values = _number(table, names)
    return values.where(values > 0)


def parse_table(
    table: pd.DataFrame, origin: str, known_indexes: Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Parse a table of dated holdings into `Memberships` and the rows refused.

    Expects index, as_of, ticker (or ticker_key, symbol) and, where there is one,
    weight_pct or weight_frac, shares, market_value and source. Refused rows have
    index, as_of, symbol and reason.

    Raises
    ------
    SourceUnreadable
        If one of the columns is absent.
    """
    names = {"index", "as_of"}
    symbol = next((n for n in ("ticker_key", "symbol", "ticker") if n in table), None)
    if symbol is None or not names <= set(table):
        raise SourceUnreadable(
            f"{origin} is not a table of holdings; expected index, as_of and ticker, "
            f"found {', '.join(map(str, table.columns[:12]))}."
        )
    weight = pd.Series(float("nan"), index=table.index)
    if "weight_frac" in table:
        weight = pd.to_numeric(table["weight_frac"], errors="coerce")
    elif "weight_pct" in table:
        weight = pd.to_numeric(table["weight_pct"], errors="coerce").div(100)
    source = table["source"] if "source" in table else origin
    parsed = pd.DataFrame(
        {
            "index": table["index"].astype("str"),
            "as_of": pd.to_datetime(table["as_of"], errors="coerce"),
            "symbol": _key(table[symbol].astype("str")),
            "weight_frac": weight,
            "source": source,
            "held_shares": _amount(table, ("held_shares", "shares")),
            "market_value_usd": _amount(table, ("market_value_usd", "market_value")),
        }
    )
    reason = pd.Series(pd.NA, index=parsed.index, dtype="str")
    reason = reason.mask(parsed["symbol"].fillna("").eq(""), "no ticker")
    reason = reason.mask(parsed["as_of"].isna(), "as_of is not a day")
    reason = reason.mask(~parsed["index"].isin(list(known_indexes)), "unknown index")
    again = parsed.duplicated(["index", "as_of", "source", "symbol"])
    reason = reason.mask(reason.isna() & again, "repeated in its list")
    refused = parsed.loc[reason.notna(), ["index", "as_of", "symbol"]]
    return parsed[reason.isna()], refused.assign(reason=reason[reason.notna()])


def _rows_below(lines: list[str], origin: str) -> pd.DataFrame:
    """Rows of the table whose header is the first line, as texts."""
    expected = list(REQUIRED)
    try:
        header, *rows = csv.reader(io.StringIO("\n".join(lines)))
    except csv.Error as error:
        raise SourceUnreadable(f"{origin} could not be read: {error}.") from error
    header = [name.strip() for name in header]
    missing = [name for name in expected if name not in header]
    if missing:
        raise SourceUnreadable(
            f"{origin} has no column '{missing[0]}'; expected the CSV of an iShares "
            f"fund page, its header reads {', '.join(header)[:200]}."
        )
    expected += [name for name in (*SHARES, *VALUE) if name in header]
    at = [header.index(name) for name in expected]
    # the paragraphs below the table are shorter than its rows
    whole = [[row[n] for n in at] for row in rows if len(row) > max(at)]
    return pd.DataFrame(whole, columns=expected, dtype="str")


def _key(ticker: pd.Series) -> pd.Series:
    return ticker.str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)


def _day(lines: list[str], origin: str) -> date:
    for line in lines:
        found = AS_OF.match(line.strip())
        if not found:
            continue
        for form in DATE_FORMS:
            try:
                return datetime.strptime(found[1].strip(), form).date()
            except ValueError:
                continue
        raise SourceUnreadable(
            f"{origin} has holdings as of '{found[1]}', which is no day; expected "
            "such as Apr 30, 2024."
        )
    raise SourceUnreadable(f"{origin} has no line 'Fund Holdings as of'.")
