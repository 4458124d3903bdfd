"""Figures of the odds: where a line may go, and how good such odds were."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting
from recon.formatting import INDEX_NAMES
from recon.indexes import LINE_WORDS

# what bounds a shade, outermost first, and its strength
SHADES = (
    (0.025, 0.975, 0.12),  # quantiles
    (0.10, 0.90, 0.16),
    (0.25, 0.75, 0.3),
)
LABELLED = (0.10, 0.50, 0.90)


def fan(
    past: pd.DataFrame,
    quantiles: pd.DataFrame,
    rank: int,
    theme: str,
    *,
    is_log: bool = True,
) -> go.Figure:
    """Draw a line's past, and the spread of where it may stand up to a rank day.

    `past` has snapshot_date and break_point_usd; `quantiles` day, quantile and usd,
    the session itself first and the rank day last.
    """
    colours = charts.palette(theme)
    if quantiles.empty:
        made = charts.figure(theme, f"The {LINE_WORDS[rank]} line is not known now", "")
        return charts.without_data(made, "Not known: fewer companies than its rank")
    by_day = quantiles.pivot(index="day", columns="quantile", values="usd")
    last = by_day.index[-1].date()
    low, middle, high = (float(by_day.iloc[-1][each]) for each in LABELLED)
    made = charts.figure(
        theme,
        f"By {formatting.day(last)} the {LINE_WORDS[rank]} line stands between "
        f"{formatting.usd(low, 2)} and {formatting.usd(high, 2)} in 4 of 5 draws",
        "Total market cap of the last company above the line · shaded: 50%, 80% and "
        "95% of simulated days",
    )
    for lower, upper, strength in SHADES:
        _shade(made, by_day, lower, upper, charts.tint(colours.r1000, strength))
    made.add_scatter(
        x=past["snapshot_date"],
        y=past["break_point_usd"],
        mode="lines",
        line={"color": colours.break_point, "width": 2},
        name="to now",
        **charts.hover(list(map(_at, past["snapshot_date"], past["break_point_usd"]))),
    )
    made.add_scatter(
        x=by_day.index,
        y=by_day[0.50],
        mode="lines",
        line={"color": colours.r1000, "width": 2, "dash": "dash"},
        name="median",
        **charts.hover([_spread(day, row) for day, row in by_day.iterrows()]),
    )
    seen = pd.concat([by_day.stack(), past["break_point_usd"]]).dropna()
    ends = charts.cap_axis(made, seen.min(), seen.max(), is_log=is_log)
    first = past["snapshot_date"].min().date() if len(past) else by_day.index[0].date()
    made.update_layout(
        hovermode="closest",
        margin={"r": 148, "t": charts.TOP + 16},
        xaxis={"range": [first, last + (last - first) / 80]},
    )
    charts.event_marks(made, theme, [(last, "rank day", True)])
    labels = [
        (high, f"90% below {formatting.usd(high, 2)}", colours.muted),
        (middle, f"<b>median {formatting.usd(middle, 2)}</b>", colours.r1000),
        (low, f"10% below {formatting.usd(low, 2)}", colours.muted),
    ]
    charts.end_labels(made, labels, ends, is_log=is_log)
    return made


def _shade(
    made: go.Figure, by_day: pd.DataFrame, lower: float, upper: float, colour: str
) -> None:
    """Fill between two quantiles through time."""
    for quantile, fill in ((upper, None), (lower, "tonexty")):
        made.add_scatter(
            x=by_day.index,
            y=by_day[quantile],
            mode="lines",
            line={"width": 0, "color": colour},
            fill=fill,
            fillcolor=colour,
            name=f"{quantile:.1%} of draws below",
            hoverinfo="skip",
        )


def _at(day: date, value: float) -> str:
    return f"{formatting.day(day)}<br>{formatting.usd(value, 2)}"


def _spread(day: date, row: pd.Series) -> str:
    parts = [
        f"{words}: {formatting.usd(row[low], 2)} to {formatting.usd(row[high], 2)}"
        for words, (low, high) in {
            "half of draws": (0.25, 0.75),
            "80%": (0.10, 0.90),
            "95%": (0.025, 0.975),  # quantiles
        }.items()
    ]
    return "<br>".join([f"<b>{formatting.day(day)}</b>", *parts])


def reliability(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw the rate at which things came against the odds given for them.

    `table` has p, came_frac and count, a row a tenth of the odds.
    """
    colours = charts.palette(theme)
    worst = (table["came_frac"] - table["p"]).abs()
    inner = table["p"].between(0.05, 0.95)
    made = charts.figure(
        theme,
        f"Odds were off by at most {formatting.number(worst[inner].max() * 100)} points"
        if inner.any()
        else "No odds between certain ones to judge",
        "Rate at which an index came, %, by the odds given to it; on the dotted line "
        "they agree",
        height=charts.HALF_HEIGHT,
    )
    made.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": colours.axis, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    figures = zip(table["p"], table["came_frac"], table["count"], strict=True)
    words = [
        f"given {formatting.percent(p)}, came {formatting.percent(came)}<br>"
        f"{formatting.count(int(count), 'case')}"
        for p, came, count in figures
    ]
    made.add_scatter(
        x=table["p"] * 100,
        y=table["came_frac"] * 100,
        mode="lines+markers",
        line={"color": colours.r1000, "width": 2},
        marker={"size": 8},
        **charts.hover(words),
    )
    made.update_layout(
        xaxis={"range": [-2, 102], "title": {"text": "odds given, %"}},
        yaxis={"range": [-2, 102]},
    )
    return made


def path(table: pd.DataFrame, symbol: str, theme: str) -> go.Figure:
    """Draw how a company's odds of each index have moved up to a session.

    `table` has as_of and p_r1000, p_r2000, p_micro, p_out and p_gone, in order.
    """
    colours = charts.palette(theme)
    lines = {
        "p_r1000": (INDEX_NAMES["R1000"], colours.r1000),
        "p_r2000": (INDEX_NAMES["R2000"], colours.r2000),
        "p_micro": (f"{INDEX_NAMES['MICRO']} only", colours.micro),
        "p_out": ("in none", colours.muted),
    }
    shown = [name for name in lines if table[name].max() >= LEAST_DRAWN]
    most = max(lines, key=lambda name: abs(table[name].iloc[-1] - table[name].iloc[0]))
    then, now = (formatting.percent(table[most].iloc[at], 0) for at in (0, -1))
    since = formatting.day(table["as_of"].iloc[0])
    made = charts.figure(
        theme,
        f"{symbol}: odds of {lines[most][0]} from {then} to {now} since {since}"
        if then != now
        else f"{symbol}: odds of {lines[most][0]} at {now} as on {since}",
        "Odds of each index on rank day as seen from each session, %",
    )
    for name in shown:
        words, colour = lines[name]
        made.add_scatter(
            x=table["as_of"],
            y=table[name] * 100,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 5},
            name=words,
            **charts.hover(
                [
                    f"{formatting.day(day)}<br>{words}: {formatting.percent(odds, 0)}"
                    for day, odds in zip(table["as_of"], table[name], strict=True)
                ]
            ),
        )
    made.update_layout(yaxis={"range": [-2, 102]}, margin={"r": 148})
    charts.end_labels(
        made,
        [
            (table[name].iloc[-1] * 100, lines[name][0], lines[name][1])
            for name in shown
        ],
        (-2.0, 102.0),
        is_log=False,
    )
    return made


LEAST_DRAWN = 0.02  # an index whose odds never reach this has no line
