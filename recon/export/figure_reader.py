"""A figure read as a drawing: what an office program needs to draw it natively.

A Plotly figure, as plain data, becomes series, bands and axes. Names and colours are
the figure's own; nothing is computed anew, so the numbers of an exported chart are
those of the chart on the page.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

TIME, POINTS, BARS = "time", "points", "bars"
TAG = re.compile(r"<[^>]*>")
BILLION = 1e9
FRACTION = "fraction"  # the unit of an axis that says it as percent
EDGE_WIDTH = 0.75
WORDS = ("title", "subtitle", "alt")
NAMED = re.compile(r"rgba?\((\d+), ?(\d+), ?(\d+)(?:, ?([\d.]+))?\)")


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line, cloud of points, or set of bars: `x` and `y` of equal length."""

    name: str
    x: np.ndarray
    y: np.ndarray
    colour: str
    is_line: bool = True
    width: float = 1.5
    dash: str = "solid"
    symbol: str = ""
    sizes: np.ndarray | None = None
    labels: tuple[str, ...] = ()
    point_colours: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Band:
    """A shaded area between two values at each place of `x`."""

    name: str
    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    colour: str
    strength: float


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis: `unit` is ``usd_bn`` where dollars are shown in billions.

    `ticks` are places with words; those that are but numbers are left out, and `unit`
    is `FRACTION` where they say as percent what is a fraction.
    """

    title: str = ""
    is_log: bool = False
    low: float | None = None
    high: float | None = None
    unit: str = ""
    ticks: tuple[tuple[float, str], ...] = ()
    order: tuple[str, ...] = ()
    is_shown: bool = True
    is_reversed: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A chart as series, bands and axes; `kind` is ``time``, ``points`` or ``bars``.

    `verticals` are days with a label; `levels` horizontal lines by value.
    """

    kind: str
    title: str
    subtitle: str
    alt: str
    series: tuple[Series, ...]
    x: Axis
    y: Axis
    bands: tuple[Band, ...] = ()
    verticals: tuple[tuple[Any, str], ...] = ()
    levels: tuple[float, ...] = ()
    is_horizontal: bool = False
    labels: tuple["Label", ...] = ()

    @property
    def can_be_native(self) -> bool:
        """Whether an office program can draw it; what has no axis is a table there."""
        return bool(self.series) and (self.x.is_shown or self.kind == BARS)


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words at the right edge, at a value of the vertical axis."""

    value: float
    text: str
    colour: str


def read(figure: Mapping) -> Drawing:
    """Return the drawing of a figure."""
    layout = figure.get("layout", {})
    traces = [_as_bars(_decoded(trace)) for trace in figure.get("data", [])]
    meta = layout.get("meta") or {}
    bars = [trace for trace in traces if trace.get("type") == "bar"]
    kind = BARS if bars else TIME if _is_time(traces, layout) else POINTS
    series, bands = _series_and_bands(traces, kind)
    shapes = layout.get("shapes") or []
    return Drawing(
        kind=kind,
        **{name: plain(str(meta.get(name, ""))) for name in WORDS},
        series=tuple(series),
        bands=tuple(bands),
        x=_axis(layout.get("xaxis") or {}, [each.x for each in series]),
        y=_axis(layout.get("yaxis") or {}, [each.y for each in series]),
        verticals=tuple(_verticals(layout, shapes)),
        levels=tuple(
            float(shape["y0"])
            for shape in shapes
            if shape.get("type") == "line"
            and shape.get("y0") == shape.get("y1")
            and isinstance(shape.get("y0"), (int, float))
        ),
        is_horizontal=any(trace.get("orientation") == "h" for trace in bars),
        labels=_end_labels(layout),
    )


def table(drawing: Drawing) -> pd.DataFrame:
    """Return the numbers of a drawing: one row a place, one column a series.

    Of points that share no places: one row a point with its series' name.
    """
    if drawing.kind == POINTS:
        rows = []
        for each in drawing.series:
            names = {"name": each.labels} if each.labels else {}
            of_series = {"series": each.name, **names, "x": each.x, "y": each.y}
            rows.append(pd.DataFrame(of_series))
        return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    columns: dict[str, pd.Series] = {}
    for each in drawing.series:
        values = pd.Series(each.y, index=each.x)
        columns[unused(each.name, columns)] = values[~values.index.duplicated()]
    order = list(dict.fromkeys(at for each in columns.values() for at in each.index))
    if drawing.kind == TIME:
        order = sorted(order)
    whole = {name: values.reindex(order) for name, values in columns.items()}
    return pd.DataFrame(whole, index=pd.Index(order, name="at")).reset_index()


def unused(name: str, taken: Mapping[str, object] | Sequence[str]) -> str:
    """Return a name, numbered where it is taken."""
    name, number = name or "value", 2
    found = name
    while found in taken:
        found, number = f"{name} {number}", number + 1
    return found


def plain(text: str) -> str:
    """Return text without the markup that figures know."""
    return (
        TAG.sub("", text.replace("<br>", " "))
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
    )


def colour_of(text: object) -> tuple[str, float]:
    """Return a colour as ``RRGGBB``, and how much of it shows, 0 to 1."""
    words = str(text)
    if found := NAMED.match(words):
        red, green, blue = (int(found[at]) for at in (1, 2, 3))
        return f"{red:02X}{green:02X}{blue:02X}", float(found[4] or 1)
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", words):
        return words[1:].upper(), 1.0
    return "6B7280", 1.0


def solid(text: object) -> str:
    """Return a colour as it looks on white, ``RRGGBB``.

    >>> solid("rgba(0, 0, 0, 0.5)")
    '808080'
    """
    colour, strength = colour_of(text)
    parts = (int(colour[at : at + 2], 16) for at in (0, 2, 4))
    return "".join(f"{round(255 - (255 - part) * strength):02X}" for part in parts)


def _decoded(trace: Mapping) -> dict:
    keys = ("x", "y", "text", "customdata")
    found = {key: _values(trace[key]) for key in keys if key in trace}
    marker = trace.get("marker") or {}
    if isinstance(marker.get("size"), (Mapping, list)):
        marker = {**marker, "size": _values(marker["size"])}
    return {**trace, **found, "marker": marker}


def _as_bars(trace: dict) -> dict:
    """Return a trace whose places are names as the bars that a document can draw.

    A waterfall's steps are bars of what each adds, its total one of what it comes to.
    """
    if trace.get("type") == "waterfall":
        base, colours, running, values = float(trace.get("base") or 0), [], 0.0, []
        for value, measure in zip(trace["y"], trace["measure"], strict=True):
            running += value or 0
            is_total = measure == "total"
            values.append(base + running if is_total else value)
            kind = "totals" if is_total else "decreasing" if value < 0 else "increasing"
            colours.append(trace[kind]["marker"]["color"])
        marker = {"color": colours}
        return {**trace, "type": "bar", "y": values, "marker": marker}
    is_named = _are_texts(trace.get("y")) and not _are_texts(trace.get("x"))
    if "markers" in str(trace.get("mode", "")) and is_named:
        return {**trace, "type": "bar", "orientation": "h"}
    return trace


def _are_texts(values: Any) -> bool:
    found = () if values is None else values
    return len(found) > 0 and all(isinstance(value, str) for value in found)


def _values(given: Any) -> Any:
    """Return numbers or texts, those that are packed unpacked."""
    if isinstance(given, Mapping) and "bdata" in given:
        packed = np.frombuffer(base64.b64decode(given["bdata"]), dtype=given["dtype"])
        shape = given.get("shape")
        if shape is None:
            return packed
        return packed.reshape([int(n) for n in str(shape).split(",")])
    return list(given) if isinstance(given, (list, tuple, np.ndarray)) else given


def _is_time(traces: Sequence[Mapping], layout: Mapping) -> bool:
    is_date = (layout.get("xaxis") or {}).get("type") == "date"
    lines = [trace for trace in traces if "lines" in str(trace.get("mode", ""))]
    places = [trace["x"] for trace in lines if trace.get("x") is not None]
    return any(_days(x) is not None for x in places) or is_date and bool(lines)


def _days(x: Sequence) -> np.ndarray | None:
    """Return days, or None where the places are none."""
    first = next((value for value in x if value is not None), None)
    if not isinstance(first, str) or not re.match(r"\d{4}-\d\d-\d\d", first):
        return None
    return pd.to_datetime(pd.Series(list(x)), errors="coerce").to_numpy("datetime64[D]")


def _places(trace: Mapping, kind: str) -> np.ndarray:
    x = trace.get("x")
    if x is None:
        return np.array([], dtype=object)
    days = _days(x)
    kept = object if kind == BARS else float
    return np.array(list(x), dtype=kept) if days is None else days


def _numbers(values: Any) -> np.ndarray:
    if values is None:
        return np.array([], dtype=float)
    found = np.array([np.nan if v is None else v for v in values], dtype=float)
    found[np.isinf(found)] = np.nan  # no document has a place for it
    return found


def _series_and_bands(
    traces: Sequence[Mapping], kind: str
) -> tuple[list[Series], list[Band]]:
    series: list[Series] = []
    bands: list[Band] = []
    before: Mapping = {}
    for number, trace in enumerate(traces, start=1):
        name = plain(str(trace.get("name") or f"Series {number}"))
        if trace.get("fill") == "toself":
            bands += _polygon(trace, name)
        elif trace.get("fill") == "tonexty":
            one, other = _numbers(before.get("y")), _numbers(trace.get("y"))
            low, high = np.fmin(one, other), np.fmax(one, other)
            bands.append(_band(trace, name, _places(trace, kind), low, high))
        if trace.get("fill") != "toself" and trace.get("mode") != "text":
            series.append(_one(trace, name, kind))
        before = trace
    return [each for each in series if len(each.x)], bands


def _one(trace: Mapping, name: str, kind: str) -> Series:
    mode, marker = str(trace.get("mode") or "lines"), trace.get("marker") or {}
    line = trace.get("line") or {}
    is_bar = trace.get("type") == "bar"
    is_line = not is_bar and "lines" in mode
    given = marker.get("color")
    several = tuple(map(str, given)) if isinstance(given, (list, tuple)) else ()
    outline = (marker.get("line") or {}).get("color")
    own = line.get("color") if is_line else (several[0] if several else given)
    symbol = marker.get("symbol", "circle")
    if isinstance(symbol, (list, tuple, Mapping)):
        symbol = "square"
    if not is_line and not is_bar and str(own).upper() in ("#FFFFFF", "NONE"):
        own = outline
    width = float(line.get("width", 1.5))
    if is_line and not width:  # the edge of a shade, which a document draws too
        own, width = f"#{solid(trace.get('fillcolor') or own)}", EDGE_WIDTH
    x, y = _places(trace, kind), trace.get("y")
    if is_bar and trace.get("orientation") == "h":
        x, y = np.array([plain(str(v)) for v in trace["y"]], dtype=object), trace["x"]
    sizes = marker.get("size")
    text: Any = trace.get("text")
    is_listed = isinstance(text, (list, np.ndarray))
    return Series(
        name=name,
        x=x,
        y=_numbers(y),
        colour=colour_of(own)[0] if is_line else solid(own),
        is_line=is_line,
        width=width,
        dash=str(line.get("dash", "solid")),
        symbol="" if is_bar or "markers" not in mode else str(symbol),
        sizes=_numbers(sizes) if isinstance(sizes, (list, np.ndarray)) else None,
        labels=tuple(plain(str(t)).strip() for t in text)
        if is_listed
        else _names(trace),
        point_colours=tuple(solid(each) for each in several),
    )


def _names(trace: Mapping) -> tuple[str, ...]:
    """Return what each point is called: the first line of what hovering tells."""
    told: Any = trace.get("customdata")
    if told is None or "markers" not in str(trace.get("mode", "")):
        return ()
    first = [each if isinstance(each, str) else list(each)[-1] for each in told]
    return tuple(plain(str(each).split("<br>")[0]) for each in first)


def _polygon(trace: Mapping, name: str) -> list[Band]:
    """Read an outline that goes there along one edge and back along the other."""
    days = _days(trace["x"])
    if days is None:
        return []
    y = _numbers(trace["y"])
    x, low, high = [], [], []
    start = 0
    for end in [*np.flatnonzero(np.isnat(days)), len(days)]:
        half = (end - start) // 2
        if half:
            there, back = y[start : start + half], y[start + half : end][::-1]
            x.append(days[start : start + half])
            low.append(np.fmin(there, back))
            high.append(np.fmax(there, back))
        start = end + 1
    return [_band(trace, name, *map(np.concatenate, (x, low, high)))] if x else []


def _band(
    trace: Mapping, name: str, x: np.ndarray, low: np.ndarray, high: np.ndarray
) -> Band:
    colour, strength = colour_of(trace.get("fillcolor"))
    return Band(name=name, x=x, low=low, high=high, colour=colour, strength=strength)


def _axis(axis: Mapping, values: Sequence[np.ndarray]) -> Axis:
    is_log = axis.get("type") == "log"
    ends: Any = axis.get("range")
    low = high = None
    is_days = any(value.dtype.kind == "M" for value in values)
    is_scaled = isinstance(ends, (list, tuple)) and not is_days
    if is_scaled and all(isinstance(end, (int, float)) for end in ends):
        low, high = (10.0 ** float(end) if is_log else float(end) for end in ends)
    places, words = _values(axis.get("tickvals")), _values(axis.get("ticktext"))
    ticks: tuple[tuple[float, str], ...] = ()
    if places is not None and words is not None:
        pairs = zip(places, words, strict=False)
        ticks = tuple((float(at), plain(str(word))) for at, word in pairs)
    is_usd = any(word.startswith("$") for _, word in ticks)
    unit = "usd_bn" if is_usd else str(axis.get("ticksuffix", "")).strip()
    numbers = np.array([_number(word) for _, word in ticks])
    if ticks and not is_usd and not np.isnan(numbers).any():
        # an office program writes numbers itself, at places of its own
        is_part = all(word.endswith("%") for _, word in ticks)
        is_part = is_part and np.allclose(numbers, [100 * at for at, _ in ticks])
        ticks, unit = (), FRACTION if is_part else unit
    title = axis.get("title")
    return Axis(
        title=plain(str(title.get("text", "") if isinstance(title, Mapping) else "")),
        is_log=is_log,
        low=low,
        high=high,
        unit=unit,
        ticks=() if is_usd else ticks,
        order=tuple(map(str, axis.get("categoryarray") or ())),
        is_shown=axis.get("visible", True) is not False,
        is_reversed=axis.get("autorange") == "reversed",
    )


def _number(words: str) -> float:
    """Return the number that a tick says, without its percent sign; NaN for words."""
    try:
        return float(words.removesuffix("%").replace("\u2212", "-").replace(",", ""))
    except ValueError:
        return np.nan


def _verticals(layout: Mapping, shapes: Sequence[Mapping]) -> list[tuple[Any, str]]:
    words = {
        str(note.get("x")): plain(str(note.get("text", "")))
        for note in layout.get("annotations") or []
        if note.get("yref") == "paper" and note.get("x") is not None
    }
    return [
        (at, words.get(str(at), ""))
        for shape in shapes
        if shape.get("type") == "line"
        and (at := shape.get("x0")) is not None
        and at == shape.get("x1")
    ]


def _end_labels(layout: Mapping) -> tuple[Label, ...]:
    """Return the labels at the lines' ends, where figures write them."""
    is_log = (layout.get("yaxis") or {}).get("type") == "log"
    found = []
    for note in layout.get("annotations") or []:
        is_end = note.get("xanchor") == "left" and note.get("yref") == "y"
        if is_end and note.get("xref") == "paper":
            place = float(note["y"])
            colour, _ = colour_of((note.get("font") or {}).get("color"))
            value = 10.0**place if is_log else place
            text = plain(str(note.get("text", "")))
            found.append(Label(value=value, text=text, colour=colour))
    return tuple(found)
