"""How wide segments move: members above averages, new highs, who beats the index.

All of it is made of table `SegmentDays`, by the members of each day.
"""

import numpy as np
import pandas as pd

from recon.studies.segments import choices, named, segment_name

SMOOTH_SESSIONS = 20
MEASURES = {
    "above_50_frac": "Above the 50-session average",
    "above_200_frac": "Above the 200-session average",
    "advances_frac": "Rose, of those that moved, 20 sessions",
    "beating_frac": "Beat the index, 20 sessions",
    "net_highs_frac": "52-week highs less lows",
    "equal_lead_frac": "Equal against cap weight, 60 sessions",
}
LEAD_SESSIONS = 60


def history(days: pd.DataFrame, segment: str) -> pd.DataFrame:
    """Return the breadth of a segment session by session.

    `days` is table `SegmentDays`. Columns: snapshot_date, members and those of
    `MEASURES`, as fractions of the members of whom each is known; missing where it is
    known of fewer than half. Daily counts are averaged over 20 sessions.
    """
    rows = named(days)
    rows = rows[rows["segment"].eq(segment)].sort_values("snapshot_date")
    rows = rows.reset_index(drop=True)

    def of_known(count: str, known: str) -> pd.Series:
        is_known = rows[known] * 2 >= rows["members"]
        return (rows[count] / rows[known].replace(0, np.nan)).where(is_known)

    moved = (rows["advances"] + rows["declines"]).replace(0, np.nan)
    lead = np.log1p(rows["equal_weighted_frac"]) - np.log1p(rows["cap_weighted_frac"])
    highs = of_known("new_highs", "known_year") - of_known("new_lows", "known_year")
    return pd.DataFrame(
        {
            "snapshot_date": rows["snapshot_date"],
            "members": rows["members"],
            "above_50_frac": of_known("above_50", "known_50"),
            "above_200_frac": of_known("above_200", "known_200"),
            "advances_frac": _smooth(rows["advances"] / moved),
            "beating_frac": _smooth(rows["beating"] / rows["members"]),
            "net_highs_frac": highs,
            "equal_lead_frac": np.expm1(lead.rolling(LEAD_SESSIONS).sum()),
        }
    )


def _smooth(values: pd.Series) -> pd.Series:
    return values.rolling(SMOOTH_SESSIONS).mean()


def standing(days: pd.DataFrame) -> pd.DataFrame:
    """Return the breadth of every segment on the last session, with percentiles.

    One row a segment: segment, name, members, and of each measure its value and
    `<measure>_percentile`, the part of the segment's own sessions that were no higher.
    """
    rows = []
    for segment in choices(days):
        table = history(days, segment)
        last = table.iloc[-1]
        row = {
            "segment": segment,
            "name": segment_name(segment),
            "members": int(last["members"]),
        }
        for measure in MEASURES:
            known = table[measure].dropna()
            row[measure] = last[measure]
            is_known = len(known) and not np.isnan(last[measure])
            row[f"{measure}_percentile"] = (
                float((known <= last[measure]).mean()) if is_known else np.nan
            )
        rows.append(row)
    return pd.DataFrame(rows)
