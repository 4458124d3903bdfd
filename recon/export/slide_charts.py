"""Native charts on slides: a drawing becomes a chart that can be edited.

python-pptx writes charts of one kind with plain axes. Bands, days marked by verticals
and log axes are added to its XML here.
"""

import copy
from typing import Any

import numpy as np
import pandas as pd
from pptx.chart.data import BubbleChartData, CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.chart import XL_TICK_LABEL_POSITION as LABELS
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Pt

from recon.export import chart_data, figure_reader
from recon.export.chart_data import Column
from recon.export.figure_reader import Drawing

INK, GRID, AXIS = "16202C", "E9EDF2", "B4BDC9"
TYPE_PT = 11
NO_BREAK = "\u00a0"
UNNAMED = "The line"
LABEL_ROOM = 0.17  # of the chart's width, right of the lines
MARKERS = {
    "circle": XL_MARKER_STYLE.CIRCLE,
    "square": XL_MARKER_STYLE.SQUARE,
    "diamond": XL_MARKER_STYLE.DIAMOND,
    "diamond-open": XL_MARKER_STYLE.DIAMOND,
    "triangle-up": XL_MARKER_STYLE.TRIANGLE,
    "triangle-down": XL_MARKER_STYLE.DIAMOND,
    "cross": XL_MARKER_STYLE.PLUS,
    "x": XL_MARKER_STYLE.X,
    "line-ns-open": XL_MARKER_STYLE.CIRCLE,
}
DASHES = {"dash": MSO_LINE.DASH, "dot": MSO_LINE.ROUND_DOT}
SPINE = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def add(shapes: Any, figure: Drawing, box: tuple[int, int, int, int]) -> Any:
    """Add a drawing to a slide as a native chart in a box; return its frame."""
    makers = {
        figure_reader.TIME: _time,
        figure_reader.BARS: _bars,
        figure_reader.POINTS: _points,
    }
    frame = makers[figure.kind](shapes, figure, box)
    frame.name = chart_data.text(figure.title)[:60] or "Chart"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", chart_data.text(figure.alt))
    return frame


def _time(shapes: Any, figure: Drawing, box: tuple[int, int, int, int]) -> Any:
    made, shade = chart_data.columns(figure), chart_data.shades(figure)
    ends = chart_data.ends_of(figure)
    order = chart_data.places(figure)
    data = CategoryChartData(number_format="General")
    data.categories = [pd.Timestamp(at).date() for at in order]
    for column in made:
        data.add_series(column.name, column.values)
    marks = _marks(figure, order, ends)
    if shade:
        data.add_series("Band, floor", shade.floor)
        for name, heights, _, _ in shade.heights:
            data.add_series(name, heights)
    if marks:
        data.add_series("Rank days and closes", marks)
    frame = shapes.add_chart(XL_CHART_TYPE.LINE, *box, data)
    chart = frame.chart
    lines = list(chart.plots[0].series)
    for column, line in zip(made, lines, strict=False):
        _look(line, column)
    helpers = lines[len(made) :]
    if marks:
        _as_bars(chart, helpers.pop())
    if shade:
        _as_area(chart, helpers, shade)
    _label_ends(made, lines, chart_data.end_labels(figure, made))
    _frame_axes(chart, figure, ends)
    axis = chart.category_axis
    span = (order[-1] - order[0]).astype(int) if len(order) > 1 else 1
    _number_format(axis, "mmm yyyy" if span > 90 else "d mmm yyyy")
    _date_steps(axis, span)
    if figure.labels:
        _leave_room(chart)
    else:
        _legend(chart)
    return frame


