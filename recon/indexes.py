"""The index family cut from one ranking: codes, names and rank ranges.

Band widths are methodology numbers and live in `rulebook`; what an index is called
and which ranks it holds does not change with them. Source: Ground Rules v7.0, 6.10.
"""

from dataclasses import dataclass

from recon.errors import BadRequest

LARGE, SMALL, MICRO, BROAD = "R1000", "R2000", "MICRO", "R3000"
HELD = (LARGE, SMALL, MICRO)  # a company is in one of them at most
IN_BROAD = (LARGE, SMALL)  # together the Russell 3000
# the others, which overlap with those and with each other
SIZES = ("TOP50", "TOP200", "MIDCAP", "TOP500", "R2500", "R3000E", MICRO)


@dataclass(frozen=True, kw_only=True)
class Index:
    """One index: its companies are those ranked `first_rank` to `last_rank`.

    `line_rank` is the rank whose market cap is quoted as the index's break point: the
    lower edge, except for the Microcap, whose own line is its upper edge at 2,000
    (the lower edge at 4,000 is that of the Russell 3000E).
    """

    code: str
    name: str
    first_rank: int
    last_rank: int
    line_rank: int


INDEXES: dict[str, Index] = {
    code: Index(code=code, name=name, first_rank=first, last_rank=last, line_rank=line)
    for code, name, first, last, line in (
        ("TOP50", "Russell Top 50 Mega Cap", 1, 50, 50),
        ("TOP200", "Russell Top 200", 1, 200, 200),
        ("TOP500", "Russell Top 500", 1, 500, 500),
        ("MIDCAP", "Russell Midcap", 201, 1000, 1000),
        (LARGE, "Russell 1000", 1, 1000, 1000),
        ("R2500", "Russell 2500", 501, 3000, 3000),
        (SMALL, "Russell 2000", 1001, 3000, 3000),
        (BROAD, "Russell 3000", 1, 3000, 3000),
        (MICRO, "Russell Microcap", 2001, 4000, 2000),
        ("R3000E", "Russell 3000E", 1, 4000, 4000),
    )
}


@dataclass(frozen=True, kw_only=True)
class StyleIndex:
    """One half of a size index by style; its companies share their weight with it."""

    code: str
    name: str
    parent: str


STYLE_INDEXES: dict[str, StyleIndex] = {
    code: StyleIndex(code=code, name=name, parent=parent)
    for code, name, parent in (
        ("R1000G", "Russell 1000 Growth", LARGE),
        ("R1000V", "Russell 1000 Value", LARGE),
        ("R2000G", "Russell 2000 Growth", SMALL),
        ("R2000V", "Russell 2000 Value", SMALL),
    )
}
# every index of which there may be a list of members
LISTED: tuple[str, ...] = (*INDEXES, *STYLE_INDEXES)

LINE_NAMES: dict[int, str] = {
    50: "Top 50",
    200: "Top 200",
    500: "Top 500",
    1000: "R1000 / R2000",
    2000: "Microcap upper",
    3000: "R3000 lower",
    4000: "R3000E lower",
}
# the same lines in a sentence: "the … line"
LINE_WORDS: dict[int, str] = {
    50: "Russell Top 50",
    200: "Russell Top 200",
    500: "Russell Top 500",
    1000: "Russell 1000/2000",
    2000: "upper Microcap",
    3000: "Russell 3000",
    4000: "Russell 3000E",
}


def index(code: str) -> Index:
    """Return the index of a code such as ``R1000``.

    Raises
    ------
    BadRequest
        If there is no such code.
    """
    try:
        return INDEXES[code]
    except KeyError:
        raise BadRequest(
            f"There is no index '{code}'; choose one of {', '.join(INDEXES)}."
        ) from None
