"""What a figure of a report consists of."""

from __future__ import annotations

from dataclasses import dataclass

from iml_general.report.drawing import Shape
from iml_general.report.sheets import Sheet

Legend = tuple[tuple[str, Shape, str], ...]


@dataclass(frozen=True)
class Panel:
    """One drawing.

    Attributes:
        name: What its files are called.
        alt: A description in words, for those who can't see it.
        svg: The drawing.
    """

    name: str
    alt: str
    svg: str


@dataclass(frozen=True)
class Figure:
    """A chart of one or more panels.

    Attributes:
        name: A word for links to it.
        title: What it is about.
        caption: What is seen, and over how many seeds.
        legend: Symbol, shape and meaning of every mark.
        panels: The drawings.
        sheet: The same in numbers; None where they stand elsewhere in the report.
    """

    name: str
    title: str
    caption: str
    legend: Legend
    panels: tuple[Panel, ...]
    sheet: Sheet | None = None
