"""How a table writes what it says: its days, its numbers, and where it begins.

A market writes 30.04.2024 and 1.234,5 where another writes 04/30/2024 and 1,234.5, and
a vendor gives caps in millions. None of it can be told from one value alone, so it is
told to the reader of the table, see `recon.ingest.guessing` for what a file suggests.
"""

from dataclasses import dataclass

YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "ymd", "dmy", "mdy"
# of each order: a day as an example, and the forms read beside 2024-04-30
DAY_EXAMPLES = {
    YEAR_FIRST: "2024-04-30",
    DAY_FIRST: "30.04.2024",
    MONTH_FIRST: "04/30/2024",
}
DAY_FORMS: dict[str, tuple[str, ...]] = {
    YEAR_FIRST: ("%Y-%m-%d",),
    DAY_FIRST: ("%d-%m-%y", "%d-%m-%Y", "%d-%b-%y", "%d-%b-%Y", "%d-%B-%Y"),
    MONTH_FIRST: ("%m-%d-%y", "%m-%d-%Y", "%b-%d-%y", "%b-%d-%Y", "%B-%d-%Y"),
}
CAP_UNITS = {"usd": 1.0, "mn": 1e6, "bn": 1e9}


@dataclass(frozen=True, kw_only=True)
class Notation:
    """How a table is written.

    Parameters
    ----------
    day_order
        One of `DAY_EXAMPLES`; 2024-04-30 and 20240430 are read in every order.
    cap_unit
        One of `CAP_UNITS`: what its market caps count, in US dollars.
    decimal_comma
        Whether 1.234,5 is one thousand two hundred and thirty-four and a half.
    rows_above
        How many lines stand above its header.
    """

    day_order: str = YEAR_FIRST
    cap_unit: str = "usd"
    decimal_comma: bool = False
    rows_above: int = 0


PLAIN = Notation()