def _bars(shapes: Any, figure: Drawing, box: tuple[int, int, int, int]) -> Any:
    made = chart_data.columns(figure)
    data = CategoryChartData(number_format="General")
    data.categories = [chart_data.text(at) for at in chart_data.places(figure)]
    for column in made:
        data.add_series(column.name, column.values)
    kind = (
        XL_CHART_TYPE.BAR_CLUSTERED
        if figure.is_horizontal
        else XL_CHART_TYPE.COLUMN_CLUSTERED
    )
    frame = shapes.add_chart(kind, *box, data)
    chart = frame.chart
    chart.plots[0].gap_width = 40
    over = []
    for column, bars in zip(made, list(chart.plots[0].series), strict=True):
        if column.series.symbol:
            over.append((column, bars))
            continue
        _fill(bars.format.fill, column.series.colour)
        for at, colour in enumerate(column.colours):
            if colour:
                _fill(bars.points[at].format.fill, colour)
        _bar_labels(column, bars)
    for column, bars in over:
        _as_marks(chart, bars, column)
    _frame_axes(chart, figure, chart_data.ends_of(figure))
    value = chart.value_axis
    known = [v for column in made for v in column.values if v is not None]
    if figure.is_horizontal:
        chart.category_axis.reverse_order = figure.y.is_reversed
        value.visible = False
        value.has_major_gridlines = False
        value.maximum_scale = max(known) * 1.45  # room for labels
        chart.category_axis.format.line.fill.background()
    value.minimum_scale = None if min(known, default=0) < 0 else 0
    chart.category_axis.tick_label_position = LABELS.LOW
    if len(made) > 1:
        _legend(chart, [at for at, column in enumerate(made) if column.is_rest])
    return frame


def _points(shapes: Any, figure: Drawing, box: tuple[int, int, int, int]) -> Any:
    factor, ends = chart_data.scale(figure), chart_data.ends_of(figure)
    sized = [each for each in figure.series if each.sizes is not None]
    data = BubbleChartData() if sized else XyChartData()
    names: list[str] = []
    # LibreOffice loses the points of a series that a longer one follows
    clouds = sorted(figure.series, key=lambda each: -len(each.x))
    for each in clouds:
        names.append(figure_reader.unused(chart_data.text(each.name), names))
        cloud = data.add_series(names[-1])
        sizes = each.sizes if each.sizes is not None else np.full(len(each.x), 5.0)
        across, up = _horizontals(each.x), each.y * factor
        for x, y, size in zip(across, up, sizes, strict=True):
            if not (np.isnan(x) or np.isnan(y)):
                cloud.add_data_point(*((x, y, size) if sized else (x, y)))
    levels = [] if sized else _levels(figure, factor, ends)
    for name, points, _ in levels:
        line = data.add_series(figure_reader.unused(name, names))
        for x, y in points:
            line.add_data_point(x, y)
    kind = XL_CHART_TYPE.BUBBLE if sized else XL_CHART_TYPE.XY_SCATTER
    frame = shapes.add_chart(kind, *box, data)
    chart = frame.chart
    drawn = list(chart.plots[0].series)
    for each, cloud in zip(clouds, drawn, strict=False):
        if sized:
            _fill(cloud.format.fill, each.colour)
        elif each.is_line:
            _stroke(cloud.format.line, each.colour, each.width)
            cloud.marker.style = XL_MARKER_STYLE.NONE
        else:
            cloud.format.line.fill.background()
            _mark(cloud, each, 3 if each.symbol == "line-ns-open" else 8)
    for (name, _, colour), line in zip(levels, drawn[len(clouds) :], strict=True):
        line.marker.style = XL_MARKER_STYLE.NONE
        _stroke(line.format.line, colour, 1.25)
        if name != UNNAMED:
            _point_label(line.points[1], name, colour, 0.0)
    _frame_axes(chart, figure, ends)
    _horizontal(chart, figure)
    _legend(chart, [len(clouds) + n for n in range(len(levels))])
    if figure.labels:
        _leave_room(chart, top=0.12)
    return frame


