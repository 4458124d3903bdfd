"""Screens: which listed securities may be members, and on what evidence.

Two kinds of screen. What a security *is* (exchange, type, structure, country) depends
on its attributes and is judged once per version of them. What it *stands at* (close,
market cap) is judged per session. Each screen answers pass, fail or not known; which
unknowns are let through is a setting of the rulebook and shown with the answer.
"""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook

PASS, FAIL, NOT_KNOWN = "pass", "fail", "not known"

COMMON, UNIT_OR_RIGHT, DEBT, PREFERRED, RECEIPT = (
    "common share",
    "warrant, right or unit",
    "note or bond",
    "preferred share",
    "depositary receipt",
)
# Ground Rules v7.0 5.13, in the wording that listings use; first match decides.
# A fund named after what it holds (Preferred Income Fund) is a fund, not its holdings.
SHARE_TYPES: tuple[tuple[str, str], ...] = (
    (RECEIPT, r"american deposi|\badss?\b|\badrs?\b|new york registry|ny registry"),
    (RECEIPT, r"global depositary|depositary receipt"),
    (DEBT, r"\bnotes?\b(?! solutions)|\bsr\.? nts?\b|\bdebentures?\b|\bdue 20\d\d"),
    (DEBT, r"\bbonds?\b(?! street|.*(\bfund\b|\btrust\b))|\bzones\b"),
    # certificates of a trust that holds bonds
    (DEBT, r"\btr c(er)?tfs?\b|\btr certs?\b|securities certificates|asset-backed"),
    # an authority belongs to a state: what it lists can only be its debt
    (DEBT, r"\bauthority\b"),
    (PREFERRED, r"\bpreferred\b(?! (bank|apartment)|.*\bfund\b)|\bpreference\b"),
    (PREFERRED, r"\bpfd\b|\bperp\b|trust preferred|\bcapital trust [ivx]+\b"),
    (PREFERRED, r"deposit[ao]ry shares?|\d(\.\d+)? ?% .*(series|cumulative|perpetual)"),
    (PREFERRED, r"\bstrats\b|\bcorts\b|collateral trust"),
    (UNIT_OR_RIGHT, r"\bwar+ants?\b|\brights?\b(?! media)|\bsubunits?\b|\bteus?\b"),
    (UNIT_OR_RIGHT, r"\bunits?\b(?! corp| of beneficial|.*limited partner)"),
    (UNIT_OR_RIGHT, r"\b(sail|caps) securities\b"),
)
# Ground Rules v7.0 5.11, in the wording of listings: industries under which providers
# file pools of investments, among the managers and lenders that are none
TRUST_INDUSTRY = "Trusts Except Educational Religious and Charitable"
POOL_INDUSTRIES = (
    TRUST_INDUSTRY,
    "Investment Managers",
    "Finance/Investors Services",
    "Finance Companies",
    "Investment Bankers/Brokers/Service",
    "Diversified Financial Services",
    "Finance: Consumer Services",
)
# the Investment Company Act, section 18, leaves a pool one class of common shares
CLASS_WORDS = r"\b(class|series) [a-z]\b"
NO_POOL_WORDS = (
    r"realty|real estate|properties|mortgage|lodging|hotel|hospitality|residential|"
    r"\breit\b|trust (corp|company|financial)|\bbank"
)
REIT = "Real Estate Investment Trusts"
# a pool says what it holds or aims at; a manager is a group, partners or management
SURELY_FUND = r"\bfunds?\b"
SURELY_TRUST = r"\b(income|municipal|term) trust\b|\bduration income\b"
FUND_WORDS = (
    r"\btrust,?( inc\.?)?( .the.)?(?= common| shares|$| [iv]+\b)|\btrust for\b|"
    r"municipal|\bmuni\b|of beneficial (interest|ownership)|income portfolio|"
    r"\bcredit (income|strategies|allocation|opportunities)|\btax-(advantage|free)|"
    r"total return|"
    r"\binvestors (inc|common|shares|trust)|\bsecurities corp|\bmidstream\b|"
    r"\benergy[\w &]* infrastructure"
)
# a business development company lends and invests from its own balance sheet
SURELY_LENDER = r"\bbdc\b|business development company"
LENDER_WORDS = (
    r"\b(specialty|direct|private|secured|technology) (lending|credit)\b|"
    r"specialty finance|floating rate capital|\bcapital (corp|southwest|inc|ltd)|"
    r"\binvestment corp|\bfinance (corp|inc)|\b(credit|income) (company|corp)"
)
SHELL_WORDS = (
    r"\b(capital|investments?) (corp(oration)?|inc|company)\.? ([ivx]+[ab]? )?class a\b"
)
SHELL = "blank-cheque company"
# two in three companies so filed and worded on Nasdaq have their units quoted, none was
# ever added, and New York's units are not in listings (decision 0011)
SHELL_INDUSTRIES = ("Business Services", "Diversified Financial Services")
SPONSOR_WORDS = r"\bclass a ordinary shares?\b"
SHELLS_ALONE = "Diversified Financial Service"
STRUCTURES: tuple[tuple[str, str], ...] = (
    (
        SHELL,
        r"\bacquisition[s]? (corp|co\b|company|limited|ltd|inc|plc|"
        r"holdings|group|i+\b|[ivx]+\b)|blank check|\bspac\b|merger corp|"
        # shells of one sponsor are numbered
        r"\b(corp|holdings|partners|capital|group|inc)\.?,? [ivx]+,? "
        r"((inc|corp|co|ltd|limited)\.?,? )?(class a|ordinary)",
    ),
    ("royalty trust", r"royalty trust|\broyalt(y|ies)\b.*trust|mineral trust"),
    ("limited partnership", r"\bl\.?p\.?(?=\s|$)|limited partner|partnership units"),
    ("limited liability company", r"\bl\.?l\.?c\.?(?=\s|$)"),
    ("exchange-traded product", r"\betf\b|\betn\b|exchange.traded"),
)
BLANK_CHECKS = "Blank Checks"
HOME = ("United States", "Puerto Rico", "Guam", "USVI")  # GR7.0 App. B
# benefit-driven incorporation countries, Ground Rules v7.0 App. B
BENEFIT_DRIVEN = frozenset(
    "Anguilla|Antigua and Barbuda|Aruba|Bahamas|Barbados|Belize|Bermuda|Bonaire|"
    "British Virgin Islands|Cayman Islands|Channel Islands|Cook Islands|Curacao|"
    "Faroe Islands|Gibraltar|Guernsey|Isle of Man|Jersey|Liberia|Marshall Islands|"
    "Panama|Saba|Sint Eustatius|Sint Maarten|Turks and Caicos".split("|")
)


