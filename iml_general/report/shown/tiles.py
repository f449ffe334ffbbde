"""Drawing: a table of tiles, each with a mark and a number, the darker the farther from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iml_general.report.shown.drawing import (
    WIDTH,
    Y2,
    X,
    Y,
    colour,
    corners,
    layer,
    number,
    render,
    shortened,
)
from iml_general.report.shown.notes import Note, annotated
from iml_general.report.shown.palette import COLOURS, INK, Shape
from iml_general.report.text.rounding import signed

NAMES, MARGIN = 148, 14  # left of the tiles, and right of them, where the last column's name leans over
LETTERS, COLUMN_LETTERS = 28, 14  # of the names of rows and columns
STEP, WIDEST = 26, 52  # height of a row, and width of a column at most
HEADING = 0.7  # height of a heading, in rows
TOP = 2.9  # height of the columns' names, in rows
ABOVE, BELOW = COLOURS[0], COLOURS[1]  # zero
DARKEST = 0.45  # opacity of a tile that is 1 away from zero, on which letters can still be read
SMALL = 10  # size of letters


@dataclass(frozen=True)
class Tile:
    """One tile.

    Attributes:
        value: Its number; None if there is none.
        shape: Its mark.
        note: What a pointer on it is told.
    """

    value: float | None
    shape: Shape
    note: str


@dataclass(frozen=True)
class TileRow:
    """One row.

    Attributes:
        heading: Rows of one heading stand together below it.
        name: A long name loses letters of this.
        tail: What follows the name, of which nothing is cut.
        tiles: One per column; None where there is nothing.
    """

    heading: str
    name: str
    tail: str
    tiles: tuple[Tile | None, ...]


def tile_chart(columns: Sequence[str], rows: Sequence[TileRow]) -> str:
    """Draw tiles.

    Args:
        columns: Names of the columns.
        rows: The rows, in their order.

    Returns:
        SVG text.
    """
    tops, headings, height = _places(rows)
    unit = min((WIDTH - NAMES - MARGIN) / len(columns), WIDEST)
    x = number("x", axis=None, scale=_scale([0, len(columns)], [NAMES, NAMES + unit * len(columns)]))
    y = number("y", axis=None, scale=_scale([height, -TOP]))
    placed = [
        (column, top, tile)
        for row, top in zip(rows, tops, strict=True)
        for column, tile in enumerate(row.tiles)
        if tile is not None
    ]
    known = [(column, top, tile, tile.value) for column, top, tile in placed if tile.value is not None]
    shades = [
        {
            **{"x": column + 0.04, "x2": column + 0.96, "y": top + 0.04, "y2": top + 0.96},
            **{"fill": ABOVE if value >= 0 else BELOW, "opacity": DARKEST * min(abs(value), 1.0)},
        }
        for column, top, _, value in known
    ]
    marks = [{"x": column + 0.5, "y": top + 0.32, **tile.shape.look} for column, top, tile in placed]
    numbers = [{"x": column + 0.5, "y": top + 0.74, "text": _short(value)} for column, top, _, value in known]
    names = [
        {"y": top + 0.5, "text": shortened(row.name, row.tail, LETTERS)}
        for row, top in zip(rows, tops, strict=True)
    ]
    titles = [
        {"x": place + 0.5, "y": -0.15, "text": shortened(name, "", COLUMN_LETTERS)}
        for place, name in enumerate(columns)
    ]
    look = {name: colour(name) for name in ("shape", "stroke", "fill")}
    opacity = {"field": "opacity", "type": "quantitative", "scale": None}
    svg = render(
        [
            corners([{"x": 0, "y": 0}], x=x, y=y),
            layer(
                shades, "rect", {}, x=X, x2=number("x2"), y=Y, y2=Y2, fill=colour("fill"), fillOpacity=opacity
            ),
            layer(marks, "point", {"size": 34, "opacity": 1, "strokeWidth": 1.4}, x=X, y=Y, **look),
            _texts(numbers, {"align": "center", "fontSize": SMALL}, x=X),
            _texts(titles, {"align": "left", "fontSize": SMALL + 1, "angle": -60}, x=X),
            _texts(headings, {"align": "left", "fontSize": SMALL + 1, "fontWeight": "bold"}, x={"value": 0}),
            _texts(names, {"align": "left", "fontSize": SMALL + 1}, x={"value": 6}),
        ],
        WIDTH,
        STEP * (height + TOP),
    )
    notes = (
        Note(NAMES + unit * column, STEP * (top + TOP), unit, STEP, tile.note) for column, top, tile in placed
    )
    return annotated(svg, notes)


def _short(value: float) -> str:
    """A number without the zero before its point, for which a narrow column has no room."""
    text = signed(value, 2)
    return text.removesuffix(".00") if text[-4:] == "1.00" else text.replace("0.", ".", 1)


def _places(rows: Sequence[TileRow]) -> tuple[list[float], list[dict[str, object]], float]:
    """The upper edge of each row, the headings, and the height of all, counted in rows."""
    at, tops = 0.0, []
    headings: list[dict[str, object]] = []
    before = None
    for row in rows:
        if row.heading != before:
            headings.append({"y": at + HEADING / 2, "text": shortened(row.heading, "", LETTERS + 10)})
            at, before = at + HEADING, row.heading
        tops.append(at)
        at += 1
    return tops, headings, at


def _texts(
    rows: Sequence[dict[str, object]], style: dict[str, object], **encoding: dict[str, object]
) -> dict[str, object]:
    look = {"color": INK, "baseline": "middle", **style}
    return layer(rows, "text", look, text={"field": "text", "type": "nominal"}, y=Y, **encoding)


def _scale(domain: Sequence[float], reach: Sequence[float] | None = None) -> dict[str, object]:
    scale: dict[str, object] = {"domain": list(domain), "nice": False, "zero": False}
    return scale if reach is None else {**scale, "range": list(reach)}
