"""Drawing: one curve per learner-rule pair over the values of a factor, named at its end.

As in all charts, texts are marks from data and never part of an expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from iml_general.report.shown.drawing import (
    WIDTH,
    X2,
    Y2,
    Layer,
    Row,
    X,
    Y,
    band,
    bounds,
    corners,
    layer,
    number,
    points,
    render,
    spans,
    specks,
    texts,
)
from iml_general.report.shown.notes import Note, annotated
from iml_general.report.shown.palette import INK, Shape

LEFT, RIGHT = 44, 170  # beside the plot: numbers of the upright axis, names of the curves
INSIDE = 16  # between the plot's edges and the outermost values
ACROSS = WIDTH - LEFT - RIGHT
HEIGHT, NAME = 240, 15  # of the plot at least, and of one name
DASH = [6, 3]
LINE = 15  # of the texts below the plot
LETTER = 6.6  # width of one, on average
ROOM = 150  # what a name may take; the rest allows for fonts wider than the one that was measured with
SHIFT = 10  # between two curves at one value, where there is room
SPOT = 14  # side of the square around a mean in which a pointer is told about it
BESIDE = 4  # how far to the right of a mean the dots of its seeds stand


@dataclass(frozen=True)
class Line:
    """One curve.

    Attributes:
        name: What stands at its end.
        shape: Its symbol and colour; outlined where the verdict is any other than present.
        is_reference: Whether it is only there to be compared with: dashed and without symbols.
        points: Rows with the value's place `x` from 0 to 1, the mean `y`, the interval's ends `low`
            and `high`, None without an interval, whether the effect is `present`, and what a pointer
            on it is told, `note`.
        seeds: Place and effect of every seed.
    """

    name: str
    shape: Shape
    is_reference: bool
    points: Sequence[Row]
    seeds: Sequence[tuple[float, float]]


def curve_chart(
    lines: Sequence[Line], ticks: Mapping[str, float], sesoi: float, titles: tuple[str, str]
) -> str:
    """Draw curves with intervals, a dot per seed, and their names.

    Args:
        lines: The curves, those to be drawn on top last.
        ticks: Place from 0 to 1 by text of the value.
        sesoi: Half the width of the band around zero.
        titles: Of the axis across and the axis upright.

    Returns:
        SVG text.
    """
    height = max(HEIGHT, NAME * (len(lines) + 1))
    low, high = bounds([-sesoi, sesoi, *_reach(lines)])
    across = {"domain": [0, ACROSS], "nice": False, "zero": False}
    upright = {"domain": [low, high], "nice": False, "zero": False}
    axis = {"title": titles[1], "tickCount": 5, "format": ".2~f", "minExtent": 30, "maxExtent": 30}
    x, y = number("x", axis=None, scale=across), number("y", axis=axis, scale=upright)
    shifts = _shifts(lines, sorted(ticks.values()))
    unit = height / (high - low)
    layers = [
        corners([{"x": 0, "y": 0}, {"x": ACROSS + RIGHT, "y": 0}], x=x, y=y),
        band({"x": 0, "x2": ACROSS, "y": -sesoi, "y2": sesoi}, x=X, x2=X2, y=Y, y2=Y2),
        spans([{"x": 0, "x2": ACROSS, "y": 0, "stroke": INK}], width=1),
    ]
    for line, shift in zip(lines, shifts, strict=True):
        dots = [(_across(at) + shift + BESIDE, unit * (high - effect)) for at, effect in line.seeds]
        layers.append(specks(dots, {"x": 0, "y": high}, line.shape.colour, 0.3))
    for line, shift in zip(lines, shifts, strict=True):
        layers += _line(line, shift)
    layers += _names(lines, shifts, unit, (low, high)) + _ticks(ticks, titles[0], height, low)
    svg = render(layers, ACROSS, height)
    half = SPOT / 2
    spots = [
        Note(_across(row["x"]) + shift - half, unit * (high - row["y"]) - half, SPOT, SPOT, row["note"])
        for line, shift in zip(lines, shifts, strict=True)
        for row in line.points
    ]
    return annotated(svg, spots)


def _across(place: float) -> float:
    return INSIDE + place * (ACROSS - 2 * INSIDE)


def _reach(lines: Iterable[Line]) -> list[float]:
    known = [row[end] for line in lines for row in line.points for end in ("y", "low", "high")]
    return [value for value in known if value is not None] + [y for line in lines for _, y in line.seeds]


def _shifts(lines: Sequence[Line], places: Sequence[float]) -> list[float]:
    """How far each curve is moved sideways, so that intervals at one value don't hide each other."""
    compared = [line for line in lines if not line.is_reference]
    room = min(0.5 * _gap(places), 2 * INSIDE - 6)
    step = min(SHIFT, room / max(len(compared) - 1, 1))
    middle = (len(compared) - 1) / 2
    return [0.0 if line.is_reference else step * (compared.index(line) - middle) for line in lines]


