"""Drawing: the marks that charts are made of, and how a chart becomes an SVG that can stand in the page.

Layers are plain Vega-Lite, whose words are documented at vega.github.io/vega-lite/docs. Texts are marks
from data and never part of an expression, so that no name can do any harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import vl_convert

from iml_general.report.shown.palette import FAINT, INK

WIDTH = 408  # of a whole panel, in the SVG's units: two stand side by side on a desktop
VEGA_LITE = "6.1"  # the version that layers are written for

Row = dict[str, Any]
Layer = dict[str, Any]

CONFIG = {
    "font": "sans-serif",
    "background": "transparent",
    "padding": 2,
    "aria": False,
    "view": {"stroke": None},
    "axis": {
        "gridColor": FAINT,
        "gridOpacity": 0.35,
        "domain": False,
        "ticks": False,
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
    },
}


def number(field: str, **more: Any) -> dict[str, Any]:
    """Where a mark gets a number from: a field of its row, and what its axis and scale are like."""
    return {"field": field, "type": "quantitative", **more}


def colour(field: str) -> dict[str, Any]:
    """Where a mark gets a colour or a shape from: a field of its row that holds it as it is."""
    return {"field": field, "type": "nominal", "scale": None}


X, X2, Y, Y2 = (number(field) for field in ("x", "x2", "y", "y2"))


def layer(rows: Sequence[Row], mark: str, style: Mapping[str, Any], **encoding: dict[str, Any]) -> Layer:
    """Make a mark of every row.

    Args:
        rows: What is drawn.
        mark: Vega-Lite's name of the kind of mark.
        style: What all marks have in common.
        **encoding: Where each mark's place and looks come from, by Vega-Lite's names of the channels.

    Returns:
        A layer for `render`.
    """
    # Rounded, so that the last bit of a mean can't change the drawing.
    rounded = [{k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} for row in rows]
    return {"data": {"values": rounded}, "mark": {"type": mark, **style}, "encoding": encoding}


def points(rows: Sequence[Row]) -> Layer:
    """A mark at (x, y) of every row, which also has the fields of a shape's `look`."""
    look = {name: colour(name) for name in ("shape", "stroke", "fill")}
    return layer(rows, "point", {"size": 55, "opacity": 1, "strokeWidth": 1.6}, x=X, y=Y, **look)


def spans(rows: Sequence[Row], width: float = 1.6) -> Layer:
    """A line from x to x2 in every row, in the colour that its `stroke` says."""
    return layer(rows, "rule", {"strokeWidth": width}, x=X, x2=X2, y=Y, stroke=colour("stroke"))


def texts(rows: Sequence[Row], limit: float, weight: str = "normal", **encoding: dict[str, Any]) -> Layer:
    """The `text` of every row, to the right of its place, cut where it is longer than the limit."""
    style = {"align": "left", "limit": limit, "fontSize": 12, "fontWeight": weight, "color": INK}
    return layer(rows, "text", style, text={"field": "text", "type": "nominal"}, **encoding)


def specks(places: Iterable[tuple[float, float]], origin: Row, stroke: str, opacity: float) -> Layer:
    """Small round dots.

    Args:
        places: How far each is to the right of the origin and below it, in the drawing's units.
        origin: Values `x` and `y` from which the distances count.
        stroke: Their colour.
        opacity: From 0 to 1.

    Returns:
        All of them as one mark: hundreds of single ones would make most of the file.
    """
    shapes = sorted({f"M{across:.1f},{down:.1f}h.01" for across, down in places})
    style = {
        "shape": "".join(shapes) or "circle",
        "size": 4,  # at which one unit of a shape is one of the drawing
        "color": stroke,
        "strokeWidth": 2.8,
        "strokeCap": "round",
        "opacity": opacity,
    }
    return layer([origin] if shapes else [], "point", style, x=X, y=Y)


def band(row: Row, **encoding: dict[str, Any]) -> Layer:
    """A band around zero; a side that has no encoding is as long as the drawing."""
    return layer([row], "rect", {"color": FAINT, "opacity": 0.25}, **encoding)


def corners(rows: Sequence[Row], **encoding: dict[str, Any]) -> Layer:
    """Marks that can't be seen, which make room, and bring the axes with them."""
    return layer(rows, "point", {"opacity": 0}, **encoding)


def bounds(values: Iterable[float], least: float = 0.1) -> list[float]:
    """Choose an axis that holds all values and zero, with a little room.

    Args:
        values: Finite values.
        least: Length that the axis has at least.

    Returns:
        Lower and upper end.
    """
    known = [0.0, *values]
    low, high = min(known), max(known)
    missing = max(0.0, least - (high - low)) / 2
    room = missing + 0.04 * (high - low)
    return [low - room, high + room]


def shortened(learner: str, tail: str, letters: int) -> str:
    """Cut a learner's name so that it fits with what follows it, of which nothing is cut."""
    room = max(letters - len(tail), 4)
    return (learner if len(learner) <= room else f"{learner[: room - 1]}…") + tail


def without_factors(name: str, factors: Iterable[str]) -> str:
    """Shorten a name with values of a sweep: ``"mlp continue =0.5"`` where a caption says of what."""
    for factor in factors:
        name = name.replace(f" {factor}=", " =")
    return name


def render(layers: Sequence[Layer], width: float, height: float) -> str:
    """Draw layers in the style of all charts.

    Args:
        layers: What to draw, the last on top.
        width: Of the plot without its axes.
        height: Of the plot.

    Returns:
        SVG text.
    """
    chart = {"layer": list(layers), "width": width, "height": height, "config": CONFIG}
    svg: str = vl_convert.vegalite_to_svg(chart, vl_version=VEGA_LITE)
    # The roles that Vega gives to single marks promise a description that none of them has: a drawing
    # is one image with one description. Texts hold no "<", so a match is always a tag.
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", tag[0]), svg)
