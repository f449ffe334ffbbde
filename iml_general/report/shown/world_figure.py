"""The figure of the worlds: how much each learner trusts in each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from iml_general.report.findings.pairs import Key, Pair
from iml_general.report.findings.worlds import Worlds
from iml_general.report.shown.effect_figures import legend_of, shapes_of
from iml_general.report.shown.figure import Figure, Legend, Panel
from iml_general.report.shown.palette import Shape
from iml_general.report.shown.sheet import Sheet
from iml_general.report.shown.tiles import Tile, TileRow, tile_chart
from iml_general.report.text.rounding import MISSING
from iml_general.report.text.wording import plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

TITLE = "Every world side by side"


def world_figure(report: ComparisonReport) -> Figure | None:
    """Draw the primary effect of every learner and rule in every world.

    Args:
        report: The report.

    Returns:
        One panel; None where there are fewer than two worlds.
    """
    worlds = report.worlds
    if worlds is None:
        return None
    shapes = shapes_of(report)
    rows = [_row(pairs, shapes) for pairs in worlds.rows]
    words = plain(report.endpoints[0].words)
    figure = of_tiles(worlds.columns, rows, legend_of(report), words, _left_out(worlds))
    sheet = world_sheet(report)
    assert sheet is not None
    return replace(figure, sheets=((f"{TITLE} in numbers", sheet),))


def of_tiles(
    columns: Sequence[str], rows: Sequence[TileRow], legend: Legend, words: str, left_out: str = ""
) -> Figure:
    """Make the figure of what stands in its cells, wherever that is from.

    Args:
        columns: Names of the worlds.
        rows: What was found of each learner and rule.
        legend: What shapes and colours mean.
        words: What is shown, such as ``"trust"``.
        left_out: A sentence on what is not shown.

    Returns:
        The figure, without a table.
    """
    caption = (
        f"Controlled {words} of each learner and rule in each world, means over seeds: blue above zero,"
        " orange below it, the darker the larger. The shape of a mark is the finding, its colour the family"
        " of learners. An empty place: not run there, or the world does not offer its form of input. Every"
        f" world is judged by itself, with controls of its own.{left_out}"
    )
    size = f"{len(rows)} learners and rules in {len(columns)} worlds"
    alt = f"Table of {words}, {size}. The numbers are in a table."
    panel = Panel("worlds", alt, tile_chart(columns, rows))
    return Figure("worlds", TITLE, caption, legend, (panel,))


def world_sheet(report: ComparisonReport) -> Sheet | None:
    """Give the same in numbers.

    Args:
        report: The report.

    Returns:
        One row per learner and rule, controls too; None where there are fewer than two worlds.
    """
    if report.worlds is None:
        return None
    rows = []
    for pairs in report.worlds.rows:
        first = _first(pairs)
        name = f"{first.learner} {first.rule}"
        rows.append((name if first.is_subject else f"{name} ({first.role})", *map(_cell, pairs)))
    return Sheet(("learner, rule", *report.worlds.columns), tuple(rows))


def _row(pairs: Sequence[Pair | None], shapes: Mapping[Key, Shape]) -> TileRow:
    first = _first(pairs)
    tiles = tuple(
        None if pair is None else Tile(pair.primary.mean, shapes[pair.key], f"{pair.name}: {_cell(pair)}")
        for pair in pairs
    )
    return TileRow(first.heading, first.learner, f" {first.rule}", tiles)


def _cell(pair: Pair | None) -> str:
    return MISSING if pair is None else " ".join((pair.symbol, pair.finding, pair.primary.estimate)).strip()


def _first(pairs: Sequence[Pair | None]) -> Pair:
    return next(pair for pair in pairs if pair is not None)


def _left_out(worlds: Worlds) -> str:
    if not worlds.n_left_out:
        return ""
    return (
        f" Of lines that share a place one is shown, at the plainest level and under the first condition;"
        f" {worlds.n_left_out} others are in the table of findings."
    )
