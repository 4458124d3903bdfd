"""Figures of breadth: how many members stand above their averages."""

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting
from recon.studies.breadth import MEASURES

NOT_YET = "Not known: an average needs nine in ten of its sessions"
LINES = {"above_200_frac": "200 sessions", "above_50_frac": "50 sessions"}


def above(table: pd.DataFrame, theme: str, *, name: str) -> go.Figure:
    """Draw the parts of a segment's members above two averages, through time.

    `table` is the output of `breadth.history`.
    """
    colours = charts.palette(theme)
    last = table["above_200_frac"].iloc[-1]
    title = (
        "How many members are above their average is not known yet"
        if pd.isna(last)
        else f"{formatting.percent(last)} of the {name} stand above the average of "
        "200 sessions"
    )
    made = charts.figure(
        theme, title, "Part of the members of each day above their average close, %"
    )
    if table["above_50_frac"].isna().all():
        return charts.without_data(made, NOT_YET)
    labels = []
    for measure, words in reversed(LINES.items()):
        is_main = measure == "above_200_frac"
        colour = colours.r1000 if is_main else colours.muted
        _line(made, table, measure, colour, 2.0 if is_main else 1.0)
        known = table[measure].dropna()
        if len(known):
            value = formatting.percent(known.iloc[-1], 0)
            labels.append((float(known.iloc[-1]), f"{words} {value}", colour))
    _percent_axis(made)
    made.update_layout(
        hovermode="x", margin={"r": 120, "t": charts.TOP + 16}, xaxis={"title": ""}
    )
    charts.end_labels(made, labels, (0.0, 1.0), is_log=False)
    return made


def _line(
    made: go.Figure, table: pd.DataFrame, measure: str, colour: str, width: float
) -> None:
    words = MEASURES[measure]
    made.add_scatter(
        x=table["snapshot_date"],
        y=table[measure],
        mode="lines",
        name=words,
        line={"color": colour, "width": width},
        **charts.hover(
            [
                f"{words}: {formatting.percent(value)}<br>{formatting.day(day)}"
                for day, value in zip(
                    table["snapshot_date"], table[measure], strict=True
                )
            ]
        ),
    )


def _percent_axis(made: go.Figure) -> None:
    ticks = [0, 0.25, 0.5, 0.75, 1]
    made.update_yaxes(
        range=[0, 1],
        tickvals=ticks,
        ticktext=[formatting.percent(tick, 0) for tick in ticks],
    )
