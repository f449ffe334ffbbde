"""Drawing: one line per pair under family headings, as an SVG that can stand inside the page.

All charts share this frame, so a pair is found at the same height in each. Its name is a text mark
from data and never part of an expression, so that no name can do any harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import vl_convert

from iml_general.report.findings.pairs import Key, Pair, grouped
from iml_general.report.shown.notes import Note, annotated

WIDTH = 408  # of a whole panel, in the SVG's units: two stand side by side on a desktop
NAMES = 194  # what of it belongs to the names
ROOM = 158  # what a name may take; the rest allows for fonts wider than the one that was measured with
LETTERS = 27  # of a name: a longer one loses the end of its learner, never its rule
MARGIN = 12  # between the value axis and the panel's right end
TOP = -0.6  # where the panel begins, in lines
STEP = 20  # height of one line
BELOW = 0.32  # of a line: how far below a mean the dots of its seeds stand
INK, FAINT = "#6b7280", "#9ca3af"

Row = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """How a mark looks.

    Attributes:
        path: A shape of Vega's, or an SVG path within -1..1.
        colour: Legible on a light and on a dark page.
        filled: Whether it is filled rather than outlined.
    """

    path: str
    colour: str
    filled: bool = True


@dataclass(frozen=True)
class Dots:
    """Single seeds of one colour.

    Attributes:
        rows: One row per seed; `x` is its value, `y` its pair's place.
        colour: Their colour.
    """

    rows: Sequence[Row]
    colour: str


@dataclass(frozen=True)
class Frame:
    """Where each pair and each heading stands.

    Attributes:
        places: Height of each pair, counted in lines from the top.
        names: Name and height of each pair.
        headings: Text and height of each heading.
        height: Number of lines.
    """

    places: dict[Key, int]
    names: list[Row]
    headings: list[Row]
    height: int

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> Frame:
        """Lay out pairs under their headings."""
        frame = cls({}, [], [], len(pairs) + len(grouped(pairs)))
        y = 0
        for heading, members in grouped(pairs):
            frame.headings.append({"y": y, "text": heading})
            for pair in members:
                y += 1
                frame.places[pair.key] = y
                frame.names.append({"y": y, "text": _label(pair)})
            y += 1
        return frame

    def draw(
        self,
        layers: Sequence[alt.Chart],
        dots: Sequence[Dots],
        title: str,
        values: Iterable[float],
        notes: Mapping[Key, str],
    ) -> str:
        """Draw one panel.

        Args:
            layers: Marks made by the functions below; a row's `y` is its pair's place.
            dots: Single seeds, below all other marks.
            title: Title of the value axis.
            values: All finite values that have to fit onto the axis.
            notes: What a pointer on a pair's line is told.

        Returns:
            SVG text.
        """
        axis = alt.Axis(title=title, tickCount=5, orient="top", format=".2~f", titleAnchor="start")
        ends = bounds(values)
        span = alt.Scale(domain=ends, range=[NAMES, WIDTH - MARGIN], nice=False, zero=False)
        lines = alt.Scale(domain=[self.height + TOP + 0.2, TOP], nice=False, zero=False)
        x = alt.X("x:Q", axis=axis, scale=span)
        y = alt.Y("y:Q", axis=None, scale=lines)
        zero = data([{"x": 0}]).mark_rule(color=INK).encode(x=x)
        anchor = data([{"y": 0}]).mark_point(opacity=0).encode(y=y)
        texts = [_texts(self.headings, 0, "bold"), _texts(self.names, 10, "normal")]
        seeds = [self._dots(one, ends) for one in dots]
        chart = alt.layer(zero, anchor, *seeds, *layers, *texts)
        svg = render(chart.properties(width=WIDTH, height=STEP * self.height))
        return annotated(svg, (self._note(key, notes[key]) for key in self.places if key in notes))

    @property
    def _line(self) -> float:
        """Height of a line, which the room below the last makes a little less than `STEP`."""
        return STEP * self.height / (self.height + 0.2)

    def _note(self, key: Key, text: str) -> Note:
        return Note(0, self._line * (self.places[key] - 0.5 - TOP), WIDTH, self._line, text)

    def _dots(self, dots: Dots, ends: Sequence[float]) -> alt.Chart:
        """All dots of a colour as one mark: hundreds of single ones would make most of the file."""
        low, high = ends
        across, down = (WIDTH - MARGIN - NAMES) / (high - low), self._line
        places = [(across * (row["x"] - low), down * (row["y"] + BELOW - TOP)) for row in dots.rows]
        return specks(places, {"x": low, "y": TOP}, dots.colour, 0.6)


def specks(places: Iterable[tuple[float, float]], origin: Row, colour: str, opacity: float) -> alt.Chart:
    """Small round dots.

    Args:
        places: How far each is to the right of the origin and below it, in the drawing's units.
        origin: Values `x` and `y` from which the distances count.
        colour: Their colour.
        opacity: From 0 to 1.

    Returns:
        All of them as one mark.
    """
    shapes = sorted({f"M{across:.1f},{down:.1f}h.01" for across, down in places})
    mark = data([origin] if shapes else []).mark_point(
        shape="".join(shapes) or "circle",
        size=4,  # at which one unit of a shape is one of the drawing
        color=colour,
        strokeWidth=2.8,
        strokeCap="round",
        opacity=opacity,
    )
    chart: alt.Chart = mark.encode(x="x:Q", y="y:Q")
    return chart


def points(rows: Sequence[Row], shape: Shape) -> alt.Chart:
    """A mark at (x, y) of every row."""
    mark = data(rows).mark_point(
        shape=shape.path, filled=shape.filled, color=shape.colour, size=55, opacity=1, strokeWidth=1.6
    )
    chart: alt.Chart = mark.encode(x="x:Q", y="y:Q")
    return chart


def spans(rows: Sequence[Row], colour: str, width: float = 1.6) -> alt.Chart:
    """A line from x to x2 in every row."""
    mark = data(rows).mark_rule(color=colour, strokeWidth=width)
    chart: alt.Chart = mark.encode(x="x:Q", x2="x2:Q", y="y:Q")
    return chart


def band(half_width: float) -> alt.Chart:
    """A band around zero over the whole height."""
    mark = data([{"x": -half_width, "x2": half_width}]).mark_rect(color=FAINT, opacity=0.25)
    chart: alt.Chart = mark.encode(x="x:Q", x2="x2:Q")
    return chart


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


def _label(pair: Pair) -> str:
    # Of a sweep's point the value: a whole chart of them needs no factor in every line.
    more = pair.more.replace(f"{pair.factor}=", "=") if pair.factor else pair.more
    tail = f" {pair.rule} {more}".rstrip()
    return shortened(pair.learner, tail, LETTERS)


def shortened(learner: str, tail: str, letters: int) -> str:
    """Cut a learner's name so that it fits with what follows it, of which nothing is cut."""
    room = max(letters - len(tail), 4)
    return (learner if len(learner) <= room else f"{learner[: room - 1]}…") + tail


