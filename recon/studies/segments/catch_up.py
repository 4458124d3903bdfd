"""Whether small caps catch up: the relative path, what it is made of, who leads.

The gap is the return of the Russell 2000 less that of the Russell 1000. Each day it
falls apart without a remainder, and the days add up to the gap of the whole span:
each day's parts are scaled by the ratio of logarithmic to plain returns (Carino 1999),
so that compounding leaves nothing over.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon import record
from recon.errors import SnapshotMissing
from recon.indexes import BROAD, LARGE, SMALL
from recon.rules import segments

WINDOWS = (20, 60, 250)
SMALL_CAME, LARGE_CAME = "reconstitution_small", "reconstitution_large"
CONCENTRATION, MIX, SIZE = "concentration", "sector_mix", "within_sectors"
PARTS = {
    SMALL_CAME: "Who came and left, R2000",
    LARGE_CAME: "Who came and left, R1000",
    CONCENTRATION: "Ten largest against the rest",
    MIX: "Sector mix",
    SIZE: "Small against large inside sectors",
}


def relative(days: pd.DataFrame, base: date) -> pd.DataFrame:
    """Return both levels and their ratio session by session, 100 on `base`.

    Columns: snapshot_date, small, large, ratio and, of the median and the equal
    weighted stock of the Russell 2000 against the cap-weighted Russell 1000,
    median_ratio and equal_ratio. `days` is table `SegmentDays`.
    """
    whole = days[days["sector"].eq(segments.WHOLE)]
    whole = whole[whole["snapshot_date"] > pd.Timestamp(base)]
    made = {}
    for code, measure, name in (
        (SMALL, "cap_weighted_frac", "small"),
        (LARGE, "cap_weighted_frac", "large"),
        (SMALL, "median_frac", "median"),
        (SMALL, "equal_weighted_frac", "equal"),
    ):
        own = whole[whole["segment"].eq(code)].set_index("snapshot_date")[measure]
        made[name] = 100 * (1 + own).cumprod()
    table = pd.DataFrame(made).dropna().sort_index()
    first = pd.DataFrame(100.0, index=[pd.Timestamp(base)], columns=list(made))
    table = pd.concat([first, table]).rename_axis("snapshot_date").reset_index()
    for name, ratio in (
        ("small", "ratio"),
        ("median", "median_ratio"),
        ("equal", "equal_ratio"),
    ):
        table[ratio] = 100 * table[name] / table["large"]
    return table.drop(columns=["median", "equal"])


@dataclass(frozen=True, kw_only=True)
class Decomposed:
    """The gap of a span and its parts, as fractions; `parts` add up to the gap.

    `daily` has one row a session: snapshot_date, and a column a part, cumulated to the
    gap of the whole span. `recon_since` is the first session on which who came and left
    at a reconstitution is known, None where it never is.
    """

    small_frac: float
    large_frac: float
    parts: pd.Series
    daily: pd.DataFrame
    recon_since: date | None

    @property
    def gap_frac(self) -> float:
        """Return of the Russell 2000 less that of the Russell 1000."""
        return self.small_frac - self.large_frac


def decompose(days: pd.DataFrame, base: date) -> Decomposed:
    """Take the gap since `base` apart, see `PARTS`.

    Who came and left: each index against what it held before the last reconstitution.
    Of what both held before: the ten largest against the rest of the Russell 1000; the
    sectors of the Russell 2000 weighed with the rest's returns; and the returns of the
    same sectors, small less large.
    """
    days = days[days["snapshot_date"] > pd.Timestamp(base)]
    whole = _wide(days[days["sector"].eq(segments.WHOLE)], ["segment"])
    by_sector = _wide(days[~days["sector"].eq(segments.WHOLE)], ["segment", "sector"])
    moved, cap = whole
    check_ten(moved)
    has_before = pd.Series(True, moved.index)
    for before in segments.BEFORE.values():
        has_before &= moved[before].notna() if before in moved else False
    small, large = moved[SMALL], moved[LARGE]
    parts = pd.DataFrame(0.0, index=moved.index, columns=list(PARTS))
    for codes, rows in (
        (dict.fromkeys((SMALL, LARGE, segments.TOP10)), ~has_before),
        (segments.BEFORE, has_before),
    ):
        used = {code: codes[code] or code for code in (SMALL, LARGE, segments.TOP10)}
        if rows.any():
            parts[rows] = _day_parts(moved[rows], cap[rows], by_sector, used)
    small_frac = float((1 + small).prod() - 1)
    large_frac = float((1 + large).prod() - 1)
    scaled = parts.mul(links(small, large), axis=0) / link(small_frac, large_frac)
    known = has_before.index[has_before]
    return Decomposed(
        small_frac=small_frac,
        large_frac=large_frac,
        parts=scaled.sum(),
        daily=scaled.cumsum().reset_index(),
        recon_since=known[0].date() if len(known) else None,
    )


def check_ten(moved: pd.DataFrame) -> None:
    """Raise SnapshotMissing where the ten largest have no returns."""
    if segments.TOP10 not in moved:
        raise SnapshotMissing(
            "The ten largest of the last rank day are not known: the store holds no "
            "rank day before these sessions. Load earlier listings, or choose a later "
            "day."
        )


def _wide(days: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return returns and starting caps, sessions by segments."""
    table = days.set_index(["snapshot_date", *keys])
    return (
        table["cap_weighted_frac"].unstack(keys).sort_index(),
        table["start_cap_usd"].unstack(keys).sort_index(),
    )


