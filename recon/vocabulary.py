"""Words with one spelling: moves, outcomes of a screen, style shifts, symbols.

A table holds these words, a page may show others. The codes of the indexes are in
`indexes`.
"""

import pandas as pd

NOT_KNOWN = "not known"
PASS, FAIL = "pass", "fail"
ADDITION, DELETION = "addition", "deletion"
MIGRATION_UP, MIGRATION_DOWN = "migration up", "migration down"
STAYS, NONE = "stays", "none"
MOVES = (ADDITION, DELETION, MIGRATION_UP, MIGRATION_DOWN, STAYS, NONE)
MIGRATIONS = (MIGRATION_UP, MIGRATION_DOWN)
TO_VALUE, TO_GROWTH, NEW = "to value", "to growth", "new"
SHIFTS = (TO_VALUE, TO_GROWTH, NEW, STAYS, NOT_KNOWN)


def membership_key(symbols: pd.Series) -> pd.Series:
    """Return symbols as membership lists write them: capitals, no punctuation.

    A preferred share (``BAC^B``) has no key, so that it never matches a common one.

    >>> membership_key(pd.Series(["brk.b", "BF-B", "BAC^B"])).tolist()
    ['BRKB', 'BFB', nan]
    """
    keys = symbols.str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)
    return keys.mask(symbols.str.contains("^", regex=False))
