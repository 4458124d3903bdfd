"""What the native charts of slides and workbooks share: places, columns and axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from recon.export import figure_reader
from recon.export.figure_reader import Drawing, Series

# what the workbook inside a chart would take for a formula or a link
RUN_STARTS = ("=", "{=", "internal:", "external:", "http:", "https:", "ftp:", "file:")
NEAR_DAYS = 6
# what XML cannot hold: control characters, halves of pairs, and two that are none
CONTROL = dict.fromkeys(
    [*range(9), *range(11, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
)
LEAST_GAP_FRAC = 0.055  # of the axis, between two labels at the right edge
NEAR_FRAC = 0.002
PERCENT = '0"%";"\u2212"0"%"'
FRACTION = '0%;"\u2212"0%'
USD_BN = '[<1]"$"0.00"bn";[<10]"$"0.0"bn";"$"#,##0"bn"'


@dataclass(frozen=True, kw_only=True)
class Column:
    """One series over the places of a chart; `series` says how it looks.

    `labels` and `colours` are of each place, none where they are not the place's own;
    `is_rest` marks what a series has at a place where it has more than one value.
    """

    name: str
    values: list[float | None]
    series: Series
    is_rest: bool = False
    labels: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shade:
    """A band as an office program stacks it: a floor that is not seen, and heights."""

    floor: list[float | None]
    heights: list[tuple[str, list[float], str, float]]


@dataclass(frozen=True, kw_only=True)
class Ends:
    """A scaled axis: its ends, and the base where it is logarithmic (else 0)."""

    low: float | None
    high: float | None
    base: int
    number_format: str


def text(words: object) -> str:
    """Return text that neither breaks a document nor runs in its workbook.

    >>> text("=cmd()"), text("A<b>&")
    ("'=cmd()", 'A<b>&')
    """
    plain = str(words).translate(CONTROL)
    return f"'{plain}" if plain.lower().startswith(RUN_STARTS) else plain


def scale(figure: Drawing) -> float:
    """Return what to multiply values by: dollars are shown in billions."""
    largest = max(
        (np.nanmax(np.abs(each.y)) for each in figure.series if _has_values(each)),
        default=0.0,
    )
    is_usd = figure.y.unit == "usd_bn" or largest >= figure_reader.BILLION
    return 1 / figure_reader.BILLION if is_usd else 1.0


def places(figure: Drawing) -> list:
    """Return every place that a series has a value at, in order.

    Of days those of the lines: a mark beside them is put on the nearest, since a line
    would have a gap at a day of its own.
    """
    drawn = [each for each in figure.series if each.is_line] or figure.series
    if figure.kind != figure_reader.TIME:
        drawn = figure.series
    found = dict.fromkeys(at for each in drawn for at in each.x)
    if figure.kind != figure_reader.TIME:
        first = [at for at in figure.x.order if at in found]
        return list(dict.fromkeys([*first, *found]))
    return sorted(at for at in found if not np.isnat(at))


def nearest(order: list, at: object) -> object:
    """Return the day of a chart nearest to another one, that day where none is near."""
    day = np.datetime64(str(at)[:10], "D")
    if not order or np.isnat(day):
        return at
    days = np.array(order, "datetime64[D]")
    place = int(np.abs(days - day).argmin())
    is_near = abs(int((days[place] - day).astype(int))) <= NEAR_DAYS
    return order[place] if is_near else at


def columns(figure: Drawing) -> list[Column]:
    """Return every series over the places, one that has several at a place in parts.

    The edges of a band come with it, as lines of their own.
    """
    days = places(figure)
    factor, order = scale(figure), {at: n for n, at in enumerate(days)}
    made: list[Column] = []
    for each in [*figure.series, *_edges(figure)]:
        spots = list(each.x)
        if figure.kind == figure_reader.TIME and not each.is_line:
            spots = [nearest(days, at) for at in spots]
        left = [
            (order[at], value)
            for at, value in zip(spots, each.y, strict=True)
            if at in order
        ]
        is_rest = False
        while left:
            values: list[float | None] = [None] * len(order)
            again = []
            for at, value in left:
                if values[at] is None:
                    values[at] = None if np.isnan(value) else value * factor
                elif not np.isnan(value):
                    again.append((at, value))
            name = figure_reader.unused(
                text(each.name), [column.name for column in made]
            )
            made.append(
                Column(
                    name=name,
                    values=values,
                    series=each,
                    is_rest=is_rest,
                    labels=_by_place(each.labels, spots, order),
                    colours=_by_place(each.point_colours, spots, order),
                )
            )
            left, is_rest = again, True
    return made


def shades(figure: Drawing) -> Shade | None:
    """Return the bands as one stack from the lowest edge, None where there are none.

    What lies between two edges looks like the bands that hold it, one over the other,
    and like nothing between bands. Where the data have a gap the stack has no height.
    """
    if not figure.bands or figure.kind != figure_reader.TIME:
        return None
    order, factor = places(figure), scale(figure)
    sides = []
    for band in figure.bands:
        foot = _over(order, band.x, band.low) * factor
        top = _over(order, band.x, band.high) * factor
        if not np.isnan(foot + top).all():
            sides.append((band, foot, top))
    if not sides:
        return None
    edges: list[np.ndarray] = []
    for edge in (edge for _, foot, top in sides for edge in (foot, top)):
        if not any(np.allclose(edge, other, equal_nan=True) for other in edges):
            edges.append(edge)
    edges.sort(key=lambda edge: float(np.nanmedian(edge)))
    heights: list[tuple[str, list[float], str, float]] = []
    for low, high in pairwise(edges):
        middle, height = np.nanmedian(low + high) / 2, np.nan_to_num(high - low)
        around = [
            (float(np.nanmedian(top - foot)), number)
            for number, (_, foot, top) in enumerate(sides)
            if np.nanmedian(foot) <= middle <= np.nanmedian(top)
        ]
        band = sides[min(around)[1]][0] if around else sides[0][0]
        through = [1 - sides[number][0].strength for _, number in around]
        strength = 1 - float(np.prod(through))  # none where nothing is around
        taken = [name for name, *_ in heights]
        name = figure_reader.unused(text(f"{band.name}, shaded"), taken)
        heights.append((name, list(height), band.colour, strength))
    floor = pd.Series(edges[0]).ffill().bfill()
    return Shade(floor=list(floor), heights=heights)


def end_labels(
    figure: Drawing, made: Sequence[Column]
) -> dict[str, tuple[str, str, float]]:
    """Return text, colour and push upwards (of the axis) of columns' last values."""
    ends, factor = ends_of(figure), scale(figure)
    found: dict[str, tuple[str, str, float]] = {}
    spots: list[tuple[float, str]] = []
    for label in figure.labels:
        for column in made:
            own = column.series
            if column.name in found or not own.is_line or own.colour != label.colour:
                continue
            last = next((v for v in reversed(column.values) if v is not None), None)
            if last and abs(last / (label.value * factor) - 1) < NEAR_FRAC:
                found[column.name] = (label.text, label.colour, 0.0)
                spots.append((_height(last, ends), column.name))
                break
    before = 2.0
    for spot, name in sorted(spots, reverse=True):
        place = min(spot, before - LEAST_GAP_FRAC)
        found[name] = (*found[name][:2], place - spot)
        before = place
    return found


