"""Ground Rules v7.0, 6.10: the size indexes that overlap, their bands and members."""

from datetime import date
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from recon.exhibits.candidates import SizeQuestion
from recon.indexes import SIZES
from recon.reconstitution import project_as_if
from recon.reconstitution.size_lists import SizeLists
from recon.rulebook import rulebook
from recon.rules import bands, membership, size_indexes
from recon.studies.candidates import sizes
from tests.universe import RANK_DAY, Tables, companies, missing_as_none, ranked

RULES = rulebook(date(2024, 4, 30))
NOT_KNOWN = None
# ---- one company: index now, by the rules, rank, sides of the lines at 200, 500, 2000


def projected(
    now: str | None,
    then: str | None,
    rank: float,
    sides: tuple[str, str, str],
    lists: dict[str, bool] | None = None,
    *,
    is_known: bool = True,
) -> dict[str, tuple[object, object]]:
    """Pair of every index: member now and by the rules."""
    table = pd.DataFrame({"rank": [rank]}).assign(
        current_index=pd.Series([now], dtype="str"),
        projected_index=pd.Series([then], dtype="str"),
        side_50="above" if rank <= 50 else "below",
        **dict(zip(("side_200", "side_500", "side_2000"), sides, strict=True)),
    )
    listed = {code: np.array([is_on]) for code, is_on in (lists or {}).items()}
    row = size_indexes.project(table, listed, RULES, is_known=is_known).iloc[0]
    found = missing_as_none(row[[*size_indexes.COLUMNS]])
    return dict(zip(SIZES, zip(found[::2], found[1::2], strict=True), strict=True))


