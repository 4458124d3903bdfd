"""The fund pages of iShares: which funds, their addresses, and the JSON they serve.

Two forms: the product data that the pages read since 2026, a list for each column and
the day inside; and the older ``aaData``, a list for each holding, without a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import pandas as pd

from recon.errors import (
    BadRequest,
    ReconError,
    SourceBlocked,
    SourceSilent,
    SourceUnreadable,
)
from recon.sources import ishares
from recon.sources.http_client import HttpClient, Incomplete

API = "varnish-api/blk-one01-product-data/product-data/api"
PRODUCT_DATA = f"https://www.ishares.com/{API}/v2/get-product-data"
DOCUMENT = f"https://www.blackrock.com/{API}/v1/get-fund-document"
PAGE = "https://www.ishares.com/us/products"
# our column, and where the two forms have it
POINTS = {
    "Ticker": "ticker",
    "Asset Class": "assetClass",
    "Weight (%)": "holdingPercent",
}
PATH = (
    "componentsByNameMap",
    "holdings",
    "containersByNameMap",
    "all",
    "dataPointsByNameMap",
)
PLACES = {"Ticker": 0, "Asset Class": 3, "Weight (%)": 5}
# what the fund holds, where it is given
AMOUNT_POINTS = {"Market Value": "marketValue", "Quantity": "unitsHeld"}
AMOUNT_PLACES = {"Market Value": 4, "Quantity": 7}
REFUSED = (401, 403)


@dataclass(frozen=True, kw_only=True)
class Fund:
    """One fund: its ticker, the index it stands for and its number on the pages."""

    ticker: str
    name: str
    index: str
    number: int

    @property
    def page(self) -> str:
        """Address of the fund's page, for a person."""
        return f"{PAGE}/{self.number}"


FUNDS: dict[str, Fund] = {
    row["ticker"]: Fund(
        ticker=row["ticker"],
        name=row["name"],
        index=row["index"],
        number=int(row["number"]),
    )
    for row in ishares.FUND_ROWS
    if row["number"]
}


def fund(ticker: str) -> Fund:
    """Return the fund of a ticker.

    Raises
    ------
    BadRequest
        If it is none of ours.
    """
    if ticker.upper() not in FUNDS:
        raise BadRequest(f"There is no fund '{ticker}'; choose {', '.join(FUNDS)}.")
    return FUNDS[ticker.upper()]


def fetch(client: HttpClient, fund: Fund, as_of: date | None) -> pd.DataFrame:
    """Fetch a fund's holdings, of a day or the newest; return table `Memberships`.

    Product data are tried first, then the CSV document.

    Raises
    ------
    SourceBlocked, SourceSilent
        If the provider refuses, or gives no complete response.
    SourceUnreadable
        If neither response can be parsed, or is of another day.
    """
    refused, failures = 0, list[ReconError]()
    for address in addresses(fund, as_of):
        try:
            answer = client.get(address, slice=f"{fund.ticker} {as_of or 'newest'}")
            status = answer.status_code
            refused += status in REFUSED
            if status != 200:
                raise SourceUnreadable(f"{fund.ticker}: the server returned {status}.")
            return _of_day(parse_any(answer.content, fund.ticker, fund), fund, as_of)
        except (SourceSilent, SourceUnreadable) as error:
            failures.append(error)
            if not client.is_answered:
                break  # the other address cannot be reached either
    if refused == len(addresses(fund, as_of)):
        raise SourceBlocked(
            f"iShares refuses requests for {fund.ticker}; save the CSV of {fund.page} "
            "by hand and load it as index holdings."
        )
    raise failures[-1]


def addresses(fund: Fund, as_of: date | None) -> tuple[str, str]:
    """Return the addresses of a fund's holdings, the better one first."""
    query = {
        "appType": "PRODUCT_PAGE",
        "appSubType": "ISHARES",
        "targetSite": "us-ishares",
        "locale": "en_US",
        "portfolioId": str(fund.number),
        "userType": "individual",
        "component": "holdings",
        **({"asOfDate": f"{as_of:%Y%m%d}"} if as_of else {}),
    }
    return f"{PRODUCT_DATA}?{urlencode(query)}", f"{DOCUMENT}?{urlencode(query)}"


