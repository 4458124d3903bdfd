"""Indexes of the market's segments, and whether small caps catch up with large ones.

All of it is made of table `SegmentDays`: what each segment made from close to close,
with the members it had then. Price returns: dividends are left out.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from recon import record
from recon.errors import BadRequest, SnapshotMissing
from recon.indexes import BROAD, INDEXES
from recon.rules import segments
from recon.vocabulary import NOT_KNOWN

BASE_LEVEL = 100.0
MEASURES = {
    "cap_weighted": "cap_weighted_frac",
    "equal_weighted": "equal_weighted_frac",
    "median_stock": "median_frac",
}
LEVEL_COLUMNS = ["snapshot_date", "segment", "members", *MEASURES]
NAMES = {
    "TOP10": "Ten largest",
    "MAG7": "Magnificent 7",
    segments.NASDAQ: "Nasdaq-listed",
    segments.NYSE: "NYSE-listed",
}


def segment_name(segment: str) -> str:
    """Return the name of a segment; sectors and themes are their own."""
    if segment in NAMES:
        return NAMES[segment]
    return INDEXES[segment].name if segment in INDEXES else segment


def named(days: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of segments that a reader can ask for, by one name each.

    `days` is table `SegmentDays`. A sector is that of the Russell 3000; what is held of
    before a reconstitution is left out.
    """
    whole = days["sector"].eq(segments.WHOLE)
    is_sector = ~whole & days["segment"].eq(BROAD) & days["sector"].ne(NOT_KNOWN)
    kept = days[(whole & ~days["segment"].isin(segments.BEFORE.values())) | is_sector]
    name = kept["segment"].where(kept["sector"].eq(segments.WHOLE), kept["sector"])
    return kept.assign(segment=name)


def choices(days: pd.DataFrame) -> list[str]:
    """Return the names of `named`, sizes first, then themes, then sectors."""
    found = set(named(days)["segment"])
    themes = list(record.segment_lists()["segment"].unique())
    order = list(dict.fromkeys([*segments.SIZES, *themes]))
    return [code for code in order if code in found] + sorted(found - set(order))


def drawn(days: pd.DataFrame) -> pd.DataFrame:
    """Return table `SegmentDays` if it has rows.

    Raises
    ------
    SnapshotMissing
        If segments of the days have not been drawn.
    """
    if days.empty:
        raise SnapshotMissing(
            "The segments of these days are not known: they need two sessions, and "
            "days loaded by an earlier version of the program are drawn anew with "
            "'python -m recon redraw'."
        )
    return days


def asked(every: Sequence[str], words: str) -> str:
    """Return which of the segments there are a reader means, whatever the case.

    Raises
    ------
    BadRequest
        If there is none.
    """
    for code in every:
        if words.lower() in (code.lower(), segment_name(code).lower()):
            return code
    raise BadRequest(
        f"There is no segment '{words}'; choose one of {', '.join(every)}."
    )


def levels(days: pd.DataFrame, base: date, chosen: Sequence[str] = ()) -> pd.DataFrame:
    """Return the index of each segment session by session, 100 on the session `base`.

    `days` is table `SegmentDays` from `base` on. `median_stock` compounds the median
    return; members are those that count on the session, on the first those that count
    on the next. Columns: `LEVEL_COLUMNS`.
    """
    rows = named(days)
    rows = rows[rows["snapshot_date"] > pd.Timestamp(base)]
    rows = rows[rows["segment"].isin(chosen)] if chosen else rows
    found = []
    for segment, own in rows.sort_values("snapshot_date").groupby("segment"):
        growth = {
            measure: BASE_LEVEL * np.cumprod(np.append(1.0, 1 + own[column]))
            for measure, column in MEASURES.items()
        }
        dates = [pd.Timestamp(base), *own["snapshot_date"]]
        members = [own["members"].iloc[0], *own["members"]]
        found.append(
            pd.DataFrame(
                {"snapshot_date": dates, "segment": segment, "members": members}
            ).assign(**growth)
        )
    if not found:
        return pd.DataFrame(columns=LEVEL_COLUMNS)
    order = {code: place for place, code in enumerate(choices(days))}
    table = pd.concat(found, ignore_index=True)
    place = np.lexsort([table["segment"].map(order), table["snapshot_date"]])
    return table.iloc[place][LEVEL_COLUMNS].reset_index(drop=True)
