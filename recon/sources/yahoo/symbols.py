"""How Yahoo spells a listing, and how the store does.

Share classes, preferred shares, warrants, units and rights of the NYSE carry a suffix:
Yahoo writes ``BRK-B`` and ``BAC-PL``, the store ``BRK/B`` and ``BAC^L``. Nasdaq's fifth
letter is the same in both.
"""

import re

WARRANT, UNIT, RIGHT, PREFERRED = "Warrant", "Unit", "Right", "Preferred Stock"
# Yahoo's suffix, the store's, and the type of such a listing
SUFFIXES = (
    (r"-P([A-Z]{0,2})$", r"^\1", PREFERRED),
    (r"-WT([A-Z]?)$", r"/WS\1", WARRANT),
    (r"-WS([A-Z]?)$", r"/WS\1", WARRANT),
    (r"-UN?$", r"/U", UNIT),
    (r"-RI?$", r"/R", RIGHT),
    (r"-([A-Z])$", r"/\1", None),
)
BACK = (
    (r"\^([A-Z]{0,2})$", r"-P\1"),
    (r"/WS([A-Z]?)$", r"-WT\1"),
    (r"/U$", r"-UN"),
    (r"/R$", r"-RI"),
    (r"[/.]([A-Z])$", r"-\1"),
)
# words of a listing's short name; Yahoo's long name names the issuer only
SHORT_NAMES = (
    (r"(?i)\bwarrants?\b|\bwts?\b", WARRANT),
    (r"(?i)\bunits?\b(?!.*(lp|partners))", UNIT),
    (r"(?i)\brights?\b", RIGHT),
    (r"(?i)\bpref\b|\bpfd\b|\bpreferred\b|\bperp\b|\bdepositary sh", PREFERRED),
    (r"(?i)\badrs?\b|\badss?\b|american deposit", "American Depositary Shares"),
    (r"(?i)\bnotes?\b(?! solutions)|\bdebenture|\bdue 20\d\d", "Notes"),
)


def from_yahoo(symbol: str) -> str:
    """Return the store's spelling of a Yahoo symbol.

    >>> [from_yahoo(symbol) for symbol in ("BRK-B", "BAC-PL", "CCL", "AMPX-WT")]
    ['BRK/B', 'BAC^L', 'CCL', 'AMPX/WS']
    """
    for theirs, ours, _ in SUFFIXES:
        spelt, found = re.subn(theirs, ours, symbol)
        if found:
            return spelt
    return symbol


def to_yahoo(symbol: str) -> str:
    """Return Yahoo's spelling of a stored symbol.

    >>> [to_yahoo(symbol) for symbol in ("BRK/B", "BAC^L", "BRK.B", "ABC/U")]
    ['BRK-B', 'BAC-PL', 'BRK-B', 'ABC-UN']
    """
    for ours, theirs in BACK:
        spelt, found = re.subn(ours, theirs, symbol)
        if found:
            return spelt
    return symbol


def security_type(symbol: str, short_name: str | None) -> str | None:
    """Return the type of a listing where its suffix or short name shows it.

    >>> security_type("BAC-PL", "Bank of America Corporation Dep")
    'Preferred Stock'
    >>> security_type("BRK-B", "Berkshire Hathaway Inc. New") is None
    True
    """
    for theirs, _, kind in SUFFIXES:
        if kind and re.search(theirs, symbol):
            return kind
    for words, kind in SHORT_NAMES:
        if re.search(words, short_name or ""):
            return kind
    return None