def inspect(url: str, status: int, content: bytes) -> int | None:
    """Check a response for the HTTP client: complete, and how many rows it has.

    Raises
    ------
    Incomplete
        If it is neither the JSON nor the CSV of holdings, such as an error page.
    """
    if status != 200:
        return None
    try:
        return len(parse_any(content, url, None))
    except SourceUnreadable as error:
        raise Incomplete("no holdings in the response") from error


def parse_any(content: bytes, origin: str, fund: Fund | None) -> pd.DataFrame:
    """Parse a response of either form into table `Memberships`."""
    index, name = (fund.index, fund.name) if fund else ("R1000", "a fund")
    text = content.decode("utf-8-sig", errors="replace")
    if text.lstrip().startswith("{"):
        return parse_product_data(text, origin, index, name)
    return ishares.parse_holdings(text, origin, index)


def parse_product_data(
    text: str, origin: str, index: str, name: str = "fund"
) -> pd.DataFrame:
    """Parse the product data of a fund into table `Memberships`.

    Raises
    ------
    SourceUnreadable
        If it is not that form, has no day, or its columns differ in length.
    """
    points = _points(text, origin)
    try:
        columns = {
            ours: list(points[theirs]["value"])
            for ours, theirs in (POINTS | AMOUNT_POINTS).items()
            if ours in POINTS or theirs in points
        }
        day = datetime.strptime(str(points["asOfDate"]["value"]), "%Y%m%d").date()
    except (KeyError, TypeError, ValueError) as error:
        raise SourceUnreadable(
            f"{origin} has no list of tickers, asset classes and weights with its "
            f"day ({type(error).__name__} {error})."
        ) from error
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise SourceUnreadable(
            f"{origin} has columns of different lengths, {sorted(lengths)}; none of "
            "it is used."
        )
    return ishares.members_of(_texts(columns), index, day, f"{name} holdings")


def parse_aadata(
    text: str, origin: str, index: str, as_of: date, name: str = "fund"
) -> pd.DataFrame:
    """Parse the older JSON of a fund page, which does not say its day.

    Raises
    ------
    SourceUnreadable
        If it is not that form.
    """
    rows = _json(text, origin).get("aaData")
    most = max(PLACES.values())
    if not isinstance(rows, list) or not all(
        isinstance(row, list) and len(row) > most and isinstance(row[most], dict)
        for row in rows
    ):
        raise SourceUnreadable(
            f"{origin} has no holdings of an equity fund under 'aaData'."
        )
    is_whole = all(len(row) > max(AMOUNT_PLACES.values()) for row in rows)
    places = PLACES | (AMOUNT_PLACES if is_whole else {})
    columns = {
        ours: [_plain(row[place]) for row in rows] for ours, place in places.items()
    }
    return ishares.members_of(_texts(columns), index, as_of, f"{name} holdings")


def _points(text: str, origin: str) -> dict[str, dict[str, Any]]:
    found: object = _json(text, origin)
    for step in PATH:
        found = found.get(step) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise SourceUnreadable(
            f"{origin} has no holdings where the fund pages keep them."
        )
    return found


def _json(text: str, origin: str) -> dict[str, object]:
    try:
        found = orjson.loads(text.lstrip("\ufeff"))
    except orjson.JSONDecodeError as error:
        raise SourceUnreadable(f"{origin} is not complete JSON: {error}.") from error
    if not isinstance(found, dict):
        raise SourceUnreadable(f"{origin} is JSON of another kind.")
    return found


def _plain(value: object) -> object:
    """Return the number of a value given with its text, or the value itself."""
    return value.get("raw") if isinstance(value, dict) else value


def _texts(columns: Mapping[str, list[object]]) -> pd.DataFrame:
    return pd.DataFrame(columns).astype("str")


def _of_day(members: pd.DataFrame, fund: Fund, as_of: date | None) -> pd.DataFrame:
    """Refuse a response without members, or of another day than requested."""
    if members.empty:
        raise SourceUnreadable(
            f"{fund.ticker} has no holdings of {as_of or 'its newest day'}; choose "
            "another day."
        )
    found = members["as_of"].iloc[0].date()
    if as_of is not None and found != as_of:
        raise SourceUnreadable(
            f"{fund.ticker} was requested for {as_of} and came back for {found}; the "
            "provider keeps no list of that day, or it was no session."
        )
    return members