# Companies incorporated in a US state issue common stock (trusts: shares of beneficial
# interest); ordinary and common shares, and these endings, are of other company laws.
# Decision 0011.
FOREIGN_NAMES = (
    r"\bordinary shares?\b|\bcommon shares?\b|\b(subordinate|limited) voting\b|"
    r"\b(ltd|limited|plc|n\.?v\.?|s\.?a\.?|ag|se)(?=\W|$)"
)
HOME_NAMES = r"of beneficial interest|\btrust\b"


def membership_key(symbols: pd.Series) -> pd.Series:
    """Return symbols in capitals without punctuation, as membership lists write them.

    A symbol of a preferred share (``BAC^B``) has no key, lest it meet a common one.
    """
    keys = symbols.str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)
    return keys.mask(symbols.str.contains("^", regex=False))


def describe(securities: pd.DataFrame) -> pd.DataFrame:
    """Add `share_type` and `structure` as the listing's own words tell them.

    `structure` is missing for an ordinary company. A provider's `security_type`, where
    given, is read before the name. What was read once is remembered: a history holds
    the same few thousand names again and again.
    """
    is_paper = securities["symbol"].str.contains("^", regex=False)
    told = [securities[name].to_numpy(object) for name in WORDS]
    keys = list(zip(*told, is_paper.to_numpy(), strict=True))
    new = {key: row for row, key in enumerate(keys) if key not in _READ}
    if new:
        read = _read(securities.iloc[list(new.values())])
        values = read[["share_type", "structure"]].to_numpy(object)
        _READ.update(zip(new, map(tuple, values), strict=True))
    answers = [_READ[key] for key in keys]
    columns = {
        name: pd.Series([answer[at] for answer in answers], securities.index, "str")
        for at, name in enumerate(("share_type", "structure"))
    }
    return securities.assign(**columns)