def _look(line: Any, column: Column) -> None:
    """Give a line its colour, width, dashes and marks."""
    own = column.series
    line.smooth = False
    line.marker.style = XL_MARKER_STYLE.NONE
    if own.is_line and own.width:
        _stroke(line.format.line, own.colour, own.width)
        if own.dash in DASHES:
            line.format.line.dash_style = DASHES[own.dash]
    else:
        line.format.line.fill.background()
    if own.symbol:
        _mark(line, own)


def _mark(line: Any, own: figure_reader.Series, size: int = 8) -> None:
    line.marker.style = MARKERS.get(own.symbol, XL_MARKER_STYLE.CIRCLE)
    line.marker.size = size
    _fill(line.marker.format.fill, own.colour)
    _stroke(line.marker.format.line, own.colour, 1)


def _fill(fill: Any, colour: str) -> None:
    fill.solid()
    fill.fore_color.rgb = RGBColor.from_string(colour)


def _stroke(line: Any, colour: str, width: float) -> None:
    line.color.rgb = RGBColor.from_string(colour)
    line.width = Pt(width)


def _as_area(chart: Any, helpers: list[Any], shade: chart_data.Shade) -> None:
    """Turn lines into a stack of areas behind the others, the floor unseen."""
    area = _plot(chart, "areaChart", grouping="stacked", varyColors="0")
    looks = [None, *((colour, strength) for _, _, colour, strength in shade.heights)]
    for helper, look in zip(helpers, looks, strict=True):
        element = helper._element
        helper.format.line.fill.background()
        if look is None:
            helper.format.fill.background()
        else:
            _fill(helper.format.fill, look[0])
            alpha = OxmlElement("a:alpha")
            alpha.set("val", str(round(look[1] * 100_000)))
            element.find(f".//{qn('a:solidFill')}/{qn('a:srgbClr')}").append(alpha)
        _drop(element, "marker", "smooth")
        area.find(SPINE + "axId").addprevious(element)
    chart.plots[0]._element.addprevious(area)


def _as_bars(chart: Any, helper: Any) -> None:
    """Turn the last line into thin verticals behind the others."""
    bars = _plot(
        chart,
        "barChart",
        barDir="col",
        grouping="clustered",
        varyColors="0",
        gapWidth="0",
    )
    _stroke(helper.format.line, AXIS, 0.75)
    _drop(helper._element, "marker", "smooth")
    bars.find(SPINE + "gapWidth").addprevious(helper._element)
    chart.plots[0]._element.addprevious(bars)


def _as_marks(chart: Any, bars: Any, column: Column) -> None:
    """Turn a set of bars into marks without a line, above the others."""
    plot, element = chart.plots[0]._element, bars._element
    over = plot.getparent().find(SPINE + "lineChart")
    if over is None:
        over = _plot(chart, "lineChart", grouping="standard", varyColors="0")
        plot.addnext(over)
    _drop(element, "invertIfNegative")
    over.find(SPINE + "axId").addprevious(element)
    line = next(each for each in chart.plots[-1].series if each._element is element)
    line.format.line.fill.background()
    _mark(line, column.series)


def _plot(chart: Any, tag: str, **settings: str) -> Any:
    """Return an empty plot that shares the axes of the chart's first."""
    made = _made(tag)
    for name, value in settings.items():
        _child(made, name, value)
    for axis in chart.plots[0]._element.findall(SPINE + "axId"):
        made.append(copy.deepcopy(axis))
    return made


def _marks(figure: Drawing, order: list, ends: chart_data.Ends) -> list[float | None]:
    """Return a value as high as the axis on every day that is marked."""
    days = {chart_data.nearest(order, at) for at, _ in figure.verticals}
    if not days or ends.high is None:
        return []
    found = [float(ends.high) if at in days else None for at in order]
    return found if any(found) else []


