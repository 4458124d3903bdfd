"""The index family cut from one ranking: codes, names and rank ranges.

Band widths are methodology numbers and live in `rulebook`; what an index is called
and which ranks it holds does not change with them. Source: Ground Rules v7.0, 6.10.
"""

from dataclasses import dataclass

from recon.errors import BadRequest

LARGE, SMALL, MICRO, BROAD = "R1000", "R2000", "MICRO", "R3000"
HELD = (LARGE, SMALL, MICRO)  # a company is in one of them at most
IN_BROAD = (LARGE, SMALL)  # together the Russell 3000


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
    index.code: index
    for index in (
        Index(
            code="TOP50",
            name="Russell Top 50 Mega Cap",
            first_rank=1,
            last_rank=50,
            line_rank=50,
        ),
        Index(
            code="TOP200",
            name="Russell Top 200",
            first_rank=1,
            last_rank=200,
            line_rank=200,
        ),
        Index(
            code="TOP500",
            name="Russell Top 500",
            first_rank=1,
            last_rank=500,
            line_rank=500,
        ),
        Index(
            code="MIDCAP",
            name="Russell Midcap",
            first_rank=201,
            last_rank=1000,
            line_rank=1000,
        ),
        Index(
            code=LARGE,
            name="Russell 1000",
            first_rank=1,
            last_rank=1000,
            line_rank=1000,
        ),
        Index(
            code="R2500",
            name="Russell 2500",
            first_rank=501,
            last_rank=3000,
            line_rank=3000,
        ),
        Index(
            code=SMALL,
            name="Russell 2000",
            first_rank=1001,
            last_rank=3000,
            line_rank=3000,
        ),
        Index(
            code=BROAD,
            name="Russell 3000",
            first_rank=1,
            last_rank=3000,
            line_rank=3000,
        ),
        Index(
            code=MICRO,
            name="Russell Microcap",
            first_rank=2001,
            last_rank=4000,
            line_rank=2000,
        ),
        Index(
            code="R3000E",
            name="Russell 3000E",
            first_rank=1,
            last_rank=4000,
            line_rank=4000,
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class StyleIndex:
    """One half of a size index by style; its companies share their weight with it."""

    code: str
    name: str
    parent: str


STYLE_INDEXES: dict[str, StyleIndex] = {
    index.code: index
    for index in (
        StyleIndex(code="R1000G", name="Russell 1000 Growth", parent=LARGE),
        StyleIndex(code="R1000V", name="Russell 1000 Value", parent=LARGE),
        StyleIndex(code="R2000G", name="Russell 2000 Growth", parent=SMALL),
        StyleIndex(code="R2000V", name="Russell 2000 Value", parent=SMALL),
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
