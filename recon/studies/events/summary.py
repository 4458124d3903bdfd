"""Figures of studied events: one row an event (or all), group and window."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from recon import schedule
from recon.rulebook import HEURISTICS
from recon.studies.events import BESIDE, Studied, inference, windows
from recon.studies.events.names import CAME, GROUPS

ALL = "all"
COLUMNS = [
    "year",
    "event",
    "group",
    "window",
    "n",
    "mean_car_frac",
    "median_car_frac",
    "ci_low_frac",
    "ci_high_frac",
    "p_placebo",
    "share_positive_frac",
    "implementation_volume_multiple",
    "p_adjusted",
    "placebo_days",
    "placebo_mean_car_frac",
    "matched_n",
    "matched_mean_car_frac",
    "matched_ci_low_frac",
    "matched_ci_high_frac",
    "beside_n",
    "beside_mean_car_frac",
    "p_beside",
    "ended_count",
    "half_spread_frac",
    "impact_frac",
    "break_even_frac",
    "tradable_mean_car_frac",
]


def summary(
    studied: Sequence[Studied], basis: str = CAME, as_of: date | None = None
) -> pd.DataFrame:
    """Return the figures of events, each alone and those of one leg pooled.

    Columns `COLUMNS`: year is a text, ``all`` for pooled; event the leg; n the names
    measured; car is bought-and-held return less that of the cap-weighted companies in
    the Russell 2000 before and after, from the close of the window's first day to that
    of its last. The interval draws whole events, of one event whole sectors. p_placebo
    sets the mean against pretend rank days, p_adjusted corrects it for all rows of the
    same year (Holm), p_beside against names just beside the line.
    break_even_frac is the cost of one side of a round trip that leaves nothing;
    tradable_mean_car_frac starts at the close of the session after the first day.
    Windows that end after `as_of` have n 0.
    """
    legs: dict[str, list[Studied]] = {}
    for each in studied:
        legs.setdefault(each.event.leg, []).append(each)
    parts = []
    for leg, events in legs.items():
        cases = [(str(each.event.year), [each]) for each in events]
        if len(events) > 1:
            cases.append((ALL, events))
        for year, chosen in cases:
            rows = _rows(chosen, basis, as_of)
            head = pd.DataFrame({"year": year, "event": leg}, index=range(len(rows)))
            rows = head.join(rows)
            rows["p_adjusted"] = inference.adjusted(rows["p_placebo"])
            parts.append(rows)
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def months_after(
    studied: Sequence[Studied], group: str, basis: str = CAME, as_of: date | None = None
) -> pd.DataFrame:
    """Return what a group did in the months after its events, each and pooled.

    `studied` have the effects of `events.afterwards`. One row a year (``all`` for
    pooled) and window of `windows.LATER`, with n 0 where it is not over; columns of
    `summary` from n to the median and of the matched names.
    """
    names = measured(studied, basis, as_of)
    names = names[names["group"] == group]
    years = [[each.event.year] for each in studied]
    if len(years) > 1:
        years.append([each.event.year for each in studied])
    rows = []
    for chosen in years:
        own = names[names["year"].isin(chosen)]
        for window in windows.LATER:
            year = ALL if len(chosen) > 1 else str(chosen[0])
            figures = _figures(own[own["window"] == window])
            rows.append({"year": year, "group": group, "window": window, **figures})
    return pd.DataFrame(rows)


def measured(
    studied: Sequence[Studied], basis: str, as_of: date | None = None
) -> pd.DataFrame:
    """Return one row a name of a group and window, of windows over by a day.

    The columns of `Studied.effects` and `Studied.people`, and year, group.
    """
    parts = []
    for each in studied:
        members = each.members[each.members["basis"] == basis]
        over = [w for w in each.effects["window"].unique() if is_over(each, w, as_of)]
        effects = each.effects[each.effects["window"].isin(over)]
        table = members.merge(effects, on="symbol_id", validate="many_to_many")
        table = table.merge(each.people, on="symbol_id", validate="many_to_one")
        parts.append(table.assign(year=each.event.year))
    return pd.concat(parts, ignore_index=True)


def is_over(studied: Studied, window: str, as_of: date | None) -> bool:
    """Tell whether a window of an event has ended by a day."""
    span = windows.days(studied.event, window)
    return span is not None and (as_of is None or span[1] <= as_of)


def _rows(studied: Sequence[Studied], basis: str, as_of: date | None) -> pd.DataFrame:
    names = measured(studied, basis, as_of)
    beside = measured(studied, BESIDE, as_of)
    own = {key: rows for key, rows in names.groupby(["group", "window"])}
    others = {key: rows for key, rows in beside.groupby(["group", "window"])}
    found = []
    for group in GROUPS:
        for window in windows.WINDOWS:
            rows = own.get((group, window), names.iloc[:0])
            near = others.get((group, window), beside.iloc[:0])
            placebos = _placebos(studied, group, window, as_of)
            figures = {
                **_figures(rows),
                **_against_placebos(rows, placebos),
                **_against_beside(rows, near),
            }
            found.append({"group": group, "window": window, **figures})
    return pd.DataFrame(found)


def _figures(rows: pd.DataFrame) -> dict[str, float]:
    known = rows[rows["car_frac"].notna()]
    cars, matched = known["car_frac"], known[known["matched_car_frac"].notna()]
    low, high = inference.interval(cars.to_numpy(float), _clusters(known))
    matched_cars = matched["matched_car_frac"].to_numpy(float)
    interval = inference.interval(matched_cars, _clusters(matched))
    return {
        "n": len(known),
        "mean_car_frac": cars.mean(),
        "median_car_frac": cars.median(),
        "ci_low_frac": low,
        "ci_high_frac": high,
        "share_positive_frac": (cars > 0).mean() if len(cars) else np.nan,
        "implementation_volume_multiple": known["volume_multiple"].median(),
        "matched_n": len(matched),
        "matched_mean_car_frac": matched["matched_car_frac"].mean(),
        "matched_ci_low_frac": interval[0],
        "matched_ci_high_frac": interval[1],
        "ended_count": int(known["is_ended"].sum()),
        "half_spread_frac": known["half_spread_frac"].mean(),
        "impact_frac": known["impact_frac"].mean(),
        "break_even_frac": abs(cars.mean()) / 2,
        "tradable_mean_car_frac": known["tradable_car_frac"].mean(),
    }


def _clusters(rows: pd.DataFrame) -> np.ndarray:
    """Return whole events, or the sectors of one event."""
    if rows["year"].nunique() > 1:
        return rows["year"].to_numpy()
    return rows["sector"].fillna("not known").to_numpy(object)


def _placebos(
    studied: Sequence[Studied], group: str, window: str, as_of: date | None
) -> dict[int, np.ndarray]:
    """Return the placebo means of each event by year."""
    found = {}
    for each in studied:
        table = each.placebos
        rows = table[(table["group"] == group) & (table["window"] == window)]
        if as_of is not None and len(rows):
            rows = rows[rows["until"] <= pd.Timestamp(as_of)]
        found[each.event.year] = rows["mean_car_frac"].to_numpy(float)
    return found


def _against_placebos(
    rows: pd.DataFrame, placebos: dict[int, np.ndarray]
) -> dict[str, float]:
    known = rows[rows["car_frac"].notna()]
    sizes = known.groupby("year").size()
    each = [placebos[year] for year in sizes.index]
    if len(each) == 1:
        means = each[0]
    else:
        means = inference.pooled_placebos(each, sizes.to_list())
    is_enough = len(means) >= HEURISTICS.least_placebos
    return {
        "p_placebo": inference.placebo_p(known["car_frac"].mean(), means),
        "placebo_days": sum(map(len, each)),
        "placebo_mean_car_frac": means.mean() if is_enough else np.nan,
    }


def _against_beside(rows: pd.DataFrame, near: pd.DataFrame) -> dict[str, float]:
    own, other = (table[table["car_frac"].notna()] for table in (rows, near))
    both = pd.concat([own, other])
    sector = both["sector"].fillna("not known")
    clusters = (both["year"].astype("str") + sector).to_numpy(object)
    return {
        "beside_n": len(other),
        "beside_mean_car_frac": other["car_frac"].mean(),
        "p_beside": inference.difference_p(
            own["car_frac"].to_numpy(float), other["car_frac"].to_numpy(float), clusters
        ),
    }


def sessions_since(studied: Studied, as_of: date | None) -> int:
    """Return the last session after the implementation close that is known by a day."""
    last = int(studied.curves["session"].max())
    if as_of is None:
        return last
    close = studied.event.implementation_close
    return min(last, schedule.sessions_between(close, as_of))