WORDS = ("security_type", "name", "industry")
_READ: dict[tuple[object, ...], tuple[object, ...]] = {}


def _read(securities: pd.DataFrame) -> pd.DataFrame:
    """Read the words of every listing; see `describe`."""
    words = _text(securities, "security_type") + " | " + _text(securities, "name")
    share_type = _first_match(words, SHARE_TYPES, COMMON)
    share_type = share_type.mask(
        securities["symbol"].str.contains("^", regex=False), PREFERRED
    )
    industry = securities["industry"].fillna("")
    structure = _first_match(words, STRUCTURES, None)
    structure = structure.mask(industry.eq(BLANK_CHECKS), STRUCTURES[0][0])
    is_reit = industry.eq(REIT)
    is_none = is_reit | _contains(words, NO_POOL_WORDS)
    in_pools = industry.isin(POOL_INDUSTRIES) | securities["industry"].isna()
    may_be = in_pools & ~is_none & ~_contains(words, CLASS_WORDS)
    fund = (
        (_contains(words, SURELY_FUND) & ~(is_reit & _contains(words, NO_POOL_WORDS)))
        | (_contains(words, SURELY_TRUST) & ~is_none)
        | (_contains(words, FUND_WORDS) & may_be)
        | (industry.eq(TRUST_INDUSTRY) & may_be)
    )
    lender = _contains(words, SURELY_LENDER) | (_contains(words, LENDER_WORDS) & may_be)
    # a lender's words and a sponsor's classes of shares, not yet filed anywhere
    shell = securities["industry"].isna() & _contains(words, SHELL_WORDS)
    in_ground = industry.str.contains("mining|oil|coal|metals|ore$", case=False)
    # shells by the industries they are filed under, where their units are not listed
    sponsored = industry.isin(SHELL_INDUSTRIES) & _contains(words, SPONSOR_WORDS)
    sponsored |= industry.eq(SHELLS_ALONE) & _contains(words, CLASS_WORDS)
    shell |= sponsored
    royalty = in_ground & _contains(words, r"\btrust\b")
    for label, applies in (
        ("royalty trust", royalty),
        (STRUCTURES[0][0], shell),
        ("business development company", lender & ~_contains(words, r"\bfund\b")),
        ("closed-end fund", fund),
    ):
        structure = structure.mask(structure.isna() & applies, label)
    return securities.assign(share_type=share_type, structure=structure)


TRUST_LOW_USD, TRUST_HIGH_USD = 9.40, 10.80  # $10 a share and its interest, in trust
TRUST_MOVE_FRAC = 0.02  # a session's most: until it merges a shell is worth its trust
TRUST_DAYS, TRUST_SESSIONS = 31, 5  # for so many days, and seen so many times


def at_trust(trailing: pd.DataFrame) -> np.ndarray:
    """Tell of each close whether for a month it has stood still at $10, as shells do.

    `trailing` has symbol_id, snapshot_date and close_usd, by symbol then session.
    A company with a business moves more. Source: Ground Rules v7.0, 5.11; decision
    0014.
    """
    symbol_id = trailing["symbol_id"].to_numpy()
    day = trailing["snapshot_date"].to_numpy("datetime64[D]").astype(np.int64)
    close = trailing["close_usd"].to_numpy(float)
    starts = np.append(True, symbol_id[1:] != symbol_id[:-1])[: len(close)]
    before = np.where(starts, close, np.roll(close, 1))
    with np.errstate(invalid="ignore"):
        stands = (close >= TRUST_LOW_USD) & (close <= TRUST_HIGH_USD)
        stands &= np.abs(close / before - 1) <= TRUST_MOVE_FRAC
    place = np.arange(len(close))
    # the last session that moved, or the first one seen
    mark = np.maximum.accumulate(np.where(starts | ~stands, place, 0))
    first = np.maximum.accumulate(np.where(starts, place, 0))
    quiet = stands[mark] | (day - day[mark] > TRUST_DAYS)
    return quiet & (place - first + 1 >= TRUST_SESSIONS)


