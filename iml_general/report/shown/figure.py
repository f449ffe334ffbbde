"""What a figure of a report consists of."""

from __future__ import annotations

from dataclasses import dataclass

from iml_general.report.shown.palette import Shape
from iml_general.report.shown.sheet import Sheet

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
        sheets: The same in numbers, table by table under its title; none where they stand elsewhere.
        is_detail: Whether a page folds it away until it is asked for.
    """

    name: str
    title: str
    caption: str
    legend: Legend
    panels: tuple[Panel, ...]
    sheets: tuple[tuple[str, Sheet], ...] = ()
    is_detail: bool = False
