"""Figures for print: in light colors whatever the screen shows, as plain data."""

import json
import textwrap
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import plotly.offline

from recon import charts

TYPE_SCALE = 1.3
LINE = 108  # characters of a source note
TITLE_LINE, SUBTITLE_LINE = 58, 100  # characters of a line of either
TITLE_SIZE, TITLE_LINE_PX = 18, 23
PAGE_WIDTH, PAGE_HEIGHT = 700, 360  # as wide as the text of a page; 10 point type


def printed(figure: charts.Figure) -> dict[str, Any]:
    """Return a figure as plain data in the light theme, as a note keeps it."""
    plain = json.loads(figure.to_json())
    light: dict[str, Any] = _changed(plain, charts.print_colours(), 1.0)
    return light


def figure(plain: Mapping, theme: str) -> charts.Figure:
    """Return the figure of printed data in a theme."""
    colours: dict[str, str] = {}
    if theme == "dark":
        colours = {light: dark for dark, light in charts.print_colours().items()}
    shown: dict[str, Any] = _changed(dict(plain), colours, 1.0)
    layout = {**shown.get("layout", {}), "template": f"recon_{theme}"}
    # whatever else a file may hold is left out rather than refused
    return go.Figure({"data": shown["data"], "layout": layout}, skip_invalid=True)


def for_page(figure: Mapping, stamp: str = "") -> dict[str, Any]:
    """Return a printed figure with larger type for a picture as wide as a page.

    With a `stamp` the picture has the title and the stamp; without one it has neither,
    as the document around it has both.
    """
    larger: dict[str, Any] = _changed(dict(figure), {}, TYPE_SCALE)
    layout = dict(larger.get("layout", {}))
    own = (figure.get("layout") or {}).get("margin") or {}
    usual = {"t": charts.TOP, "b": charts.BOTTOM, "l": charts.SIDE, "r": charts.SIDE}
    margin = {side: value * TYPE_SCALE for side, value in {**usual, **own}.items()}
    layout["width"] = PAGE_WIDTH
    layout["height"] = max(PAGE_HEIGHT, int(layout.get("height") or 0))
    if stamp:
        notes = list(layout.get("annotations") or [])
        lines = _lines(charts.escaped(stamp), LINE)
        layout["annotations"] = [*notes, _source(lines, margin["b"])]
        margin["b"] += 10 + 15 * len(lines)
        title, more = _wrapped(layout["title"]["text"])
        layout["title"] = {**layout["title"], "text": title}
        layout["title"]["font"] = {"size": TITLE_SIZE}
        margin["t"] += more
        layout["height"] += more
    else:
        layout.pop("title", None)
        layout["height"] -= charts.TOP  # two charts with their heads fill a page
        margin["t"] = max(margin["t"] - charts.TOP * TYPE_SCALE + 14, 14)
    layout["margin"] = margin
    axis = dict(layout.get("xaxis") or {})
    if "ticktext" in axis:
        axis["tickfont"] = {"size": 12}
    elif axis.get("type") != "category":
        axis |= {"nticks": 6, "tickangle": 0}
    layout["xaxis"] = axis
    return {**larger, "layout": layout}


def _wrapped(title: str) -> tuple[str, int]:
    """Return a title in lines as wide as a page, and how many pixels it has grown."""
    finding, _, rest = title.partition("<br><span ")
    style, _, subtitle = rest.removesuffix("</span>").partition(">")
    lines = _lines(finding, TITLE_LINE)
    below = [each for part in subtitle.split("<br>") for each in _lines(part)]
    more = TITLE_LINE_PX * (len(lines) - 1)
    more += charts.LINE_PX * (len(below) - 1 - subtitle.count("<br>"))
    return f"{'<br>'.join(lines)}<br><span {style}>{'<br>'.join(below)}</span>", more


def _lines(words: str, most: int = SUBTITLE_LINE) -> list[str]:
    """Break words into lines; one that is too long for a line stays whole."""
    found = textwrap.wrap(words, most, break_long_words=False, break_on_hyphens=False)
    return found or [""]


def script() -> str:
    """Return the source of the library that draws figures in a browser."""
    return str(plotly.offline.get_plotlyjs())


def _source(lines: list[str], below: float) -> dict[str, Any]:
    return {
        "text": "<br>".join(lines),
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -below - 4,
        "align": "left",
        "showarrow": False,
        "font": {"size": 11, "color": charts.LIGHT.muted},
    }


def _changed(
    value: Any, colours: Mapping[str, str], scale: float, key: str = ""
) -> Any:
    """Return a copy in other colors and with larger type."""
    if isinstance(value, str):
        return colours.get(value, value)
    if isinstance(value, list):
        return [_changed(each, colours, scale) for each in value]
    if not isinstance(value, Mapping):
        return value
    made = {name: _changed(each, colours, scale, name) for name, each in value.items()}
    if key.lower().endswith("font") and isinstance(made.get("size"), (int, float)):
        made["size"] *= scale
    if isinstance(made.get("entrywidth"), (int, float)):
        made["entrywidth"] *= scale
    return made
