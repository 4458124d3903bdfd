"""Figures of one company: its size against the lines, and its memberships."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting
from recon.indexes import INDEXES
from recon.schedule import Reconstitution

LEFT, RIGHT = 96, 182
LEAST_DAYS = pd.Timedelta(days=14)
MARK_PX = 16  # room for the labels of rank days above the chart
LANE_NAMES = {
    "R1000": "Russell 1000",
    "R2000": "Russell 2000",
    "R3000": "Russell 3000",
    "MICRO": "Microcap",
}
UPPER, LOWER = (INDEXES[code].line_rank for code in ("R1000", "R3000"))


def caps(
    history: pd.DataFrame,
    lines: pd.DataFrame,
    theme: str,
    *,
    symbol: str,
    events: Sequence[Reconstitution],
) -> go.Figure:
    """Draw total market cap over time against the R1000 line, its band, and R3000.

    `history` is `company.cap_history`; `lines` table `BreakPoints` of the same span.
    Sessions without a known cap leave gaps in the line.
    """
    colours = charts.palette(theme)
    upper = lines[lines["rank"] == UPPER].set_index("snapshot_date")
    lower = lines[lines["rank"] == LOWER].set_index("snapshot_date")
    own = history.set_index("snapshot_date")["total_market_cap_usd"]
    own = own.reindex(upper.index)
    made = charts.figure(
        theme,
        _finding(own, upper["break_point_usd"], lower["break_point_usd"], symbol),
        "Total market cap at the close and the lines of the ranking, US dollars, log "
        "scale; shaded: band in which a member keeps its index",
        height=400,
    )
    room = charts.TOP + MARK_PX
    made.update_layout(margin={"l": LEFT, "r": RIGHT, "t": room})
    _band(made, upper, charts.tint(colours.r1000, 0.16))
    labels = [
        *_line(made, upper["break_point_usd"], "Russell 1000 line", colours.r1000),
        *_line(made, lower["break_point_usd"], "Russell 3000 line", colours.muted),
    ]
    labels = _line(made, own, symbol, colours.break_point, is_own=True) + labels
    known = pd.concat([own, lower["break_point_usd"], upper["band_high_usd"]]).dropna()
    ends = charts.cap_axis(made, float(known.min()), float(known.max()))
    charts.end_labels(made, labels, ends)
    first, last = _room(upper.index.min(), upper.index.max())
    days = [
        event.rank_day
        for event in events
        if first <= pd.Timestamp(event.rank_day) <= last
    ]
    # said once, so that labels have room on a narrow screen
    marks = [
        (day, f"{'' if number else 'rank day '}{day:%b %Y}", True)
        for number, day in enumerate(days)
    ]
    charts.event_marks(made, theme, marks)
    made.update_layout(
        hovermode="x unified",
        xaxis={"range": [first, last], "hoverformat": "%-d %b %Y"},
    )
    return made


def memberships(
    history: pd.DataFrame, theme: str, *, symbol: str, span: tuple[date, date]
) -> go.Figure:
    """Draw which membership lists held the company: filled if held, else hollow.

    `history` is `company.membership_history`; `span` aligns it with `caps`.
    """
    colours = charts.palette(theme)
    first, last = map(pd.Timestamp, span)
    history = history[history["as_of"].between(first, last)]
    lanes = [code for code in LANE_NAMES if (history["index"] == code).any()]
    held = int(history["is_held"].sum())
    made = charts.figure(
        theme,
        f"{held:,} of {formatting.count(len(history), 'membership list')} "
        f"{'holds' if held == 1 else 'hold'} {symbol}"
        if len(history)
        else "No membership list falls in the period shown",
        "One mark for each list on its day: filled if it holds the company, hollow if "
        "it does not",
        height=charts.TOP + charts.BOTTOM + 26 * max(len(lanes), 1),
    )
    for place, code in enumerate(reversed(lanes)):
        of_index = history[history["index"] == code]
        is_held = of_index["is_held"]
        words = np.where(is_held, "holds it", "does not hold it")
        made.add_scatter(
            x=of_index["as_of"],
            y=np.full(len(of_index), place),
            mode="markers",
            name=LANE_NAMES[code],
            marker={
                "symbol": np.where(is_held, "square", "square-open"),
                "color": colours.index(code),
                "size": 8,
            },
            customdata=np.stack([words, of_index["source"]], axis=1),
            hovertemplate="%{x|%-d %b %Y}: %{customdata[0]}<br>%{customdata[1]}"
            f"<extra>{LANE_NAMES[code]}</extra>",
        )
    made.update_layout(
        margin={"l": LEFT, "r": RIGHT},
        xaxis={"range": _room(first, last), "type": "date"},
        yaxis={
            "tickvals": list(range(len(lanes))),
            "ticktext": [LANE_NAMES[code] for code in reversed(lanes)],
            "range": [-0.6, len(lanes) - 0.4],
            "showgrid": False,
            "fixedrange": True,
        },
        hovermode="closest",
    )
    return made


def _finding(own: pd.Series, upper: pd.Series, lower: pd.Series, symbol: str) -> str:
    known = own.dropna()
    if known.empty:
        return f"The market cap of {symbol} is not known"
    last = known.index[-1]
    lines = ((upper.get(last), "Russell 1000"), (lower.get(last), "Russell 3000"))
    near = [(known.iloc[-1] / cap, name) for cap, name in lines if not pd.isna(cap)]
    if not near:
        return f"{symbol} stands at {formatting.usd(known.iloc[-1])}"
    times, name = min(near, key=lambda line: abs(np.log(line[0])))
    words = (
        f"{formatting.number(times, 1 if times < 10 else 0)} times the {name} line"
        if times >= 2
        else formatting.above_or_below(times - 1, f"the {name} line")
    )
    return f"{symbol} stands at {formatting.usd(known.iloc[-1])}, {words}"


def _band(made: go.Figure, upper: pd.DataFrame, fill: str) -> None:
    for column, mode in (("band_low_usd", None), ("band_high_usd", "tonexty")):
        made.add_scatter(
            x=upper.index,
            y=upper[column],
            mode="lines",
            line={"width": 0},
            fill=mode,
            fillcolor=fill,
            name="Lower edge" if mode is None else "Upper edge",
            hoverinfo="skip",
        )


def _line(
    made: go.Figure, values: pd.Series, name: str, colour: str, is_own: bool = False
) -> list[tuple[float, str, str]]:
    """Draw a line; return the label for its last value, none if there is no value."""
    made.add_scatter(
        x=values.index,
        y=values,
        mode="lines" if values.count() > 1 else "markers",
        name=name,
        line={"color": colour, "width": 2.4 if is_own else 1.4, "dash": "solid"},
        connectgaps=False,
        customdata=[formatting.usd(value, 2) for value in values],
        hovertemplate="%{customdata}",
    )
    words = f"<b>{name}</b>" if is_own else name
    last = values.dropna().tail(1)
    return [(float(v), f"{words} {formatting.usd(v, 2)}", colour) for v in last]


def _room(first: pd.Timestamp, last: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Range of a time axis: the days shown, or more if they are too few for an axis."""
    few = max(LEAST_DAYS - (last - first), pd.Timedelta(0)) / 2
    return first - few, last + few