def _day_parts(
    moved: pd.DataFrame,
    cap: pd.DataFrame,
    by_sector: tuple[pd.DataFrame, pd.DataFrame],
    used: dict[str, str],
) -> pd.DataFrame:
    """Return the parts of each session's gap, adding up to it."""
    small, large, top = used[SMALL], used[LARGE], used[segments.TOP10]
    weight = cap[top] / cap[large]
    rest = (moved[large] - weight * moved[top]) / (1 - weight)
    of_sector, cap_of = (table.reindex(moved.index) for table in by_sector)
    gain = (of_sector * cap_of).fillna(0)
    cap_of = cap_of.fillna(0)
    rest_cap = _less(cap_of, large, top)
    rest_moved = (_less(gain, large, top) / rest_cap.where(rest_cap > 0)).apply(
        lambda column: column.fillna(rest)
    )
    small_weight = cap_of[small].div(cap[small], axis=0)
    sectors = rest_moved.columns.union(small_weight.columns)
    rest_moved = rest_moved.reindex(columns=sectors).apply(
        lambda column: column.fillna(rest)
    )
    small_weight = small_weight.reindex(columns=sectors).fillna(0)
    mix = small_weight.mul(rest_moved.sub(rest, axis=0)).sum(axis=1)
    return pd.DataFrame(
        {
            SMALL_CAME: moved[SMALL] - moved[small],
            LARGE_CAME: -(moved[LARGE] - moved[large]),
            CONCENTRATION: -weight * (moved[top] - rest),
            MIX: mix,
            SIZE: moved[small] - rest - mix,
        }
    )


def _less(table: pd.DataFrame, whole: str, part: str) -> pd.DataFrame:
    """Return by sector what is left of a segment without a part of it."""
    own = table[whole]
    return own - table[part].reindex(columns=own.columns).fillna(0)


def links(small: pd.Series, large: pd.Series) -> np.ndarray:
    """Return `link` of each session's two returns."""
    return np.array([link(a, b) for a, b in zip(small, large, strict=True)])


def link(small_frac: float, large_frac: float) -> float:
    """Return the ratio of the logarithmic gap of two returns to the plain one."""
    gap = small_frac - large_frac
    if abs(gap) < 1e-12:
        return 1 / (1 + large_frac)
    return float((np.log1p(small_frac) - np.log1p(large_frac)) / gap)


def regimes(path: pd.DataFrame) -> pd.DataFrame:
    """Return who leads over each of `WINDOWS` sessions, and how unusual that is.

    `path` is the output of `relative`. Columns: window (sessions), lead_frac (small
    against large), leader, since (first session of the present lead), small_leads_frac
    (part of all sessions on which small led over the window), percentile_frac of the
    present lead among them, sessions (how many have the window).
    """
    ratio = path.set_index("snapshot_date")["ratio"]
    rows = []
    for window in WINDOWS:
        lead = (ratio / ratio.shift(window) - 1).dropna()
        if lead.empty:
            continue
        last = lead.iloc[-1]
        other = lead.index[np.sign(lead) != np.sign(last)]
        since = lead.index[lead.index > other[-1]][0] if len(other) else lead.index[0]
        rows.append(
            {
                "window": window,
                "lead_frac": last,
                "leader": "small" if last > 0 else "large",
                "since": since,
                "small_leads_frac": float((lead > 0).mean()),
                "percentile_frac": float((lead <= last).mean()),
                "sessions": len(lead),
            }
        )
    return pd.DataFrame(rows, columns=REGIME_COLUMNS)


REGIME_COLUMNS = [
    "window",
    "lead_frac",
    "leader",
    "since",
    "small_leads_frac",
    "percentile_frac",
    "sessions",
]


def shares(days: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return what small caps must gain on large ones to regain an earlier share.

    The share is that of the Russell 2000 in both indexes. One row per June with
    published caps (`record.size_caps`) and per year's last session of `days`:
    measured_on (words), share_frac, share_now_frac, needed_frac (what the Russell 2000
    must make beyond the Russell 1000), source.
    """
    whole = days[days["sector"].eq(segments.WHOLE)]
    whole = whole[whole["snapshot_date"] <= pd.Timestamp(as_of)]
    cap = whole.set_index(["snapshot_date", "segment"])["start_cap_usd"].unstack()
    share = (cap[SMALL] / (cap[SMALL] + cap[LARGE])).dropna()
    now = share.iloc[-1]
    rows = [
        (
            f"June {row.year}",
            row.r2000_usd / (row.r1000_usd + row.r2000_usd),
            row.source,
        )
        for row in record.size_caps().itertuples()
    ]
    ends = share.groupby(share.index.year).tail(1).iloc[:-1]
    rows += [(f"end of {day.year}", value, OWN) for day, value in ends.items()]
    table = pd.DataFrame(rows, columns=["measured_on", "share_frac", "source"])
    odds = table["share_frac"] / (1 - table["share_frac"])
    return table.assign(share_now_frac=now, needed_frac=odds * (1 - now) / now - 1)


OWN = f"the store: {SMALL} in the {BROAD}"
