"""Figures: a table in, a Plotly figure out. What they share is here.

One template for light and one for dark, colors by meaning, the title as the finding,
the subtitle with the unit, labels at the end of each line. `layout.meta` of a figure
carries its source note and its text for screen readers.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import plotly.graph_objects as go
import plotly.io

from recon import formatting

Figure = go.Figure
FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, "
    "'DejaVu Sans', sans-serif"
)
FULL_HEIGHT, HALF_HEIGHT = 440, 340
TOP, BOTTOM, SIDE = 60, 34, 8
LABEL_PX = 18
LINE_END = re.compile(r"(?<=[\w%)])<br>")  # where no mark ends the line
TITLE_PX, LINE_PX = 46, 16  # title with one line below it, each further line


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colors by meaning on one background, the same as in `.streamlit/config.toml`."""

    r1000: str
    r2000: str
    micro: str
    addition: str
    deletion: str
    up: str
    down: str
    value: str
    growth: str
    muted: str
    break_point: str
    ground: str
    grid: str
    axis: str

    def index(self, code: object) -> str:
        """Color of the index a company is in; muted for a company in none."""
        names = {"R1000": self.r1000, "R2000": self.r2000, "MICRO": self.micro}
        return names.get(str(code), self.muted)

    def move(self, word: object) -> str:
        """Color of a move; muted if nothing changes."""
        names = {
            "addition": self.addition,
            "deletion": self.deletion,
            "migration up": self.up,
            "migration down": self.down,
        }
        return names.get(str(word), self.muted)


# meaning: on a light background, on a dark one
COLOURS = {
    "r1000": ("#1F4E9C", "#6FA8F5"),
    "r2000": ("#C2571A", "#F59A5C"),
    "micro": ("#5F6B7A", "#C9D1DA"),
    "addition": ("#0A8F7A", "#5FE0C5"),
    "deletion": ("#C0392B", "#F0705F"),
    "up": ("#6A3FA0", "#C3A1F2"),
    "down": ("#B07F00", "#E8C547"),
    "value": ("#8A5A00", "#D9A441"),
    "growth": ("#00798C", "#4CC3C7"),
    "muted": ("#6B7280", "#9CA3AF"),
    "break_point": ("#16202C", "#E6EAF0"),
    "ground": ("#FFFFFF", "#0F141B"),
    "grid": ("#E9EDF2", "#222B37"),
    "axis": ("#B4BDC9", "#4A5565"),
}
LIGHT, DARK = (
    Palette(**{meaning: pair[at] for meaning, pair in COLOURS.items()}) for at in (0, 1)
)
PALETTES = {"light": LIGHT, "dark": DARK}
MOVE_SYMBOLS = {
    "addition": "cross",
    "deletion": "x",
    "migration up": "triangle-up",
    "migration down": "triangle-down",
}


def palette(theme: str) -> Palette:
    """Return the colors of a theme, ``light`` or ``dark``."""
    return PALETTES.get(theme, LIGHT)


def print_colours() -> dict[str, str]:
    """Return the light color of each dark one: exports are printed on white."""
    pairs = {dark: light for light, dark in COLOURS.values()}
    tints = {
        tint(dark, strength): tint(light, strength)
        for light, dark in COLOURS.values()
        for strength in TINTS
    }
    return {**pairs, **tints}


TINTS = (0.12, 0.16, 0.3, 0.5)


