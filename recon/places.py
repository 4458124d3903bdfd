"""Exchanges and countries, however a provider spells them.

Country names and codes are ISO 3166's, from pycountry. The spellings that it does not
carry, and those of exchanges, stand in the two tables below and nowhere else.
"""

import csv
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.resources import files

import pandas as pd
import pycountry

from recon import formatting

# codes of our own where several ISO 10383 segments are one exchange
EXCHANGES: dict[str, str] = {
    "NYSE": "nyse|nys|nyq|xnys|new york stock exchange|new york stock exchange inc",
    "AMEX": "amex|ase|xase|nyse american|nyse mkt|nyse amer|nyseamerican|nysemkt|"
    "american stock exchange",
    "ARCA": "arca|pcx|arcx|nyse arca|nysearca",
    "NASDAQ": "nasdaq|nas|xnas|nms|ngm|ncm|xngs|xnms|xncm|nasdaqgs|nasdaqgm|nasdaqcm|"
    "nasdaq gs|nasdaq gm|nasdaq cm|nasdaq global select|nasdaq global select market|"
    "nasdaq global market|nasdaq capital market|nasdaq stock market|"
    "nasdaq stock market llc|nasdaq nms global market",
    "CBOE": "cboe|bats|bzx|bts|xcbo|cboe bzx|cboe us|cboe bzx exchange|cboe bzx us|"
    "cboe bzx us equities exchange|bats exchange|bats trading|bats global markets",
    "OTC": "otc|pnk|ootc|xotc|oqb|oqx|oem|otcm|otcqx|otcqb|otc markets|otc pink|"
    "pink|pink sheets|pink current|otc bulletin board|otcbb|expert market|grey market|"
    "other otc|finra adf|xadf",
    "IEX": "iex|iexg|investors exchange",
}
# beside the names and codes of ISO 3166, which pycountry knows
COUNTRIES: dict[str, str] = {
    "US": "u s|u s a|united states america|the united states",
    "VI": "usvi|u s virgin islands|us virgin islands|virgin islands of the u s|"
    "united states virgin islands",
    "VG": "bvi|british virgin islands",
    "BQ": "bonaire|saba|sint eustatius|st eustatius|caribbean netherlands",
    "SX": "sint maarten|st maarten",
    "TC": "turks and caicos|turks caicos",
    "CW": "curacao",
    "BS": "the bahamas|bahama islands",
    "KY": "cayman|the cayman islands",
    "FO": "faroes|faeroe islands",
    "FK": "falkland islands|falklands",
    "JE": "channel islands",  # Jersey or Guernsey; both are benefit-driven
    "GB": "uk|u k|great britain|britain|england|scotland|wales|northern ireland",
    "RU": "russia",
    "TR": "turkey|turkiye",
    "KR": "korea|republic of korea|south korea",
    "CN": "mainland china|peoples republic of china|prc",
    "HK": "hong kong sar|hong kong sar china",
    "MO": "macau|macau sar china|macao sar china",
    "NL": "holland|the netherlands",
    "AE": "uae|u a e",
    "CI": "ivory coast|cote divoire",
    "SZ": "swaziland",
    "CV": "cape verde",
    "CD": "democratic republic of the congo|congo kinshasa",
    "CG": "republic of the congo|congo brazzaville",
    "MM": "burma",
    "VA": "vatican",
    "XK": "kosovo",
}


def _plain(text: str) -> str:
    """Return a spelling without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9']+", " ", letters).replace("'", "").split())


_BY_EXCHANGE = {s: code for code, text in EXCHANGES.items() for s in text.split("|")}
_BY_COUNTRY = {s: code for code, text in COUNTRIES.items() for s in text.split("|")}


@cache
def _iso_countries() -> dict[str, str]:
    fields = ("alpha_2", "alpha_3", "name", "official_name", "common_name")
    return {
        _plain(getattr(country, field)): country.alpha_2
        for country in pycountry.countries
        for field in fields
        if getattr(country, field, None)
    }


@cache
def exchange_code(spelling: str) -> str | None:
    """Return the key of `EXCHANGES` that a spelling means, None where it is unknown.

    >>> [exchange_code(s) for s in ("NYSE American", "NasdaqGS", "XNYS", "Cboe BZX")]
    ['AMEX', 'NASDAQ', 'NYSE', 'CBOE']
    """
    return _BY_EXCHANGE.get(_plain(spelling))


@cache
def country_code(spelling: str) -> str | None:
    """Return the two letters of ISO 3166 that a spelling means, None if unknown.

    >>> [country_code(s) for s in ("USA", "U.S. Virgin Islands", "Curaçao", "BVI")]
    ['US', 'VI', 'CW', 'VG']
    """
    plain = _plain(spelling)
    return _BY_COUNTRY.get(plain) or _iso_countries().get(plain)


@cache
def sec_place(code: str | None) -> str | None:
    """Return the ISO 3166 code of a country that a code of the SEC lies in.

    The SEC writes US states as the post does and all else in codes of its own; ``XX``
    is not known.

    >>> [sec_place(code) for code in ("DE", "PR", "E9", "A6", "XX", "")]
    ['US', 'PR', 'KY', 'CA', None, None]
    """
    plain = (code or "").strip().upper()
    if plain in US_TERRITORIES:
        return plain
    return "US" if plain in US_STATES else _sec_places().get(plain)


US_TERRITORIES = ("PR", "GU", "VI", "AS", "MP")
US_STATES = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT "
    "NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY".split()
)


@cache
def _sec_places() -> dict[str, str]:
    text = files("recon.record").joinpath("sec_places.csv").read_text("utf-8")
    return {row["code"]: row["country"] for row in csv.DictReader(text.splitlines())}


def exchange_codes(spellings: pd.Series) -> pd.Series:
    """Return `exchange_code` of every spelling; missing where none is given."""
    return _codes(spellings, exchange_code)


def country_codes(spellings: pd.Series) -> pd.Series:
    """Return `country_code` of every spelling; missing where none is given."""
    return _codes(spellings, country_code)


def unknown_spellings(securities: pd.DataFrame) -> list[str]:
    """Say, in one sentence each, which exchanges and countries nobody knows.

    `securities` has `symbol`, `exchange`, `country` and `incorporation_country`.
    """
    said = []
    for column, code in (
        ("exchange", exchange_code),
        ("country", country_code),
        ("incorporation_country", country_code),
    ):
        once = securities.drop_duplicates(["symbol", column])
        counts = once[column].dropna().value_counts()
        unknown = [text for text in counts.index if code(str(text)) is None]
        said += [
            f"{column.replace('_', ' ')} '{text}' of "
            f"{formatting.count(int(counts[text]), 'listing')} is not recognized"
            for text in unknown
        ]
    return said


def _codes(spellings: pd.Series, code: Callable[[str], str | None]) -> pd.Series:
    known = {text: code(str(text)) for text in spellings.dropna().unique()}
    return spellings.map(known).astype("str")
