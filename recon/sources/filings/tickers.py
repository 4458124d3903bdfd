"""The SEC's lists of tickers: which filer trades under which symbol, today.

``company_tickers.json`` is a dictionary of rows, ``company_tickers_exchange.json`` has
fields and rows; neither says of which day it is.
"""

from datetime import date

import orjson

from recon.errors import SourceUnreadable
from recon.sources.filings import Row, Told

FIELDS = ("cik", "name", "ticker", "exchange")


def recognizes(content: bytes) -> bool:
    """Tell whether a JSON has the form of one of the lists."""
    head = content[:400]
    return b'"cik_str"' in head or (b'"fields"' in head and b'"ticker"' in head)


def parse(content: bytes, origin: str, known_on: date) -> Told:
    """Parse a list of tickers, as of the day it was fetched.

    Raises
    ------
    SourceUnreadable
        If it is not of the form.
    """
    try:
        whole = orjson.loads(content)
        if "fields" in whole:
            at = [whole["fields"].index(name) for name in FIELDS]
            found = [[row[place] for place in at] for row in whole["data"]]
        else:
            found = [
                [row["cik_str"], row["title"], row["ticker"], None]
                for row in whole.values()
            ]
        rows: list[Row] = [
            (int(cik), str(symbol), exchange, known_on.isoformat())
            for cik, _, symbol, exchange in found
            if symbol
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceUnreadable(
            f"{origin} is not of the form of the SEC's lists of tickers ({error!r})."
        ) from error
    return Told(symbols=rows)
