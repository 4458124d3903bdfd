"""The names an analyst watches on one day, and filters over them with their counts.

A *facet* is one filter: a column (or two) whose values are its choices. Nothing chosen
in a facet lets everything through; several choices of one facet widen it, facets
narrow each other. A count beside a choice is the number of rows that it would show
under all other facets as they stand.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import INDEXES

HELD = "held by the band"
CHANGES = ("migration up", "migration down", "addition", "deletion", HELD)
CHANGE_WORDS = {
    "migration up": "would move up",
    "migration down": "would move down",
    "addition": "would join",
    "deletion": "would leave",
    HELD: "are held by the band",
}
MOVE_WORDS = {change: formatting.move(change) for change in CHANGES} | {HELD: "● held"}
NOT_KNOWN = "not known"

TRAIL_SESSIONS, TRAIL_STEP = 60, 3  # a sparkline: every third session of sixty

# for finding one's way, not numbers of the methodology
CAP_EDGES_USD = (300e6, 1e9, 3e9, 10e9)
CAP_RANGES = (
    "under $300mn",
    "$300mn to $1bn",
    "$1bn to $3bn",
    "$3bn to $10bn",
    "$10bn and over",
)
DISTANCE_EDGES_FRAC = (0.02, 0.05, 0.10, 0.25)
DISTANCE_RANGES = ("within 2 %", "2 to 5 %", "5 to 10 %", "10 to 25 %", "over 25 %")


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One filter: `name` goes into links, `title` on the screen.

    A row counts for every value found in `columns`. `order` fixes the order of the
    choices; without it the most frequent comes first. The choices of a facet with a
    `parent` are those of the parent's chosen values, and none without any.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    order: tuple[str, ...] = ()
    parent: str | None = None


FACETS: tuple[Facet, ...] = (
    Facet(
        name="index",
        title="Index, left or joined",
        columns=("current_index", "projected_index"),
        order=("R1000", "R2000", "MICRO"),
    ),
    Facet(name="move", title="Move", columns=("change",), order=CHANGES),
    Facet(name="sector", title="Sector", columns=("sector",)),
    Facet(name="industry", title="Industry", columns=("industry",), parent="sector"),
    Facet(name="exchange", title="Exchange", columns=("exchange",)),
    Facet(
        name="cap",
        title="Market cap",
        columns=("cap_range",),
        order=(*CAP_RANGES, NOT_KNOWN),
    ),
    Facet(
        name="distance",
        title="Distance to the line",
        columns=("distance_range",),
        order=(*DISTANCE_RANGES, NOT_KNOWN),
    ),
)

SIDES = ("growth", "mostly growth", "mostly value", "value", NOT_KNOWN)
STYLE_FACETS: tuple[Facet, ...] = (
    Facet(
        name="shift",
        title="Shift of style",
        columns=("shift",),
        order=("to growth", "to value", "new", "stays", NOT_KNOWN),
    ),
    Facet(name="side", title="Style now", columns=("side",), order=SIDES),
    *(facet for facet in FACETS if facet.name in ("sector", "industry", "cap")),
)

WATCHED = [
    "security_id",
    "symbol",
    "company",
    "name",
    "change",
    "current_index",
    "projected_index",
    "rank",
    "close_usd",
    "total_market_cap_usd",
    "line",
    "line_cap_usd",
    "distance_to_break_point_frac",
    "distance_to_break_point_usd",
    "distance_ranks",
    "distance_cumulative_frac",
    "crossing_close_usd",
    "sector",
    "industry",
    "exchange",
    "ineligible_reason",
]

LINE_COLUMNS = {
    "R3000 line": ("R3000", "break_point_usd"),
    "R1000 line": ("R1000", "break_point_usd"),
    "R1000 band, upper edge": ("R1000", "band_high_usd"),
    "R1000 band, lower edge": ("R1000", "band_low_usd"),
}

Chosen = Mapping[str, Collection[str]]


def unranked(companies: pd.DataFrame, securities: pd.DataFrame) -> pd.DataFrame:
    """Return the members that no longer pass the screens, one row a company."""
    outside = ~securities["company_id"].isin(companies["company_id"])
    dropped = securities[outside & securities["move"].eq("deletion")]
    return dropped.drop_duplicates("company_id")


def movers(companies: pd.DataFrame, securities: pd.DataFrame) -> pd.DataFrame:
    """Return the companies whose index changes, those no longer ranked last."""
    moves = companies[companies["move"].isin(CHANGES)]
    dropped = unranked(companies, securities)
    names = ["company_id", "current_index", "projected_index", "move"]
    names += ["rank", "total_market_cap_usd"]
    tables = [table.reindex(columns=names) for table in (moves, dropped)]
    return pd.concat(tables, ignore_index=True)


def watch(companies: pd.DataFrame, securities: pd.DataFrame) -> pd.DataFrame:
    """Return the companies whose index changes or is held, nearest to the line first.

    Takes the two tables of a `Projection`. Members that no longer pass the screens are
    not ranked: they come last, with `ineligible_reason` and without distances.
    """
    moves = companies["move"].isin(CHANGES)
    ranked = companies[moves | companies["is_held_by_band"]]
    ranked = ranked.assign(
        change=ranked["move"].where(~ranked["is_held_by_band"], HELD),
        line=_line_names(ranked),
        ineligible_reason=pd.Series(pd.NA, index=ranked.index, dtype="str"),
    )
    dropped = unranked(companies, securities).assign(change="deletion")
    rows = pd.concat(
        [ranked.reindex(columns=WATCHED), dropped.reindex(columns=WATCHED)],
        ignore_index=True,
    )
    distance = rows["distance_to_break_point_frac"].abs()
    rows = rows.assign(
        name=rows["symbol"] + "  " + rows["company"].astype("str").fillna(""),
        now=rows["current_index"].map(formatting.index_name),
        then=rows["projected_index"].map(formatting.index_name),
        move=rows["change"].map(MOVE_WORDS).astype("str"),
        cap_range=_ranges(rows["total_market_cap_usd"], CAP_EDGES_USD, CAP_RANGES),
        distance_range=_ranges(distance, DISTANCE_EDGES_FRAC, DISTANCE_RANGES),
    )
    words = ["line", "ineligible_reason"]
    rows[words] = rows[words].astype("str").fillna("")
    order = np.lexsort([rows["symbol"].to_numpy(), distance.to_numpy()])
    return rows.iloc[order].reset_index(drop=True)


def with_trails(
    rows: pd.DataFrame, histories: pd.DataFrame, lines: pd.DataFrame
) -> pd.DataFrame:
    """Add `trail` to watched rows: the company against its line, oldest session first.

    `histories` is `Store.histories` of the symbols, `lines` table `BreakPoints`, both
    over the sessions to show. A trail is a list of fractions of the line of each day,
    0 on it; its last one is the row's own distance, whatever classes the provider's
    market caps count.
    """
    last = rows.set_index("symbol")
    sessions = np.sort(lines["snapshot_date"].unique())[::-TRAIL_STEP][::-1]
    line_of = {
        name: lines[lines["rank"] == INDEXES[code].line_rank]
        .set_index("snapshot_date")[column]
        .reindex(sessions)
        for name, (code, column) in LINE_COLUMNS.items()
    }
    drawn = histories[histories["snapshot_date"].isin(sessions)]
    caps = drawn.drop_duplicates(["snapshot_date", "symbol"]).pivot(
        index="snapshot_date", columns="symbol", values="total_market_cap_usd"
    )
    caps = caps.reindex(index=sessions, columns=last.index)
    kinds = pd.DataFrame(line_of).reindex(columns=last["line"])
    ratio = caps.to_numpy() / kinds.to_numpy()
    scale = (last["distance_to_break_point_frac"].to_numpy() + 1) / ratio[-1]
    trails = np.round(ratio * scale - 1, 4)
    known = ~np.isnan(trails)
    return rows.assign(
        trail=[trails[known[:, at], at].tolist() for at in range(trails.shape[1])]
    )


def styled(companies: pd.DataFrame) -> pd.DataFrame:
    """Add to table `Styled` what the style filters and tables read.

    `side` is the style now in words, `name` ticker and company, `cap_range` as in
    `watch`; largest available cap first.
    """
    value = companies["value_weight_frac"]
    side = np.select(
        [value.isna(), value == 0, value == 1, value < 0.5],
        [NOT_KNOWN, "growth", "value", "mostly growth"],
        "mostly value",
    )
    caps = companies["total_market_cap_usd"]
    rows = companies.assign(
        side=side,
        name=companies["symbol"] + "  " + companies["company"].astype("str").fillna(""),
        cap_range=_ranges(caps, CAP_EDGES_USD, CAP_RANGES),
    )
    return rows.sort_values("float_market_cap_usd", ascending=False, ignore_index=True)


def choices(rows: pd.DataFrame, facet: Facet, chosen: Chosen) -> list[str]:
    """Return the choices of a facet: every value that a row has, in its order."""
    if facet.parent is not None:
        if not chosen.get(facet.parent):
            return []
        rows = rows[_passes(rows, _facet(facet.parent), chosen)]
    values = _values(rows, facet)
    found = pd.concat(values).value_counts()
    if facet.order:
        return [value for value in facet.order if value in found.index]
    by_count = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return sorted(
        (value for value, _ in by_count), key=lambda value: value == NOT_KNOWN
    )


def filtered(
    rows: pd.DataFrame,
    chosen: Chosen,
    besides: str | None = None,
    among: Sequence[Facet] = FACETS,
) -> pd.DataFrame:
    """Return the rows that every facet lets through, leaving out facet `besides`."""
    keep = np.ones(len(rows), dtype=bool)
    for facet in among:
        if facet.name != besides:
            keep &= _passes(rows, facet, chosen)
    return rows[keep]


def counts(
    rows: pd.DataFrame,
    facet: Facet,
    chosen: Chosen,
    among: Sequence[Facet] = FACETS,
) -> dict[str, int]:
    """Return for each value of a facet the rows it would show, others as they stand."""
    under_others = _values(filtered(rows, chosen, facet.name, among), facet)
    distinct = pd.DataFrame(dict(enumerate(under_others)))
    per_value = distinct.melt(ignore_index=False)["value"].rename("value")
    once = per_value.reset_index().drop_duplicates()["value"].value_counts()
    return {str(value): int(count) for value, count in once.items()}


def of_symbols(rows: pd.DataFrame, symbols: Collection[str]) -> pd.DataFrame:
    """Return the rows of some symbols, or every row where none is named."""
    return rows[rows["symbol"].isin(symbols)] if symbols else rows


def for_file(rows: pd.DataFrame) -> pd.DataFrame:
    """Return watched rows as they are written to a file: facts, no drawings."""
    return rows[[column for column in WATCHED if column not in ("security_id", "name")]]


def key(facet: Facet, choice: str) -> str:
    """Return the name of a choice in a link, such as ``sector_health-care``."""
    slug = re.sub(r"[^a-z0-9]+", "-", choice.lower()).strip("-")
    return f"{facet.name}_{slug}"


def finding(rows: pd.DataFrame, as_of: date) -> str:
    """Say in one sentence how many of watched rows move, and who is nearest."""
    if rows.empty:
        return "No name passes these filters."
    counts = rows["change"].value_counts()
    parts = [
        f"{int(counts[change]):,} {words}"
        for change, words in CHANGE_WORDS.items()
        if change in counts
    ]
    lost = int((rows["change"].eq("deletion") & rows["line"].eq("")).sum())
    parts = [f"{part}{_lost(lost) if 'leave' in part else ''}" for part in parts]
    if counts.get(HELD) == 1:
        parts[-1] = parts[-1].replace("are held", "is held")
    said = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    near = rows.iloc[rows["distance_to_break_point_frac"].abs().argsort()[:1]].iloc[0]
    frac = near["distance_to_break_point_frac"]
    ranked = f"Ranked on {formatting.day(as_of)}, {said}"
    if np.isnan(frac):
        return f"{ranked}."
    where = formatting.above_or_below(frac, f"the {near['line']}")
    return f"{ranked}; nearest is {near['symbol']}, {where}."


def _lost(company_count: int) -> str:
    return f" ({company_count:,} no longer ranked)" if company_count else ""


def label(choice: str) -> str:
    """Return a choice as it reads on the screen.

    >>> label("migration up"), label("R1000"), label("Energy")
    ('▲ up', 'Russell 1000', 'Energy')
    """
    words = MOVE_WORDS | formatting.SHIFT_WORDS | formatting.INDEX_NAMES
    return words.get(choice, choice)


def statement(
    chosen: Chosen, marked_count: int = 0, among: Sequence[Facet] = FACETS
) -> str:
    """Say in words what is on, such as ``Sector: Energy or Utilities``.

    `marked_count` names are chosen one by one besides, as in a chart.
    """
    parts = [
        f"{facet.title}: {' or '.join(map(label, chosen[facet.name]))}"
        for facet in among
        if chosen.get(facet.name)
    ]
    if marked_count:
        parts.append(f"{formatting.count(marked_count, 'name')} chosen in the chart")
    return "; ".join(parts)


def _facet(name: str) -> Facet:
    return next(facet for facet in FACETS if facet.name == name)


def _values(rows: pd.DataFrame, facet: Facet) -> list[pd.Series]:
    """Values of each column; one of several may be missing, the only one may not."""
    if len(facet.columns) > 1:
        return [rows[column] for column in facet.columns]
    return [rows[facet.columns[0]].fillna(NOT_KNOWN)]


def _passes(rows: pd.DataFrame, facet: Facet, chosen: Chosen) -> np.ndarray:
    wanted = list(chosen.get(facet.name, ()))
    if not wanted:
        return np.ones(len(rows), dtype=bool)
    hits = [values.isin(wanted).to_numpy() for values in _values(rows, facet)]
    return np.logical_or.reduce(hits)


def _line_names(companies: pd.DataFrame) -> np.ndarray:
    """Name the line that matters to each company, see `distances.measure`."""
    is_upper = companies["nearest_line"] == INDEXES["R1000"].line_rank
    current = companies["current_index"]
    return np.select(
        [~is_upper, current.eq("R2000"), current.eq("R1000")],
        ["R3000 line", "R1000 band, upper edge", "R1000 band, lower edge"],
        "R1000 line",
    )


def _ranges(
    values: pd.Series, edges: tuple[float, ...], names: tuple[str, ...]
) -> np.ndarray:
    """Name the range that each value is in; a value on an edge is in the upper one."""
    at = np.searchsorted(edges, values.to_numpy(float), side="right")
    return np.where(values.isna(), NOT_KNOWN, np.array(names)[np.minimum(at, 4)])


def moves_by_sector(rows: pd.DataFrame) -> pd.DataFrame:
    """Count watched rows by sector and move, the sector with most moves first.

    Columns: sector and one per move of `CHANGES`, without those the band holds.
    """
    moved = rows[rows["change"] != HELD]
    names = [change for change in CHANGES if change != HELD]
    sector = moved["sector"].fillna(NOT_KNOWN)
    counts = pd.crosstab(sector, moved["change"]).reindex(columns=names, fill_value=0)
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    table = counts.loc[order].rename_axis(index="sector", columns=None)
    return table.reset_index()