def _levels(
    figure: Drawing, factor: float, ends: chart_data.Ends
) -> list[tuple[str, list[tuple[float, float]], str]]:
    """Return lines across the whole chart: labelled values, and verticals."""
    x = _horizontals(np.concatenate([each.x for each in figure.series]))
    left = figure.x.low if figure.x.low is not None else float(np.nanmin(x))
    right = figure.x.high if figure.x.high is not None else float(np.nanmax(x))
    found = []
    for label in figure.labels:
        height = label.value * factor
        found.append((label.text, [(left, height), (right, height)], label.colour))
    low, high = ends.low, ends.high
    for at, words in figure.verticals:
        if isinstance(at, (int, float)) and low is not None and high is not None:
            name = chart_data.text(words) or UNNAMED
            found.append((name, [(float(at), low), (float(at), high)], INK))
    return found


def _label_ends(
    made: list[Column], lines: list[Any], labels: dict[str, tuple[str, str, float]]
) -> None:
    for column, line in zip(made, lines, strict=False):
        if column.name in labels:
            words, colour, push = labels[column.name]
            last = max(n for n, value in enumerate(column.values) if value is not None)
            _point_label(line.points[last], words, colour, push)


def _point_label(point: Any, words: str, colour: str, push: float) -> None:
    """Write at a point, to its right; `push` moves it, upwards positive."""
    label = point.data_label
    frame = label.text_frame
    frame.text = chart_data.text(words)
    frame.word_wrap = False
    font = frame.paragraphs[0].runs[0].font
    font.size, font.color.rgb = Pt(TYPE_PT), RGBColor.from_string(colour)
    font.bold = words.startswith("Breakpoint")
    element = label._dLbl
    position = element.find(SPINE + "dLblPos")
    if position is None:
        position = _made("dLblPos")
        element.find(SPINE + "showLegendKey").addprevious(position)
    position.set("val", "r")
    if push:
        layout = _made("layout")
        manual = _child(layout, "manualLayout")
        for tag, value in (("x", 0.0), ("y", -push * 0.8)):
            _child(manual, tag, f"{value:.4f}")
        element.find(SPINE + "idx").addnext(layout)


def _bar_labels(column: Column, bars: Any) -> None:
    """Label bars as the figure does."""
    for at, words in enumerate(column.labels):
        if not words or words == "0" or column.values[at] is None:
            continue
        frame = bars.points[at].data_label.text_frame
        frame.text = chart_data.text(words).replace(" ", NO_BREAK)
        frame.word_wrap = False
        font = frame.paragraphs[0].runs[0].font
        font.size, font.color.rgb = Pt(TYPE_PT), RGBColor.from_string(INK)


def _frame_axes(chart: Any, figure: Drawing, ends: chart_data.Ends) -> None:
    """Set up type, axes and gridlines as every figure of the program has them."""
    chart.has_title = False
    chart.has_legend = False
    chart.font.size = Pt(TYPE_PT)
    chart.font.color.rgb = RGBColor.from_string(INK)
    value, category = chart.value_axis, chart.category_axis
    value.has_major_gridlines = True
    value.major_gridlines.format.line.color.rgb = RGBColor.from_string(GRID)
    value.format.line.fill.background()
    _number_format(value, ends.number_format)
    if ends.low is not None:
        value.minimum_scale, value.maximum_scale = ends.low, ends.high
    if ends.base:
        _as_log(value, ends.base)
        _cross(category, ends.low)
    _title(value, figure.x.title if figure.is_horizontal else figure.y.title)
    if figure.y.ticks and not figure.is_horizontal:
        value.tick_label_position = LABELS.NONE
        value.has_major_gridlines = False
    category.has_major_gridlines = False
    if not ends.base and figure.kind != figure_reader.BARS:  # bars stand on zero
        _cross(category, None)
    category.format.line.color.rgb = RGBColor.from_string(AXIS)


def _as_log(axis: Any, base: int) -> None:
    scaling = axis._element.find(SPINE + "scaling")
    _drop(scaling, "logBase")
    scaling.insert(0, _made("logBase", str(base)))
    axis.major_unit = base


