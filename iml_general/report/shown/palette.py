"""Colours and marks of the charts, by position: whatever comes along gets the next of them.

Every colour has a contrast of at least 3 to 1 on a light and on a dark page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

INK, FAINT, GREY = "#6b7280", "#9ca3af", "#7a7f87"
COLOURS = (
    "#2a7fc1",
    "#d4561f",
    "#2f8f5b",
    "#a06ab4",
    "#a87a00",
    "#c2477f",
    "#1b8a99",
    "#8a6d4f",
    "#6f74d8",
    "#6b8a1f",
)
CROSS = "M-.7,-.7L.7,.7M.7,-.7L-.7,.7"
TICK = "M0,-2L0,2"  # longer than other marks, which may stand on it
DASHES = "M-1,0h.75M.25,0h.75"
SWATCH = "■"
SHAPES = (
    ("●", "○", "circle"),
    (SWATCH, "□", "square"),
    ("▲", "△", "triangle-up"),
    ("◆", "◇", "diamond"),
    ("▼", "▽", "triangle-down"),
    ("▶", "▷", "M-1,-1L1,0L-1,1Z"),
    ("✚", "✛", "M-.45,-1H.45V-.4H1V.4H.45V1H-.45V.4H-1V-.4H-.45Z"),
)
"""Marks of what differs in kind, each after the characters that are most like it, filled and outlined."""


@dataclass(frozen=True)
class Shape:
    """How a mark looks.

    Attributes:
        path: A shape of Vega's, or an SVG path within -1..1.
        colour: Legible on a light and on a dark page.
        filled: Whether it is filled rather than outlined.
    """

    path: str
    colour: str = INK
    filled: bool = True

    @property
    def look(self) -> dict[str, str]:
        """The same as fields of a row that is drawn as a point."""
        return {
            "shape": self.path,
            "stroke": self.colour,
            "fill": self.colour if self.filled else "transparent",
        }


FINDING_SHAPES = {
    "trusts": ("triangle-up", True),
    "distrusts": ("triangle-down", True),
    "gap only": ("triangle-up", False),
    "no trust": ("circle", True),
    "undecided": ("diamond", True),
    "not internalised": (CROSS, False),
}
"""The shape that is most like a finding's symbol, and whether it is filled."""
UNKNOWN = ("square", False)


def finding_shape(finding: str, colour: str = INK) -> Shape:
    """How a finding is drawn.

    Args:
        finding: Its word.
        colour: Its colour, which says something else.

    Returns:
        The shape.
    """
    path, is_filled = FINDING_SHAPES.get(finding, UNKNOWN)
    return Shape(path, colour, is_filled)


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """Give every name a colour, as long as there are new ones.

    Args:
        names: In the order in which the colours are dealt out; repeated names count once.

    Returns:
        Colour by name.
    """
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(dict.fromkeys(names))}


def mark(place: int, is_filled: bool = True) -> tuple[str, Shape]:
    """The mark of the thing that stands at a place of its list.

    Args:
        place: Counted from 0.
        is_filled: Whether it is filled rather than outlined.

    Returns:
        The character that is most like it, and its shape; all differ for the first seventy.
    """
    filled, outlined, path = SHAPES[place % len(SHAPES)]
    return filled if is_filled else outlined, Shape(path, COLOURS[place % len(COLOURS)], is_filled)
