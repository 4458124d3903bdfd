"""Figures of valuation: how dear small caps are against large ones."""

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting
from recon.formatting import INDEX_NAMES

MEGA_NAME = "Top 50"


def gap(table: pd.DataFrame, theme: str, *, words: str) -> go.Figure:
    """Draw a ratio of the Russell 2000 over that of larger names, through time.

    `table` has the rows of one ratio of `valuation.gaps`, `words` what it sets prices
    against.
    """
    colours = charts.palette(theme)
    by = table.pivot(index="snapshot_date", columns="against", values="relative")
    large = table[table["against"].eq("R1000")].dropna(subset="relative")
    title = f"What small caps cost for their {words} is not known"
    if len(large):
        now = large.iloc[-1]
        dearer = round((1 - now["percentile_frac"]) * len(large))
        before = len(large) - 1
        place = f"less than in {dearer} of {before} quarters before"
        if dearer in (0, before):
            place = f"the {'least' if dearer else 'most'} in {len(large)} quarters"
        cost = formatting.percent(now["relative"], 0)
        title = f"Small caps cost {cost} of large ones for the same {words}"
        title += f", {place}" if before else ""
    made = charts.figure(
        theme,
        title,
        f"Price to {words} of the Russell 2000 over that of others, %; 100% is level",
    )
    lines = {
        "R1000": (INDEX_NAMES["R1000"], colours.r1000),
        "TOP50": (MEGA_NAME, colours.muted),
    }
    labels = []
    for code, (name, colour) in lines.items():
        own = by[code].dropna()
        if own.empty:
            continue
        made.add_scatter(
            x=own.index,
            y=own * 100,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 5},
            name=f"over {name}",
            **charts.hover(
                [
                    f"{formatting.day(day)}<br>{formatting.percent(value, 0)} of the "
                    f"{name}"
                    for day, value in own.items()
                ]
            ),
        )
        last = float(own.iloc[-1])
        label = f"of {name} {formatting.percent(last, 0)}"
        labels.append((last * 100, label, colour))
    if not labels:
        return charts.without_data(made, "Not known of either side")
    top = float(by.max(axis=None)) * 110
    step = charts.nice_step(top / 5)
    ticks = [step * number for number in range(int(top / step) + 1)]
    made.update_yaxes(range=[0, top], tickvals=ticks)
    made.update_layout(hovermode="x", margin={"r": 160, "t": charts.TOP + 16})
    charts.end_labels(made, labels, (0.0, top), is_log=False)
    return made
