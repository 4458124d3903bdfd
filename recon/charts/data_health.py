"""Figures of data health: what arrived, what was used and what was not."""

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

RIGHT = 150


def coverage(days: pd.DataFrame, theme: str) -> go.Figure:
    """Draw listings, and listings with a market cap, by day; mark days held back.

    `days` is `Store.days`.
    """
    colours = charts.palette(theme)
    is_out = days["status"] != "published"
    used, out = days[~is_out], days[is_out]
    made = charts.figure(
        theme,
        f"{len(used):,} of {formatting.count(len(days), 'offered day')} "
        f"{'is' if len(used) == 1 else 'are'} published, {len(out):,} held back",
        "Listings per session, and those with a market cap; diamonds: days held back",
        height=320,
    )
    made.update_layout(margin={"r": RIGHT})
    columns = (
        ("security_count", "Listings", colours.break_point),
        ("with_cap_count", "with market cap", colours.r1000),
    )
    for column, name, colour in columns:
        _line(made, used, column, name, colour)
    if len(out):
        _held_back(made, out, colours)
    top = float(days["security_count"].max()) * 1.08
    made.update_layout(
        yaxis={"range": [0, top], "tickformat": ",d"},
        xaxis={"hoverformat": "%a %-d %b %Y"},
        hovermode="x unified",
    )
    if len(used):
        last = used.iloc[-1]
        labels = [
            (float(last[column]), f"{name} {formatting.number(last[column])}", colour)
            for column, name, colour in columns
        ]
        charts.end_labels(made, labels, (0.0, top), is_log=False)
    return made


def stand_ins(days: pd.DataFrame, theme: str) -> go.Figure:
    """Draw market caps carried and rows refused by published day."""
    colours = charts.palette(theme)
    used = days[days["status"] == "published"]
    typical = used["carried_count"].median() if len(used) else 0
    made = charts.figure(
        theme,
        (formatting.count(int(typical), "market cap") if typical else "No market cap")
        + f" {'are' if typical > 1 else 'is'} carried on a usual day",
        "Carried market caps (last trusted share count times close) and refused rows",
        height=260,
    )
    made.update_layout(margin={"r": RIGHT})
    _line(made, used, "carried_count", "carried", colours.up)
    _line(made, used, "quarantined_count", "refused as given", colours.deletion)
    most = used[["carried_count", "quarantined_count"]].max().max() if len(used) else 1
    top = float(max(most, 1)) * 1.08
    made.update_layout(
        yaxis={"range": [0, top], "tickformat": ",d"},
        xaxis={"hoverformat": "%a %-d %b %Y"},
        hovermode="x unified",
    )
    if len(used):
        last = used.iloc[-1]
        labels = [
            (float(last["carried_count"]), "carried", colours.up),
            (float(last["quarantined_count"]), "refused as given", colours.deletion),
        ]
        charts.end_labels(made, labels, (0.0, top), is_log=False)
    return made


def _line(
    made: go.Figure, days: pd.DataFrame, column: str, name: str, colour: str
) -> None:
    made.add_scatter(
        x=days["snapshot_date"],
        y=days[column],
        mode="lines",
        name=name,
        line={"color": colour, "width": 1.6},
        hovertemplate="%{y:,d}",
    )


def _held_back(made: go.Figure, out: pd.DataFrame, colours: charts.Palette) -> None:
    made.add_scatter(
        x=out["snapshot_date"],
        y=out["security_count"],
        mode="markers",
        name="held back",
        marker={"symbol": "diamond", "size": 9, "color": colours.deletion},
        customdata=out["reason"],
        hovertemplate="%{customdata}",
    )
