"""What the demo market is called: industries, countries, issuers and tickers.

Every issuer is put together from invented syllables; only the wording around it is
the Nasdaq screener's: sectors, industries, countries, descriptions of the shares.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

_FIRST = (
    "Abr Ald Arv Bast Bel Berv Bran Bren Brox Cald Carv Cast Cind Corv Crav Cyr Dalv "
    "Darn Delv Dorn Drav Edr Elv Endr Esk Fald Farl Fenn Forv Galv Gars Gild Grav "
    "Halv Harv Hest Ingl Istr Jarr Jorv Kast Keld Kerv Lact Land Larv Lind Lorv Mald "
    "Marv Mell Morv Nald Nerv Nord Olv Orm Ost Pald Parv Pell Prav Quel Rald Ravn "
    "Rosk Sald Sarv Seld Skel Stav Strav Tald Tarv Teld Thorv Trell Ulv Urs Vald "
    "Varn Vell Vern Vost Wald Warv Weld Wick Wolv Yarr Yeld Zand Zeph"
).split()
_LAST = (
    "aby aco adale adon agate alea alis amar ance andra anix ara aris arko aston atis "
    "avia axa ebury ecor edge elia elis emont enda enix era erra eska eston etta evo "
    "exa iant ibay icor idian igo ihurst ilon imar imont indra ingham ino ion iqua "
    "isto ithe ivar ivo odale oden ogen olis omar ona onix ora oria osko osta oth ova "
    "owick oxa umar una undra ura usta uva"
).split()
_PLACE = (
    "Alder Amber Bramble Brindle Copper Cormorant Curlew Dapple Driftwood Dunlin Ember "
    "Fallow Foxglove Gannet Harebell Hazel Hickory Ivory Jackdaw Kestrel Lapwing Larch "
    "Linden Mallow Marigold Merlin Mossy Nettle Ochre Petrel Plover Russet Sandpiper "
    "Sorrel Tamarack Tansy Teal Thistle Umber Wren Yarrow"
).split()
_FEATURE = (
    "Bluff Brook Coombe Cove Dell Fen Field Furrow Gate Glade Heath "
    "Hollow Knoll Ledge Mere Moor Narrows Orchard Quay Reach Rill Shoal "
    "Spinney Steps Strand Terrace Thicket Vale Wharf Wold"
).split()

# Sector, how far its companies stand above others in size, and how far apart, both in
# standard deviations; then its industries: weight, name, words of company names.
_INDUSTRIES = """
Health Care;-1.15;1.5
115;Biotechnology: Pharmaceutical Preparations;Therapeutics,Pharma,Oncology
40;Biotechnology: Biological Products (No Diagnostic Substances);Biosciences,Genomics
27;Medical/Dental Instruments;Medical,Surgical,Medical Devices
7;Biotechnology: Electromedical & Electrotherapeutic Apparatus;Imaging,Neuro,Robotics
8;Medical/Nursing Services;Health Care,Home Health
4;Hospital/Nursing Management;Hospitals,Healthcare

Consumer Discretionary;0.0;1.12
40;Business Services;Services,Solutions,Payments
16;Restaurants;Restaurants,Restaurant Group,Grill
16;Services-Misc. Amusement & Recreation;Entertainment,Gaming,Parks
15;Auto Parts:O.E.M.;Automotive,Components,Driveline
18;Other Specialty Stores;Stores,Outfitters,Retail
12;Hotels/Resorts;Resorts,Hotels,Hospitality
10;Auto Manufacturing;Motors,Automotive
12;Catalog/Specialty Distribution;Commerce,Online,Marketplace
11;Apparel;Apparel,Brands,Outdoor
10;Homebuilding;Homes,Communities
10;Marine Transportation;Shipping,Cruises
10;Package Goods/Cosmetics;Beauty,Brands

Finance;0.0;1.0
67;Major Banks;Bancorp,Bancshares,Financial,National Bankshares
16;Finance: Consumer Services;Financial,Credit,Lending
18;Property-Casualty Insurers;Insurance,Assurance,Indemnity
14;Investment Managers;Asset Management,Partners Group,Advisers
15;Savings Institutions;Savings Financial,Federal Bancorp,Bank
11;Investment Bankers/Brokers/Service;Securities,Markets
8;Specialty Insurers;Title,Mortgage Guaranty,Reinsurance
7;Life Insurance;Life,Life Holdings,Annuity
13;Real Estate;Realty Brokerage,Land Development,Properties

Technology;0.15;1.3
53;Computer Software: Prepackaged Software;Software,Cloud,Labs
27;EDP Services;Data Technologies,Data Networks,Systems
20;Semiconductors;Semiconductor,Microsystems,Photonics
15;Computer Software: Programming Data Processing;Digital,Platforms
7;Electronic Components;Electronics,Sensors
4;Computer Manufacturing;Computing,Devices

Industrials;0.2;0.8
31;Industrial Machinery/Components;Industries,Machinery,Controls
18;Major Chemicals;Chemicals,Specialty Chemical,Materials
14;Metal Fabrications;Manufacturing,Fabrication,Metal Works
10;Military/Government/Technical;Defense,Aerosystems
7;Aerospace;Aerospace,Aviation
8;Steel/Iron Ore;Steel,Metals
7;Trucking Freight/Courier Services;Freight,Logistics,Transport
3;Railroads;Rail,Railway
8;Biotechnology: Laboratory Analytical Instruments;Instruments,Analytics

