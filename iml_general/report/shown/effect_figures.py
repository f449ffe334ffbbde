"""The figures of controlled effects: one of the endpoints, which comes first, and one of all others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from iml_general.judging.effect import Effect
from iml_general.report.findings.estimates import Estimate, text_of
from iml_general.report.findings.pairs import Key, Pair
from iml_general.report.shown.charts import effect_chart
from iml_general.report.shown.described import (
    bands_in_words,
    described,
    omission,
    seeds_by_line,
    seeds_in_words,
    sesoi_of,
)
from iml_general.report.shown.effect_sheet import ALL_EFFECTS, effect_sheet
from iml_general.report.shown.figure import Figure, Legend, Panel
from iml_general.report.shown.frame import Frame
from iml_general.report.shown.palette import GREY, SWATCH, Shape, colours_of, finding_shape
from iml_general.report.text.rounding import signed
from iml_general.report.text.wording import CONTROLS, SYMBOLS, plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

LETTERS = 26  # of a family's name in the legend


def endpoint_figure(report: ComparisonReport, frame: Frame) -> Figure:
    """Draw every endpoint: the figure that shows at a glance what was found.

    Args:
        report: The report.
        frame: Where the lines stand.

    Returns:
        One panel per endpoint, the primary one first.
    """
    first = report.endpoints[0]
    ends = [pair.primary.values for pair in report.pairs if pair.is_subject]
    above = sum((values.get("low") or 0.0) > 0 for values in ends)
    below = sum((values.get("high") or 0.0) < 0 for values in ends)
    caption = (
        "The shape of a mark is the finding, its colour the family of learners. Marks are means over"
        f" {seeds_in_words(report)} seeds with their 95% intervals, small dots single seeds; lines are sorted"
        f" by controlled {plain(first.words)}. Of {len(ends)} lines its interval lies above zero in {above}"
        f" and below zero in {below}. {bands_in_words(report)} Intervals are not"
        " corrected for their number; findings are."
    )
    panels = tuple(_panel(report, frame, one) for one in report.endpoints)
    title = f"Controlled {plain(first.words)}, learner by learner"
    is_detail = bool(report.sweeps)  # whose own figures then say most of it
    return Figure("effects", title, caption + omission(frame), legend_of(report), panels, is_detail=is_detail)


def other_figure(report: ComparisonReport, frame: Frame) -> Figure | None:
    """Draw every effect that is no endpoint.

    Args:
        report: The report.
        frame: Where the lines stand.

    Returns:
        One panel per effect; None if all are endpoints.
    """
    others = [one for one in report.effects_table if not one.endpoint]
    if not others:
        return None
    caption = (
        f"Marks are means over {seeds_in_words(report)} seeds with their 95% intervals, small dots single"
        " seeds; lines, shapes and colours are those of the first chart. No finding rests on these effects:"
        " they tell what a finding is made of."
    )
    panels = tuple(_panel(report, frame, one) for one in others)
    return Figure(
        "other-effects",
        "Other effects, controlled",
        caption + omission(frame),
        legend_of(report),
        panels,
        ((ALL_EFFECTS, effect_sheet(report)),),
        is_detail=True,
    )


def _panel(report: ComparisonReport, frame: Frame, effect: Effect) -> Panel:
    words = plain(effect.words)
    unit = "" if effect.unit == "share" else f" ({plain(effect.unit)})"
    estimates = {pair.key: report.estimated.controlled(pair.key, effect.name) for pair in report.pairs}
    seeds = seeds_by_line(report, effect)
    shapes = shapes_of(report)
    notes = {
        pair.key: _note(pair, words, estimates.get(pair.key), seeds.get(pair.key, ()))
        for pair in report.pairs
    }
    title = f"controlled {words}{unit}"
    sesoi = sesoi_of(report, effect) if effect.endpoint else 0.0
    svg = effect_chart(frame, estimates, shapes, seeds, sesoi, title, notes)
    values = {key: one.mean for key, one in estimates.items() if one and one.mean is not None}
    alt = described(report, f"{title} with 95% intervals", values)
    return Panel(f"controlled-{effect.name.replace('_', '-')}", alt, svg)


def shapes_of(report: ComparisonReport) -> dict[Key, Shape]:
    """How lines are drawn wherever they are: the shape is the finding, the colour the family."""
    colours = family_colours(report)
    return {pair.key: finding_shape(pair.finding, colours[pair.heading]) for pair in report.pairs}


def family_colours(report: ComparisonReport) -> Mapping[str, str]:
    """Colour of every family, and of the controls."""
    families = colours_of(pair.heading for pair in report.pairs if pair.is_subject)
    return {**families, CONTROLS: GREY}


def legend_of(report: ComparisonReport) -> Legend:
    """Say what shapes and colours of `shapes_of` mean: the findings that there are, then the families."""
    used = {pair.heading for pair in report.pairs}
    families = {name: colour for name, colour in family_colours(report).items() if name in used}
    return legend({pair.finding for pair in report.pairs}, families)


def legend(findings: Collection[str], families: Mapping[str, str]) -> Legend:
    """Say what shapes and colours mean.

    Args:
        findings: The findings that there are.
        families: Colour of every family.

    Returns:
        The findings in the order of their symbols, then the families.
    """
    shapes = [(symbol, finding_shape(word), word) for word, symbol in SYMBOLS.items() if word in findings]
    colours = [
        (SWATCH, Shape("square", colour), name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…")
        for name, colour in families.items()
    ]
    return (*shapes, *colours)


def _note(pair: Pair, words: str, estimate: Estimate | None, seeds: Sequence[float]) -> str:
    single = f"; seeds: {', '.join(signed(value, 2) for value in seeds)}" if seeds else ""
    return f"{pair.name}: {pair.symbol} {pair.finding}; {words} {text_of(estimate)}{single}"
