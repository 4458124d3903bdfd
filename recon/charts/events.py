"""Figures of the event study: paths in event time, year by year, and their decay."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from recon import charts, formatting
from recon.charts import Palette

RIGHT = 150
AXIS = "sessions from the implementation close"
FACET_TICKS = [-30, 0, 30]  # one at the edge would touch the next chart's
PLACEBO = "pretend rank days"
BESIDE = "just beside the line"
MATCHED = "against names alike"
ALL = "all"


def colour_of(group: str, colours: Palette) -> str:
    """Return the color of a group."""
    names = {
        "additions": colours.addition,
        "deletions": colours.deletion,
        "up": colours.up,
        "down": colours.down,
        "held": colours.r2000,
        "ipo": colours.growth,
        "style": colours.value,
    }
    return names[group]


def path(
    curve: pd.DataFrame,
    theme: str,
    *,
    group: str,
    title: str,
    lists: Sequence[int],
    note: str,
) -> go.Figure:
    """Draw a group's mean path since rank day, its interval and its placebos.

    `curve` is one year of `curves.mean_curves`; `lists` are the sessions of the
    preliminary lists; `note` says of what events.
    """
    colours = charts.palette(theme)
    colour = colour_of(group, colours)
    made = charts.figure(
        theme,
        title,
        f"Mean return since rank day less that of the Russell 2000 companies that "
        f"stayed, %, by {AXIS}; {note}<br>shaded: 95% interval; gray: where four in "
        "five pretend rank days lie",
    )
    if curve.empty:
        return charts.without_data(made, "No name of this group has a path here.")
    _band(made, curve, "placebo", charts.tint(colours.muted, 0.16), PLACEBO)
    _band(made, curve, "ci", charts.tint(colour, 0.16), "95% interval")
    labels: list[tuple[float, str, str]] = []
    lines: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("beside_mean_car_frac", BESIDE, {"color": colours.muted, "width": 1.5}),
        (
            "matched_mean_car_frac",
            MATCHED,
            {"color": colour, "width": 1.5, "dash": "dot"},
        ),
        ("mean_car_frac", group, {"color": colour, "width": 3}),
    )
    for column, words, look in lines:
        known = curve[curve[column].notna()]
        if known.empty:
            continue
        _line(made, known, column, words, look)
        labels.append((known[column].iloc[-1] * 100, words, str(look["color"])))
    ends = _range(curve)
    made.update_yaxes(range=ends, ticksuffix="%")
    made.update_xaxes(title={"text": AXIS}, range=_sessions(curve))
    made.update_layout(margin={"r": RIGHT}, hovermode="x unified")
    charts.end_labels(made, labels, ends, is_log=False)
    made.add_hline(y=0, line={"color": colours.axis, "width": 1})
    _marks(made, colours, lists)
    return made


def years(curves: pd.DataFrame, theme: str, *, group: str, title: str) -> go.Figure:
    """Draw a group's path of each event beside the others', on one scale."""
    colours = charts.palette(theme)
    colour = colour_of(group, colours)
    shown = [year for year in dict.fromkeys(curves["year"]) if year != ALL]
    subtitle = (
        f"Mean abnormal return since rank day, %, by {AXIS}<br>shaded: 95% interval"
    )
    made = charts.figure(theme, title, subtitle, height=charts.HALF_HEIGHT)
    if not shown:
        return charts.without_data(made, "No event of this group is known yet.")
    panels = make_subplots(1, len(shown), shared_yaxes=True, horizontal_spacing=0.02)
    made.update_layout(panels.layout)
    ends = _range(curves[curves["year"].isin(shown)], with_placebo=False)
    for at, year in enumerate(shown, start=1):
        axes = {
            "xaxis": f"x{at if at > 1 else ''}",
            "yaxis": f"y{at if at > 1 else ''}",
        }
        own = curves[(curves["year"] == year) & curves["mean_car_frac"].notna()]
        _band(made, own, "ci", charts.tint(colour, 0.16), "95% interval", axes)
        look = {"color": colour, "width": 2.5}
        _line(made, own, "mean_car_frac", str(year), look, axes)
        count = formatting.count(int(own["n"].max()) if len(own) else 0, "name")
        made.add_annotation(
            text=f"<b>{year}</b> · {count}",
            x=0,
            xref=f"{axes['xaxis']} domain",
            y=1,
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
        )
        made.add_shape(
            type="line",
            x0=0,
            x1=0,
            y0=0,
            y1=1,
            yref="paper",
            xref=axes["xaxis"],
            line={"color": colours.axis, "width": 1, "dash": "dot"},
            layer="below",
        )
    made.update_yaxes(range=ends, ticksuffix="%", zeroline=True)
    made.update_yaxes(zerolinecolor=colours.axis, zerolinewidth=1)
    made.update_xaxes(range=_sessions(curves), tickvals=FACET_TICKS, tickangle=0)
    made.update_layout(margin={"t": charts.TOP + 36})
    return made


def decay(rows: pd.DataFrame, theme: str, *, group: str, title: str) -> go.Figure:
    """Draw a group's mean in one window by year, with its interval and its placebo.

    `rows` are those of `summary` of one group and window.
    """
    colours = charts.palette(theme)
    colour = colour_of(group, colours)
    made = charts.figure(
        theme,
        title,
        "Mean abnormal return, %, with 95% interval<br>hollow: against names alike; "
        "bar: pretend rank days",
        height=charts.HALF_HEIGHT,
    )
    known = rows[rows["n"] > 0]
    if known.empty:
        return charts.without_data(made, "No event of this group is known yet.")
    places = np.arange(len(known))
    mean = known["mean_car_frac"] * 100
    made.add_scatter(
        x=places,
        y=known["placebo_mean_car_frac"] * 100,
        mode="markers",
        name=PLACEBO,
        marker={
            "symbol": "line-ew-open",
            "size": 26,
            "color": colours.muted,
            "line": {"width": 3},
        },
        hovertemplate="%{y:.1f}%<extra>" + PLACEBO + "</extra>",
    )
    made.add_scatter(
        x=places,
        y=known["matched_mean_car_frac"] * 100,
        mode="markers",
        name=MATCHED,
        marker={"symbol": "circle-open", "size": 11, "color": colour},
        hovertemplate="%{y:.1f}%<extra>" + MATCHED + "</extra>",
    )
    made.add_scatter(
        x=places,
        y=mean,
        mode="markers",
        name=group,
        marker={"size": 10, "color": colour},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": known["ci_high_frac"] * 100 - mean,
            "arrayminus": mean - known["ci_low_frac"] * 100,
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[
            f"{year}, {formatting.count(int(n), 'name')}"
            for year, n in zip(known["year"], known["n"], strict=True)
        ],
        hovertemplate="%{y:.1f}%<extra>%{customdata}</extra>",
    )
    made.add_hline(y=0, line={"color": colours.axis, "width": 1})
    made.update_layout(
        xaxis={
            "tickvals": list(places),
            "ticktext": list(known["year"]),
            "range": [-0.6, len(known) - 0.4],
        },
        yaxis={"ticksuffix": "%"},
    )
    return made


def _line(
    made: go.Figure,
    curve: pd.DataFrame,
    column: str,
    words: str,
    look: Mapping[str, object],
    axes: Mapping[str, str] | None = None,
) -> None:
    made.add_scatter(
        x=curve["session"],
        y=curve[column] * 100,
        mode="lines",
        name=words,
        line=dict(look),
        hovertemplate="%{y:.1f}%",
        **(axes or {}),
    )


def _band(
    made: go.Figure,
    curve: pd.DataFrame,
    kind: str,
    fill: str,
    words: str,
    axes: Mapping[str, str] | None = None,
) -> None:
    low, high = f"{kind}_low_frac", f"{kind}_high_frac"
    known = curve[curve[low].notna()]
    if known.empty:
        return
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", **(axes or {})}
    x = known["session"]
    made.add_scatter(x=x, y=known[low] * 100, name=f"{words}, from", **edge)
    shade = {"fill": "tonexty", "fillcolor": fill}
    made.add_scatter(x=x, y=known[high] * 100, name=f"{words}, to", **shade, **edge)


def _range(curves: pd.DataFrame, with_placebo: bool = True) -> tuple[float, float]:
    columns = ["ci_low_frac", "ci_high_frac", "mean_car_frac", "matched_mean_car_frac"]
    if with_placebo:
        columns += ["placebo_low_frac", "placebo_high_frac", "beside_mean_car_frac"]
    values = curves[columns].to_numpy(float) * 100
    low, high = min(np.nanmin(values), 0.0), max(np.nanmax(values), 0.0)
    room = 0.05 * max(high - low, 1.0)
    return low - room, high + room


def _sessions(curves: pd.DataFrame) -> tuple[int, int]:
    return int(curves["session"].min()), int(curves["session"].max())


def _marks(made: go.Figure, colours: Palette, lists: Sequence[int]) -> None:
    """Mark the preliminary lists and the close with thin lines and short labels."""
    first = min(lists, default=0)
    for session in sorted({*lists, 0}):
        made.add_shape(
            type="line",
            x0=session,
            x1=session,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": colours.axis, "width": 1, "dash": "dot"},
            layer="below",
        )
        if session not in (first, 0):
            continue
        words = "implementation" if session == 0 else "list"
        words += "s" if session and len(set(lists)) > 1 else ""
        made.add_annotation(
            x=session,
            y=0,
            yref="paper",
            yanchor="bottom",
            xanchor="left",
            xshift=2,
            text=words,
            showarrow=False,
            font={"size": 10, "color": colours.muted},
        )