IN, OUT = (True, True), (False, False)
ABOVE, BELOW = ("above",) * 3, ("below",) * 3
MEGA = {"TOP50": OUT, "TOP200": IN, "MIDCAP": OUT, "TOP500": IN, "R2500": OUT}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            projected("R1000", "R1000", 50, ABOVE, {"TOP50": True}),
            {**MEGA, "TOP50": IN, "R3000E": IN, "MICRO": OUT},
            id="a list of the Top 50 says the Top 200 and 500 too; rank 50 is in",
        ),
        pytest.param(
            projected("R1000", "R1000", 51, ABOVE, {"TOP50": True}),
            {**MEGA, "TOP50": (True, False), "R3000E": IN, "MICRO": OUT},
            id="no band at 50: rank 51 leaves",
        ),
        pytest.param(
            projected(
                "R1000", "R1000", 210, ("inside", "above", "above"), {"MIDCAP": False}
            ),
            {**MEGA, "TOP50": (NOT_KNOWN, False), "R3000E": IN, "MICRO": OUT},
            id="not in the Midcap is in the Top 200, and kept there inside the band",
        ),
        pytest.param(
            projected(
                "R1000", "R1000", 190, ("inside", "above", "above"), {"TOP200": False}
            ),
            {
                "TOP50": OUT,
                "TOP200": OUT,
                "MIDCAP": IN,
                "TOP500": (NOT_KNOWN, True),
                "R2500": (NOT_KNOWN, False),
                "R3000E": IN,
                "MICRO": OUT,
            },
            id="a Midcap member stays one inside the band, though ranked 190",
        ),
        pytest.param(
            projected("R1000", "R1000", 190, ("inside", "inside", "above")),
            {
                "TOP50": (NOT_KNOWN, False),
                "TOP200": (NOT_KNOWN, NOT_KNOWN),
                "MIDCAP": (NOT_KNOWN, NOT_KNOWN),
                "TOP500": (NOT_KNOWN, NOT_KNOWN),
                "R2500": (NOT_KNOWN, NOT_KNOWN),
                "R3000E": IN,
                "MICRO": OUT,
            },
            id="inside a band without a list, neither now nor then is known",
        ),
        pytest.param(
            projected(None, "R1000", 200, ("inside", "inside", "above")),
            {
                "TOP50": OUT,
                "TOP200": (False, True),
                "MIDCAP": OUT,
                "TOP500": (False, True),
                "R2500": OUT,
                "R3000E": (NOT_KNOWN, True),
                "MICRO": (NOT_KNOWN, False),
            },
            id="a new entrant goes by rank, band or not",
        ),
        pytest.param(
            projected("R2000", "R1000", 190, ("inside", "inside", "above")),
            {
                "TOP50": OUT,
                "TOP200": OUT,
                "MIDCAP": (False, True),
                "TOP500": OUT,
                "R2500": IN,
                "R3000E": IN,
                "MICRO": (NOT_KNOWN, False),
            },
            id="a member that jumps into both bands was in neither index and stays out",
        ),
        pytest.param(
            projected("R1000", "R2000", 1900, ("below", "below", "inside")),
            {
                "TOP50": (NOT_KNOWN, False),
                "TOP200": (NOT_KNOWN, False),
                "MIDCAP": (NOT_KNOWN, False),
                "TOP500": (NOT_KNOWN, False),
                "R2500": (NOT_KNOWN, True),
                "R3000E": IN,
                "MICRO": OUT,
            },
            id="a Russell 1000 member that falls to the band at 2,000 is not Microcap",
        ),
        pytest.param(
            projected(
                "R2000", "R2000", 1990, ("below", "below", "inside"), {"MICRO": True}
            ),
            {
                **dict.fromkeys(("TOP50", "TOP200", "MIDCAP", "TOP500"), OUT),
                **dict.fromkeys(("R2500", "R3000E", "MICRO"), IN),
            },
            id="a Microcap member inside the band at 2,000 stays in both",
        ),
        pytest.param(
            projected("MICRO", "R2000", 2000, ("below", "below", "inside")),
            {
                **dict.fromkeys(("TOP50", "TOP200", "MIDCAP", "TOP500"), OUT),
                "R2500": (False, True),
                "R3000E": IN,
                "MICRO": (True, False),
            },
            id="a Microcap-only name goes by rank: 2,000 is above the line",
        ),
        pytest.param(
            projected("R2000", "MICRO", 3001, BELOW),
            {
                **dict.fromkeys(("TOP50", "TOP200", "MIDCAP", "TOP500"), OUT),
                "R2500": (True, False),
                "R3000E": IN,
                "MICRO": (NOT_KNOWN, True),
            },
            id="past 3,000 the Microcap goes on",
        ),
        pytest.param(
            projected("MICRO", None, 4001, BELOW),
            {
                **dict.fromkeys(("TOP50", "TOP200", "MIDCAP", "TOP500", "R2500"), OUT),
                "R3000E": (True, False),
                "MICRO": (True, False),
            },
            id="past 4,000 a name leaves the Microcap and the 3000E",
        ),
        pytest.param(
            projected(None, None, 4001, BELOW, {"R3000E": False}),
            dict.fromkeys(SIZES, OUT),
            id="a list of the 3000E tells who is outside all of them",
        ),
        pytest.param(
            projected("R1000", "R1000", np.nan, ABOVE, {"TOP200": True}),
            {
                **{**MEGA, "TOP50": (NOT_KNOWN, NOT_KNOWN)},
                "R3000E": IN,
                "MICRO": OUT,
            },
            id="a member without a rank stays where it is",
        ),
        pytest.param(
            projected(None, "R1000", 100, ABOVE, is_known=False),
            {
                "TOP50": (NOT_KNOWN, False),
                "TOP200": (NOT_KNOWN, True),
                "MIDCAP": (NOT_KNOWN, False),
                "TOP500": (NOT_KNOWN, True),
                "R2500": (NOT_KNOWN, False),
                "R3000E": (NOT_KNOWN, True),
                "MICRO": (NOT_KNOWN, False),
            },
            id="without any list nothing is known of now",
        ),
    ],
)
def test_a_company_in_the_indexes_that_overlap(
    found: dict[str, tuple[object, object]], expected: dict[str, tuple[object, object]]
) -> None:
    assert found == expected


# ---- the band at 200, to the company ----------------------------------------

# 240 companies of 10,000 in all: 8,750 down to rank 190, 9,000 to 200, 9,250 to 210
EDGES = [56.0] + [46.0] * 189 + [25.0] * 50