def _cross(axis: Any, low: float | None) -> None:
    """Let an axis cross the other at its foot, or at the lowest value of a log one."""
    for old in axis._element.xpath("c:crosses | c:crossesAt"):
        made = _made("crosses", "min") if low is None else _made("crossesAt", repr(low))
        old.getparent().replace(old, made)


def _title(axis: Any, words: str) -> None:
    if words:
        axis.has_title = True
        axis.axis_title.text_frame.text = chart_data.text(words)
        run = axis.axis_title.text_frame.paragraphs[0].runs[0]
        run.font.size, run.font.bold = Pt(TYPE_PT), False


def _number_format(axis: Any, form: str) -> None:
    axis.tick_labels.number_format = form
    axis.tick_labels.number_format_is_linked = False


def _horizontal(chart: Any, figure: Drawing) -> None:
    """Set up the horizontal axis of points."""
    axis = chart.category_axis
    _number_format(axis, "#,##0")
    axis.tick_label_position = LABELS.LOW
    if any(_is_days(each.x) for each in figure.series):
        _number_format(axis, "mmm yyyy")
    low, high = figure.x.low, figure.x.high
    if low is not None and high is not None:
        if figure.x.is_log:
            base = chart_data.base_of(low, high)
            low = chart_data.power_below(low * 1.19, base)
            _number_format(axis, '0.##"×"')
            _as_log(axis, base)
            _cross(chart.value_axis, low)
        axis.minimum_scale, axis.maximum_scale = low, high
    _title(axis, figure.x.title or ("times the line" if figure.x.is_log else ""))


def _date_steps(axis: Any, span: int) -> None:
    """Write about seven dates, whatever the span in days."""
    element = axis._element
    months = max(1, round(span / 30.4 / 7))
    months = next(step for step in (1, 2, 3, 6, 12, 24, 60) if step >= min(months, 60))
    _drop(element, "baseTimeUnit", "majorUnit", "majorTimeUnit")
    steps = [("baseTimeUnit", "days")]
    if span > 45:
        steps += [("majorUnit", str(months)), ("majorTimeUnit", "months")]
    for tag, value in steps:
        _child(element, tag, value)


def _legend(chart: Any, left_out: list[int] | None = None) -> None:
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.TOP
    chart.legend.include_in_layout = False
    chart.legend.font.size = Pt(TYPE_PT)
    for number in left_out or []:
        entry = _made("legendEntry")
        _child(entry, "idx", str(number))
        _child(entry, "delete", "1")
        chart.legend._element.find(SPINE + "legendPos").addnext(entry)


def _leave_room(chart: Any, top: float = 0.03) -> None:
    """Leave a margin right of the plot for the labels at the lines' ends."""
    area = chart._chartSpace.find(f".//{SPINE}plotArea")
    _drop(area, "layout")
    layout = _made("layout")
    manual = _child(layout, "manualLayout")
    _child(manual, "layoutTarget", "inner")
    for tag in ("xMode", "yMode"):
        _child(manual, tag, "edge")
    sides = {"x": 0.06, "y": top, "w": 0.94 - LABEL_ROOM, "h": 0.88 - top}
    for tag, value in sides.items():
        _child(manual, tag, str(value))
    area.insert(0, layout)


def _horizontals(x: np.ndarray) -> np.ndarray:
    """Return horizontal places as numbers; days as a workbook counts them."""
    if _is_days(x):
        return (x.astype("datetime64[D]") - np.datetime64("1899-12-30")).astype(float)
    return x.astype(float)


def _is_days(x: np.ndarray) -> bool:
    return x.dtype.kind == "M"


def _made(tag: str, value: str | None = None) -> Any:
    """Return an element of a chart's XML."""
    element = OxmlElement(f"c:{tag}")
    if value is not None:
        element.set("val", value)
    return element


def _drop(element: Any, *tags: str) -> None:
    for tag in tags:
        for each in element.findall(SPINE + tag):
            element.remove(each)


def _child(parent: Any, tag: str, value: str | None = None) -> Any:
    element = _made(tag, value)
    parent.append(element)
    return element
