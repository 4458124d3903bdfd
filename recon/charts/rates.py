"""Figures of rates: what a fall would go with, and how that has changed."""

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

TOO_SHORT = "Not known: a year of sessions with yields is needed"


def if_rates_fall(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw what segments made with a 10-year yield 100 bp lower, with intervals.

    `table` is the output of `rates.if_rates_fall`, most gain first.
    """
    colours = charts.palette(theme)
    first = table.iloc[0]
    sure = int((table["low_frac"] > 0).sum())
    made = charts.figure(
        theme,
        f"{first['name']} gained most when rates fell; {sure} of {len(table)} clearly "
        "gained",
        "Return that went with a 10-year yield 100 bp lower, %, and its 95% interval; "
        f"{int(first['spans']):,} spans of five sessions",
        height=charts.TOP + charts.BOTTOM + 22 * len(table),
    )
    gain = table["gain_frac"]
    made.add_scatter(
        x=gain,
        y=table["name"],
        mode="markers",
        name="Gain",
        marker={
            "color": [
                colours.addition if low > 0 else colours.deletion if high < 0
                else colours.muted
                for low, high in zip(table["low_frac"], table["high_frac"], strict=True)
            ],
            "size": 9,
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (table["high_frac"] - gain).tolist(),
            "arrayminus": (gain - table["low_frac"]).tolist(),
            "color": colours.axis,
            "thickness": 1.4,
            "width": 0,
        },
        **charts.hover(
            [
                f"{row.name}: {formatting.percent(row.gain_frac, signed=True)}, from "
                f"{formatting.percent(row.low_frac, signed=True)} to "
                f"{formatting.percent(row.high_frac, signed=True)}"
                for row in table.rename_axis(None).itertuples(index=False)
            ]
        ),
    )  # fmt: skip
    made.add_vline(x=0, line={"color": colours.axis, "width": 1})
    _percents(made, table["low_frac"].min(), table["high_frac"].max(), "x")
    made.update_yaxes(autorange="reversed", showgrid=False)
    made.update_layout(margin={"t": charts.TOP + 8})
    return made


def rolling(table: pd.DataFrame, theme: str, *, name: str) -> go.Figure:
    """Draw what went with 100 bp less over each year, through time, with its interval.

    `table` is the output of `rates.rolling`.
    """
    colours = charts.palette(theme)
    if table.empty:
        made = charts.figure(theme, f"{name} and rates", "Return with 100 bp less, %")
        return charts.without_data(made, TOO_SHORT)
    last = -table["per_point_frac"].iloc[-1]
    low, high = -table["high_frac"], -table["low_frac"]
    made = charts.figure(
        theme,
        f"{name}: {formatting.percent(last, signed=True)} with a 10-year yield 100 bp "
        "lower",
        "By the 250 sessions before each day, %, with its 95% interval",
        height=charts.HALF_HEIGHT,
    )
    days = table["snapshot_date"]
    for edge, fill in ((low, None), (high, "tonexty")):
        made.add_scatter(
            x=days,
            y=edge,
            mode="lines",
            name="95% interval",
            line={"width": 0, "color": colours.r2000},
            fill=fill,
            fillcolor=charts.tint(colours.r2000, 0.16),
            hoverinfo="skip",
        )
    made.add_scatter(
        x=days,
        y=-table["per_point_frac"],
        mode="lines",
        name="With 100 bp less",
        line={"color": colours.r2000, "width": 2},
        **charts.hover(
            [
                f"{formatting.percent(-value, signed=True)}<br>{formatting.day(day)}"
                for day, value in zip(days, table["per_point_frac"], strict=True)
            ]
        ),
    )
    made.add_hline(y=0, line={"color": colours.axis, "width": 1})
    _percents(made, low.min(), high.max(), "y")
    made.update_layout(hovermode="x", margin={"t": charts.TOP + 8})
    return made


def _percents(made: go.Figure, low: float, high: float, axis: str) -> None:
    step = charts.nice_step((high - low) / 5)
    first, last = int(low // step), int(high // step) + 1
    ticks = [step * number for number in range(first, last + 1)]
    options = {
        "tickvals": ticks,
        "ticktext": [formatting.percent(tick, 0, signed=True) for tick in ticks],
    }
    made.update_layout({f"{axis}axis": options})
