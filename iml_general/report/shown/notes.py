"""What a pointer that rests on a mark is told: titles in the drawing, which need no script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from iml_general.report.text.wording import plain


@dataclass(frozen=True)
class Note:
    """A text and the part of a drawing that it belongs to.

    Attributes:
        left: Distance of the part from the plot's left edge, in the drawing's units.
        top: Distance from its upper edge.
        width: How wide it is.
        height: How high.
        text: What is said.
        line: Number of the line that it is about; parts of one line are lit up together. Empty if none.
    """

    left: float
    top: float
    width: float
    height: float
    text: str
    line: str = ""


def annotated(svg: str, notes: Iterable[Note]) -> str:
    """Lay invisible areas with titles over a drawing.

    Args:
        svg: A drawing of `iml_general.report.shown.drawing.render`.
        notes: The areas, those to be on top last.

    Returns:
        SVG text that looks the same.
    """
    plot = re.search(r'transform="translate\([\d.,-]+\)"', svg)
    assert plot is not None
    areas = "".join(map(_area, notes))
    return f'{svg.removesuffix("</svg>")}<g {plot[0]} fill-opacity="0">{areas}</g></svg>' if areas else svg


def _area(note: Note) -> str:
    line = f' data-line="{note.line}"' if note.line else ""
    place = f'x="{note.left:.1f}" y="{note.top:.1f}" width="{note.width:.1f}" height="{note.height:.1f}"'
    return f"<rect {place}{line}><title>{escape(plain(note.text))}</title></rect>"
