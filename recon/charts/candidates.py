"""Figures of the names whose index would change or that the band holds."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

LANES = {
    "migration up": "▲ up to Russell 1000",
    "migration down": "▼ down to Russell 2000",
    "addition": "+ additions",
    "deletion": f"{formatting.MINUS} deletions",
    "held by the band": "● held by the band",
}
TICKS = (-0.75, -0.5, 0, 1, 2, 4)
LEAST, MOST = 0.22, 5.5  # times the line; names beyond are drawn at the edge
BINS, REACH = 110, 0.40  # dots across, and half the height of a lane
DOT_STEP = 0.105  # of a lane: stacked dots just touch
LANE_PX = 60
NEAR_FRAC = 0.05
BAR_FULL_FRAC, BAR_HALF_PX = 0.25, 40
BAR = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='{width}' "
    "height='16'%3E%3Crect x='{start}' y='3' width='{reach}' height='10' "
    "fill='%237A8699'/%3E%3Crect x='39' y='0' width='1.5' height='16' "
    "fill='%237A8699'/%3E%3C/svg%3E"
)


def distances(rows: pd.DataFrame, theme: str) -> go.Figure:
    """Draw every company at its distance to its line, one lane for each move.

    `rows` is `watchlist.watch`; rows without a distance are not drawn. The first value
    of `customdata` is the symbol, for a page that links a selection.
    """
    colours = charts.palette(theme)
    drawn = rows[rows["distance_to_break_point_frac"].notna()]
    left_out = len(rows) - len(drawn)
    counts = {kind: int((drawn["change"] == kind).sum()) for kind in LANES}
    lanes = [kind for kind, count in counts.items() if count]
    near = int((drawn["distance_to_break_point_frac"].abs() <= NEAR_FRAC).sum())
    made = charts.figure(
        theme,
        f"{near:,} of {formatting.count(len(drawn), 'name')} "
        f"{'stands' if near == 1 else 'stand'} within "
        f"{formatting.percent(NEAR_FRAC, 0)} of the line that decides their move",
        "Company market cap above or below the line it has crossed or would have to "
        "cross, log scale"
        + (f"; {left_out:,} ineligible, in the table only" if left_out else ""),
        height=charts.TOP + charts.BOTTOM + 12 + LANE_PX * max(len(lanes), 1),
        alt="One dot for each company by distance to the line that decides its move; "
        f"lanes: {'; '.join(f'{LANES[kind]}: {counts[kind]}' for kind in lanes)}. The "
        "table under the chart holds the same rows.",
    )
    for place, kind in enumerate(reversed(lanes)):
        lane = drawn[drawn["change"] == kind]
        times = lane["distance_to_break_point_frac"] + 1
        times = times.clip(LEAST, MOST).to_numpy()
        hover = [_hover(row) for row in lane.to_dict("records")]
        made.add_scatter(
            x=times,
            y=place + _swarm(times),
            mode="markers",
            name=LANES[kind],
            marker={
                "symbol": charts.MOVE_SYMBOLS.get(kind, "circle"),
                "color": colours.move(kind),
                "size": 7,
            },
            unselected={"marker": {"opacity": 0.25}},
            customdata=np.stack([lane["symbol"], hover], axis=1),
            hovertemplate="%{customdata[1]}<extra></extra>",
        )
    made.add_vline(x=1, line={"color": colours.break_point, "width": 1.2})
    made.update_layout(
        yaxis={
            "tickvals": list(range(len(lanes))),
            "ticktext": [
                f"{LANES[kind]}  <b>{counts[kind]}</b>" for kind in reversed(lanes)
            ],
            "range": [-0.5, len(lanes) - 0.5],
            "showgrid": False,
            "fixedrange": True,
        },
        xaxis={
            "type": "log",
            "range": [np.log10(LEAST * 0.96), np.log10(MOST * 1.04)],
            "tickvals": [1 + tick for tick in TICKS],
            "ticktext": [_tick(tick) for tick in TICKS],
            "showgrid": True,
            "tickangle": 0,
        },
        title={"xref": "container", "x": 0},
        dragmode="select",
        clickmode="event+select",
        hovermode="closest",
    )
    return made


def _swarm(times: np.ndarray) -> np.ndarray:
    """Offsets that keep dots of one bin apart: 0, +1, -1, +2 ... steps."""
    edges = np.linspace(np.log(LEAST), np.log(MOST), BINS)
    bins = np.searchsorted(edges, np.log(times))
    nth = pd.Series(bins).groupby(bins).cumcount().to_numpy()
    steps = np.where(nth % 2 == 1, 1, -1) * ((nth + 1) // 2)
    most = np.abs(steps).max(initial=0)
    return steps * min(DOT_STEP, REACH / max(most, 1))


def _hover(row: dict) -> str:
    frac = row["distance_to_break_point_frac"]
    return "<br>".join(
        [
            f"<b>{charts.escaped(row['symbol'])}</b> {charts.escaped(row['company'])}",
            f"{formatting.usd(row['total_market_cap_usd'], 2)}, "
            f"#{formatting.number(row['rank'])}",
            formatting.above_or_below(
                frac, f"the {row['line']} ({formatting.usd(row['line_cap_usd'], 2)})"
            ),
            f"price at breakpoint {formatting.usd(row['crossing_close_usd'])}, "
            f"now {formatting.usd(row['close_usd'])}",
        ]
    )


def _tick(frac: float) -> str:
    return "the line" if frac == 0 else formatting.percent(frac, 0, signed=True)


def with_drawings(rows: pd.DataFrame) -> pd.DataFrame:
    """Add to `watchlist.watch` the `bar` of each row's distance."""
    return rows.assign(bar=rows["distance_to_break_point_frac"].map(bar))


def bar(frac: float) -> str:
    """Return a bar as a data URI, from its center to the left for below the line.

    A quarter above or below the line fills its half. One color reads on light and on
    dark backgrounds: the side shows the sign.
    """
    if np.isnan(frac):
        return ""
    reach = min(abs(frac) / BAR_FULL_FRAC, 1) * BAR_HALF_PX
    start = BAR_HALF_PX - reach if frac < 0 else BAR_HALF_PX
    return BAR.format(
        width=2 * BAR_HALF_PX, start=f"{start:.0f}", reach=f"{max(reach, 1):.0f}"
    )
