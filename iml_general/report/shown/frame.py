"""Where lines stand in a chart: the same place in every chart of a report, the largest trust on top.

A line is what the verdict table has a line for; controls stand below the others, under a heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iml_general.report.findings.pairs import Key, Pair
from iml_general.report.shown.drawing import (
    WIDTH,
    Layer,
    Row,
    Y,
    bounds,
    corners,
    layer,
    number,
    render,
    shortened,
    specks,
    texts,
    without_factors,
)
from iml_general.report.shown.notes import Note, annotated
from iml_general.report.shown.palette import INK
from iml_general.report.text.wording import CONTROLS

NAMES = 194  # what of a panel's width belongs to the names
ROOM = 158  # what a name may take; the rest allows for fonts wider than the one that was measured with
LETTERS = 27  # of a name: a longer one loses the end of its learner, never its rule
MARGIN = 12  # between the value axis and the panel's right end
TOP = -0.6  # where the panel begins, in lines
STEP = 17  # height of one line
BELOW = 0.32  # of a line: how far below a mean the dots of its seeds stand
DRAWN_AT_MOST = 50  # lines, controls not counted


@dataclass(frozen=True)
class Dots:
    """Single seeds of one colour.

    Attributes:
        rows: One row per seed; `x` is its value, `y` its line's place.
        colour: Their colour.
    """

    rows: Sequence[Row]
    colour: str


@dataclass(frozen=True)
class Frame:
    """Where each line stands.

    Attributes:
        places: Height of each line, counted in lines from the top, by its key.
        names: Name and height of each line.
        headings: Text and height of each heading.
        omitted: How many lines of subjects there was no room for.
    """

    places: dict[Key, int]
    names: list[Row]
    headings: list[Row]
    omitted: int

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> Frame:
        """Lay out lines: subjects by their primary effect, the largest first, then all controls.

        Args:
            pairs: Lines of the verdict table.

        Returns:
            The layout; of very many subjects those whose primary effects are largest, of either sign.
        """
        subjects = ranked([pair for pair in pairs if pair.is_subject])
        largest = sorted(subjects, key=lambda pair: -abs(pair.primary.mean or 0.0))[:DRAWN_AT_MOST]
        keys = {pair.key for pair in largest}
        drawn = [pair for pair in subjects if pair.key in keys]
        controls = [pair for pair in pairs if not pair.is_subject]
        frame = cls({}, [], [], len(subjects) - len(drawn))
        for pair in drawn:
            frame._add(pair, len(frame.places))
        if controls:
            frame.headings.append({"y": len(drawn), "text": CONTROLS})
        for pair in controls:
            frame._add(pair, len(frame.places) + 1)
        return frame

    @property
    def height(self) -> int:
        """Number of lines, those of headings counted."""
        return len(self.places) + len(self.headings)

    def _add(self, pair: Pair, place: int) -> None:
        self.places[pair.key] = place
        # Of a sweep's point the values: a whole chart of them needs no factor in every line.
        tail = without_factors(pair.name.removeprefix(pair.learner), pair.point)
        text = shortened(pair.learner, tail, LETTERS)
        self.names.append({"y": place, "text": text})

    def draw(
        self,
        layers: Sequence[Layer],
        dots: Sequence[Dots],
        title: str,
        values: Iterable[float],
        notes: Mapping[Key, str],
    ) -> str:
        """Draw one panel.

        Args:
            layers: Marks of `iml_general.report.shown.drawing`; a row's `y` is its line's place.
            dots: Single seeds, below all other marks.
            title: Title of the value axis.
            values: All finite values that have to fit onto the axis.
            notes: What a pointer on a line is told.

        Returns:
            SVG text.
        """
        ends = bounds(values)
        axis = {"title": title, "tickCount": 5, "orient": "top", "format": ".2~f", "titleAnchor": "end"}
        across = _scale(ends, [NAMES, WIDTH - MARGIN])
        x = number("x", axis=axis, scale=across)
        y = number("y", axis=None, scale=_scale([self.height + TOP + 0.2, TOP]))
        svg = render(
            [
                layer([{"x": 0}], "rule", {"color": INK}, x=x),
                corners([{"y": 0}], y=y),
                *(self._dots(one, ends) for one in dots),
                *layers,
                texts(self.headings, ROOM, "bold", x={"value": 0}, y=Y),
                texts(self.names, ROOM, x={"value": 10}, y=Y),
            ],
            WIDTH,
            STEP * self.height,
        )
        return annotated(svg, (self._note(key, notes[key]) for key in self.places if key in notes))

    @property
    def _line(self) -> float:
        """Height of a line, which the room below the last makes a little less than `STEP`."""
        return STEP * self.height / (self.height + 0.2)

    def _note(self, key: Key, text: str) -> Note:
        place = self.places[key]
        return Note(0, self._line * (place - 0.5 - TOP), WIDTH, self._line, text, str(place))

    def _dots(self, dots: Dots, ends: Sequence[float]) -> Layer:
        low, high = ends
        across, down = (WIDTH - MARGIN - NAMES) / (high - low), self._line
        places = [(across * (row["x"] - low), down * (row["y"] + BELOW - TOP)) for row in dots.rows]
        return specks(places, {"x": low, "y": TOP}, dots.colour, 0.6)


def ranked(pairs: Iterable[Pair]) -> list[Pair]:
    """Sort lines by their primary effects, the largest first, and those without one last."""

    def order(pair: Pair) -> tuple[bool, float]:
        mean = pair.primary.mean
        return mean is None, -(mean or 0.0)

    return sorted(pairs, key=order)


def _scale(domain: Sequence[float], reach: Sequence[float] | None = None) -> dict[str, Any]:
    scale: dict[str, Any] = {"domain": list(domain), "nice": False, "zero": False}
    return scale if reach is None else {**scale, "range": list(reach)}
