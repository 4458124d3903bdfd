"""How much of segments a few names are, and what that does to gains and bands.

Weights and returns are of table `SegmentDays`; the order of the largest is of the rank
days' projections.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recon.indexes import LARGE
from recon.reconstitution import Projection, simulate
from recon.rules import segments
from recon.studies.segments import catch_up, named, segment_name

LARGEST = 10
FEW = (segments.TOP10, segments.MAG7)


def history(days: pd.DataFrame, segment: str) -> pd.DataFrame:
    """Return the concentration of a segment session by session.

    `days` is table `SegmentDays`. Columns: snapshot_date, members, top5_frac,
    top10_frac, herfindahl, effective_number (how many names of equal weight are as
    concentrated: one over the Herfindahl index).
    """
    rows = named(days)
    rows = rows[rows["segment"].eq(segment)].sort_values("snapshot_date")
    table = rows[["snapshot_date", "members", "top5_frac", "top10_frac", "herfindahl"]]
    return table.assign(effective_number=1 / table["herfindahl"]).reset_index(drop=True)


def gains(days: pd.DataFrame) -> pd.DataFrame:
    """Return what the ten largest and the Magnificent 7 made of each year's gain.

    One row a calendar year and group: year, name, index_frac (return of the Russell
    1000), part_frac (what the group added to it), share_frac (the part of the gain,
    missing where the year's return is within 1 % of nothing), rest_frac (return of the
    Russell 1000 without it). The ten largest are those of the last rank day; days are
    linked as in `catch_up`, so that group and rest add up to the index.
    """
    whole = days[days["sector"].eq(segments.WHOLE)].set_index(
        ["snapshot_date", "segment"]
    )
    moved = whole["cap_weighted_frac"].unstack()
    cap = whole["start_cap_usd"].unstack()
    catch_up.check_ten(moved)
    rows = []
    for year, own in moved.groupby(moved.index.year):
        index_frac = float((1 + own[LARGE]).prod() - 1)
        link = catch_up.links(own[LARGE], 0 * own[LARGE]) / catch_up.link(index_frac, 0)
        for code in (code for code in FEW if code in own and own[code].notna().all()):
            weight = (cap[code] / cap[LARGE]).reindex(own.index)
            rest = (own[LARGE] - weight * own[code]) / (1 - weight)
            part = float((weight * own[code] * link).sum())
            rows.append(
                {
                    "year": int(year),
                    "name": segment_name(code),
                    "index_frac": index_frac,
                    "part_frac": part,
                    "share_frac": part / index_frac
                    if abs(index_frac) > 0.01
                    else np.nan,
                    "rest_frac": float((1 + rest).prod() - 1),
                }
            )
    return pd.DataFrame(rows)


def largest(projections: Sequence[Projection]) -> pd.DataFrame:
    """Return the ten largest companies of each projection, in the order of days.

    Columns: ranked_on, rank, symbol, company, total_market_cap_usd, rank_before (on the
    day before it, missing on the first and for one not ranked), is_new (not among the
    ten of the day before), total_usd (of the ten).
    """
    found: list[pd.DataFrame] = []
    before: pd.DataFrame | None = None
    for projection in projections:
        companies = projection.companies.sort_values("rank")
        top = companies.head(LARGEST)
        place = pd.Series(np.nan, top.index)
        if before is not None:  # by the symbol, or the name where that has changed
            for column in ("symbol_id", "company"):
                ranks = before.drop_duplicates(column).set_index(column)["rank"]
                place = place.fillna(top[column].map(ranks).astype(float))
        found.append(
            top[["rank", "symbol", "company", "total_market_cap_usd"]].assign(
                ranked_on=pd.Timestamp(projection.snapshot_date),
                rank_before=place,
                is_new=(place.isna() | (place > LARGEST)) & (before is not None),
                total_usd=top["total_market_cap_usd"].sum(),
            )
        )
        before = companies
    return pd.concat(found, ignore_index=True)


def band_widths(projection: Projection, shares: Sequence[float]) -> pd.DataFrame:
    """Return the Russell 1000 line were the ten largest a smaller or larger part.

    `shares` are fractions of the Russell 3000E's market cap. The ten are scaled alike
    and ranked again by the rules. Columns: top10_frac, break_point_usd, band_low_usd,
    band_high_usd, width_usd; the first row is the day as it is.
    """
    companies, rules = projection.companies, projection.rules
    cap = companies["total_market_cap_usd"].to_numpy(float)
    rank = companies["rank"].to_numpy()
    is_top, is_in = rank <= LARGEST, rank <= rules.universe_count
    top, rest = cap[is_top].sum(), cap[is_in & ~is_top].sum()
    now = top / (top + rest)
    asked = [now, *shares]
    scaled = [
        np.where(is_top, cap * share / (1 - share) * rest / top, cap) for share in asked
    ]
    lines = simulate(
        companies, np.array(scaled), rules, unseen_count=len(projection.unseen)
    ).break_points
    line = lines[lines["rank"].eq(rules.large_count)].sort_values("draw")
    edges = line[["break_point_usd", "band_low_usd", "band_high_usd"]]
    return edges.assign(
        top10_frac=asked, width_usd=edges["band_high_usd"] - edges["band_low_usd"]
    ).reset_index(drop=True)
