"""Figures of rotation: sectors by strength and momentum, and what an event tilts."""

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting
from recon.studies.rotation import IMPROVING, LAGGING, LEADING, WEAKENING

TOO_SHORT = "Not known: strength and momentum need 140 sessions"
LABELS = ("middle right", "middle left", "top center", "bottom center")
QUADRANTS = {
    LEADING: (1, 1, "right", "top"),
    WEAKENING: (1, 0, "right", "bottom"),
    LAGGING: (0, 0, "left", "bottom"),
    IMPROVING: (0, 1, "left", "top"),
}


def relative(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw each sector's strength against its momentum, with its last two weeks.

    `table` is the output of `rotation.relative`.
    """
    colours = charts.palette(theme)
    days = table["snapshot_date"]
    now = table[days.eq(days.max())]
    leading = now.loc[now["quadrant"].eq(LEADING), "sector"].tolist()
    made = charts.figure(
        theme,
        f"Leading: {formatting.listed(leading)}" if leading else "No sector leads",
        "Against the Russell 3000, 100 = as usual of 60 sessions; right is stronger, "
        "up is gaining; the line is the last 10 sessions",
        height=charts.FULL_HEIGHT + 60,
    )
    if table.empty:
        return charts.without_data(made, TOO_SHORT)
    looks = {
        LEADING: colours.addition,
        LAGGING: colours.deletion,
        WEAKENING: colours.down,
        IMPROVING: colours.up,
    }
    order = now.sort_values("momentum")["sector"].tolist()
    for place, sector in enumerate(order):
        own = table[table["sector"].eq(sector)]
        last = own.iloc[-1]
        colour = looks[last["quadrant"]]
        sizes = [0] * (len(own) - 1) + [9]
        made.add_scatter(
            x=own["strength"],
            y=own["momentum"],
            mode="lines+markers+text",
            name=str(sector),
            line={"color": charts.tint(colour, 0.5), "width": 1.2},
            marker={"color": colour, "size": sizes},
            text=[""] * (len(own) - 1) + [str(sector)],
            textposition=LABELS[place % len(LABELS)],
            textfont={"size": 11, "color": colour},
            cliponaxis=False,
            **charts.hover(
                [
                    f"{sector}: strength {formatting.number(row.strength, 1)}, "
                    f"momentum {formatting.number(row.momentum, 1)}<br>"
                    f"{formatting.day(row.snapshot_date)}"
                    for row in own.itertuples()
                ]
            ),
        )
    made.add_vline(x=100, line={"color": colours.axis, "width": 1})
    made.add_hline(y=100, line={"color": colours.axis, "width": 1})
    for words, (x, y, xanchor, yanchor) in QUADRANTS.items():
        made.add_annotation(
            x=x, y=y, xref="paper", yref="paper", text=words, showarrow=False,
            xanchor=xanchor, yanchor=yanchor, font={"color": colours.muted, "size": 11},
        )  # fmt: skip
    made.update_layout(
        margin={"r": 130, "t": charts.TOP + 16, "b": charts.BOTTOM + 16},
        xaxis={"title": "Strength"},
        yaxis={"title": "Momentum", "showgrid": False},
    )
    return made


def tilt(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw how the event would change each sector's weight in both indexes.

    `table` is the output of `rotation.tilt`.
    """
    colours = charts.palette(theme)
    change = table.pivot(index="sector", columns="index", values="change_frac")
    change = change.reindex(change["R2000"].sort_values().index)
    known = change["R2000"].dropna()
    made = charts.figure(
        theme,
        "What the event tilts is not known"
        if known.empty
        else f"Most weight of the R2000 goes to {known.index[-1]}",
        "Weight by the rules less weight now, percentage points of total market cap",
        height=charts.TOP + charts.BOTTOM + 40 * max(len(change), 2),
    )
    for index, colour in (("R1000", colours.r1000), ("R2000", colours.r2000)):
        made.add_bar(
            y=change.index.tolist(),
            x=change[index].tolist(),
            orientation="h",
            name=formatting.index_name(index),
            marker={"color": colour},
            text=[
                formatting.number(value * 100, 2, signed=True)
                for value in change[index]
            ],
            textposition="outside",
            textfont={"size": 10},
            constraintext="none",
            cliponaxis=False,
            hovertemplate=f"{index} %{{y}}: %{{text}} points<extra></extra>",
        )
    reach = float(change.abs().max().max() or 0) * 1.5 or 0.01
    made.add_vline(x=0, line={"color": colours.axis, "width": 1})
    made.update_layout(
        barmode="group",
        bargap=0.15,
        showlegend=True,
        margin={"t": charts.TOP + 26},
        xaxis={"range": [-reach, reach], "visible": False},
        yaxis={"showgrid": False},
    )
    return made
