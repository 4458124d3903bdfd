"""Ground Rules v7.0, 5.3 to 5.15: each screen passing, failing and not knowing.

Company names are invented, in the wordings that listings use.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from recon.rulebook import rulebook
from recon.rules import eligibility, listings
from recon.rules.listings import COMMON, DEBT, PREFERRED, RECEIPT, UNIT_OR_RIGHT
from recon.vocabulary import FAIL, NOT_KNOWN, PASS, membership_key
from tests.universe import RANK_DAY, RULES, securities

SHELL, FUND, LENDER = (
    "blank-cheque company",
    "closed-end fund",
    "business development company",
)
ROYALTY, PARTNERSHIP, LLC, ETP = (
    "royalty trust",
    "limited partnership",
    "limited liability company",
    "exchange-traded product",
)
TRUSTS = "Trusts Except Educational Religious and Charitable"
MANAGERS, INVESTORS, FINANCE = (
    "Investment Managers",
    "Finance/Investors Services",
    "Finance Companies",
)
BROKERS, CONSUMER = "Investment Bankers/Brokers/Service", "Finance: Consumer Services"
REIT, BANKS, OIL = (
    "Real Estate Investment Trusts",
    "Major Banks",
    "Oil & Gas Production",
)
MACHINES = "Industrial Machinery/Components"


def described(**listing: object) -> tuple[str, str | None]:
    row = listings.describe(securities(listing)).iloc[0]
    structure = row["structure"]
    return row["share_type"], None if pd.isna(structure) else structure


@pytest.mark.parametrize(
    ("name", "share_type"),
    [
        ("Plain Widgets Inc. Common Stock", COMMON),
        ("Plain Widgets Inc.", COMMON),
        ("Plain Widgets Inc Com", COMMON),
        ("Plain Widgets Inc. Class A Common Stock ($1.00 Par)", COMMON),
        ("Plain Widgets plc Ordinary Shares (Ireland)", COMMON),
        ("Northern Widgets Corp. Subordinate Voting Shares", COMMON),
        ("Plain Homes Trust Common Shares of Beneficial Interest", COMMON),
        ("Plain Pharma Inc. Warrants", UNIT_OR_RIGHT),
        ("Plain Pharma Inc. Warrant expiring 12/31/2027", UNIT_OR_RIGHT),
        ("Plain Pharma Inc. Redeemable Warrrants", UNIT_OR_RIGHT),
        ("Plain Pharma Inc. Contingent Value Rights", UNIT_OR_RIGHT),
        ("Shell One Acquisition Corp. Right", UNIT_OR_RIGHT),
        ("Shell One Acquisition Corp. Units", UNIT_OR_RIGHT),
        ("Shell One Acquisition Corp. Unit", UNIT_OR_RIGHT),
        ("Shell One Acquisition Corp. Subunits", UNIT_OR_RIGHT),
        ("Shell One Acquisition Corp. SAIL Securities", UNIT_OR_RIGHT),
        ("Plain Water Inc. 6.00% TEU", UNIT_OR_RIGHT),
        ("Plain Water Inc. 6.00% Tangible Equity Units", UNIT_OR_RIGHT),
        ("Plain Bank 5.50% Series C Preferred Stock", PREFERRED),
        ("Plain Bank 5.50% Non-Cumulative Perpetual Series C", PREFERRED),
        ("Plain Bank Depositary Shares Each Representing 1/40th", PREFERRED),
        ("Plain Merchants Corporation Depository Shares", PREFERRED),
        ("Plain Bank Convertible Preference Shares", PREFERRED),
        ("Plain Bank Pfd Ser H", PREFERRED),
        ("Plain Light Company Perp Prd Ser D", PREFERRED),
        ("Plain Stores Capital Trust II", PREFERRED),
        ("Plain Bank Cumulative Trust Preferred Securities", PREFERRED),
        ("Plain Issuer Inc. STRATS Trust for Widgets Securities", PREFERRED),
        ("Plain Energy Inc. 6.25% Senior Notes due 2078", DEBT),
        ("Plain Energy Inc. Junior Subordinated Debentures", DEBT),
        ("Plain Telephone Inc. Sr Nt", DEBT),
        ("Plain Power First Mortgage Bonds 4.90% Series", DEBT),
        ("Plain Cable Holdings ZONES", DEBT),
        ("Plain Valley Authority", DEBT),
        (
            "Plain Bank Preferred Representing 1/40th of a Share of Common Stock",
            PREFERRED,
        ),
        ("Shell One Units each consisting of one Share of Common Stock", UNIT_OR_RIGHT),
        ("Plain Pharma Inc. Warrants to purchase Common Stock", UNIT_OR_RIGHT),
        ("Plain Bank Halifax Pfd 3 Ordinary Shares", PREFERRED),
        ("Plain Beer S.A. American Depositary Shares (1 Common Share)", RECEIPT),
        ("Plain Valley Authority Common Stock", DEBT),
        ("Plain Broker Depositor Inc PPlus Tr Ser RRD-1 Tr Ctf Cl A", DEBT),
        ("Plain ABS 3.50% Adjustable Corp Backed Tr Certs", DEBT),
        ("Plain Repackaged Trust Securities Certificates Series 2006-3", DEBT),
        ("Plain Tea Group American Depositary Shares", RECEIPT),
        ("Plain Tea Group American Depository Receipts", RECEIPT),
        ("Plain Tea Group Limited ADS", RECEIPT),
        ("Plain Tea Group Sponsored ADR", RECEIPT),
        ("Plain Tea Group Global Depositary Shares", RECEIPT),
        ("Plain Dairy N.V. New York Registry Shares", RECEIPT),
    ],
)
def test_the_words_of_a_share_type(name: str, share_type: str) -> None:
    assert described(name=name)[0] == share_type


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Preferred Bank Common Stock", "a bank called Preferred"),
        ("Preferred Apartment Communities Inc. Common Stock", "homes called Preferred"),
        ("Unit Corporation Common Stock", "a company called Unit"),
        ("Wright Widgets Inc. Common Stock", "Wright is not a right"),
        ("Brightcove Widgets Inc. Common Stock", "nor is bright"),
        ("Bond Street Widgets Inc. Common Stock", "a street called Bond"),
        ("Notable Widgets Inc. Common Stock", "notable is not a note"),
        ("Warrantech Services Inc. Common Stock", "a warranty is not a warrant"),
        ("United Widgets Inc. Common Stock", "united is not a unit"),
        ("Authoritative Widgets Inc. Common Stock", "no authority"),
        ("Perpetua Widgets Inc. Common Stock", "no perpetual"),
        ("Debenture Notes Solutions Inc. Common Stock", "a company of notes"),
        ("Human Rights Media Inc. Class A Common Stock (DE)", "a company of rights"),
        ("ADS-TEC Widgets plc Ordinary Shares", "a company called ADS"),
        ("Preferred Bank", "a word that opens the line is the issuer's"),
    ],
)
def test_names_that_only_look_like_paper_are_common_shares(name: str, why: str) -> None:
    assert described(name=name) == (COMMON, None), why


def test_a_symbol_of_a_preferred_share_tells_what_its_name_does_not() -> None:
    assert described(symbol="PLN^B", name="Plain Bank")[0] == PREFERRED


def test_a_providers_security_type_is_read_before_the_name() -> None:
    listing = {"name": "Plain Widgets Inc.", "security_type": "Preferred Stock"}
    assert described(**listing)[0] == PREFERRED


@pytest.mark.parametrize(
    ("name", "industry", "structure"),
    [
        pytest.param(
            "Shell One Acquisition Corp. Class A Common Stock",
            "Blank Checks",
            SHELL,
            id="a shell by its industry and its name",
        ),
        pytest.param(
            "Shell Two Growth Class A Ordinary Shares",
            "Blank Checks",
            SHELL,
            id="a shell by its industry alone",
        ),
        pytest.param(
            "Shell Three Merger Corp Common Stock",
            None,
            SHELL,
            id="a shell by its name alone",
        ),
        pytest.param(
            "Sponsor Opportunity Corp. VII Class A Common Stock",
            "Consumer Electronics/Appliances",
            SHELL,
            id="the seventh shell of one sponsor, under a wrong industry",
        ),
        pytest.param(
            "Sponsor Technology Group Inc. IV Class A Common Stock",
            MACHINES,
            SHELL,
            id="the fourth shell of one sponsor, numbered behind the Inc.",
        ),
        pytest.param(
            "Iron Range Trust Common Stock",
            "Steel/Iron Ore",
            ROYALTY,
            id="a trust whose ore others dig lives on royalties",
        ),
        pytest.param(
            "Manager Natural Resources Fund Inc. Common Stock",
            "Real Estate Investment Trusts",
            FUND,
            id="a fund under a property trust's label that names no property",
        ),
        pytest.param(
            "Sponsor Investment Corp. Class A Common Stock",
            None,
            SHELL,
            id="a lender's words, a sponsor's classes, no industry yet",
        ),
        pytest.param(
            "Permafrost Basin Royalty Trust Common Stock",
            OIL,
            ROYALTY,
            id="a royalty trust by its name",
        ),
        pytest.param(
            "Iron Range Trust Common Stock",
            "Metal Mining",
            ROYALTY,
            id="a trust that mines lives on royalties",
        ),
        pytest.param(
            "Sea Oil Trust Units of Beneficial Interest",
            OIL,
            ROYALTY,
            id="a trust that pumps lives on royalties",
        ),
        pytest.param(
            "Plain Pipelines L.P. Common Units representing Limited Partner Interests",
            OIL,
            PARTNERSHIP,
            id="a partnership by its units",
        ),
        pytest.param(
            "Plain Pipelines LP Class A Share", OIL, PARTNERSHIP, id="LP without dots"
        ),
        pytest.param(
            "Plain Royalty Partners Units Representing Limited Partner Interests",
            OIL,
            PARTNERSHIP,
            id="a partnership whose name does not say LP",
        ),
        pytest.param(
            "Plain Holdings LLC Common Shares", MACHINES, LLC, id="LLC without dots"
        ),
        pytest.param(
            "Plain Timber L.L.C. Common Stock", MACHINES, LLC, id="LLC with dots"
        ),
        pytest.param("Plain Gold ETF Trust", None, ETP, id="an exchange-traded fund"),
        pytest.param(
            "Manager Dynamic Income Fund Common Stock", TRUSTS, FUND, id="a fund"
        ),
        pytest.param(
            "Manager Quality Income Realty Fund Inc Common Shares",
            TRUSTS,
            FUND,
            id="a fund that holds real estate is a fund",
        ),
        pytest.param(
            "Manager Municipal Bond Fund Common Shares of Beneficial Interest",
            INVESTORS,
            FUND,
            id="a fund that holds bonds is a fund and not a bond",
        ),
        pytest.param(
            "Manager Preferred and Income Fund Inc. Common Stock",
            MANAGERS,
            FUND,
            id="a fund that holds preferred shares is a fund and not one of them",
        ),
        pytest.param(
            "Manager Limited Duration Income Trust",
            "Other Consumer Services",
            FUND,
            id="an income trust under a wrong industry",
        ),
        pytest.param(
            "Manager Innovation and Growth Term Trust Common Shares",
            None,
            FUND,
            id="a term trust without an industry",
        ),
        pytest.param(
            "Manager Equity Trust Inc. (The) Common Stock",
            MANAGERS,
            FUND,
            id="a trust among the managers",
        ),
        pytest.param(
            "Manager Resources Common Shares of Beneficial Interest",
            INVESTORS,
            FUND,
            id="shares of beneficial interest among the investors",
        ),
        pytest.param(
            "Manager Healthcare Investors Shares of Beneficial Interest",
            FINANCE,
            FUND,
            id="investors in health care",
        ),
        pytest.param(
            "Central Plains Securities Corporation Common Stock",
            INVESTORS,
            FUND,
            id="a corporation of securities",
        ),
        pytest.param(
            "General Prairie Investors Inc. Common Stock",
            MANAGERS,
            FUND,
            id="general investors",
        ),
        pytest.param(
            "Manager Strategic Total Return Common Stock",
            FINANCE,
            FUND,
            id="total return is an aim of a fund",
        ),
        pytest.param(
            "Manager Select Tax Free Income Portfolio Common Stock",
            TRUSTS,
            FUND,
            id="a portfolio",
        ),
        pytest.param(
            "Manager Tax-Advantage Global Dividend Opp Common Stock",
            MANAGERS,
            FUND,
            id="a tax advantage is an aim of a fund",
        ),
        pytest.param(
            "Manager Energy Infrastructure Corporation Common Stock",
            MANAGERS,
            FUND,
            id="infrastructure among the managers is what a fund holds",
        ),
        pytest.param(
            "Plain Corporate Financial Corp. Common Stock",
            TRUSTS,
            FUND,
            id="whatever is filed under trusts and is no bank and no REIT",
        ),
        pytest.param(
            "Plain BDC Inc. Common Stock", CONSUMER, LENDER, id="BDC in the name"
        ),
        pytest.param(
            "Plain Venture Growth BDC Corp. Common Stock",
            "Other Consumer Services",
            LENDER,
            id="BDC in the name under a wrong industry",
        ),
        pytest.param(
            "Plain Capital Corporation Common Stock",
            CONSUMER,
            LENDER,
            id="a capital corporation under consumer finance",
        ),
        pytest.param(
            "Plain Capital Corp. Common Stock",
            MANAGERS,
            LENDER,
            id="a capital corp. among the managers",
        ),
        pytest.param(
            "Plain Specialty Lending Inc. Common Stock",
            CONSUMER,
            LENDER,
            id="specialty lending",
        ),
        pytest.param(
            "Plain Secured Lending Inc. Common Stock",
            CONSUMER,
            LENDER,
            id="secured lending",
        ),
        pytest.param(
            "Plain Floating Rate Capital Ltd. Common Stock",
            CONSUMER,
            LENDER,
            id="floating rate capital",
        ),
        pytest.param(
            "Plain Technology Finance Corporation Common Stock",
            CONSUMER,
            LENDER,
            id="a finance corporation",
        ),
        pytest.param(
            "Plain Investment Corporation Common Stock",
            INVESTORS,
            LENDER,
            id="an investment corporation",
        ),
    ],
)
def test_the_words_of_an_excluded_structure(
    name: str, industry: str | None, structure: str
) -> None:
    assert described(name=name, industry=industry) == (COMMON, structure)


@pytest.mark.parametrize(
    ("name", "industry"),
    [
        ("Plain Acquisitive Widgets Inc. Common Stock", MACHINES),
        ("Plain Northern Trust Corporation Common Stock", TRUSTS),
        ("Plain Tower Corporation (REIT) Common Stock", TRUSTS),
        ("Plain Private Equity Inc. Class A Common Stock", TRUSTS),
        ("Plain Wilmington Trust Company Common Stock", BANKS),
        ("Plain First Capital Inc. Common Stock", BANKS),
        ("Plain Bancorp Capital Corp. Common Stock", BANKS),
        ("Plain Mortgage Trust Inc. Common Stock", REIT),
        ("Plain Finance Trust Inc. Common Stock", REIT),
        ("Plain Commercial Capital Corp. Common Shares", REIT),
        ("Plain Health Realty Income Trust Common Stock", REIT),
        ("Plain Office Properties Income Trust Common Shares", "Real Estate"),
        ("Plain Diversified Real Estate Trust Common Stock", MANAGERS),
        ("Plain Hospitality Trust Shares of Beneficial Interest", BROKERS),
        ("Plain Investments Company Common Stock", BROKERS),
        ("Plain Investment Group Inc. Common Stock", INVESTORS),
        ("Plain Investment Partners Inc. Common Stock", MANAGERS),
        ("Plain Investment Management Inc Class A Common Stock", MANAGERS),
        ("Plain Owl Capital Inc. Class A Common Stock", MANAGERS),
        ("Plain Global Investors Inc. Class A Common Stock", MANAGERS),
        ("Plain Capital Management Inc. Common Stock", MANAGERS),
        ("Plain Resources Inc. Common Stock", MANAGERS),
        ("Plain Partners Inc. Common Stock", MANAGERS),
        ("Plain Open Lending Corporation Common Stock", CONSUMER),
        ("Plain LendingClub Corporation Common Stock", FINANCE),
        ("Plain Acceptance Corporation Common Stock", CONSUMER),
        ("Plain Portfolio Services Inc. Common Stock", CONSUMER),
        ("Plain One Financial Corporation Common Stock", FINANCE),
        ("LM Funding Widgets Inc. Common Stock", CONSUMER),
        ("Plain Fundamental Widgets Inc. Common Stock", "Property-Casualty Insurers"),
        ("Plain Mill Ventures III Ltd. Common Stock", FINANCE),
        ("Plain Gas Midstream Corp Common Stock", "Natural Gas Distribution"),
        ("Plain Trust Software Inc. Common Stock", MACHINES),
    ],
)
def test_companies_that_only_look_like_an_excluded_structure(
    name: str, industry: str
) -> None:
    assert described(name=name, industry=industry) == (COMMON, None)


def screened(
    rules: object = RULES, current: str | None = None, **listing: object
) -> pd.Series:
    """One listing through all screens of what it is."""
    passed_over = listing.pop("passed_over", None)
    was_home = listing.pop("was_home", False)
    table = listings.describe(securities(listing)).assign(
        current_index=pd.Series([current], dtype="str"),
        passed_over=pd.Series([passed_over], dtype="str"),
        was_home=was_home,
    )
    return eligibility.screen_securities(table, rules).iloc[0]


PREFERRED_NAME = "Plain Bank 5.50% Series C Preferred Stock"
FUND_NAME = "Manager Dynamic Income Fund Common Stock"
MEMBER = "Russell 3000 member; else "


@pytest.mark.parametrize(
    ("screen", "listing", "outcome", "reason"),
    [
        pytest.param(
            "exchange", {"exchange": "NYSE"}, PASS, "exchange NYSE", id="NYSE"
        ),
        pytest.param(
            "exchange", {"exchange": "nasdaq"}, PASS, "exchange nasdaq", id="Nasdaq"
        ),
        pytest.param(
            "exchange", {"exchange": "OTC"}, FAIL, "exchange OTC", id="over the counter"
        ),
        pytest.param(
            "exchange",
            {"exchange": None},
            NOT_KNOWN,
            "exchange not known",
            id="no exchange given",
        ),
        pytest.param(
            "exchange",
            {"exchange": "OTC", "current": "R2000"},
            FAIL,
            "exchange OTC",
            id="a member that left its exchange fails",
        ),
        pytest.param(
            "exchange",
            {"exchange": "NYSE American"},
            PASS,
            "exchange NYSE American",
            id="an exchange as a vendor spells it",
        ),
        pytest.param(
            "exchange",
            {"exchange": "Bourse"},
            NOT_KNOWN,
            "exchange 'Bourse', which is not recognized",
            id="an exchange that nobody knows is not one that is out",
        ),
        pytest.param("share type", {}, PASS, COMMON, id="a common share"),
        pytest.param(
            "share type", {"name": PREFERRED_NAME}, FAIL, PREFERRED, id="a preferred"
        ),
        pytest.param(
            "share type", {"name": None}, NOT_KNOWN, COMMON, id="a share without a name"
        ),
        pytest.param(
            "share type",
            {"name": PREFERRED_NAME, "current": "R1000"},
            FAIL,
            PREFERRED,
            id="a preferred share of a member's symbol fails",
        ),
        pytest.param(
            "structure", {}, PASS, "operating company by its name", id="a company"
        ),
        pytest.param(
            "structure",
            {"name": FUND_NAME, "industry": TRUSTS},
            FAIL,
            FUND,
            id="a fund",
        ),
        pytest.param(
            "structure",
            {"name": None},
            NOT_KNOWN,
            "operating company by its name",
            id="a company without a name",
        ),
        pytest.param(
            "structure",
            {"name": FUND_NAME, "industry": TRUSTS, "current": "R2000"},
            PASS,
            MEMBER + FUND,
            id="a member passes structure whatever its name",
        ),
        pytest.param(
            "structure",
            {"name": FUND_NAME, "industry": TRUSTS, "current": "MICRO"},
            FAIL,
            FUND,
            id="a Microcap-only name is no evidence of structure",
        ),
        pytest.param(
            "country",
            {"country": "United States"},
            PASS,
            "based in United States",
            id="based in the United States",
        ),
        pytest.param(
            "country",
            {"country": "Puerto Rico"},
            PASS,
            "based in Puerto Rico",
            id="based in a US territory",
        ),
        pytest.param(
            "country",
            {"country": "U.S. Virgin Islands", "incorporation_country": "USA"},
            PASS,
            "based in U.S. Virgin Islands, incorporated in USA",
            id="based in a US territory as a vendor spells it",
        ),
        pytest.param(
            "country",
            {"country": "Curaçao"},
            NOT_KNOWN,
            "based in Curaçao",
            id="a benefit-driven country with its accents",
        ),
        pytest.param(
            "country",
            {"country": "Ruritania"},
            NOT_KNOWN,
            "based in 'Ruritania', which is not recognized",
            id="a country that nobody knows",
        ),
        pytest.param(
            "country",
            {"country": "Israel"},
            FAIL,
            "based in Israel",
            id="based abroad",
        ),
        pytest.param(
            "country",
            {"country": None},
            NOT_KNOWN,
            "based in a country not known",
            id="no country given",
        ),
        pytest.param(
            "country",
            {"country": "Bermuda"},
            NOT_KNOWN,
            "based in Bermuda",
            id="a base in a benefit-driven country decides nothing",
        ),
        pytest.param(
            "country",
            {"country": "United States", "incorporation_country": "United States"},
            PASS,
            "based in United States, incorporated in United States",
            id="based and incorporated in the United States",
        ),
        pytest.param(
            "country",
            {"country": "United States", "incorporation_country": "Ireland"},
            NOT_KNOWN,
            "based in United States, incorporated in Ireland",
            id="incorporated abroad, assets would decide",
        ),
        pytest.param(
            "country",
            {"country": "China", "incorporation_country": "United States"},
            NOT_KNOWN,
            "based in China, incorporated in United States",
            id="incorporated at home and based abroad, assets would decide",
        ),
        pytest.param(
            "country",
            {"country": "Canada", "incorporation_country": "Canada"},
            FAIL,
            "based in Canada, incorporated in Canada",
            id="based and incorporated abroad",
        ),
        pytest.param(
            "country",
            {"country": "Ireland", "current": "R1000"},
            PASS,
            MEMBER + "based in Ireland",
            id="a member passes nationality wherever it is based",
        ),
        pytest.param(
            "country",
            {"country": "Ireland", "current": "R1000", "was_home": True},
            FAIL,
            "based in Ireland, in the United States on the last rank day",
            id="a member that has moved abroad since the last rank day",
        ),
        pytest.param(
            "country",
            {"country": "Bermuda", "current": "R1000", "was_home": True},
            PASS,
            MEMBER + "based in Bermuda",
            id="a move to a benefit-driven country decides nothing",
        ),
        pytest.param(
            "country",
            {"country": "Ireland", "current": "MICRO"},
            FAIL,
            "based in Ireland",
            id="a Microcap-only name is no evidence of nationality",
        ),
        pytest.param(
            "float and votes",
            {},
            NOT_KNOWN,
            "not tested",
            id="float and votes are not told by a listing",
        ),
        pytest.param(
            "float and votes",
            {"passed_over": "not chosen in June 2023"},
            FAIL,
            "not chosen in June 2023",
            id="a company that was large enough and not chosen",
        ),
        pytest.param(
            "float and votes",
            {"current": "R2000"},
            PASS,
            "not tested; a Russell 3000 member passed them",
            id="a member has passed them",
        ),
    ],
)
def test_each_screen(
    screen: str, listing: dict[str, object], outcome: str, reason: str
) -> None:
    row = screened(**listing)
    assert row[f"screen_{screen}"] == outcome
    assert row[f"reason_{screen}"] == reason


def test_every_screen_has_its_clause() -> None:
    assert set(eligibility.LISTING_SCREENS) <= set(eligibility.CLAUSES)


@pytest.mark.parametrize(
    ("listing", "eligible", "reason"),
    [
        pytest.param({}, True, None, id="an ordinary company"),
        pytest.param(
            {"country": None}, True, None, id="a country not known is let through"
        ),
        pytest.param(
            {"exchange": None},
            False,
            "exchange not known",
            id="an exchange not known is not let through",
        ),
        pytest.param(
            {"name": PREFERRED_NAME, "country": "Israel", "exchange": "OTC"},
            False,
            "exchange OTC",
            id="the first failing screen is the reason",
        ),
    ],
)
def test_who_is_eligible_and_why_not(
    listing: dict[str, object], eligible: bool, reason: str | None
) -> None:
    row = screened(**listing)
    given = None if pd.isna(row["listing_reason"]) else row["listing_reason"]
    assert (bool(row["is_listed_eligible"]), given) == (eligible, reason)


def test_which_unknowns_are_let_through_is_a_setting_of_the_rules() -> None:
    strict = replace(RULES, unknowns_let_through=())
    assert not screened(strict, country=None)["is_listed_eligible"]
    assert screened(strict, current="R1000", country=None)["is_listed_eligible"]


@pytest.mark.parametrize(
    ("is_member", "is_left_out", "was_home", "expected"),
    [
        pytest.param(True, False, False, [True, True, True, False], id="a member"),
        pytest.param(
            True, False, True, [True, False, True, False], id="a member, once at home"
        ),
        pytest.param(False, True, False, [False] * 4, id="left out"),
        pytest.param(False, False, False, [True, False, False, False], id="neither"),
    ],
)
def test_listings_judged_once_pass_by_the_evidence_of_each_day(
    is_member: bool, is_left_out: bool, was_home: bool, expected: list[bool]
) -> None:
    listed = [
        {},
        {"country": "Ireland"},
        {"name": FUND_NAME, "industry": TRUSTS},
        {"exchange": "OTC"},
    ]
    judged = eligibility.judge_listings(listings.describe(securities(*listed)), RULES)
    evidence = [np.full(4, each) for each in (is_member, is_left_out, was_home)]
    assert eligibility.pass_listings(judged, *evidence, RULES).tolist() == expected


@pytest.mark.parametrize(
    ("close", "average", "has_traded", "is_member", "passes"),
    [
        pytest.param(1.00, np.nan, True, False, True, id="a dollar is enough"),
        pytest.param(0.9999, 5.00, True, False, False, id="a newcomer below fails"),
        pytest.param(0.9999, 1.00, True, True, True, id="a member by its average"),
        pytest.param(0.9999, 0.9999, True, True, False, id="its average is below"),
        pytest.param(0.9999, np.nan, True, True, False, id="an average not known"),
        pytest.param(np.nan, 5.00, False, True, False, id="no close is known at all"),
        pytest.param(1.00, np.nan, False, True, True, id="a member's last trade"),
        pytest.param(0.9999, np.nan, False, True, False, id="its last trade below"),
        pytest.param(1.00, np.nan, False, False, False, id="a newcomer's last trade"),
    ],
)
def test_the_price(
    close: float, average: float, has_traded: bool, is_member: bool, passes: bool
) -> None:
    row = [np.array([each]) for each in (close, average, has_traded, is_member)]
    assert eligibility.screen_closes(*row, RULES).tolist() == [passes]


@pytest.mark.parametrize(
    ("cap", "passes"),
    [
        pytest.param(30_000_000, True, id="30 million is enough"),
        pytest.param(29_999_999, False, id="a dollar less fails"),
        pytest.param(np.nan, False, id="a cap not known fails"),
    ],
)
def test_the_market_cap(cap: float, passes: bool) -> None:
    assert eligibility.screen_caps(np.array([cap]), RULES).tolist() == [passes]


def test_the_words_for_a_failed_price_and_cap() -> None:
    assert [
        eligibility.close_reason(np.nan, np.nan, False, RULES),
        eligibility.close_reason(10.0, np.nan, False, RULES),
        eligibility.close_reason(0.5, np.nan, True, RULES),
        eligibility.close_reason(0.5, 0.75, True, RULES),
        eligibility.cap_reason(np.nan, RULES),
        eligibility.cap_reason(12_345_678, RULES),
    ] == [
        "no close on the day",
        "no close on the day",
        "close $0.5 below $1.00",
        "close $0.5 below $1.00, 30-day average $0.75",
        "market cap not known",
        "market cap $12.3mn below $30mn",
    ]


def extra_class(
    day: date = RANK_DAY, company_index: str | None = None, **second: object
) -> list[str]:
    """Why the second class of a company may not join its pricing vehicle."""
    usual = {"close_usd": 10.0, "class_cap_usd": 50e6, "addtv_usd": 1e6}
    usual["free_float_frac"] = 0.5
    table = pd.DataFrame(
        [
            {"security_id": 1, "current_index": company_index} | usual,
            {"security_id": 2, "current_index": None} | usual | second,
        ]
    ).assign(pricing_vehicle=1, company_id=7, is_common=True)
    table["current_index"] = table["current_index"].astype("str")
    judged = eligibility.extra_class_screens(table, rulebook(day))
    assert not any(fails.iloc[0] for fails, _ in judged), (
        "the vehicle is no extra class"
    )
    return [words for fails, words in judged if fails.iloc[1]]


SMALL_CLASS = "extra share class with too small a market cap"
LITTLE_TRADED = "extra share class with too little traded"
NOT_CHOSEN = "extra share class, not chosen with its company"
CONVERTED = "share class counted in the pricing vehicle by conversion"


@pytest.mark.parametrize(
    ("second", "reasons"),
    [
        pytest.param({}, [], id="large enough and traded enough"),
        pytest.param(
            {"class_cap_usd": 30e6}, [SMALL_CLASS], id="30 million is not above"
        ),
        pytest.param({"class_cap_usd": 30e6 + 1}, [], id="a dollar more is"),
        pytest.param({"addtv_usd": 110e3}, [LITTLE_TRADED], id="the median of 2024"),
        pytest.param({"addtv_usd": 110e3 + 1}, [], id="a dollar above the median"),
        pytest.param(
            {"class_cap_usd": np.nan, "addtv_usd": np.nan},
            [],
            id="what is not known does not fail",
        ),
        pytest.param(
            {"company_index": "R1000"}, [], id="its company is in, it is tested anew"
        ),
        pytest.param(
            {"company_index": "R1000", "class_cap_usd": np.nan},
            [NOT_CHOSEN],
            id="its company is in, it is not, and its own cap is not known",
        ),
        pytest.param(
            {"company_index": "R1000", "free_float_frac": np.nan},
            [NOT_CHOSEN],
            id="its company is in, it is not, and its float is not known",
        ),
        pytest.param(
            {"company_index": "R1000", "current_index": "R1000", "addtv_usd": 110e3},
            [LITTLE_TRADED],
            id="a class that is a member is tested anew",
        ),
        pytest.param(
            {
                "company_index": "R1000",
                "current_index": "R1000",
                "class_cap_usd": np.nan,
                "addtv_usd": np.nan,
                "free_float_frac": np.nan,
            },
            [],
            id="a member of which nothing is known stays",
        ),
        pytest.param(
            {"close_usd": 15_000.0}, [CONVERTED], id="a class that converts 1,500 to 1"
        ),
    ],
)
def test_extra_share_classes(second: dict[str, object], reasons: list[str]) -> None:
    assert extra_class(**second) == reasons


@pytest.mark.parametrize(
    ("day", "median"),
    [
        (date(2023, 4, 28), 110e3),
        (date(2025, 4, 30), 140e3),
        (date(2026, 4, 30), 175e3),
    ],
)
def test_the_traded_minimum_is_that_of_its_year(day: date, median: float) -> None:
    assert extra_class(day, addtv_usd=median) == [LITTLE_TRADED]
    assert extra_class(day, addtv_usd=median + 1) == []


def test_a_membership_key_has_no_punctuation_and_paper_has_none() -> None:
    symbols = pd.Series(["BRK/B", "bf.b", "GOOGL", "BAC^B"], dtype="str")
    keys = membership_key(symbols)
    assert keys[:3].tolist() == ["BRKB", "BFB", "GOOGL"]
    assert pd.isna(keys[3])


def stood(*closes: float, is_class: bool = False) -> pd.DataFrame:
    """Trailing closes of one symbol, a session a day."""
    days = pd.date_range("2024-01-02", periods=len(closes), freq="D")
    table = pd.DataFrame({"snapshot_date": days, "close_usd": closes})
    return table.assign(symbol_id=1, is_class=is_class)


STILL = [10.02, 10.03] * 20


@pytest.mark.parametrize(
    ("trailing", "is_shell"),
    [
        pytest.param(stood(*STILL), True, id="still at its trust for a month"),
        pytest.param(stood(*STILL[:31]), True, id="still since it was listed"),
        pytest.param(stood(*STILL[:30]), False, id="listed for 30 sessions"),
        pytest.param(
            stood(*STILL[:5], is_class=True), True, id="class A, for five sessions"
        ),
        pytest.param(
            stood(*STILL[:4], is_class=True), False, id="class A, for four sessions"
        ),
        pytest.param(stood(*[9.39] * 40), False, id="below its trust"),
        pytest.param(stood(*[10.81] * 40), False, id="above its trust"),
        pytest.param(
            stood(*STILL[:20], 10.3, *STILL[:20]), False, id="moved within the month"
        ),
        pytest.param(stood(10.3, *STILL), True, id="moved before the month"),
        pytest.param(stood(*STILL, float("nan")), False, id="no close"),
    ],
)
def test_a_shell_stands_at_its_trust(trailing: pd.DataFrame, is_shell: bool) -> None:
    assert listings.at_trust(trailing, RULES)[-1] == is_shell


def test_each_symbol_is_judged_by_its_own_closes() -> None:
    other = stood(*[30.0] * 40).assign(symbol_id=2)
    table = pd.concat([stood(*STILL), other, stood(*STILL).assign(symbol_id=3)])
    found = listings.at_trust(table.reset_index(drop=True), RULES)
    assert found[[39, 79, 119]].tolist() == [True, False, True]