Real Estate;0.35;0.6
42;Real Estate Investment Trusts;Realty Trust,Properties,Storage,Apartments
6;Other Consumer Services;Home Services,Education,Leasing

Energy;0.4;0.95
24;Oil & Gas Production;Petroleum,Resources,Exploration,Energy
7;Oilfield Services/Equipment;Drilling,Well Services,Oilfield
4;Integrated oil Companies;Oil,Energy

Utilities;0.85;0.5
14;Electric Utilities: Central;Electric,Power & Light,Energy
6;Power Generation;Power,Renewables
5;Natural Gas Distribution;Gas,Natural Gas
4;Water Supply;Water,Water Service

Consumer Staples;0.0;1.15
13;Packaged Foods;Foods,Provisions,Snacks
8;Beverages (Production/Distribution);Beverage,Brewing,Spirits
5;Farming/Seeds/Milling;Farms,Milling
4;Food Chains;Markets,Grocers

Basic Materials;-0.05;0.85
12;Precious Metals;Gold,Silver,Gold Mines
7;Metal Mining;Mining,Minerals,Copper

Telecommunications;0.3;1.0
12;Telecommunications Equipment;Telecom,Wireless
4;Cable & Other Pay Television Services;Cable,Broadband

Miscellaneous;-0.6;0.7
7;Industrial Machinery/Components;Technologies,Innovations
4;Multi-Sector Companies;Enterprises,Industries
"""
# Weight, country, legal form, description of the shares.
_COUNTRIES = """
78;China;Holdings Limited;Class A Ordinary Shares
42;China;Group Inc.;American Depositary Shares
60;Canada;Ltd.;Common Shares
44;Israel;Ltd.;Ordinary Shares
30;United Kingdom;plc;American Depositary Shares
22;Hong Kong;Holdings Limited;Ordinary Shares
20;Bermuda;Ltd.;Common Shares
18;Singapore;Pte. Holdings Limited;Ordinary Shares
14;Ireland;plc;Ordinary Shares
14;Cayman Islands;Limited;Ordinary Shares
12;Greece;Maritime Corp.;Common Shares
11;Brazil;S.A.;American Depositary Shares (each representing one Common Share)
9;Netherlands;N.V.;Common Shares
8;Switzerland;AG;Ordinary Shares
8;Japan;Co. Ltd.;American Depositary Shares
6;Australia;Limited;American Depositary Shares
4;Germany;SE;American Depositary Shares
"""
_UNFIT = ("CRAP", "FAG", "SEX")  # as a symbol
LEGAL = (
    ("Inc.",) * 12 + ("Corporation", "Corp.") * 4 + ("Holdings Inc.",) * 3 + ("Inc",)
)
SHARES = ("Common Stock",) * 20 + (
    "Class A Common Stock",
    "Class A Common Stock",
    "Common Shares",
    "(DE) Common Stock",
    "Common Stock ($0.01 par value)",
)


class Industry(NamedTuple):
    """One industry: its weight among all, and its sector's place in size."""

    companies: int
    name: str
    words: list[str]
    sector: str
    tilt: float
    spread: float


class Country(NamedTuple):
    """One way a foreign company is listed, and its weight among all."""

    listings: int
    name: str
    legal: str
    shares: str


def _fields(text: str) -> list[list[str]]:
    return [line.split(";") for line in text.strip().split("\n")]


def _industries(block: str) -> list[Industry]:
    (sector, tilt, spread), *rows = _fields(block)
    return [
        Industry(
            int(weight), name, words.split(","), sector, float(tilt), float(spread)
        )
        for weight, name, words in rows
    ]


INDUSTRIES = [
    industry for block in _INDUSTRIES.split("\n\n") for industry in _industries(block)
]
COUNTRIES = [
    Country(int(weight), *described) for weight, *described in _fields(_COUNTRIES)
]


class Draw(NamedTuple):
    """What every step draws from: chance, unused names, and the symbols in use."""

    rng: np.random.Generator
    roots: Iterator[str]
    taken: set[str]

    def one_of(self, choices: Sequence[str]) -> str:
        """Return one of the choices, each as likely as another."""
        return choices[int(self.rng.integers(len(choices)))]


def new_draw(rng: np.random.Generator) -> Draw:
    """Return a draw with every first word of an issuer once, in random order."""
    coined = [first + last for first in _FIRST for last in _LAST]
    places = [f"{place} {feature}" for place in _PLACE for feature in _FEATURE]
    roots = iter(str(root) for root in rng.permutation(coined + places))
    return Draw(rng=rng, roots=roots, taken=set(_UNFIT))


def ticker(issuer: str, length: int, taken: set[str]) -> str:
    """Return letters of the issuer, in order, that nobody has; adds them to `taken`."""
    letters = [letter for letter in issuer.upper() if letter.isalpha()]
    for rest in combinations(letters[1:], length - 1):
        symbol = letters[0] + "".join(rest)
        if symbol not in taken:
            taken.add(symbol)
            return symbol
    return ticker(issuer, length + 1, taken)