def data(rows: Sequence[Row]) -> alt.Chart:
    """Rows to be drawn, their numbers rounded."""
    # Rounded, so that the last bit of a mean can't change the drawing.
    rounded = [{k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} for row in rows]
    return alt.Chart(alt.InlineData(values=rounded))


def _texts(rows: Sequence[Row], indent: int, weight: Literal["bold", "normal"]) -> alt.Chart:
    mark = data(rows).mark_text(align="left", limit=ROOM, fontSize=12, fontWeight=weight, color=INK)
    chart: alt.Chart = mark.encode(x=alt.value(indent), y="y:Q", text="text:N")
    return chart


def render(chart: alt.LayerChart | alt.FacetChart) -> str:
    """Draw a chart in the style of all charts."""
    styled = chart.configure(font="sans-serif", background="transparent", padding=2, aria=False)
    styled = styled.configure_view(stroke=None).configure_axis(
        gridColor=FAINT,
        gridOpacity=0.35,
        domain=False,
        ticks=False,
        labelColor=INK,
        titleColor=INK,
        labelFontSize=12,
        titleFontSize=12,
    )
    version = "_".join(alt.SCHEMA_VERSION.split(".")[:2])
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict(), vl_version=version)
    # The roles that Vega gives to single marks promise a description that none of them has: a drawing
    # is one image with one description. Texts hold no "<", so a match is always a tag.
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", tag[0]), svg)