def _gap(places: Sequence[float]) -> float:
    """Between the two values that are closest to each other, in the drawing's units."""
    return min((b - a for a, b in pairwise(places)), default=1.0) * (ACROSS - 2 * INSIDE)


def _line(line: Line, shift: float) -> list[Layer]:
    rows = [{**row, "x": _across(row["x"]) + shift} for row in line.points]
    whiskers = [{"x": row["x"], "y": row["low"], "y2": row["high"]} for row in rows if row["low"] is not None]
    means = [{"x": row["x"], "y": row["y"]} for row in rows]
    drawn = {"color": line.shape.colour, "strokeWidth": 1.6, "strokeDash": DASH if line.is_reference else []}
    layers = [
        layer(means, "line", drawn, x=X, y=Y),
        layer(whiskers, "rule", {"color": line.shape.colour, "strokeWidth": 1.4}, x=X, y=Y, y2=Y2),
    ]
    if not line.is_reference:
        looks = [replace(line.shape, filled=row["present"]).look for row in rows]
        layers.append(points([mean | look for mean, look in zip(means, looks, strict=True)]))
    return layers


def _names(
    lines: Sequence[Line], shifts: Sequence[float], unit: float, ends: tuple[float, float]
) -> list[Layer]:
    """Every name at the height of its curve's last mean, or as near as the others leave room for."""
    named = [(line, shift) for line, shift in zip(lines, shifts, strict=True) if line.points]
    heights = _apart([line.points[-1]["y"] for line, _ in named], NAME / unit, ends)
    layers = []
    for (line, shift), y in zip(named, heights, strict=True):
        last = line.points[-1]
        lead = [{"x": _across(last["x"]) + shift + 6, "y": last["y"]}, {"x": ACROSS + 4, "y": y}]
        thin = {"color": line.shape.colour, "strokeWidth": 0.7, "opacity": 0.7}
        layers.append(layer(lead, "line", thin, x=X, y=Y))
        layers.append(texts([{"x": ACROSS + 18, "y": y, "text": line.name}], ROOM, x=X, y=Y))
        if not line.is_reference:
            layers.append(points([{"x": ACROSS + 10, "y": y, **line.shape.look}]))
    return layers


def _apart(wanted: Sequence[float], least: float, ends: tuple[float, float]) -> list[float]:
    """The same heights, moved until each is `least` from the next and all are within the ends."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    found = list(wanted)
    floor = ends[0] + least / 2
    for i in order:
        found[i] = floor = max(found[i], floor)
        floor += least
    ceiling = ends[1] - least / 2
    for i in reversed(order):
        found[i] = ceiling = min(found[i], ceiling)
        ceiling -= least
    return found


def _ticks(ticks: Mapping[str, float], title: str, height: float, low: float) -> list[Layer]:
    """Values below the plot, on as many lines as they need, and the title below them."""
    places = sorted(ticks.values())
    room = _gap(places)
    n_lines = min(ceil((max(map(len, ticks)) + 1) * LETTER / room), 3)
    marks = [{"x": _across(place), "y": low} for place in places]
    layers = [layer(marks, "tick", {"orient": "vertical", "size": 5, "color": INK}, x=X, y=Y)]
    for i, (text, place) in enumerate(sorted(ticks.items(), key=lambda one: one[1])):
        y = height + LINE * (0.8 + i % n_lines)
        layers.append(_below(text, _across(place), y, room * n_lines if len(ticks) > 1 else ACROSS))
    layers.append(_below(title, ACROSS / 2, height + LINE * (n_lines + 1), ACROSS, "bold"))
    return layers


def _below(text: str, x: float, y: float, room: float, weight: str = "normal") -> Layer:
    style = {"limit": room, "fontSize": 12, "fontWeight": weight, "color": INK}
    shown = {"field": "text", "type": "nominal"}
    return layer([{"x": x, "text": text}], "text", style, x=X, y={"value": y}, text=shown)
