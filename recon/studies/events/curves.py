"""Paths of groups in event time, names with their paths, and findings in words."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from recon import formatting
from recon.rulebook import HEURISTICS
from recon.studies.events import BESIDE, Studied, inference, names, summary, windows
from recon.studies.events.summary import ALL

TRAIL_STEP = 3  # sessions from one point of a name's path to the next
PLACEBO_FRAC = 0.8  # of the placebos lie inside the band drawn
SIGNIFICANT = 0.05
GROUP_WORDS = {
    names.ADDITIONS: "Additions",
    names.DELETIONS: "Deletions",
    names.UP: "Moves up",
    names.DOWN: "Moves down",
    names.HELD: "Names held by the band",
    names.IPO: "IPOs added",
    names.STYLE: "Style shifts",
}


def mean_curves(
    studied: Sequence[Studied], group: str, basis: str, as_of: date | None = None
) -> pd.DataFrame:
    """Return a group's mean path by event and pooled, since rank day.

    One row a year (a text, ``all`` for pooled) and session, counted from the
    implementation close: n, mean_car_frac, ci_low_frac, ci_high_frac,
    matched_mean_car_frac, beside_mean_car_frac and the range of the placebos,
    placebo_low_frac to placebo_high_frac. Pooled where all events have the session.
    """
    parts = []
    wide, beside = (
        [_wide(each, group, of, as_of) for each in studied] for of in (basis, BESIDE)
    )
    for each, own, other in zip(studied, wide, beside, strict=True):
        clusters = own["sector"].fillna("not known").to_numpy(object)
        part = _mean(own, other, clusters)
        part = part.merge(
            _placebo_range([each], group, as_of), on="session", how="left"
        )
        parts.append(part.assign(year=str(each.event.year)))
    shown = [table for table in wide if len(table)]
    if len(shown) > 1:
        both = pd.concat(shown, join="inner", ignore_index=True)
        others = pd.concat([t for t in beside if len(t)] or beside, join="inner")
        part = _mean(both, others, both["year"].to_numpy())
        placebos = _placebo_range(studied, group, as_of)
        part = part.merge(placebos, on="session", how="left")
        parts.append(part.assign(year=ALL))
    return pd.concat(parts, ignore_index=True)


def name_rows(
    studied: Sequence[Studied],
    group: str,
    basis: str,
    window: str,
    as_of: date | None = None,
) -> pd.DataFrame:
    """Return the names of a group with what they did in a window, best first.

    Adds `trail`, the abnormal return since rank day every few sessions.
    """
    table = summary.measured(studied, basis, as_of)
    table = table[(table["group"] == group) & (table["window"] == window)]
    trails = []
    for each in studied:
        curves = _known(each, as_of)
        curves = curves[curves["symbol_id"].isin(table["symbol_id"])]
        curves = curves[curves["car_frac"].notna()]
        curves = curves[curves["session"] % TRAIL_STEP == 0]
        by = curves.assign(car_frac=curves["car_frac"].round(4))
        found = by.groupby("symbol_id")["car_frac"].agg(list).rename("trail")
        trails.append(found.reset_index().assign(year=each.event.year))
    table = table.merge(
        pd.concat(trails), on=["symbol_id", "year"], how="left", validate="one_to_one"
    )
    empty = table["trail"].isna()
    table["trail"] = table["trail"].astype(object)
    table.loc[empty, "trail"] = pd.Series([[]] * int(empty.sum()), table.index[empty])
    table = table.sort_values(["car_frac", "symbol"], ascending=[False, True])
    return table.reset_index(drop=True)


def finding(row: pd.Series, tests: int) -> str:
    """Say what a row of `summary` shows, and whether placebos show the same.

    `tests` is how many rows its correction counts.
    """
    who, when = GROUP_WORDS[row["group"]], windows.WORDS[row["window"]]
    if not row["n"]:
        return f"{who}: nothing is known {when}."
    mean = row["mean_car_frac"]
    verb = "gained" if mean > 0 else "lost"
    event = f"{row['event']} {row['year']}"
    several = f"all {row['event']} events stored" if row["year"] == ALL else event
    count = formatting.count(int(row["n"]), "name")
    low, high = (
        formatting.percent(row[name], signed=True)
        for name in ("ci_low_frac", "ci_high_frac")
    )
    span = "" if np.isnan(row["ci_low_frac"]) else f"; 95% interval {low} to {high}"
    return (
        f"{who} {verb} {formatting.percent(abs(mean))} {_from_to(row['window'])} "
        f"against the Russell 2000 companies that stayed ({count}, {several}{span}), "
        f"{placebo_words(row, tests)}."
    )


def placebo_words(row: pd.Series, tests: int) -> str:
    """Say what the placebo makes of a row of `summary`."""
    p, corrected = row["p_placebo"], row["p_adjusted"]
    if np.isnan(p):
        return "without a placebo to set it against"
    said = p_words(p)
    if p > SIGNIFICANT:
        return f"not different from placebo ({said})"
    if corrected > SIGNIFICANT:
        return (
            f"beyond placebo ({said}), but not once corrected for {tests} comparisons "
            f"({p_words(corrected)})"
        )
    return f"beyond placebo ({said}, {p_words(corrected)} corrected)"


def p_words(p: float) -> str:
    """Return a p-value as ``p .21``, ``p < .01``.

    >>> p_words(0.213), p_words(0.002), p_words(1.0)
    ('p .21', 'p < .01', 'p 1')
    """
    return f"p {p_value(p)}"


def p_value(p: float) -> str:
    """Return a p-value with two decimals, or that it is smaller.

    >>> p_value(0.0499), p_value(0.999), p_value(float("nan"))
    ('.05', '1', 'not known')
    """
    if np.isnan(p):
        return formatting.NOT_KNOWN
    if p < 0.01:
        return "< .01"
    return "1" if p > 0.995 else f"{p:.2f}".removeprefix("0")


def _from_to(window: str) -> str:
    words = windows.WORDS[window]
    if window in windows.AFTER:
        return f"in the {words.removesuffix(' after')} after the close"
    return f"from {words}"


def _wide(studied: Studied, group: str, basis: str, as_of: date | None) -> pd.DataFrame:
    """Return one row a name: year, sector and two columns a session known by a day."""
    members = studied.members
    ids = members[(members["basis"] == basis) & (members["group"] == group)]
    curves = _known(studied, as_of)
    curves = curves[curves["symbol_id"].isin(ids["symbol_id"])]
    wide = curves.pivot(index="symbol_id", columns="session")
    wide.columns = wide.columns.to_flat_index()
    sector = studied.people.set_index("symbol_id")["sector"]
    about = pd.DataFrame({"sector": sector, "year": studied.event.year})
    return about.join(wide, how="inner").reset_index(drop=True)


def _known(studied: Studied, as_of: date | None) -> pd.DataFrame:
    curves = studied.curves
    return curves[curves["session"] <= summary.sessions_since(studied, as_of)]


def _mean(
    own: pd.DataFrame, beside: pd.DataFrame, clusters: np.ndarray
) -> pd.DataFrame:
    sessions = [name[1] for name in own if isinstance(name, tuple)]
    sessions = sorted(dict.fromkeys(sessions))
    cars, matched = (
        own[[(kind, session) for session in sessions]].to_numpy(float)
        for kind in ("car_frac", "matched_car_frac")
    )
    near = beside.reindex(columns=[("car_frac", session) for session in sessions])
    low, high = inference.intervals(cars, clusters)
    return pd.DataFrame(
        {
            "session": np.array(sessions, dtype=int),
            "n": (~np.isnan(cars)).sum(axis=0),
            "mean_car_frac": pd.DataFrame(cars).mean().to_numpy(),
            "ci_low_frac": low,
            "ci_high_frac": high,
            "matched_mean_car_frac": pd.DataFrame(matched).mean().to_numpy(),
            "beside_mean_car_frac": near.astype(float).mean().to_numpy(),
        }
    )


def _placebo_range(
    studied: Sequence[Studied], group: str, as_of: date | None
) -> pd.DataFrame:
    """Return the range in which most placebos lie, where every event has enough."""
    tail = (1 - PLACEBO_FRAC) / 2
    by: list[dict[int, np.ndarray]] = []
    sizes = []
    for each in studied:
        table = each.placebos
        table = table[(table["group"] == group) & (table["window"] == "")]
        if as_of is not None:
            table = table[table["until"] <= pd.Timestamp(as_of)]
        by.append(
            {s: t["mean_car_frac"].to_numpy() for s, t in table.groupby("session")}
        )
        sizes.append(len(each.members[each.members["group"] == group]))
    rows = []
    for session in sorted(set().union(*by)) if by else ():
        # of events of other lengths the nearest point of the path
        near = [_nearest(each, session) for each in by]
        found = [each for each in near if each is not None]
        if len(found) < len(by) or min(map(len, found)) < HEURISTICS.least_placebos:
            continue
        means = found[0] if len(by) == 1 else inference.pooled_placebos(found, sizes)
        low, high = np.quantile(means, [tail, 1 - tail])
        rows.append((session, low, high))
    columns = ["session", "placebo_low_frac", "placebo_high_frac"]
    return pd.DataFrame(rows, columns=columns)


def _nearest(means: dict[int, np.ndarray], session: int) -> np.ndarray | None:
    if not means:
        return None
    near = min(means, key=lambda each: abs(each - session))
    return means[near] if abs(near - session) <= TRAIL_STEP else None
