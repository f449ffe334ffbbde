"""Drawing: a mark per configuration, one number across and an effect upright."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from iml_general.report.shown.drawing import (
    WIDTH,
    Y2,
    X,
    Y,
    band,
    bounds,
    corners,
    layer,
    number,
    points,
    render,
    shortened,
    texts,
)
from iml_general.report.shown.notes import Note, annotated
from iml_general.report.shown.palette import INK, Shape

LEFT, ACROSS, HEIGHT = 44, WIDTH - 60, 190  # of the plot; left of it the numbers of the upright axis
SIDE = 12  # of the square around a mark in which a pointer is told about it
NAME = 44  # letters of the title


@dataclass(frozen=True)
class Spot:
    """One mark.

    Attributes:
        x: How far across, a finite number.
        y: How high, a finite number.
        shape: How it is drawn.
        note: What a pointer on it is told.
    """

    x: float
    y: float
    shape: Shape
    note: str


def scatter_chart(
    spots: Sequence[Spot],
    name: str,
    titles: tuple[str, str],
    sesoi: float,
    front: Sequence[tuple[float, float]] = (),
    is_logarithmic: bool = False,
    slope: float | None = None,
) -> str:
    """Draw marks, the last on top, and the front that they form.

    Args:
        spots: The marks.
        name: What stands above the drawing; may be empty.
        titles: Of the axis across and the axis upright.
        sesoi: Half the width of the band around zero.
        front: Places from the left to the right, each lower than the one before, joined by steps: what
            lies below and to the left of it has less of both.
        is_logarithmic: Whether the axis across is; its numbers are then above zero.
        slope: Of a straight line through the origin; none if not given.

    Returns:
        SVG text.
    """
    low, high = bounds([-sesoi, sesoi, *(spot.y for spot in spots)])
    left, right = _decades(spots) if is_logarithmic else bounds(spot.x for spot in spots)
    kind = "log" if is_logarithmic else "linear"
    ticks = {"values": _powers(left, right)} if is_logarithmic else {"tickCount": 5}
    below = {"title": titles[0], "format": "~g" if is_logarithmic else ".2~f", **ticks}
    extent = {"minExtent": LEFT - 14, "maxExtent": LEFT - 14}
    beside = {"title": titles[1], "format": ".2~f", "tickCount": 5, **extent}
    x = number("x", axis=below, scale={"type": kind, "domain": [left, right], "nice": False, "zero": False})
    y = number("y", axis=beside, scale={"domain": [low, high], "nice": False, "zero": False})
    steps = [{"x": across, "y": height} for across, height in front]
    title = [{"text": shortened(name, "", NAME)}]
    stepped = {"color": INK, "strokeWidth": 1.4, "interpolate": "step-before"}
    svg = render(
        [
            band({"y": -sesoi, "y2": sesoi}, y=y, y2=Y2),
            layer([{"y": 0}], "rule", {"color": INK}, y=Y),
            corners([{"x": left, "y": low}], x=x, y=Y),
            # As in all charts, the name is a mark from data and never part of an expression.
            *([texts(title, ACROSS, "bold", x={"value": 0}, y={"value": -8})] if name else []),
            layer(steps, "line", stepped, x=X, y=Y),
            layer(_line(slope, left, right, low, high), "line", {"color": INK, "strokeWidth": 1.4}, x=X, y=Y),
            points([{"x": spot.x, "y": spot.y, **spot.shape.look} for spot in spots]),
        ],
        ACROSS,
        HEIGHT,
    )
    measure = math.log if is_logarithmic else float
    unit = ACROSS / (measure(right) - measure(left))
    return annotated(
        svg,
        (
            Note(
                unit * (measure(spot.x) - measure(left)) - SIDE / 2,
                HEIGHT * (high - spot.y) / (high - low) - SIDE / 2,
                SIDE,
                SIDE,
                spot.note,
            )
            for spot in spots
        ),
    )


def _line(slope: float | None, left: float, right: float, low: float, high: float) -> list[dict[str, float]]:
    """Both ends of a line through the origin, within the plot."""
    if slope is None:
        return []
    if slope != 0:
        at_low, at_high = sorted((low / slope, high / slope))
        left, right = max(left, at_low), min(right, at_high)
    return [{"x": x, "y": slope * x} for x in (left, right)]


def _decades(spots: Sequence[Spot]) -> list[float]:
    """An axis of whole powers of ten that holds all marks, and one at least."""
    low, high = (choose(math.log10(spot.x) for spot in spots) for choose in (min, max))
    first = math.floor(low)
    return [10.0**first, 10.0 ** max(math.ceil(high), first + 1)]


def _powers(left: float, right: float) -> list[float]:
    return [10.0**n for n in range(round(math.log10(left)), round(math.log10(right)) + 1)]