def tint(colour: str, strength: float) -> str:
    """Return a color at the opacity `strength`, one of `TINTS`."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {strength})"


def figure(
    theme: str,
    title: str,
    subtitle: str,
    *,
    height: int = FULL_HEIGHT,
    alt: str = "",
) -> go.Figure:
    """Return an empty figure with its title and subtitle.

    `subtitle` may hold ``<br>``; `layout.meta` keeps both as plain text.
    """
    plain = LINE_END.sub(" · ", subtitle).replace("<br>", " ")
    look = f"font-size:12px;font-weight:400;color:{palette(theme).muted}"
    made = go.Figure()
    made.update_layout(
        template=f"recon_{theme if theme in PALETTES else 'light'}",
        title={"text": f"{title}<br><span style='{look}'>{subtitle}</span>"},
        margin={"t": TOP + LINE_PX * subtitle.count("<br>")},
        height=height,
        meta={
            "title": title,
            "subtitle": plain,
            "alt": alt or f"{title}. {plain.rstrip('.')}.",
        },
    )
    return made


def without_title(made: go.Figure) -> go.Figure:
    """Return a figure without its title, for what shows the title beside it.

    `layout.meta` keeps its words, and in `title_px` the room that they took.
    """
    lines = made.layout.title.text.count("<br>")
    room = TITLE_PX + LINE_PX * (lines - 1)
    bare = go.Figure(made)
    bare.update_layout(
        title={"text": ""},
        margin={"t": made.layout.margin.t - room},
        height=made.layout.height - room,
        meta={**made.layout.meta, "title_px": room},
    )
    return bare


def escaped(words: object) -> str:
    """Escape a name for a figure's text, which would read it as markup.

    >>> escaped("A<b>&")
    'A&lt;b&gt;&amp;'
    """
    return html.escape(str(words), quote=False)


def hover(words: Sequence[str]) -> dict[str, object]:
    """Return the options that show a text for each point on hover, and only that."""
    return {"customdata": words, "hovertemplate": "%{customdata}<extra></extra>"}


def without_data(made: go.Figure, reason: str) -> go.Figure:
    """Write in an empty figure why there is nothing to draw."""
    made.update_layout(height=160, xaxis={"visible": False}, yaxis={"visible": False})
    made.add_annotation(
        x=0,
        xref="paper",
        y=0.7,
        yref="paper",
        text=reason,
        showarrow=False,
        xanchor="left",
    )
    return made


def cap_axis(
    made: go.Figure,
    low: float,
    high: float,
    *,
    is_log: bool = True,
) -> tuple[float, float]:
    """Set up a market-cap axis from `low` to `high` dollars; return its range.

    A log axis has ticks at 1, 2 and 5; a linear one begins at zero.
    """
    if not is_log:
        top = high * 1.08
        step = nice_step(top / 5)
        ticks = np.arange(0, top + step / 2, step)
        ends = (0.0, top)
    else:
        low, high = low / 1.12, high * 1.12
        ticks = log_ticks(low, high)
        ends = (float(np.log10(low)), float(np.log10(high)))
    made.update_yaxes(
        type="log" if is_log else "linear",
        range=ends,
        tickvals=ticks,
        ticktext=[formatting.tick(value) for value in ticks],
    )
    return ends


def log_ticks(low: float, high: float, least: int = 5) -> np.ndarray:
    """Return ticks between two amounts in dollars: 1, or 1, 2, 5, or finer if too few.

    >>> log_ticks(8e8, 2.5e10).tolist()
    [1000000000.0, 2000000000.0, 5000000000.0, 10000000000.0, 20000000000.0]
    """
    decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    for steps in ((1,), (1, 2, 5), (1, 2, 3, 4, 5, 6, 8)):
        ticks = np.outer(decades, steps).ravel()
        ticks = ticks[(ticks >= low) & (ticks <= high)]
        if len(ticks) >= least:
            break
    return ticks


def nice_step(rough: float) -> float:
    """Return the step of 1, 2, 2.5 or 5 times a power of ten next above `rough`.

    >>> nice_step(1.7e9), nice_step(0.021)
    (2000000000.0, 0.025)
    """
    power = 10.0 ** np.floor(np.log10(rough))
    steps = (step * power for step in (1, 2, 2.5, 5, 10))
    return float(next(step for step in steps if step >= rough * 0.999))


def end_labels(
    made: go.Figure,
    labels: Sequence[tuple[float, str, str]],
    ends: tuple[float, float],
    *,
    is_log: bool = True,
) -> None:
    """Write (value, text, color) at the right edge, moved apart if they overlap."""
    margin = {"t": TOP, "b": BOTTOM, **made.layout.margin.to_plotly_json()}
    height = made.layout.height - margin["t"] - margin["b"]
    per_px = (ends[1] - ends[0]) / height
    order = sorted(labels, key=lambda label: -label[0])
    place = [np.log10(label[0]) if is_log else label[0] for label in order]
    px = [(ends[1] - value) / per_px for value in place]
    apart = _apart(px)
    for (_, text, colour), value, was, now in zip(order, place, px, apart, strict=True):
        made.add_annotation(
            x=1,
            xref="paper",
            y=value,
            yref="y",
            yshift=was - now,
            xshift=6,
            text=text,
            showarrow=False,
            xanchor="left",
            yanchor="middle",
            align="left",
            font={"color": colour, "size": 12},
        )


def _apart(px: list[float]) -> list[float]:
    """Move sorted places down until each has room, then the group back by half."""
    moved = list(px)
    for at in range(1, len(moved)):
        moved[at] = max(moved[at], moved[at - 1] + LABEL_PX)
    apart, start = list(moved), 0
    for at in range(1, len(moved) + 1):
        # places that were moved are that far apart but for rounding: one group
        if at == len(moved) or moved[at] - moved[at - 1] > LABEL_PX + 0.5:
            back = (moved[at - 1] - px[at - 1]) / 2
            apart[start:at] = [value - back for value in moved[start:at]]
            start = at
    return apart


def event_marks(
    made: go.Figure, theme: str, marks: Sequence[tuple[date, str, bool]]
) -> None:
    """Draw thin vertical lines at (day, label, whether the label is on the left)."""
    colours = palette(theme)
    for day, text, on_left in marks:
        made.add_shape(
            type="line",
            x0=day,
            x1=day,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": colours.axis, "width": 1, "dash": "dot"},
            layer="below",
        )
        made.add_annotation(
            x=day,
            y=1,
            yref="paper",
            yanchor="bottom",
            xanchor="right" if on_left else "left",
            xshift=4 if on_left else -4,
            text=text,
            showarrow=False,
            font={"size": 10, "color": colours.muted},
        )


def _template(colours: Palette) -> go.layout.Template:
    axis = {
        "gridcolor": colours.grid,
        "linecolor": colours.axis,
        "tickcolor": colours.axis,
        "zeroline": False,
        "automargin": True,
        "title": {"font": {"size": 12, "color": colours.muted}, "standoff": 8},
    }
    layout = go.Layout(
        font={"family": FONT, "size": 12, "color": colours.break_point},
        title={
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 22},  # to the baseline of the first line
            "font": {"size": 16, "weight": 600},
        },
        paper_bgcolor=colours.ground,
        plot_bgcolor=colours.ground,
        colorway=[getattr(colours, meaning) for meaning in COLOURS][:10],
        margin={"l": SIDE, "r": SIDE, "t": TOP, "b": BOTTOM, "pad": 2},
        xaxis={**axis, "showgrid": False, "ticks": "outside", "showline": True},
        yaxis={**axis, "showgrid": True, "ticks": "", "showline": False},
        hoverlabel={
            "bgcolor": colours.ground,
            "bordercolor": colours.axis,
            "font": {"color": colours.break_point, "family": FONT, "size": 12},
            "align": "left",
            "namelength": -1,
        },
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "itemsizing": "constant",
            "font": {"size": 12},
        },
        modebar={
            "bgcolor": "rgba(0, 0, 0, 0)",
            "color": colours.muted,
            "activecolor": colours.break_point,
        },
        separators=".,",
        showlegend=False,
        bargap=0.3,
    )
    return go.layout.Template(layout=layout)


for _name, _colours in PALETTES.items():
    plotly.io.templates[f"recon_{_name}"] = _template(_colours)