def ends_of(figure: Drawing) -> Ends:
    """Return the vertical axis: a log one from a power of its base."""
    axis, factor = figure.y, scale(figure)
    form = USD_BN if factor != 1 else "General"
    if axis.unit == "%":
        form = PERCENT
    elif axis.unit == figure_reader.FRACTION:
        form = FRACTION
    if axis.low is None or axis.high is None:
        return Ends(low=None, high=None, base=0, number_format=form)
    low, high, base = axis.low * factor, axis.high * factor, 0
    if axis.is_log:
        values = [each.y for each in figure.series if _has_values(each)]
        values += [band.low for band in figure.bands]
        least = min(float(np.nanmin(each)) * factor for each in values)
        base = base_of(low, high)
        low = power_below(max(low, least), base)
    return Ends(low=low, high=high, base=base, number_format=form)


def base_of(low: float, high: float) -> int:
    """Return the base of a log axis, so that it has several ticks."""
    return 10 if high / low > 200 else 2


def power_below(value: float, base: int) -> float:
    """Return the largest power of a base that is not above a value.

    >>> power_below(2.1, 2), power_below(0.14, 10)
    (2.0, 0.1)
    """
    exponent = np.floor(np.log(value) / np.log(base) + 1e-9)
    return float(round(float(base) ** exponent, 12))


def _by_place(words: tuple[str, ...], spots: Sequence, order: dict) -> tuple[str, ...]:
    found = dict(zip(spots, words, strict=False))
    return tuple(found.get(at, "") for at in order) if words else ()


def _edges(figure: Drawing) -> list[Series]:
    """Return the outer edges of bands that are not drawn as lines of their own."""
    named = {each.name for each in figure.series}
    return [
        Series(
            name=band.name,
            x=band.x,
            y=band.low if band.name.lower().startswith("low") else band.high,
            colour=band.colour,
            width=figure_reader.EDGE_WIDTH,
        )
        for band in figure.bands
        if band.name not in named
    ]


def _over(order: Sequence, x: np.ndarray, values: np.ndarray) -> np.ndarray:
    known = dict(zip(x, values, strict=True))
    return np.array([known.get(place, np.nan) for place in order], float)


def _height(value: float, ends: Ends) -> float:
    if ends.low is None or ends.high is None or ends.high <= ends.low:
        return 0.0
    if ends.base:
        return float(np.log(value / ends.low) / np.log(ends.high / ends.low))
    return (value - ends.low) / (ends.high - ends.low)


def _has_values(each: Series) -> bool:
    return bool(len(each.y)) and not bool(np.isnan(each.y).all())
