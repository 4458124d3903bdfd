"""The names an analyst watches: who would move, who is held, and how far off."""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import INDEXES
from recon.rules.distances import (
    BROAD_LINE,
    LARGE_LINE,
    LOWER_EDGE,
    UPPER_EDGE,
    line_names,
)
from recon.studies.candidates.filters import (
    CAP_EDGES_USD,
    CAP_RANGES,
    CHANGES,
    DISTANCE_EDGES_FRAC,
    DISTANCE_RANGES,
    HELD,
    INELIGIBLE,
    MOVE_WORDS,
    NOT_KNOWN,
    groups,
    ranges,
)

CHANGE_WORDS = {
    "migration up": "would move up to the Russell 1000",
    "migration down": "would move down to the Russell 2000",
    "addition": "would be added",
    "deletion": "would be deleted",
    HELD: "are held by the band",
}
TRAIL_SESSIONS, TRAIL_STEP = 60, 3  # a sparkline: every third session of sixty
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
SHORT_LINES = {
    BROAD_LINE: "R3000",
    LARGE_LINE: "R1000",
    UPPER_EDGE: "R1000 upper edge",
    LOWER_EDGE: "R1000 lower edge",
    "": "",
}
SHORT_REASONS = (
    (r"^close .+ below (\$\d+)(?:\.00)?(.*?)(?:, \d+-day.*)?$", r"price below \1\2"),
    (r"^market cap .+ below", "market cap below"),
    (r"^free float .+ below", "free float below"),
)
ODDS = ["p_move", "flip_close_usd"]
LINE_COLUMNS = {
    BROAD_LINE: ("R3000", "break_point_usd"),
    LARGE_LINE: ("R1000", "break_point_usd"),
    UPPER_EDGE: ("R1000", "band_high_usd"),
    LOWER_EDGE: ("R1000", "band_low_usd"),
}


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
        line=line_names(ranked),
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
        cap_range=ranges(rows["total_market_cap_usd"], CAP_EDGES_USD, CAP_RANGES),
        group=groups(rows["industry"]),
        distance_range=ranges(distance, DISTANCE_EDGES_FRAC, DISTANCE_RANGES),
        odds_range=NOT_KNOWN,
    )
    words = ["line", "ineligible_reason"]
    rows[words] = rows[words].astype("str").fillna("")
    is_barred = rows["ineligible_reason"].ne("")
    rows["distance_range"] = rows["distance_range"].mask(is_barred, INELIGIBLE)
    rows["to_line"] = rows["line"].map(SHORT_LINES).mask(is_barred, _barred_by(rows))
    order = np.lexsort([rows["symbol"].to_numpy(), distance.to_numpy()])
    return rows.iloc[order].reset_index(drop=True)


def _barred_by(rows: pd.DataFrame) -> pd.Series:
    """Say shortly which screen failed, such as ``n/a: price below $1``."""
    reason = rows["ineligible_reason"]
    for words, short in SHORT_REASONS:
        reason = reason.str.replace(words, short, regex=True)
    return "n/a: " + reason


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


def of_symbols(rows: pd.DataFrame, symbols: Collection[str]) -> pd.DataFrame:
    """Return the rows of some symbols, or every row where none is named."""
    return rows[rows["symbol"].isin(symbols)] if symbols else rows


def for_file(rows: pd.DataFrame) -> pd.DataFrame:
    """Return watched rows as they are written to a file: facts, no drawings."""
    shown = [column for column in WATCHED if column not in ("security_id", "name")]
    return rows[[*shown, *(name for name in ODDS if name in rows)]]


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
    lost_words = f" ({lost:,} ineligible)" if lost else ""
    parts = [f"{part}{lost_words if 'deleted' in part else ''}" for part in parts]
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
