"""Figures of the lines: how they drift, and the ranking around one of them."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting
from recon.indexes import INDEXES, LINE_NAMES, LINE_WORDS
from recon.schedule import Reconstitution
from recon.studies.break_points import Standing

# the line with a different index on each side of its band
BANDED_BY_INDEX = INDEXES["R1000"].line_rank
MARKED_EVENTS = 12  # with more, their labels would overlap
MOVE_WORDS = {
    "addition": "would be added",
    "deletion": "would be deleted",
    "migration up": "would move up",
    "migration down": "would move down",
}


def drift(
    lines: Sequence[tuple[Standing, pd.DataFrame]],
    official: pd.DataFrame,
    events: Sequence[Reconstitution],
    theme: str,
    *,
    is_log: bool = True,
    is_against_market: bool = True,
) -> go.Figure:
    """Draw break points and bands through time, one line or several.

    Each line comes with its sessions: the output of `market_adjusted`, with rows of
    missing values where the data have a gap. `official` has year, rank_day and
    break_point_usd of the Russell 1000/2000 line.
    """
    colours = charts.palette(theme)
    made = charts.figure(
        theme,
        _drift_title(lines),
        _drift_subtitle(lines, is_against_market, len(official) > 0),
    )
    shown = ["break_point_usd", "band_low_usd", "band_high_usd"]
    shown += ["adjusted_break_point_usd"] if is_against_market else []
    seen: list[float] = []
    labels: list[tuple[float, str, str]] = []
    for line, table in lines:
        _band(made, table, line, colours)
        seen += [table[shown].min().min(), table[shown].max().max()]
        if is_against_market:
            # the dashed line starts anew after each rank day
            is_start = table["base_date"].ne(table["base_date"].shift())
            made.add_scatter(
                x=table["snapshot_date"],
                y=table["adjusted_break_point_usd"].where(~is_start),
                mode="lines",
                line={"color": colours.muted, "width": 1.4, "dash": "dash"},
                name=f"{LINE_NAMES[line.rank]}, market alone",
                hoverinfo="skip",
            )
        made.add_scatter(
            x=table["snapshot_date"],
            y=table["break_point_usd"],
            mode="lines",
            line={"color": colours.break_point, "width": 2},
            name=LINE_NAMES[line.rank],
            **charts.hover(_drift_hover(table, is_against_market)),
        )
        labels += _drift_labels(line, len(lines) == 1, is_against_market, colours)
    shown_days = pd.concat([table["snapshot_date"] for _, table in lines])
    first, last = shown_days.min().date(), shown_days.max().date()
    official = official[
        official["rank_day"].between(pd.Timestamp(first), pd.Timestamp(last))
    ]
    if len(official):
        beside = _beside(official, lines[0][1])
        made.add_scatter(
            x=official["rank_day"],
            y=official["break_point_usd"],
            mode="markers+text",
            marker={
                "symbol": "diamond",
                "size": 10,
                "color": colours.ground,
                "line": {"color": colours.break_point, "width": 2},
            },
            text=_off_the_line(official["year"], beside),
            textposition=beside,
            textfont={"size": 11, "shadow": "auto"},
            name="Official",
            cliponaxis=False,
            customdata=[
                f"{year}: {formatting.usd(value)}"
                for year, value in zip(
                    official["year"], official["break_point_usd"], strict=True
                )
            ],
            hovertemplate="official %{customdata}<extra></extra>",
        )
        seen += [official["break_point_usd"].min(), official["break_point_usd"].max()]
    known = [value for value in seen if not np.isnan(value)]
    if not known:
        return charts.without_data(made, NO_LINE)
    ends = charts.cap_axis(made, min(known), max(known), is_log=is_log)
    _mark_events(made, theme, events, first, last)
    made.update_layout(
        hovermode="x",
        margin={"r": 148 if len(lines) == 1 else 176, "t": charts.TOP + 16},
        xaxis={
            "range": [first, last + (last - first) / 80],
            "showspikes": True,
            "spikethickness": 1,
            "spikedash": "dot",
            "spikecolor": colours.axis,
            "spikemode": "across",
            "tickformatstops": DATE_TICKS,
        },
    )
    charts.end_labels(made, labels, ends, is_log=is_log)
    return made


NO_LINE = "Not known: fewer eligible companies than the rank of the line"
DATE_TICKS = [
    {"dtickrange": [None, 86400000 * 20], "value": "%-d %b %Y"},
    {"dtickrange": [86400000 * 20, "M11"], "value": "%b %Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]


def rank_size(companies: pd.DataFrame, line: Standing, theme: str) -> go.Figure:
    """Draw market cap by rank around one line, with the band and every name in it.

    `companies` are the rows of `Projection.companies` to show.
    """
    colours = charts.palette(theme)
    moving = companies["move"].isin(MOVE_WORDS)
    made = charts.figure(
        theme,
        f"{formatting.count(int(moving.sum()), 'name')} near the line would move"
        if len(companies)
        else "No company is near this line",
        f"Total market cap by rank around the {LINE_WORDS[line.rank]} line, log",
        height=400,
    )
    if companies.empty:
        return charts.without_data(made, NO_LINE)
    cap = companies["total_market_cap_usd"]
    ends = charts.cap_axis(made, cap.min(), cap.max())
    high, low = _edge_colours(line, colours)
    if not np.isnan(line.band_low_usd):
        edges = ((line.band_high_usd, high), (line.band_low_usd, low))
        for edge, colour in edges:
            made.add_hrect(
                y0=min(edge, line.break_point_usd),
                y1=max(edge, line.break_point_usd),
                fillcolor=charts.tint(colour, 0.12),
                line_width=0,
                layer="below",
            )
    if not np.isnan(line.break_point_usd):
        made.add_hline(
            y=line.break_point_usd, line={"color": colours.break_point, "width": 1.2}
        )
    now = companies["current_index"]
    now = now.where(now.isin(["R1000", "R2000"]), "")
    for code in ("R2000", "R1000", ""):
        for move in ("", *MOVE_WORDS):
            same = (companies["move"] == move) if move else ~moving
            chosen = companies[(now == code) & same]
            if len(chosen):
                _names(made, chosen, code, move, colours)
    made.update_layout(
        showlegend=True,
        hovermode="closest",
        margin={"r": 136, "t": charts.TOP + 42},
        xaxis={
            "tickformat": ",d",
            "range": [companies["rank"].min() - 4, companies["rank"].max() + 4],
        },
        legend={"font": {"size": 11}, "entrywidth": 96},
    )
    charts.end_labels(made, _line_labels(line, colours), ends)
    return made


def _names(
    made: go.Figure,
    chosen: pd.DataFrame,
    code: str,
    move: str,
    colours: charts.Palette,
) -> None:
    """Add one trace: names of one index that make one move, or none."""
    colour = colours.index(code)
    made.add_scatter(
        x=chosen["rank"],
        y=chosen["total_market_cap_usd"],
        mode="markers",
        marker={
            "symbol": charts.MOVE_SYMBOLS.get(move, "line-ns-open"),
            "size": 9 if move else 7,
            "color": colour,
            "opacity": 1 if move else 0.6,
            "line": {"color": colours.ground if move else colour, "width": 1},
        },
        name=f"{code or 'Not in R3000'} {formatting.move(move or 'stays')}",
        **charts.hover([_name_hover(row) for row in chosen.to_dict("records")]),
    )


def _name_hover(row: dict) -> str:
    line = f"its line at {formatting.usd(row['line_cap_usd'], 2)}"
    moves = MOVE_WORDS.get(row["move"], "stays")
    return (
        f"<b>{charts.escaped(row['symbol'])}</b> {charts.escaped(row['company'])}<br>"
        f"rank {row['rank']:,} · {formatting.usd(row['total_market_cap_usd'], 2)}<br>"
        f"{formatting.above_or_below(row['distance_to_break_point_frac'], line)}<br>"
        f"{'stays, held by the band' if row['is_held_by_band'] else moves}"
    )


def _drift_title(lines: Sequence[tuple[Standing, pd.DataFrame]]) -> str:
    line = lines[0][0]
    if len(lines) > 1:
        return "How the size lines have drifted"
    name = LINE_WORDS[line.rank]
    if np.isnan(line.break_point_usd):
        return f"The {name} line is not known now"
    is_base = line.base_date in (None, line.snapshot_date)
    if is_base or np.isnan(line.change_frac):
        return f"The {name} line stands at {formatting.usd(line.break_point_usd)}"
    where = formatting.above_or_below(
        line.change_frac, f"the rank day of {formatting.day(line.base_date)}"
    )
    return f"The {name} line stands {where}"


def _drift_subtitle(
    lines: Sequence[tuple[Standing, pd.DataFrame]], is_against_market: bool, marks: bool
) -> str:
    parts = ["Total market cap of the last company above the line, est."]
    if any(not np.isnan(line.band_low_usd) for line, _ in lines):
        parts.append("shaded: members keep their index")
    if is_against_market:
        parts.append("dashed: moved with the market")
    if marks:
        parts.append("◇ official")
    return " · ".join(parts)


def _drift_labels(
    line: Standing, is_alone: bool, is_against_market: bool, colours: charts.Palette
) -> list[tuple[float, str, str]]:
    name = "Breakpoint" if is_alone else LINE_NAMES[line.rank]
    value = line.break_point_usd
    if np.isnan(value):
        return []
    labels = [(value, f"<b>{name} {formatting.usd(value, 2)}</b>", colours.break_point)]
    if is_alone:
        labels += [label for label in _line_labels(line, colours) if label[0] != value]
    if is_alone and is_against_market and not np.isnan(line.adjusted_break_point_usd):
        value = line.adjusted_break_point_usd
        labels.append(
            (value, f"Market alone {formatting.usd(value, 2)}", colours.muted)
        )
    return labels


def _line_labels(
    line: Standing, colours: charts.Palette
) -> list[tuple[float, str, str]]:
    high, low = _edge_colours(line, colours)
    labels = [
        (line.band_high_usd, "Upper edge", high),
        (line.break_point_usd, "Breakpoint", colours.break_point),
        (line.band_low_usd, "Lower edge", low),
    ]
    return [
        (value, f"{text} {formatting.usd(value, 2)}", colour)
        for value, text, colour in labels
        if not np.isnan(value)
    ]


def _edge_colours(line: Standing, colours: charts.Palette) -> tuple[str, str]:
    if line.rank == BANDED_BY_INDEX:
        return colours.r2000, colours.r1000
    return colours.muted, colours.muted


def _band(
    made: go.Figure, table: pd.DataFrame, line: Standing, colours: charts.Palette
) -> None:
    """Shade between a line and its band edges, one piece between two gaps."""
    high, low = _edge_colours(line, colours)
    for edge, colour in (("band_high_usd", high), ("band_low_usd", low)):
        known = table[edge].notna()
        if not known.any():
            continue
        x, y = [], []
        for _, piece in table[known].groupby((~known).cumsum()[known]):
            days = piece["snapshot_date"].to_numpy()
            x += [days, days[::-1], [np.datetime64("NaT")]]
            line_usd = piece["break_point_usd"].to_numpy()
            y += [piece[edge].to_numpy(), line_usd[::-1], [np.nan]]
        made.add_scatter(
            x=np.concatenate(x),
            y=np.concatenate(y),
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=charts.tint(colour, 0.16),
            name=f"{'Upper' if edge == 'band_high_usd' else 'Lower'} edge",
            hoverinfo="skip",
        )


def _beside(official: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Put the label of each official year on the side away from our line."""
    days = table["snapshot_date"].to_numpy()
    at = np.searchsorted(days, official["rank_day"].to_numpy()).clip(max=len(days) - 1)
    ours = table["break_point_usd"].to_numpy()[at]
    is_above = official["break_point_usd"].to_numpy() > ours
    return ["top center" if above else "bottom center" for above in is_above]


