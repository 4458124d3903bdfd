"""Figures of the overview: an event's calendar and the ten largest companies."""

from datetime import date, timedelta

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting, record
from recon.schedule import Reconstitution

SHORT = {"Query period ends": "Queries end", "Effective open": "New index trades"}
CALENDAR_HEIGHT, LARGEST_HEIGHT = 166, 436
EDGE_FRAC = 0.15  # of the span: labels nearer to its end stand to its left
INSIDE_PX = 28
NAME_CHARACTERS = 22


def calendar(event: Reconstitution, today: date, is_now: bool, theme: str) -> go.Figure:
    """Draw the dates of one event on a line, past ones filled, with a mark for today.

    Unless `is_now`, `today` is an earlier day, and its mark has its date.
    """
    colours = charts.palette(theme)
    dates = [(SHORT.get(text, text), day) for text, day in event.milestones()]
    main = [(text, day) for text, day in dates if not text.startswith("Update")]
    updates = [day for text, day in dates if text.startswith("Update")]
    made = charts.figure(
        theme,
        f"{event.name} reconstitution {_countdown(event, dates, today)}",
        f"New York dates, {record.CONFIDENCE[event.confidence]}; ticks are the weekly "
        "updates of the list",
        height=CALENDAR_HEIGHT,
    )
    made.add_scatter(
        x=updates,
        y=[0] * len(updates),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 9, "color": colours.muted},
        **charts.hover([f"List updated<br>{formatting.day(day)}" for day in updates]),
    )
    is_past = [day <= today for _, day in main]
    made.add_scatter(
        x=[day for _, day in main],
        y=[0] * len(main),
        mode="markers",
        marker={
            "size": 11,
            "color": [colours.r1000 if past else colours.ground for past in is_past],
            "line": {"color": colours.r1000, "width": 2},
        },
        **charts.hover([f"{text}<br>{formatting.day(day)}" for text, day in main]),
    )
    first, last = main[0][1], main[-1][1]
    start = min(first, max(today, first - (last - first)))
    room = timedelta(days=max(3, (last - start).days // 14))
    start, end = start - room, last + room
    for at, (text, day) in enumerate(main):
        is_last = (end - day) / (end - start) < EDGE_FRAC
        made.add_annotation(
            x=day,
            y=0,
            xanchor="right" if is_last else "center",
            xshift=INSIDE_PX if is_last else 0,
            yshift=24 if at % 2 == 0 else -24,
            text=f"<b>{text}</b><br>{formatting.day_short(day)}",
            showarrow=False,
            bgcolor=colours.ground,  # the mark for today may pass behind it
            font={"size": 11},
        )
    if start <= today <= end:
        made.add_vline(x=today, line={"color": colours.r2000, "width": 2})
        nearest = min(main, key=lambda milestone: abs(milestone[1] - today))
        # the side on which that date has no label
        is_below = main.index(nearest) % 2 == 0
        made.add_annotation(
            x=today,
            y=0 if is_below else 1,
            yref="paper",
            yanchor="bottom" if is_below else "top",
            xanchor="left",
            xshift=3,
            text="today" if is_now else formatting.day_short(today),
            showarrow=False,
            font={"size": 11, "color": colours.r2000},
        )
    made.add_hline(y=0, line={"color": colours.axis, "width": 2}, layer="below")
    made.update_layout(
        margin={"t": 56, "b": 4, "l": 0, "r": 0},
        xaxis={"range": [start, end], "visible": False},
        yaxis={"range": [-1, 1], "visible": False},
        dragmode=False,
    )
    return made


def _countdown(
    event: Reconstitution, dates: list[tuple[str, date]], today: date
) -> str:
    left = (event.implementation_close - today).days
    trades = "has traded" if left < 0 else f"trades {_in_days(left)}"
    text, day = next(((text, day) for text, day in dates if day >= today), dates[-1])
    if day >= event.implementation_close:
        return trades
    text = text.replace("Update", "list update").lower()
    return f"{trades}; next: {text} {_in_days((day - today).days)}"


def _in_days(days: int) -> str:
    return "today" if days == 0 else f"in {formatting.count(days, 'day')}"


def largest(leaders: pd.DataFrame, since: str, theme: str) -> go.Figure:
    """Draw the largest companies as bars, with places gained since another day.

    `leaders` is the output of `break_points.leaders`; `since` names the other day.
    """
    colours = charts.palette(theme)
    table = leaders.iloc[::-1]
    total, share = leaders["total_market_cap_usd"].sum(), leaders["total_frac"].sum()
    made = charts.figure(
        theme,
        f"Ten largest: {formatting.usd(total)}, {formatting.percent(share)} of all",
        f"Total market cap, places and change since {since}",
        height=LARGEST_HEIGHT,
    )
    rows = table.to_dict("records")
    made.add_bar(
        x=table["total_market_cap_usd"],
        y=[
            f"{row['rank']}  {charts.escaped(_short(row['company']))} "
            f"<b>{charts.escaped(row['symbol'])}</b>"
            for row in rows
        ],
        orientation="h",
        marker={
            "color": [
                colours.r1000 if places else charts.tint(colours.r1000, 0.5)
                for places in table["rank_change"].fillna(1)
            ]
        },
        text=[
            f"${row['total_market_cap_usd'] / 1e12:.2f}tn  {_shift(row['rank_change'])}"
            f"  {formatting.percent(row['cap_change_frac'], signed=True)}"
            for row in rows
        ],
        textposition="outside",
        textfont={"size": 11},
        name="Total market cap",
        cliponaxis=False,
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    )
    made.update_layout(
        margin={"r": 120, "b": 4, "t": 52},
        xaxis={"visible": False, "rangemode": "tozero"},
        yaxis={"showgrid": False, "tickfont": {"size": 11}, "ticksuffix": " "},
        bargap=0.25,
        dragmode=False,
    )
    return made


def _shift(places: float) -> str:
    if formatting.is_missing(places):
        return "new"
    return f"{'▲' if places > 0 else '▼'}{abs(int(places))}" if places else "="


def _short(company: str) -> str:
    if len(company) <= NAME_CHARACTERS:
        return company
    return company[: NAME_CHARACTERS - 1].rstrip(" ,.") + "…"
