"""Figures of small against large caps: the path, and what the gap is made of."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting
from recon.schedule import Reconstitution
from recon.studies.segments import catch_up
from recon.studies.segments.catch_up import PARTS, Decomposed

RATIO_TICKS = (25, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 150)
NO_PATH = "Not known: an index needs two sessions"
SHORT = {
    catch_up.SMALL_CAME: "who came to the R2000",
    catch_up.LARGE_CAME: "who came to the R1000",
    catch_up.CONCENTRATION: "the ten largest",
    catch_up.MIX: "sector mix",
    catch_up.SIZE: "inside sectors",
}
PATHS = (
    ("ratio", "R2000, cap-weighted", 2.2),
    ("equal_ratio", "R2000, equal-weighted", 1.4),
    ("median_ratio", "Median R2000 stock", 1.4),
)


def relative(
    path: pd.DataFrame, events: Sequence[Reconstitution], theme: str
) -> go.Figure:
    """Draw small caps against large ones through time, with rank days.

    `path` is the output of `catch_up.relative`.
    """
    colours = charts.palette(theme)
    first = path["snapshot_date"].iloc[0].date()
    made = charts.figure(
        theme,
        _path_title(path),
        f"Russell 2000 against the cap-weighted Russell 1000, {formatting.day(first)} "
        "= 100, log; prices without dividends",
    )
    if len(path) < 2:
        return charts.without_data(made, NO_PATH)
    last = path["snapshot_date"].iloc[-1].date()
    looks = (colours.r2000, colours.muted, colours.micro)
    labels = []
    for (name, words, width), colour in zip(PATHS, looks, strict=True):
        made.add_scatter(
            x=path["snapshot_date"],
            y=path[name],
            mode="lines",
            name=words,
            line={
                "color": colour,
                "width": width,
                "dash": "dot" if name == "median_ratio" else "solid",
            },
            **charts.hover(
                [
                    f"{words}: {formatting.number(value, 1)}<br>{formatting.day(day)}"
                    for day, value in zip(
                        path["snapshot_date"], path[name], strict=True
                    )
                ]
            ),
        )
        value = float(path[name].iloc[-1])
        labels.append((value, f"{words} {formatting.number(value, 1)}", colour))
    values = path[[name for name, _, _ in PATHS]]
    low, high = float(values.min().min()) / 1.04, float(values.max().max()) * 1.04
    ends = float(np.log10(low)), float(np.log10(high))
    made.update_yaxes(
        type="log",
        range=ends,
        tickvals=RATIO_TICKS,
        ticktext=[str(tick) for tick in RATIO_TICKS],
    )
    made.add_hline(y=100, line={"color": colours.axis, "width": 1})
    marks = [
        (event.rank_day, f"Rank day {event.year}", False)
        for event in events
        if first <= event.rank_day <= last
    ]
    charts.event_marks(made, theme, marks)
    made.update_layout(
        hovermode="x",
        margin={"r": 200, "t": charts.TOP + 16},
        xaxis={"range": [first, last]},
    )
    charts.end_labels(made, labels, ends)
    return made


def _path_title(path: pd.DataFrame) -> str:
    if len(path) < 2:
        return "Small caps against large ones"
    moved = path["ratio"].iloc[-1] / 100 - 1
    where = "ahead of" if moved > 0 else "behind"
    return (
        f"Small caps are {formatting.percent(abs(moved))} {where} large ones since "
        f"{formatting.day(path['snapshot_date'].iloc[0])}"
    )


def gap(parts: Decomposed, theme: str, *, since: date) -> go.Figure:
    """Draw what the gap between the two indexes is made of, in points of return."""
    colours = charts.palette(theme)
    rows = [("Gap", parts.gap_frac), *((PARTS[key], parts.parts[key]) for key in PARTS)]
    largest = parts.parts.abs().idxmax()
    made = charts.figure(
        theme,
        f"{_points(parts.gap_frac)}, most of it {SHORT[str(largest)]}",
        f"R2000 less R1000 since {formatting.day(since)}, points of return",
        height=charts.TOP + charts.BOTTOM + 38 * len(rows),
    )
    values = [value * 100 for _, value in rows]
    fills = [colours.break_point] + [
        colours.addition if value > 0 else colours.deletion for value in values[1:]
    ]
    made.add_bar(
        y=[name for name, _ in rows],
        x=values,
        orientation="h",
        marker={"color": fills},
        text=[formatting.number(value, 2, signed=True) for value in values],
        textposition="outside",
        cliponaxis=False,
        name="Points",
        hovertemplate="%{y}: %{text} points<extra></extra>",
    )
    reach = max(map(abs, values)) * 1.4 or 1.0
    ends = [min(min(values) * 1.4, -reach / 4), max(max(values) * 1.4, reach / 4)]
    made.update_layout(
        xaxis={"range": ends, "visible": False},
        yaxis={"autorange": "reversed", "showgrid": False},
    )
    made.add_vline(x=0, line={"color": colours.axis, "width": 1})
    return made


def _points(frac: float) -> str:
    return f"{formatting.number(frac * 100, 1, signed=True)} points"