def _off_the_line(years: pd.Series, beside: list[str]) -> list[str]:
    """Put an empty line between the label of a year and its mark."""
    return [
        f"{year}<br> " if side.startswith("top") else f" <br>{year}"
        for year, side in zip(years, beside, strict=True)
    ]


def _drift_hover(table: pd.DataFrame, is_against_market: bool) -> list[str]:
    names = ["snapshot_date", "rank", "break_point_usd", "band_low_usd"]
    rows = table[[*names, "band_high_usd", "adjusted_break_point_usd"]].to_numpy(object)
    texts = []
    for day, rank, value, low, high, by_market in rows:
        if np.isnan(value):
            texts.append("")
            continue
        text = f"{formatting.day(day)}<br><b>{LINE_NAMES[int(rank)]} "
        text += f"{formatting.usd(value, 2)}</b>"
        if not np.isnan(low):
            text += f"<br>band {formatting.usd(low, 2)} to {formatting.usd(high, 2)}"
        if is_against_market and not np.isnan(by_market):
            text += "<br>" + formatting.above_or_below(
                value / by_market - 1, "market-adjusted"
            )
        texts.append(text)
    return texts


def _mark_events(
    made: go.Figure,
    theme: str,
    events: Sequence[Reconstitution],
    first: date,
    last: date,
) -> None:
    marks = [
        mark
        for event in events
        for mark in (
            (event.rank_day, event.name, True),
            (event.implementation_close, "", False),
        )
        if first <= mark[0] <= last + timedelta(days=1)
    ]
    if len(marks) > MARKED_EVENTS:
        marks = [(day, "", on_left) for day, _, on_left in marks]
    charts.event_marks(made, theme, marks)
