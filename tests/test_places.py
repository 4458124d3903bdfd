"""Exchanges and countries, however a provider spells them."""

import pandas as pd
import pytest

from recon import places
from recon.rulebook import ERAS


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("NYSE", "NYSE|nyse|XNYS|NYQ|New York Stock Exchange Inc."),
        ("AMEX", "AMEX|NYSE American|NYSE MKT|XASE|NYSEAMERICAN"),
        ("ARCA", "ARCA|NYSE Arca|NYSEArca|ARCX|PCX"),
        ("NASDAQ", "NASDAQ|NasdaqGS|NasdaqGM|NasdaqCM|XNAS|NMS|Nasdaq Global Select"),
        ("CBOE", "CBOE|BATS|Cboe BZX|Cboe US|BZX"),
        ("OTC", "OTC|PNK|OTC Markets|Pink Sheets|OTCQX"),
        (None, "Ruritanian Bourse|NYSE Euronext Paris|N"),
    ],
)
def test_the_spellings_of_an_exchange(code: str | None, spellings: str) -> None:
    found = {
        spelling: places.exchange_code(spelling) for spelling in spellings.split("|")
    }
    assert found == dict.fromkeys(found, code)


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("US", "United States|USA|US|U.S.|U.S.A.|United States of America|usa"),
        ("VI", "U.S. Virgin Islands|USVI|US Virgin Islands|Virgin Islands, U.S."),
        ("PR", "Puerto Rico|PRI"),
        ("CW", "Curaçao|Curacao|CUW"),
        ("VG", "BVI|British Virgin Islands|Virgin Islands, British"),
        ("BQ", "Bonaire|Saba|Sint Eustatius|Bonaire, Sint Eustatius and Saba"),
        ("KY", "Cayman Islands|Cayman"),
        ("KR", "South Korea|Korea, Republic of"),
        ("TR", "Turkey|Türkiye"),
        ("GB", "United Kingdom|UK|GBR|England"),
        (None, "Ruritania|Virgin Islands|North America"),
    ],
)
def test_the_spellings_of_a_country(code: str | None, spellings: str) -> None:
    found = {
        spelling: places.country_code(spelling) for spelling in spellings.split("|")
    }
    assert found == dict.fromkeys(found, code)


def test_the_countries_of_the_rules_are_codes_that_exist() -> None:
    rules = ERAS[-1]
    named = {*rules.home_countries, *rules.benefit_driven_countries}
    assert {places.country_code(code) for code in named} == named
    assert set(rules.eligible_exchanges) < set(places.EXCHANGES)


def test_spellings_that_nobody_knows_are_said_once_each() -> None:
    securities = pd.DataFrame(
        {
            "symbol": ["A", "A", "B", "C"],
            "exchange": ["Bourse", "Bourse", "Bourse", "NYSE"],
            "country": ["USA", None, "Ruritania", "Bermuda"],
            "incorporation_country": [None, None, None, "Delaware"],
        }
    )
    assert places.unknown_spellings(securities) == [
        "exchange 'Bourse' of 2 listings is not recognized",
        "country 'Ruritania' of 1 listing is not recognized",
        "incorporation country 'Delaware' of 1 listing is not recognized",
    ]
