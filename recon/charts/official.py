"""Figures of official lists beside ours."""

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

ROW_PX, LEGEND_PX = 30, 24
PARTS = (
    ("both", "both"),
    ("only_ours", "only ours"),
    ("only_official", "only official"),
)


def agreement(table: pd.DataFrame, event: str, theme: str) -> go.Figure:
    """Draw how many names of each list ours and the official one share.

    `table` is `comparing.by_list`. A list that has not been posted shows ours alone.
    """
    colours = charts.palette(theme)
    fills = dict(
        zip(PARTS, (colours.r1000, colours.value, colours.deletion), strict=True)
    )
    drawn = table.iloc[::-1]
    stated = table[table["official"].notna()]
    either = stated[["both", "only_ours", "only_official"]].to_numpy().sum()
    title = f"Ours: {formatting.number(table['ours'].sum())} names on six lists"
    if len(stated):
        share = stated["both"].sum() / either
        title = f"{formatting.percent(share)} of the names on posted lists are on both"
    made = charts.figure(
        theme,
        title,
        f"{event}, companies by list; ours as rank day decided it",
        height=charts.TOP + LEGEND_PX + charts.BOTTOM + ROW_PX * len(drawn),
        alt="Companies by list: "
        + "; ".join(_words(row) for row in table.to_dict("records")),
    )
    for part, colour in fills.items():
        name, label = part
        count = drawn[name]
        made.add_bar(
            x=count.fillna(0),
            y=drawn["list"],
            orientation="h",
            name=label,
            showlegend=bool(count.sum()),
            marker={"color": colour},
            text=[_label(value) for value in count],
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate=f"%{{y}}: %{{x}} {label}<extra></extra>",
        )
    alone = drawn["ours"].where(drawn["official"].isna())
    made.add_bar(
        x=alone.fillna(0),
        y=drawn["list"],
        orientation="h",
        name="ours, none posted",
        showlegend=bool(alone.sum()),
        marker={"color": charts.tint(colours.r1000, 0.5)},
        insidetextfont={"color": colours.break_point},
        text=[_label(value) for value in alone],
        textposition="inside",
        insidetextanchor="middle",
        hovertemplate="%{y}: %{x} of ours, no official list<extra></extra>",
    )
    made.update_layout(
        barmode="stack",
        showlegend=True,
        legend={"traceorder": "normal"},
        margin={"t": charts.TOP + LEGEND_PX},
        xaxis={"visible": False, "rangemode": "tozero"},
        yaxis={"showgrid": False, "ticksuffix": "  "},
        bargap=0.3,
        dragmode=False,
    )
    return made


def _label(value: float) -> str:
    return "" if formatting.is_missing(value) or not value else f"{value:,.0f}"


def _words(row: dict) -> str:
    if formatting.is_missing(row["official"]):
        return f"{row['list']} {row['ours']:.0f} ours, none posted"
    parts = ", ".join(f"{row[name]:.0f} {label}" for name, label in PARTS)
    return f"{row['list']} {parts}"
