"""A drawing of what a learner sees, where aliases are pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from iml_general.api.picture import Picture
from iml_general.api.seen import Part, Seen, look
from iml_general.errors import UsageError
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.palette import INK
from iml_general.study.plan.overrides import Overrides, find_plan

ACROSS = 3  # pictures side by side
PIXEL, GAP, LINE = 4.5, 16, 13
CAPTION = 3 * LINE + 3
"""Side of a pixel, room between pictures, height of a line and of a caption, in units of the drawing."""


def peek_pictures(
    plan: str | Path | Mapping[str, Any] = "quick",
    *,
    world: str | None = None,
    seed: int = 0,
    condition: str = "informative",
    rows: int = 1,
    settings: Mapping[str, Any] | None = None,
) -> Picture:
    """Draw some rows of each stage as a learner sees them, with what they say in words.

    Args:
        plan: A preset's name, the path of a plan file, or a plan's keys and values.
        world: Name of the world, whose aliases must be pictures.
        seed: Number of the confirmation seed.
        condition: Name of the condition.
        rows: Questions per group and kind.
        settings: Any other key of the plan.

    Returns:
        The drawing.

    Raises:
        UsageError: If the plan, the world or the condition is not allowed, or there are no pictures in it.
    """
    checked = find_plan(plan, Overrides(world=world, settings=dict(settings or {})))
    return draw_pictures(look(checked, seed, condition, rows), checked.world.name)


def draw_pictures(seen: Seen, world: str) -> Picture:
    """Draw what there is to see.

    Args:
        seen: Some rows of each stage.
        world: The world's name.

    Returns:
        The drawing, part by part.

    Raises:
        UsageError: If its aliases are no pictures.
    """
    pictures = [seen.pictures(part) for part in seen.parts]
    if any(one is None for one in pictures):
        raise UsageError(f"world {world!r} has no pictures to draw; choose one that offers the form pictures")
    elements: list[str] = []
    top = float(LINE)
    for part, inks in zip(seen.parts, pictures, strict=True):
        assert inks is not None
        title = "Asked after each stage" if part.stage is None else f"Learned in {part.stage}"
        elements.append(_text(0, top, title, bold=True))
        top = _drawn(elements, top + LINE / 2, part, inks, seen)
    n, width = sum(len(part.rows) for part in seen.parts), _width(seen)
    alt = (
        f"{n} rows of world {world} as pictures of the alias, the question and the tag, under what they say."
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{top:g}"'
        f' viewBox="0 0 {width:g} {top:g}">{"".join(elements)}</svg>'
    )
    panel = Panel("pictures", alt, svg)
    return Picture(Figure("pictures", "What a learner sees", alt, (), (panel,)), panel)


def _width(seen: Seen) -> float:
    picture = next(schema.picture for schema in seen.schemas.values() if schema.picture)
    return ACROSS * (picture[1] * PIXEL + GAP) - GAP + 2


def _drawn(elements: list[str], top: float, part: Part, inks: NDArray[np.float32], seen: Seen) -> float:
    """Add the pictures of a part below `top`, and say where it ends."""
    height, width = (float(side * PIXEL) for side in inks.shape[1:])
    step = height + CAPTION + GAP
    for place, (ink, row) in enumerate(zip(inks, part.rows.iter_rows(named=True), strict=True)):
        x, y = place % ACROSS * (width + GAP) + 1, top + place // ACROSS * step
        for line, words in enumerate(_captions(row, seen)):
            elements.append(_text(x, y + (line + 0.8) * LINE, words))
        y += CAPTION
        elements += _pixels(ink, x, y)
        frame = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        elements.append(f'{frame} fill="none" stroke="#9ca3af" stroke-width="0.7"/>')
    return top + -(-len(inks) // ACROSS) * step + LINE / 2


def _captions(row: Mapping[str, Any], seen: Seen) -> tuple[str, str, str]:
    world, question = seen.episode.world, row["question"]
    tag = "no tag" if row["tag"] == "none" else f"tag {row['tag']}"
    answer = world.answer_names[question][row["answer"]]
    alias = f"{world.alias_names[row['alias']]}, {tag}"
    return str(row["group"]), alias, f"{world.question_names[question]}? {answer}"


def _pixels(ink: NDArray[np.float32], left: float, top: float) -> Iterator[str]:
    """One path for all pixels that are equally dark, neighbours in a line drawn as one; white is left out."""
    shades = np.rint(255 * (1 - ink)).astype(int)
    runs: dict[int, list[str]] = {}
    for row, line in enumerate(shades):
        starts = np.flatnonzero(np.diff(line, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(line)], strict=True):
            runs.setdefault(int(line[start]), []).append(f"M{start},{row}h{end - start}v1H{start}z")
    yield f'<g transform="translate({left:g},{top:g}) scale({PIXEL:g})" shape-rendering="crispEdges">'
    for shade in sorted(runs.keys() - {255}):
        yield f'<path fill="#{shade:02x}{shade:02x}{shade:02x}" d="{"".join(runs[shade])}"/>'
    yield "</g>"


def _text(x: float, y: float, words: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="sans-serif" font-size="10"{weight} fill="{INK}">'
        f"{escape(words)}</text>"
    )