def is_class(securities: pd.DataFrame) -> np.ndarray:
    """Tell which listings are by name one class or series of a company's shares."""
    return _contains(_text(securities, "name"), CLASS_WORDS).to_numpy(bool)


def is_unit(securities: pd.DataFrame) -> np.ndarray:
    """Tell which listings are units of a share and something else (see `describe`)."""
    named = _contains(_text(securities, "name"), r"\bunits?\b")
    return (named & securities["share_type"].eq(UNIT_OR_RIGHT)).to_numpy(bool)


def units_of(securities: pd.DataFrame) -> np.ndarray:
    """Return the `symbol_id` of the units of each company that is sold in them, or -1.

    A shell is sold in units of a share and part of a warrant, which are split when it
    merges: while they are quoted it is a blank-cheque company. The unit's symbol is
    the share's with a U, or with a letter and a U where two words agree. Takes the
    output of `describe`, of one day or more. Source: Ground Rules v7.0, 5.11; decision
    0011.
    """
    symbol = securities["symbol"].astype("str")
    name = securities["name"].astype("str").str.lower()
    words = name.str.extract(r"^([a-z0-9]+)(\W+[a-z0-9]+)?").fillna("")
    first_word, two_words = words[0], words[0] + words[1]
    sold = is_unit(securities) & symbol.str.endswith("U").to_numpy()
    bases = symbol[sold].str.replace(r"[/.^]?U$", "", regex=True)
    ids = securities.loc[sold, "symbol_id"]
    shorter = zip(bases.str[:-1], two_words[sold], strict=True)
    by_two = dict(zip(shorter, ids, strict=True))
    by_one = dict(zip(zip(bases, first_word[sold], strict=True), ids, strict=True))
    of_each = [
        by_one.get((own, one), by_two.get((own, two), -1))
        for own, one, two in zip(symbol, first_word, two_words, strict=True)
    ]
    return np.array(of_each, dtype=np.int64)


