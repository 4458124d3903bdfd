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
        f"{len(used):,} of {formatting.count(len(days), 'day')} "
        f"{'is' if len(used) == 1 else 'are'} published, {len(out):,} held back",
        "Listings per session, and those with a market cap; diamonds: days held back",
        height=320,
    )
    _lines(
        made,
        used,
        ("security_count", "Listings", colours.break_point),
        ("with_cap_count", "with market cap", colours.r1000),
        most=days["security_count"].max(),
        is_counted=True,
    )
    if len(out):
        made.add_scatter(
            x=out["snapshot_date"],
            y=out["security_count"],
            mode="markers",
            name="held back",
            marker={"symbol": "diamond", "size": 9, "color": colours.deletion},
            customdata=out["reason"],
            hovertemplate="%{customdata}",
        )
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
    _lines(
        made,
        used,
        ("carried_count", "carried", colours.up),
        ("quarantined_count", "refused as given", colours.deletion),
        most=max(1, used[["carried_count", "quarantined_count"]].max().max()),
    )
    return made


def _lines(
    made: go.Figure,
    days: pd.DataFrame,
    *columns: tuple[str, str, str],
    most: float,
    is_counted: bool = False,
) -> None:
    """Draw columns (name, label, color) by day, each labeled at its last value."""
    labels = []
    for column, name, colour in columns:
        made.add_scatter(
            x=days["snapshot_date"],
            y=days[column],
            mode="lines",
            name=name,
            line={"color": colour, "width": 1.6},
            hovertemplate="%{y:,d}",
        )
        for last in days[column].tail(1):
            words = f"{name} {formatting.number(last)}" if is_counted else name
            labels.append((float(last), words, colour))
    top = float(most) * 1.08
    made.update_layout(
        margin={"r": RIGHT},
        yaxis={"range": [0, top], "tickformat": ",d"},
        xaxis={"hoverformat": "%a %-d %b %Y"},
        hovermode="x unified",
    )
    charts.end_labels(made, labels, (0.0, top), is_log=False)
