"""The figure of belief: how likely a learner holds what each source said, against how reliable it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from iml_general.report.findings.pairs import KEY, Pair
from iml_general.report.shown.figure import Figure
from iml_general.report.shown.sheet import Sheet
from iml_general.report.shown.source_figure import (
    LEGEND,
    Weighed,
    Weight,
    by_source,
    mean_of,
    mean_text,
    reliabilities_of,
    source_panel,
)
from iml_general.report.text.rounding import MISSING
from iml_general.report.text.wording import plain
from iml_general.rows import POSITIVE

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

TITLE = "How far the word of each source is believed"
AXES = ("reliability in stage 1", "belief in its word")
SLOPE = "slope"

BySeed = Mapping[tuple[str, int], float]
"""Belief by group and seed."""


def belief_figure(report: ComparisonReport) -> Figure | None:
    """Draw the belief in every source's word over its reliability: a calibration curve of each learner.

    Args:
        report: The report.

    Returns:
        One panel; None unless belief was measured with three sources or more in a single run.
    """
    believed = _believed(report)
    sheet = belief_sheet(report)
    if sheet is None:
        return None
    caption = (
        "After the update: the mean probability that a learner gives to what a source alone said of its new"
        " aliases, all of it true. The ideal observer, dashed, gives it the source's reliability, and of the"
        " rest what chance does. The slope in the table is that of a learner's beliefs over the ideal"
        " observer's, source by source: 1 grades them as far apart as it does, 0 not at all. Symbols are"
        " means over seeds with 95% intervals."
    )
    panel = source_panel("beliefs", AXES, believed)
    return Figure("beliefs", TITLE, caption, LEGEND, (panel,), ((f"{TITLE} in numbers", sheet),))


def belief_sheet(report: ComparisonReport) -> Sheet | None:
    """Give the same in numbers, with slopes.

    Args:
        report: The report.

    Returns:
        One row per learner and rule: its belief in each source, and the slope over the ideal observer's
        under the condition and its control; None where there is no figure.
    """
    believed = _believed(report)
    if not any(pair.is_subject for pair, _ in believed):
        return None
    controls = {condition.name: condition.control for condition in report.conditions}
    ideal = {_condition(pair): _by_seed(report, pair) for pair, _ in believed if pair.role == POSITIVE}
    plainly = by_source(believed)
    rows = []
    for (pair, _), row in zip(believed, plainly.rows, strict=True):
        at, control = ideal.get(_condition(pair), {}), controls[_condition(pair)]
        rows.append((*row, _slope(at, _by_seed(report, pair)), _slope(at, _by_seed(report, pair, control))))
    words = {condition.name: plain(condition.words) for condition in report.conditions}
    others = sorted({words.get(controls[_condition(pair)], MISSING) for pair, _ in believed})
    return Sheet((*plainly.columns, SLOPE, f"{SLOPE}, {' or '.join(others)}"), tuple(rows))


def _believed(report: ComparisonReport) -> list[Weighed]:
    """Lines of which belief was measured, with the belief in every source."""
    reliabilities = reliabilities_of(report)
    found: list[Weighed] = []
    for pair in report.pairs if reliabilities else ():
        beliefs = _by_seed(report, pair)
        weights = {}
        for group, reliability in reliabilities.items():
            values = [value for (name, _), value in beliefs.items() if name == group]
            if values:
                weights[group] = Weight(reliability, *mean_of(pl.Series(values)))
        if weights:
            found.append((pair, weights))
    return found


def _condition(pair: Pair) -> str:
    return pair.key[KEY.index("condition")]


def _by_seed(report: ComparisonReport, pair: Pair, condition: str = "") -> dict[tuple[str, int], float]:
    """Belief in the sources of a line, under its own condition or another."""
    of_pair = dict(zip(KEY, pair.key, strict=True)) | ({"condition": condition} if condition else {})
    groups = list(reliabilities_of(report))
    scores = report.scores_of(pair.key)
    rows = scores.filter(moment="stage2", measure="belief", probe="question", **of_pair)
    known = rows.filter(pl.col("group").is_in(groups)).sort("seed", "group")
    return {(group, seed): value for group, seed, value in known.select("group", "seed", "value").rows()}


def _slope(ideal: BySeed, own: BySeed) -> str:
    """The mean over seeds of the least-squares slope over sources."""
    both = sorted(
        (seed, ideal[group, seed], own[group, seed]) for group, seed in own if (group, seed) in ideal
    )
    slopes = [
        _least_squares([(x, y) for _, x, y in points]) for _, points in groupby(both, lambda one: one[0])
    ]
    known = [slope for slope in slopes if slope is not None]
    return mean_text(*mean_of(pl.Series(known))) if known else MISSING


def _least_squares(points: Sequence[tuple[float, float]]) -> float | None:
    """Slope of y over x; None where all x are equal."""
    x_mean, y_mean = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / spread if spread else None
