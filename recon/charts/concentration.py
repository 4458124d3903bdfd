"""Figures of concentration: the weight of few names, and their part of each gain."""

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

LINES = {"top10_frac": "Ten heaviest", "top5_frac": "Five heaviest"}


def weight(table: pd.DataFrame, theme: str, *, name: str) -> go.Figure:
    """Draw what the five and the ten heaviest are of a segment, through time.

    `table` is the output of `concentration.history`.
    """
    colours = charts.palette(theme)
    last = table.iloc[-1]
    made = charts.figure(
        theme,
        f"Ten names are {formatting.percent(last['top10_frac'])} of the {name}",
        f"Part of the segment's weight, %; as concentrated as "
        f"{formatting.number(last['effective_number'])} names of equal weight",
    )
    top = float(table["top10_frac"].max()) * 1.15
    labels = []
    for measure, words in LINES.items():
        colour = colours.r1000 if measure == "top10_frac" else colours.muted
        made.add_scatter(
            x=table["snapshot_date"],
            y=table[measure],
            mode="lines",
            name=words,
            line={"color": colour, "width": 2},
            **charts.hover(
                [
                    f"{words}: {formatting.percent(value)}<br>{formatting.day(day)}"
                    for day, value in zip(
                        table["snapshot_date"], table[measure], strict=True
                    )
                ]
            ),
        )
        value = float(last[measure])
        labels.append((value, f"{words} {formatting.percent(value)}", colour))
    step = charts.nice_step(top / 4)
    ticks = [step * n for n in range(int(top / step) + 1)]
    made.update_yaxes(
        range=[0, top],
        tickvals=ticks,
        ticktext=[formatting.percent(tick, 0) for tick in ticks],
    )
    made.update_layout(hovermode="x", margin={"r": 150, "t": charts.TOP + 16})
    charts.end_labels(made, labels, (0.0, top), is_log=False)
    return made


def gains(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw each year's return of the Russell 1000 with and without its ten largest.

    `table` has the rows of one group of `concentration.gains`.
    """
    colours = charts.palette(theme)
    last = table.iloc[-1]
    share = formatting.percent(last["share_frac"], 0)
    made = charts.figure(
        theme,
        f"The ten largest made {share} of what {last['year']} brought"
        if pd.notna(last["share_frac"])
        else f"{last['year']} brought next to nothing to share",
        "Return of the Russell 1000 by year, with and without the ten largest, %",
        height=charts.HALF_HEIGHT,
    )
    years = table["year"].astype(str).tolist()
    for name, column, colour in (
        ("Russell 1000", "index_frac", colours.r1000),
        ("without the ten", "rest_frac", colours.muted),
    ):
        made.add_bar(
            x=years,
            y=table[column].tolist(),
            name=name,
            marker={"color": colour},
            text=[formatting.percent(value, signed=True) for value in table[column]],
            textposition="outside",
            textfont={"size": 10},
            constraintext="none",
            cliponaxis=False,
            hovertemplate=f"{name} %{{x}}: %{{text}}<extra></extra>",
        )
    reach = float(table[["index_frac", "rest_frac"]].abs().max().max()) * 1.3
    low = float(table[["index_frac", "rest_frac"]].min().min())
    made.update_yaxes(range=[-reach if low < 0 else 0, reach], visible=False)
    made.add_hline(y=0, line={"color": colours.axis, "width": 1})
    made.update_layout(
        barmode="group", showlegend=True, xaxis={"type": "category"},
        margin={"t": charts.TOP + 26},
    )  # fmt: skip
    return made