def screen_securities(securities: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Add `is_listed_eligible`, `listing_reason` and one column a screen.

    Takes table `Securities` with `share_type`, `structure` (see `describe`) and
    `current_index` (what is known of membership on the day): a member of the Russell
    3000 passes nationality and structure until something newer says otherwise; and
    `passed_over`, why a company that could have been one was not (missing: it was not
    passed over, or there is no telling). The
    columns `screen_<name>` hold pass, fail or not known; `reason_<name>` says why.
    Source: Ground Rules v7.0, 5.3 to 5.15.
    """
    is_member = securities["current_index"].isin(["R1000", "R2000"])
    table = securities
    failed = pd.Series(pd.NA, index=table.index, dtype="str")
    for name, screen in LISTING_SCREENS.items():
        outcome, why = screen(table, is_member, rules)
        table = table.assign(**{f"screen_{name}": outcome, f"reason_{name}": why})
        stopped = (outcome == FAIL) | (
            (outcome == NOT_KNOWN) & (name not in rules.unknowns_let_through)
        )
        failed = failed.mask(failed.isna() & stopped, why)
    return table.assign(is_listed_eligible=failed.isna(), listing_reason=failed)


def passes_by_evidence(
    securities: pd.DataFrame, rules: Rulebook
) -> dict[str, np.ndarray]:
    """Tell which securities pass under each state of evidence on membership.

    The same screens as `screen_securities`, for a season in which the evidence changes
    and the listing does not. The states are ``member``, ``left out`` and ``neither``;
    each array is parallel to `securities` (see `describe`).
    """
    states = {
        "member": ("R1000", pd.NA),
        "left out": (pd.NA, "left out"),
        "neither": (pd.NA, pd.NA),
    }
    passes = {}
    for state, (current_index, passed_over) in states.items():
        evidence = pd.DataFrame(
            {"current_index": current_index, "passed_over": passed_over},
            index=securities.index,
            dtype="str",
        )
        table = securities.drop(columns=evidence.columns, errors="ignore")
        screened = screen_securities(table.join(evidence), rules)
        passes[state] = screened["is_listed_eligible"].to_numpy()
    return passes


def screen_closes(
    close_usd: np.ndarray,
    average_close_usd: np.ndarray,
    is_member: np.ndarray,
    rules: Rulebook,
) -> np.ndarray:
    """Tell which closes pass the price screen; arrays of one length, NaN fails.

    An existing member below the minimum stays if its average close over the days
    before passes. Source: Ground Rules v7.0, 5.8.1.
    """
    with np.errstate(invalid="ignore"):
        passes = close_usd >= rules.min_close_usd
        on_average = is_member & (average_close_usd >= rules.min_close_usd)
    return passes | (on_average & ~np.isnan(close_usd))


def screen_caps(total_market_cap_usd: np.ndarray, rules: Rulebook) -> np.ndarray:
    """Tell which company market caps pass; NaN fails. Source: GR v7.0, 5.9.1."""
    with np.errstate(invalid="ignore"):
        return total_market_cap_usd >= rules.min_total_market_cap_usd


def close_reason(close_usd: float, average_close_usd: float, rules: Rulebook) -> str:
    """Say why a close failed the price screen."""
    if np.isnan(close_usd):
        return "no close on the day"
    averaged = (
        ""
        if np.isnan(average_close_usd)
        else f", {rules.average_close_days}-day average ${average_close_usd:.4g}"
    )
    return f"close ${close_usd:.4g} below ${rules.min_close_usd:.2f}{averaged}"


def cap_reason(total_market_cap_usd: float, rules: Rulebook) -> str:
    """Say why a company's market cap failed its screen."""
    if np.isnan(total_market_cap_usd):
        return "market cap not known"
    return (
        f"market cap ${total_market_cap_usd / 1e6:,.1f}mn below "
        f"${rules.min_total_market_cap_usd / 1e6:,.0f}mn"
    )


Screen = Callable[[pd.DataFrame, pd.Series, Rulebook], tuple[pd.Series, pd.Series]]


def _exchange(
    table: pd.DataFrame, is_member: pd.Series, rules: Rulebook
) -> tuple[pd.Series, pd.Series]:
    """Listed on an eligible exchange. Source: Ground Rules v7.0, 5.6 and 5.7."""
    exchange = table["exchange"].str.upper()
    outcome = _outcome(exchange.isin(rules.eligible_exchanges), exchange.isna())
    return outcome, "exchange " + table["exchange"].fillna(NOT_KNOWN)


def _share_type(
    table: pd.DataFrame, is_member: pd.Series, rules: Rulebook
) -> tuple[pd.Series, pd.Series]:
    """Of an eligible share type. Source: Ground Rules v7.0, 5.13."""
    passes = table["share_type"].eq(COMMON)
    return _outcome(passes, table["name"].isna()), table["share_type"].astype("str")


def _structure(
    table: pd.DataFrame, is_member: pd.Series, rules: Rulebook
) -> tuple[pd.Series, pd.Series]:
    """Not of an excluded structure. Source: Ground Rules v7.0, 5.11."""
    ordinary = table["structure"].isna()
    why = table["structure"].fillna("operating company by its name")
    return _member_or(is_member, ordinary, table["name"].isna(), why)


def _country(
    table: pd.DataFrame, is_member: pd.Series, rules: Rulebook
) -> tuple[pd.Series, pd.Series]:
    """Assigned to the United States. Source: Ground Rules v7.0, 5.3 to 5.5.

    Without filings the evidence is thin: the provider's country is where the company
    is based. A base in a benefit-driven country decides nothing, and where base and
    incorporation disagree on home, assets and revenue would decide.
    """
    incorporated = table["incorporation_country"]
    based = table["country"]
    # a provider that does not know the base names the shares as the articles do
    abroad = incorporated.isna() & based.isna()
    abroad.loc[abroad] = _is_foreign_by_name(table[abroad])
    is_based, is_incorporated = based.isin(HOME), incorporated.isin(HOME)
    domestic = is_based & (incorporated.isna() | is_incorporated)
    unknown = based.isna() | based.isin(BENEFIT_DRIVEN)
    unknown |= incorporated.notna() & (is_based != is_incorporated)
    unknown &= ~abroad
    why = "based in " + based.fillna("a country not known")
    why = why.mask(abroad, why + ", incorporated abroad by its name")
    why = why.mask(incorporated.notna(), why + ", incorporated in " + incorporated)
    return _member_or(is_member, domestic, unknown, why)


def _is_foreign_by_name(table: pd.DataFrame) -> pd.Series:
    name = _text(table, "name")
    return _contains(name, FOREIGN_NAMES) & ~_contains(name, HOME_NAMES)


def _verdict(
    table: pd.DataFrame, is_member: pd.Series, rules: Rulebook
) -> tuple[pd.Series, pd.Series]:
    """Not passed over at the last reconstitution, clearly large enough as it was.

    What a listing does not tell (float, votes, filings on nationality) FTSE Russell
    did judge: a company left out then is taken to fail until it is let in, as a
    member is taken to pass (decision 0005). Ground Rules v7.0, 5.3, 5.10 and 5.15.
    """
    passed_over = table["passed_over"]
    outcome = _outcome(passed_over.isna(), pd.Series(False, index=table.index))
    outcome = outcome.mask(passed_over.isna() & ~is_member, NOT_KNOWN)
    return outcome, passed_over.fillna("float and votes " + NOT_KNOWN)


LISTING_SCREENS: dict[str, Screen] = {
    "exchange": _exchange,
    "share type": _share_type,
    "structure": _structure,
    "country": _country,
    "float and votes": _verdict,
}
CLAUSES = {
    "exchange": "GR v7.0, 5.6-5.7",
    "share type": "GR v7.0, 5.13",
    "structure": "GR v7.0, 5.11",
    "country": "GR v7.0, 5.3-5.5",
    "price": "GR v7.0, 5.8.1",
    "market cap": "GR v7.0, 5.9.1",
    "float and votes": "GR v7.0, 5.10.1 and 5.15",
}


def _member_or(
    is_member: pd.Series, passes: pd.Series, unknown: pd.Series, why: pd.Series
) -> tuple[pd.Series, pd.Series]:
    outcome = _outcome(passes, unknown).mask(is_member, PASS)
    evidence = why.mask(is_member & ~passes, "Russell 3000 member; else " + why)
    return outcome, evidence


def _outcome(passes: pd.Series, unknown: pd.Series) -> pd.Series:
    values = np.select([unknown, passes], [NOT_KNOWN, PASS], FAIL)
    return pd.Series(values, index=passes.index, dtype="str")


def _text(table: pd.DataFrame, column: str) -> pd.Series:
    return table[column].astype("str").fillna("")


def _contains(words: pd.Series, pattern: str) -> pd.Series:
    return words.str.contains(f"(?i:{re.sub(r'[(](?![?])', '(?:', pattern)})")


def _first_match(
    words: pd.Series, patterns: tuple[tuple[str, str], ...], default: str | None
) -> pd.Series:
    found = pd.Series(pd.NA, index=words.index, dtype="str")
    for label, pattern in patterns:
        found = found.mask(found.isna() & _contains(words, pattern), label)
    return found if default is None else found.fillna(default)


CONVERTED_RATIO = 10.0  # a class that costs this many times the vehicle converts


def extra_class_screens(
    table: pd.DataFrame, rules: Rulebook
) -> list[tuple[pd.Series, str]]:
    """Return which share classes besides the pricing vehicle may not join it, and why.

    A class joins when its own cap and its average daily dollars traded are above the
    minima. A class that is a member has shown that it does; one that is not, though
    its company is, has shown that it does not (decision 0005). What is not known does
    not fail. Source: Ground Rules v7.0, 6.5.1 and 6.5.3.
    """
    vehicle = table["pricing_vehicle"]
    is_extra = vehicle.notna() & (vehicle != table["security_id"])
    is_member = table["current_index"].notna()
    has_member = table["company_id"].isin(
        table.loc[is_member & table["is_common"], "company_id"]
    )
    closes = table.set_index("security_id")["close_usd"]
    converts = table["close_usd"] / vehicle.map(closes) >= CONVERTED_RATIO
    small = table["given_market_cap_usd"] <= rules.extra_class_min_cap_usd
    little = table["addtv_usd"] <= rules.extra_class_min_addtv_usd
    judged = [
        (converts, "share class counted in the pricing vehicle by conversion"),
        (has_member & ~is_member, "extra share class, not chosen with its company"),
        (small, "extra share class with too small a market cap"),
        (little, "extra share class with too little traded"),
    ]
    return [(is_extra & ~is_member & fails, words) for fails, words in judged]
