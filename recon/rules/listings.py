"""What a listing is, read from its name: share type, structure, units, shells.

Providers describe a listing in words, and their words are all there is. A pattern
below stands for the wording of thousands of real listings.
"""

import re
from functools import cache

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook

COMMON, UNIT_OR_RIGHT, DEBT, PREFERRED, RECEIPT = (
    "common share",
    "warrant, right or unit",
    "note or bond",
    "preferred share",
    "depositary receipt",
)
# an authority belongs to a state: what it lists can only be its debt
AUTHORITY = r"\bauthority\b"
# A listing is the issuer's name, then its paper. "... Common Stock" at the end is the
# paper, whatever the issuer is called, unless other paper is said to stand for it; and
# a word that opens the line belongs to the issuer.
PLAIN_SHARES = (
    r"\b(common (stock|shares)|ordinary shares|capital stock)( \([^)]*\))*\W*$"
)
STANDS_FOR = (
    r"\b(representing|represents?|consisting|purchase|acquire|receive|exercisable|"
    r"pfd)\b|depositary (shares?|receipts?)|\badss?\b(?!-)|\badrs?\b|registry"
)
OPENING_WORD = r"^(preferred|units?|bonds?|notes?|rights?|warrants?)\b(?=\s+\w)"
# Ground Rules v7.0 5.13, in the wording that listings use; first match decides.
# A fund named after what it holds (Preferred Income Fund) is a fund, not its holdings.
SHARE_TYPES: tuple[tuple[str, str], ...] = (
    (RECEIPT, r"american deposi|\badss?\b|\badrs?\b|new york registry|ny registry"),
    (RECEIPT, r"global depositary|depositary receipt"),
    (DEBT, r"\bnotes?\b|\bsr\.? nts?\b|\bdebentures?\b|\bdue 20\d\d"),
    (DEBT, r"\bbonds?\b(?!.*(\bfund\b|\btrust\b))|\bzones\b"),
    # certificates of a trust that holds bonds
    (DEBT, r"\btr c(er)?tfs?\b|\btr certs?\b|securities certificates|asset-backed"),
    (DEBT, AUTHORITY),
    (PREFERRED, r"\bpreferred\b(?!.*\bfund\b)|\bpreference\b"),
    (PREFERRED, r"\bpfd\b|\bperp\b|trust preferred|\bcapital trust [ivx]+\b"),
    (PREFERRED, r"deposit[ao]ry shares?|\d(\.\d+)? ?% .*(series|cumulative|perpetual)"),
    (PREFERRED, r"\bstrats\b|\bcorts\b|collateral trust"),
    (UNIT_OR_RIGHT, r"\bwar+ants?\b|\brights?\b|\bsubunits?\b|\bteus?\b"),
    (UNIT_OR_RIGHT, r"\bunits?\b(?! of beneficial|.*limited partner)"),
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
    r"specialty finance|floating rate capital|\bcapital ((\w+ )?corp|inc|ltd)|"
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
IN_GROUND = r"mining|oil|coal|metals|ore$"
# Companies incorporated in a US state issue common stock (trusts: shares of beneficial
# interest); ordinary and common shares, and these endings, are of other company laws.
# Decision 0011.
FOREIGN_NAMES = (
    r"\bordinary shares?\b|\bcommon shares?\b|\b(subordinate|limited) voting\b|"
    r"\b(ltd|limited|plc|n\.?v\.?|s\.?a\.?|ag|se)(?=\W|$)"
)
HOME_NAMES = r"of beneficial interest|\btrust\b"


def describe(securities: pd.DataFrame) -> pd.DataFrame:
    """Add `share_type` and `structure`, read from a listing's own words.

    `structure` is missing for an ordinary company. A provider's `security_type`, where
    given, is read before the name. Source: Ground Rules v7.0, 5.11 and 5.13.
    """
    texts = [_texts(securities, name) for name in ("security_type", "name", "industry")]
    read = [
        (PREFERRED if "^" in symbol else _share_type(kind, name), _structure(*words))
        for symbol, kind, name, *words in zip(
            securities["symbol"], texts[0], texts[1], *texts, strict=True
        )
    ]
    share_types, structures = zip(*read, strict=True) if read else ((), ())
    return securities.assign(
        share_type=pd.Series(share_types, securities.index, "str"),
        structure=pd.Series(structures, securities.index, "str"),
    )


# each is read once: a history holds the same few thousand names again and again
@cache
def _share_type(security_type: str | None, name: str | None) -> str:
    paper = re.sub(OPENING_WORD, "", name or "", flags=re.IGNORECASE)
    words = f"{security_type or ''} | {paper}"
    if (
        _has(PLAIN_SHARES, paper)
        and not _has(STANDS_FOR, paper)
        and not _has(AUTHORITY, paper)
    ):
        words = security_type or ""
    found = (label for label, pattern in SHARE_TYPES if _has(pattern, words))
    return next(found, COMMON)


@cache
def _structure(
    security_type: str | None, name: str | None, industry: str | None
) -> str | None:
    words = f"{security_type or ''} | {name or ''}"
    if industry == BLANK_CHECKS:
        return SHELL
    for label, pattern in STRUCTURES:
        if _has(pattern, words):
            return label
    is_class, is_reit = _has(CLASS_WORDS, words), industry == REIT
    is_property = _has(NO_POOL_WORDS, words)
    is_none = is_reit or is_property
    may_be = not is_none and not is_class
    may_be = may_be and (industry is None or industry in POOL_INDUSTRIES)
    if _has(IN_GROUND, industry or "") and _has(r"\btrust\b", words):
        return "royalty trust"
    # a lender's words and a sponsor's classes of shares, not yet filed anywhere; and
    # the industries that shells are filed under, where their units are not listed
    if (
        (industry is None and _has(SHELL_WORDS, words))
        or (industry in SHELL_INDUSTRIES and _has(SPONSOR_WORDS, words))
        or (industry == SHELLS_ALONE and is_class)
    ):
        return SHELL
    is_lender = _has(SURELY_LENDER, words) or (may_be and _has(LENDER_WORDS, words))
    if is_lender and not _has(r"\bfund\b", words):
        return "business development company"
    is_fund = (
        (_has(SURELY_FUND, words) and not (is_reit and is_property))
        or (_has(SURELY_TRUST, words) and not is_none)
        or (may_be and _has(FUND_WORDS, words))
        or (may_be and industry == TRUST_INDUSTRY)
    )
    return "closed-end fund" if is_fund else None


def at_trust(trailing: pd.DataFrame, rules: Rulebook) -> np.ndarray:
    """Tell which closes have stood still at about $10 for a month, as a shell's do.

    `trailing` has symbol_id, snapshot_date, close_usd and is_class (see `is_class`),
    by symbol then session. A company with a business moves more, and a new listing is
    given time to, unless its shares are of the class that a shell sells to the public.
    Source: Ground Rules v7.0, 5.11; decision 0014.
    """
    numbers = rules.heuristics
    symbol_id = trailing["symbol_id"].to_numpy()
    day = trailing["snapshot_date"].to_numpy("datetime64[D]").astype(np.int64)
    close = trailing["close_usd"].to_numpy(float)
    starts = np.append(True, symbol_id[1:] != symbol_id[:-1])[: len(close)]
    before = np.where(starts, close, np.roll(close, 1))
    with np.errstate(invalid="ignore"):
        stands = (close >= numbers.trust_low_usd) & (close <= numbers.trust_high_usd)
        stands &= np.abs(close / before - 1) <= numbers.trust_move_frac
    place = np.arange(len(close))
    # the last session that moved, or the first one seen
    mark = np.maximum.accumulate(np.where(starts | ~stands, place, 0))
    first = np.maximum.accumulate(np.where(starts, place, 0))
    quiet = stands[mark] | (day - day[mark] > numbers.trust_days)
    least = np.where(
        trailing["is_class"], numbers.trust_class_sessions, numbers.trust_sessions
    )
    return quiet & (place - first + 1 >= least)


def is_class(securities: pd.DataFrame) -> np.ndarray:
    """Tell which listings are by name one class or series of a company's shares."""
    return _any(CLASS_WORDS, _texts(securities, "name"))


def is_unit(securities: pd.DataFrame) -> np.ndarray:
    """Tell which listings are units of a share and something else (see `describe`)."""
    found = securities["share_type"].eq(UNIT_OR_RIGHT).to_numpy(bool, copy=True)
    found[found] = _any(r"\bunits?\b", _texts(securities[found], "name"))
    return found


def units_of(securities: pd.DataFrame) -> pd.DataFrame:
    """Add the numbers by which units and the shares that are sold in them meet.

    A shell is sold in units of a share and part of a warrant, which are split when it
    merges: while they are quoted it is a blank-check company. The unit's symbol is
    the share's with a U (`sold_one` of the units, `bought_one` of the share), or with
    a letter and a U where two words agree (`sold_two`, `bought_two`); -1 is none. Also
    adds `unit_id`, the symbol_id of units seen on any of the days. Takes the output of
    `describe`. Source: Ground Rules v7.0, 5.11; decision 0011.
    """
    symbol = securities["symbol"].to_numpy(object)
    name = securities["name"].to_numpy(object)
    units = [
        row for row in np.flatnonzero(is_unit(securities)) if symbol[row][-1] == "U"
    ]
    base = [re.sub(r"[/.^]?U$", "", symbol[row]) for row in units]
    words = [_first_words(name[row]) for row in units]
    sold_one = [(own, one) for own, (one, _) in zip(base, words, strict=True)]
    sold_two = [(own[:-1], two) for own, (_, two) in zip(base, words, strict=True)]
    bases = {own for own, _ in sold_one} | {own for own, _ in sold_two}
    shares = [row for row, own in enumerate(symbol) if own in bases]
    symbol_id = securities["symbol_id"].to_numpy(np.int64)
    columns = {"unit_id": np.full(len(symbol), -1)}
    for place, (number, sold) in enumerate((("two", sold_two), ("one", sold_one))):
        codes = {key: code for code, key in enumerate(dict.fromkeys(sold))}
        bought = [
            codes.get((symbol[row], _first_words(name[row])[1 - place]), -1)
            for row in shares
        ]
        of_units, of_shares = (np.full(len(symbol), -1) for _ in range(2))
        of_units[units] = [codes[key] for key in sold]
        of_shares[shares] = bought
        unit = np.full(len(codes) + 1, -1)  # the last: of no number
        unit[of_units[units]] = symbol_id[units]
        columns["unit_id"] = np.where(
            of_shares >= 0, unit[of_shares], columns["unit_id"]
        )
        columns |= {f"sold_{number}": of_units, f"bought_{number}": of_shares}
    return securities.assign(**columns)


@cache
def _first_words(name: object) -> tuple[str, str]:
    """First word of a name, and the first two, in small letters; empty without any."""
    found = re.match(r"([a-z0-9]+)(\W+[a-z0-9]+)?", str(name).lower())
    return (found[1], found[0]) if found and isinstance(name, str) else ("", "")


def is_foreign_by_name(securities: pd.DataFrame) -> np.ndarray:
    """Tell which listings are by name shares of a company incorporated abroad.

    Decision 0011.
    """
    names = _texts(securities, "name")
    return np.fromiter(map(_is_foreign, names), bool, len(names))


@cache
def _is_foreign(name: str | None) -> bool:
    return _has(FOREIGN_NAMES, name or "") and not _has(HOME_NAMES, name or "")


def _texts(table: pd.DataFrame, column: str) -> list[str | None]:
    """Return a column's texts, None where one is missing."""
    texts = table[column].to_numpy(object)
    return [text if isinstance(text, str) else None for text in texts]


def _any(pattern: str, texts: list[str | None]) -> np.ndarray:
    return np.fromiter((_has(pattern, text or "") for text in texts), bool, len(texts))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _has(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None
