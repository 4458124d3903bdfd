"""Which column of a provider's table is which of ours.

Names are compared without case, spaces and punctuation; an explicit mapping takes
precedence over the names known here.
"""

import re
from collections.abc import Mapping, Sequence

from recon.errors import SourceUnreadable

KNOWN_AS: dict[str, tuple[str, ...]] = {
    "snapshot_date": ("date", "snapshotdate", "asof", "asofdate", "tradedate", "day"),
    "symbol": ("symbol", "ticker", "tickersymbol"),
    "close_usd": ("price", "close", "closeusd", "lastsale", "last", "lastprice"),
    "total_market_cap_usd": (
        "marketcap",
        "totalmarketcapusd",
        "totalmarketcap",
        "marketcapitalization",
        "mktcap",
    ),
    "volume_shares": ("volume", "volumeshares", "sharevolume"),
    "shares_outstanding": ("sharesoutstanding", "shares", "totalshares"),
    "available_shares": ("availableshares", "floatshares", "sharesfloat", "float"),
    "exchange": ("exchange", "primaryexchange", "listingexchange"),
    "name": ("name", "company", "companyname", "securityname"),
    "country": ("country", "headquarterscountry", "hqcountry"),
    "ipo_year": ("ipoyear",),
    "sector": ("sector",),
    "industry": ("industry",),
    "security_type": ("securitytype", "type", "quotetype", "sharetype"),
    "incorporation_country": (
        "incorporationcountry",
        "countryofincorporation",
        "incorporation",
    ),
    "cik": ("cik",),
}
REQUIRED = ("snapshot_date", "symbol", "close_usd", "total_market_cap_usd")


def match(
    found: Sequence[str], where: str, mapping: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return, for each of our columns that the table has, the table's own column.

    `mapping` maps our names to theirs and wins, an empty name leaves the column out;
    `where` names the file in errors.

    Raises
    ------
    SourceUnreadable
        If a required column is absent, or a mapped one does not exist.
    """
    chosen = dict(mapping or {})
    for ours, theirs in chosen.items():
        if ours not in KNOWN_AS:
            raise SourceUnreadable(
                f"'{ours}' is not a column of this program; map one of "
                f"{', '.join(KNOWN_AS)}."
            )
        if theirs and theirs not in found:
            raise SourceUnreadable(
                f"{where} has no column '{theirs}' to take {ours} from; it has "
                f"{_listed(found)}."
            )
    chosen = {**recognised(found), **chosen}
    chosen = {ours: theirs for ours, theirs in chosen.items() if theirs}
    missing = [ours for ours in REQUIRED if ours not in chosen]
    if missing:
        expected = " and ".join(
            f"{ours} (such as '{KNOWN_AS[ours][0]}')" for ours in missing
        )
        raise SourceUnreadable(
            f"{where} has no column for {expected}; its header reads "
            f"{_listed(found)}. Name the columns with --map OURS=THEIRS."
        )
    return chosen


def recognised(found: Sequence[str]) -> dict[str, str]:
    """Return the table's own column for each of ours that its name identifies.

    >>> recognised(["Ticker", "Market Cap", "Notes"])
    {'symbol': 'Ticker', 'total_market_cap_usd': 'Market Cap'}
    """
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(found)}
    known = {
        ours: next((plain[name] for name in names if name in plain), None)
        for ours, names in KNOWN_AS.items()
    }
    return {ours: theirs for ours, theirs in known.items() if theirs is not None}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(str(name)[:30] for name in list(names)[:12])
    return shown + (", ..." if len(names) > 12 else "") if names else "nothing"
