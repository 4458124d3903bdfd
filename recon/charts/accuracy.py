"""Figures of accuracy: projections against what happened."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

LIST_NAMES = {
    "up": "Migrations up",
    "down": "Migrations down",
    "additions_r2000": "Additions to Russell 2000",
    "deletions_r2000": "Deletions from Russell 2000",
    "r1000": "Russell 1000, all members",
    "r2000": "Russell 2000, all members",
}
SHORT_NAMES = {
    "up": "for migrations up",
    "down": "for migrations down",
    "additions_r2000": "for additions",
    "deletions_r2000": "for deletions",
}
CAUSES = ("shares", "price", "nationality", "structure", "list", "timing")
MEASURES = {
    "r1000_r2000_breakpoint": "Russell 1000 line",
    "r3000_smallest": "Russell 3000 line",
    "band_upper_largest_r2000": "top of the band",
}
NAMES_SHOWN = 24  # in the hover text of one bar


def line_error(lines: pd.DataFrame, forecasts: pd.DataFrame, theme: str) -> go.Figure:
    """Draw the error of the projected break point by year, beside public forecasts.

    `lines` has year and error_frac; `forecasts` is `record.forecasts`.
    """
    colours = charts.palette(theme)
    known = lines[lines["error_frac"].notna()]
    worst = known["error_frac"].abs().max() if len(known) else None
    made = charts.figure(
        theme,
        f"Breakpoint off by at most {formatting.percent(worst)}"
        if len(known)
        else "No official breakpoint to compare with",
        "Projected on rank day against the official line, %<br>open marks: public "
        "forecasts of months before",
        height=charts.HALF_HEIGHT,
    )
    made.add_bar(
        x=known["year"].astype("str"),
        y=known["error_frac"] * 100,
        marker={"color": colours.r1000},
        text=[formatting.percent(value, signed=True) for value in known["error_frac"]],
        textposition="outside",
        cliponaxis=False,
        name="recon",
        hovertemplate="%{x}: %{text}<extra>recon</extra>",
    )
    others = forecasts[forecasts["measure"].isin(MEASURES)]
    others = others[others["official_usd"].notna()]
    errors = others["value_usd"] / others["official_usd"] - 1
    made.add_scatter(
        x=others["year"].astype("str"),
        y=errors * 100,
        mode="markers",
        name="public forecasts",
        marker={"symbol": "diamond-open", "size": 10, "color": colours.r2000},
        customdata=[
            f"{desk}, {MEASURES[measure]}: {formatting.percent(error, signed=True)}"
            for desk, measure, error in zip(
                others["desk"], others["measure"], errors, strict=True
            )
        ],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
    )
    years = sorted({*known["year"], *others["year"]})
    made.add_hline(y=0, line={"color": colours.break_point, "width": 1})
    made.update_layout(
        showlegend=False,
        xaxis={"type": "category", "categoryarray": [str(year) for year in years]},
        yaxis={"title": {"text": "error, %"}, "ticksuffix": "%"},
    )
    return made


def taxonomy(errors: pd.DataFrame, year: int, theme: str) -> go.Figure:
    """Draw one year's misses and false positives by cause, with the names."""
    colours = charts.palette(theme)
    moves = errors[~errors["list"].isin(["r1000", "r2000"])]
    made = charts.figure(
        theme,
        f"June {year}: {formatting.count(len(moves), 'move')} projected wrong",
        "Misses and false positives in the four lists of moves, by cause; names on "
        "hover",
        height=charts.HALF_HEIGHT,
    )
    for kind, words, colour in (
        ("missed", "misses", colours.r1000),
        ("false", "false positives", colours.r2000),
    ):
        own = moves[moves["kind"] == kind].groupby("cause")["symbol"].agg(list)
        names = [own.get(cause, []) for cause in CAUSES]
        made.add_bar(
            x=CAUSES,
            y=[len(each) for each in names],
            name=words,
            marker={"color": colour},
            text=[len(each) or "" for each in names],
            textangle=0,
            customdata=[_listed(each) for each in names],
            hovertemplate="%{x}: %{y}<br>%{customdata}<extra></extra>",
        )
    made.update_layout(
        barmode="group",
        showlegend=True,
        yaxis={"title": {"text": "companies"}},
        margin={"t": 84},
    )
    return made


def growth(scores: pd.DataFrame, year: int, theme: str) -> go.Figure:
    """Draw F1 of each list from 60 days before rank day to the day itself.

    `scores` has days_before, list and f1.
    """
    colours = charts.palette(theme)
    shades: Mapping[str, str] = {
        "up": colours.up,
        "down": colours.down,
        "additions_r2000": colours.addition,
        "deletions_r2000": colours.deletion,
        "r1000": colours.r1000,
        "r2000": colours.r2000,
    }
    made = charts.figure(
        theme,
        f"June {year}: how the lists firm up toward rank day",
        "F1 (harmonic mean of precision and recall) of the lists projected on each "
        "day, %",
    )
    labels = []
    for name, colour in shades.items():
        own = scores[scores["list"] == name].sort_values("days_before", ascending=False)
        own = own[own["f1"].notna()]
        if own.empty:
            continue
        made.add_scatter(
            x=-own["days_before"],
            y=own["f1"] * 100,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 6},
            name=LIST_NAMES[name],
            hovertemplate=f"{LIST_NAMES[name]}<br>%{{y:.1f}}%<extra></extra>",
        )
        last = float(own["f1"].iloc[-1] * 100)
        labels.append((last, f"{LIST_NAMES[name]} {last:.0f}%", colour))
    low = float(scores["f1"].min() * 100) if len(scores) else 0.0
    ends = (max(low - 4, 0.0), 101.0)
    made.update_layout(
        showlegend=False,
        margin={"r": 230},
        xaxis={"title": {"text": "days before rank day"}},
        yaxis={"range": ends, "ticksuffix": "%"},
    )
    charts.end_labels(made, labels, ends, is_log=False)
    return made


def _listed(names: list[str]) -> str:
    rows = [", ".join(names[at : at + 8]) for at in range(0, NAMES_SHOWN, 8)]
    more = len(names) - NAMES_SHOWN
    return "<br>".join(filter(None, [*rows, f"and {more} more" if more > 0 else ""]))
