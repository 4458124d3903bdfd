"""Interest rates, credit spreads and consumer prices, in FRED's form of CSV.

A column a series, a row a day; FRED writes ``.`` or nothing where none was published.
"""

import io
from datetime import date

import numpy as np
import pandas as pd

from recon.errors import SourceUnreadable
from recon.sources.http_client import HttpClient

URL = "https://fred.stlouisfed.org/graph/fredgraph.csv?id={series}&cosd={since}"
# our code: FRED's names of it, and whether it is of a month
SERIES: dict[str, tuple[tuple[str, ...], bool]] = {
    "DGS2": (("DGS2",), False),
    "DGS10": (("DGS10",), False),
    "BBB_OAS": (("BBB_OAS", "BAMLC0A4CBBB"), False),
    "HY_OAS": (("HY_OAS", "BAMLH0A0HYM2"), False),
    "BAA10Y": (("BAA10Y",), False),
    "T10YIE": (("T10YIE",), False),
    "CPI": (("CPI", "CPIAUCSL"), True),
    "CORE_CPI": (("CORE_CPI", "CPILFESL"), True),
}
DAY_COLUMNS = ("observation_date", "date", "DATE", "Date")
# a month's figure comes out before the middle of the next month
MONTH_KNOWN_DAYS = 45
COLUMNS = ["series", "observed_on", "value", "known_on"]


def parse(text: str, origin: str) -> pd.DataFrame:
    """Parse a CSV into rows of series, observed_on, value and known_on.

    Values are in the unit of the source: percent, or an index. A day's figure is known
    on the day; a month's 45 days after it began. Series that are not of `SERIES` are
    left out.

    Raises
    ------
    SourceUnreadable
        If it has no day, or none of the series.
    """
    try:
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    except ValueError as error:
        raise SourceUnreadable(f"{origin} could not be read: {error}") from None
    day = next((name for name in DAY_COLUMNS if name in table), None)
    named = {
        name: code
        for code, (names, _) in SERIES.items()
        for name in names
        if name in table
    }
    if day is None or not named:
        raise SourceUnreadable(
            f"{origin} has the columns {', '.join(table.columns[:12])}; expected a day "
            f"({DAY_COLUMNS[0]} or date) and series of FRED such as DGS10 or CPIAUCSL."
        )
    days = pd.to_datetime(table[day], errors="coerce")
    if days.isna().any():
        row = int(days.isna().to_numpy().argmax()) + 1
        raise SourceUnreadable(f"{origin}: row {row} has no day such as 2024-04-30.")
    parts = []
    for name, code in named.items():
        value = pd.to_numeric(table[name].replace(".", ""), errors="coerce")
        value = value.where(np.isfinite(value))
        delay = MONTH_KNOWN_DAYS if SERIES[code][1] else 0
        part = pd.DataFrame({"series": code, "observed_on": days, "value": value})
        parts.append(part.assign(known_on=days + pd.Timedelta(days=delay)))
    rows = pd.concat(parts, ignore_index=True).dropna(subset="value")
    return rows.drop_duplicates(["series", "observed_on"], keep="last")[COLUMNS]


def fetch(client: HttpClient, code: str, since: date) -> pd.DataFrame:
    """Fetch one series of `SERIES` from FRED since a day.

    Raises
    ------
    SourceBlocked, SourceSilent, SourceUnreadable
        If FRED refuses, does not answer, or answers something else.
    """
    name = SERIES[code][0][-1]
    response = client.get(URL.format(series=name, since=since.isoformat()), slice=code)
    return parse(response.text, f"FRED {name}")