@pytest.mark.parametrize(
    ("rank", "is_in", "stays"),
    [
        pytest.param(189, False, True, id="the last above the band goes up"),
        pytest.param(190, False, False, id="on the upper edge exactly: kept out"),
        pytest.param(210, True, True, id="on the lower edge exactly: kept in"),
        pytest.param(211, True, False, id="the first below the band leaves"),
    ],
)
def test_the_band_at_200_holds_2_5_points_to_either_side(
    rank: int, is_in: bool, stays: bool
) -> None:
    table = ranked(companies(EDGES, current=["R1000"] * len(EDGES)), RULES)
    placed = table.pipe(bands.place, RULES).pipe(membership.project, RULES)
    on_list = {"TOP200": np.full(len(EDGES), is_in)}
    found = size_indexes.project(placed, on_list, RULES, is_known=True)
    row = found.iloc[rank - 1]
    assert (row["rank"], row["current_top200"]) == (rank, is_in)
    assert row["projected_top200"] == stays
    assert row["projected_midcap"] == (not stays)


def test_a_move_is_named_where_both_sides_are_known() -> None:
    pairs = pd.DataFrame(
        {
            "current_top200": [False, True, True, False, None, True],
            "projected_top200": [True, False, True, False, True, None],
        }
    ).astype("boolean")
    assert size_indexes.moves(pairs, "TOP200").tolist() == [
        "addition",
        "deletion",
        "stays",
        "none",
        "not known",
        "not known",
    ]


# ---- lists ------------------------------------------------------------------


class WithMidcap(Tables):
    """The dozen, and a list of the Midcap that holds one of three large companies."""

    day_of_list = pd.Timestamp(RANK_DAY)

    def membership_lists(self) -> pd.DataFrame:
        midcap = {
            "list_id": 9,
            "index": "MIDCAP",
            "as_of": self.day_of_list,
            "source": "fund",
            "security_count": 1,
            "usable": True,
        }
        return pd.concat([super().membership_lists(), pd.DataFrame([midcap])])

    def members(self, since: date, until: date) -> pd.DataFrame:
        kept = {"list_id": 9, "index": "MIDCAP", "as_of": self.day, "symbol": "KEPT"}
        return pd.concat([super().members(since, until), pd.DataFrame([kept])])


def test_a_list_of_the_midcap_leaves_the_top_200() -> None:
    found = project_as_if(WithMidcap(), RANK_DAY)
    table = found.securities.set_index("symbol")
    large = ["BIG", "KEPT", "DOWN"]
    assert table.loc[large, "current_midcap"].tolist() == [False, True, False]
    assert table.loc[large, "current_top200"].tolist() == [True, False, True]
    assert not table.loc["CALM", "current_top200"]
    words = sizes.basis(found)
    assert words["MIDCAP"] == "MIDCAP of 30 Apr 2024 (fund)"
    assert words["TOP200"] == "R1000 less MIDCAP (MIDCAP of 30 Apr 2024 (fund))"
    assert words["TOP500"] == (
        "not known of R1000 members: there is no list of TOP500 or R2500"
    )
    # eleven companies: all are in the Top 200 by rank, newcomers too
    shown = sizes.members(found, "TOP200")
    joins = shown.loc[shown["change"] == "addition", "symbol"].tolist()
    assert joins == "NEWL UP HELD KEPT CALM NEWS FELL TINY PAST".split()
    assert sizes.finding(shown, "TOP200") == (
        "Russell Top 200: 11 members by the rules, 9 additions"
    )


def test_a_list_from_before_the_last_event_says_nothing_of_now() -> None:
    facts = WithMidcap()
    base = project_as_if(facts, RANK_DAY).membership
    facts.day_of_list = pd.Timestamp(2023, 6, 22)
    assert [*SizeLists(facts).known(base, RANK_DAY)] == ["MICRO"]


def test_rows_that_leave_or_wait_keep_the_pairs_in_step() -> None:
    pairs = project_as_if(WithMidcap(), RANK_DAY).securities
    rows = pairs["symbol"].isin(["BIG", "NEWL"])
    gone = size_indexes.leave(pairs, rows)[[*size_indexes.COLUMNS]]
    assert not gone[rows].any(axis=None) and gone[~rows].equals(
        pairs.loc[~rows, [*size_indexes.COLUMNS]]
    )
    kept = size_indexes.keep(pairs)
    for code in SIZES:
        pd.testing.assert_series_equal(
            kept[size_indexes.current_column(code)],
            kept[size_indexes.projected_column(code)],
            check_names=False,
        )


def test_every_index_can_be_asked_for() -> None:
    sized = SizeQuestion.model_fields["size"].annotation
    assert sorted(get_args(sized)) == sorted(SIZES)
