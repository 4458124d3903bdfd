"""Names that enter or leave a projected list, or cross a line, with the cause."""

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import BROAD, IN_BROAD, INDEXES, LARGE, LINE_NAMES, SIZES, SMALL
from recon.reconstitution import Projection
from recon.rules.size_indexes import projected_column
from recon.store import Store
from recon.studies.changes import causes, recomputing, words
from recon.studies.changes.causes import ListChange

LISTS = (LARGE, SMALL, BROAD, *SIZES)
SAID = [
    "symbol",
    "company",
    "symbol_id",
    "rank",
    "total_market_cap_usd",
    "current_index",
    "projected_index",
    "ineligible_reason",
]


def changes(
    facts: Store, then: Projection, now: Projection, paired: pd.DataFrame
) -> pd.DataFrame:
    """Return the changes of lists and of sides, one row a company and list.

    `paired` is the output of `pairing.pair`. The lists are the projected members of
    the Russell 1000, 2000 and 3000 and of the size indexes that overlap; a company
    crosses where it comes to stand elsewhere against the Russell 1000's line and band
    and stays where it is.
    """
    sides = [_side(then, paired["id_then"]), _side(now, paired["id_now"])]
    found = _list_changes(sides)
    found += _crossings(sides, (then, now), {each.row for each in found})
    found += _member_changes(sides)
    found.sort(key=lambda each: each.row)
    why = causes.of(facts, (then, now), paired, sides, found)
    names = ["symbol", "company", "total_market_cap_usd"]
    about = sides[1][names].where(sides[1]["symbol"].notna(), sides[0][names])
    about = about.rename(columns={"total_market_cap_usd": "size_usd"})
    own = about.iloc[[each.row for each in found]].to_dict("records")
    return words.rows(
        [
            {
                **of_company,
                "kind": each.kind,
                "list": each.code,
                "before": each.before,
                "after": each.after,
                "cause": cause,
                "why": reason,
            }
            for each, of_company, (cause, reason) in zip(found, own, why, strict=True)
        ]
    )


def _side(projection: Projection, ids: pd.Series) -> pd.DataFrame:
    """Return the leading line of each company on one day, in the order of `ids`."""
    listed = projection.securities
    listed = listed[listed["is_common"].astype(bool)]
    listed = listed.assign(leads=listed["security_id"].eq(listed["vehicle_id"]))
    order = ["leads", "total_market_cap_usd"]
    first = listed.sort_values(order, ascending=False, kind="stable")
    first = first.drop_duplicates("company_id").set_index("company_id")
    codes = [projected_column(code) for code in SIZES]
    return first[[*SAID, *codes]].reindex(ids.rename("company_id")).reset_index()


def _list_changes(sides: list[pd.DataFrame]) -> list[ListChange]:
    found = []
    places = [_places(side) for side in sides]
    for code in LISTS:
        before, after = (_is_on(side, code) for side in sides)
        changed = (before != after) & before.notna() & after.notna()
        for row in np.flatnonzero(changed.to_numpy(bool)):
            found.append(
                ListChange(
                    row=int(row),
                    kind=words.JOINS if after.iloc[row] else words.LEAVES,
                    code=code,
                    before=places[0][row],
                    after=places[1][row],
                    aspect=_aspect(code),
                )
            )
    return found


def _is_on(side: pd.DataFrame, code: str) -> pd.Series:
    """Tell whether each company is projected to be on a list; missing if in doubt."""
    if code in (LARGE, SMALL, BROAD):
        inside = IN_BROAD if code == BROAD else (code,)
        return side["projected_index"].isin(inside).astype(object)
    values = side[projected_column(code)].astype(object)
    return values.where(side["symbol"].notna(), False)


def _aspect(code: str) -> tuple[int, ...]:
    if code in (LARGE, SMALL, BROAD):
        return (recomputing.HELD,)
    index = INDEXES[code]
    return tuple(cut for cut in (index.first_rank - 1, index.last_rank) if cut)


def _places(side: pd.DataFrame) -> list[str]:
    """Say where each company stands: the index it is bound for, and at which rank."""
    index = side["projected_index"].map(formatting.index_name, na_action=None)
    names = index.map(formatting.index_code)
    return [
        name if formatting.is_missing(rank) else f"{name} #{int(rank):,}"
        for name, rank in zip(names, side["rank"], strict=True)
    ]


def _crossings(
    sides: list[pd.DataFrame],
    days: tuple[Projection, Projection],
    listed: set[int],
) -> list[ListChange]:
    """Return members that come to stand elsewhere against the Russell 1000's band."""
    line = days[1].rules.large_count
    placed = [
        pd.Series(
            recomputing.sides(day.companies, day.break_points, line),
            index=day.companies["company_id"],
        )
        for day in days
    ]
    codes = [
        side["company_id"].map(each).to_numpy(float)
        for side, each in zip(sides, placed, strict=True)
    ]
    is_known = ~np.isnan(codes[0]) & ~np.isnan(codes[1])
    rows = np.flatnonzero(is_known & (codes[0] != codes[1]))
    return [
        ListChange(
            row=int(row),
            kind=words.CROSSES,
            code=LINE_NAMES[line],
            before=recomputing.SIDE_WORDS[int(codes[0][row])],
            after=recomputing.SIDE_WORDS[int(codes[1][row])],
            aspect=(line,),
        )
        for row in rows
        if int(row) not in listed
    ]


def _member_changes(sides: list[pd.DataFrame]) -> list[ListChange]:
    """Return companies that are known to be in another index than before."""
    before, after = (side["current_index"] for side in sides)
    same = before.eq(after) | (before.isna() & after.isna())
    newest = after.where(after.notna(), before)
    both = sides[0]["symbol"].notna() & sides[1]["symbol"].notna()
    return [
        ListChange(
            row=int(row),
            kind=words.MEMBER,
            code=str(newest.iloc[row]),
            before=formatting.index_name(before.iloc[row]),
            after=formatting.index_name(after.iloc[row]),
            aspect=(),
        )
        for row in np.flatnonzero((~same & both).to_numpy(bool))
    ]
