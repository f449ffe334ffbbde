"""The figure of the sources: how much the word of each weighs, against how reliable it was."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
from scipy import stats

from iml_general.judging.inference import CONFIDENCE
from iml_general.protocol.protocol import configure_protocol
from iml_general.protocol.sources import RELIABLE, UNRELIABLE
from iml_general.report.findings.pairs import KEY, Pair
from iml_general.report.shown.curves import Line, curve_chart
from iml_general.report.shown.drawing import Row, shortened
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.palette import DASHES, GREY, INK, Shape, mark
from iml_general.report.shown.sheet import Sheet
from iml_general.report.text.rounding import MISSING
from iml_general.report.text.wording import listing, plain
from iml_general.rows import POSITIVE

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

TITLE = "What the word of each source weighs"
AXES = ("reliability in stage 1", "relative weight of its word")
FEWEST = 3  # sources of different reliability, from which on there is more to be seen than a difference
LETTERS = 22  # of the name at a curve's end
IDEAL = Shape(DASHES, GREY, filled=False)
LEGEND = (("●", Shape("circle", INK), "learner and rule"), ("╌", IDEAL, "ideal observer"))


@dataclass(frozen=True)
class Weight:
    """What a source's word weighs, or how far it is believed.

    Weights are relative: 0 is that of the unreliable source and 1 that of the reliable one.

    Attributes:
        reliability: How often the source told the truth in stage 1.
        value: The weight.
        half: Half the width of its 95% interval over seeds; None for a single seed.
    """

    reliability: float
    value: float
    half: float | None

    @property
    def text(self) -> str:
        """The value and half its interval."""
        return mean_text(self.value, self.half)


Weighed = tuple[Pair, Mapping[str, Weight]]
"""A line of the report and the weights of the sources by their groups."""


def source_figure(report: ComparisonReport) -> Figure | None:
    """Draw the weight of every source's word over its reliability.

    Args:
        report: The report.

    Returns:
        One panel; None unless influence was read of three sources or more in a single run.
    """
    found = _found(report)
    weighed = [one for one in found if one[1]]
    if not any(pair.is_subject for pair, _ in weighed):
        return None
    left_out = [pair.name for pair, weights in found if pair.is_subject and not weights]
    caption = (
        "Read before the update: how much a small update moves the log-odds of what a source's statement"
        f" says, at the statement's own question, less the same of the {UNRELIABLE} source, in units of the"
        f" {RELIABLE} source's. Symbols are means over seeds with 95% intervals. A learner that weighs"
        " sources as Bayes' rule does follows the dashed line."
    )
    if left_out:
        caption += f" Left out, since the two hardly differ: {listing(left_out)}."
    panel = source_panel("sources", AXES, weighed)
    sheets = ((f"{TITLE} in numbers", by_source(weighed)),)
    return Figure("sources", TITLE, caption, LEGEND, (panel,), sheets)


def source_sheet(report: ComparisonReport) -> Sheet | None:
    """Give the same in numbers.

    Args:
        report: The report.

    Returns:
        One row per learner and rule, one column per source; None where there is no figure.
    """
    weighed = [one for one in _found(report) if one[1]]
    return by_source(weighed) if any(pair.is_subject for pair, _ in weighed) else None


def _found(report: ComparisonReport) -> list[Weighed]:
    """Every line of the report; none where there are too few sources to draw a curve over."""
    reliabilities = reliabilities_of(report)
    return [(pair, _weights(report, pair, reliabilities)) for pair in report.pairs] if reliabilities else []


def reliabilities_of(report: ComparisonReport) -> dict[str, float]:
    """Find out how reliable each source is that stage 1 tells of.

    Args:
        report: The report.

    Returns:
        Reliabilities by the source's group of new aliases; none where there are several runs, or fewer than
        `FEWEST` sources of different reliability.
    """
    if len(report.records) > 1:
        return {}
    protocol = configure_protocol(report.records[0].plan.get("protocol", {}))
    found = {one.new_group: one.reliability for one in protocol.sources if one.stage1 and one.stage2}
    return found if len(set(found.values())) >= FEWEST else {}


def _weights(report: ComparisonReport, pair: Pair, reliabilities: Mapping[str, float]) -> dict[str, Weight]:
    """Weights by group; none where influence was not read, or the two sources hardly differ."""
    of_pair = dict(zip(KEY, pair.key, strict=True))
    scores = report.scores_of(pair.key)
    read = scores.filter(moment="stage1", measure="influence", probe="own_question", **of_pair)
    by_group = read.pivot("group", index="seed", values="value").sort("seed")
    if not {f"new_{RELIABLE}", f"new_{UNRELIABLE}"} <= set(by_group.columns):
        return {}
    base = by_group[f"new_{UNRELIABLE}"]
    gaps = {group: by_group[group] - base for group in reliabilities if group in by_group.columns}
    unit, unsure = mean_of(gaps[f"new_{RELIABLE}"])
    if unsure is None or unit - unsure <= 0:
        return {}
    found = {}
    for group, gap in gaps.items():
        mean, half = mean_of(gap)
        found[group] = Weight(reliabilities[group], mean / unit, None if half is None else half / unit)
    return found


def mean_of(values: pl.Series) -> tuple[float, float | None]:
    """Average over seeds.

    Args:
        values: One per seed; nulls are left out.

    Returns:
        Mean, and half of its t-interval; None for that of a single seed.
    """
    known = values.drop_nulls().to_list()
    n, mean = len(known), sum(known) / max(len(known), 1)
    if n < 2:
        return mean, None
    error = math.sqrt(sum((value - mean) ** 2 for value in known) / (n - 1) / n)
    return mean, float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error


def mean_text(mean: float, half: float | None) -> str:
    """Write a mean and half of its interval, where it has one."""
    text = f"{round(mean, 2) + 0.0:.2f}"  # adding 0 leaves no -0.00
    return text if half is None else f"{text} \N{PLUS-MINUS SIGN} {half:.2f}"


def source_panel(name: str, axes: tuple[str, str], weighed: Sequence[Weighed]) -> Panel:
    """Draw weights over reliabilities.

    Args:
        name: Of the panel.
        axes: Titles of the axis across and the axis upright.
        weighed: Lines of the report, every one with weights.

    Returns:
        The panel: subjects, and the ideal observer as a dashed line.
    """
    lines = [*_lines(weighed, axes[1], is_ideal=True), *_lines(weighed, axes[1], is_ideal=False)]
    known = sorted({one.reliability for _, weights in weighed for one in weights.values()})
    ticks = {f"{one:g}": (one - known[0]) / (known[-1] - known[0]) for one in known}
    svg = curve_chart(lines, ticks, 0.0, axes)
    names = listing([line.name for line in lines])
    return Panel(name, f"Line chart of {axes[1]} over {axes[0]}, source by source: {names}.", svg)


def _lines(weighed: Sequence[Weighed], what: str, is_ideal: bool) -> Iterator[Line]:
    shown = [one for one in weighed if (one[0].role == POSITIVE if is_ideal else one[0].is_subject)]
    for place, (pair, by_group) in enumerate(shown):
        weights = sorted(by_group.values(), key=lambda one: one.reliability)
        least, most = weights[0].reliability, weights[-1].reliability
        points: list[Row] = [
            {
                "x": (one.reliability - least) / (most - least),
                "y": one.value,
                "low": None if one.half is None else one.value - one.half,
                "high": None if one.half is None else one.value + one.half,
                "present": True,
                "note": f"{pair.name}: {what} {one.text} at reliability {one.reliability:g}",
            }
            for one in weights
        ]
        name = shortened(pair.learner, f" {pair.rule}", LETTERS)
        yield Line(name, IDEAL if is_ideal else mark(place)[1], is_ideal, points, ())


def by_source(weighed: Sequence[Weighed]) -> Sheet:
    """Write weights in a table.

    Args:
        weighed: Lines of the report and what each source weighs in them.

    Returns:
        One row per line, one column per source, the least reliable first.
    """
    found = {group: one.reliability for _, weights in weighed for group, one in weights.items()}
    groups = sorted(found, key=lambda group: found[group])
    columns = [f"{plain(group.removeprefix('new_'))} ({found[group]:g})" for group in groups]
    rows = [
        (pair.name, *(weights[group].text if group in weights else MISSING for group in groups))
        for pair, weights in weighed
    ]
    return Sheet(("learner, rule", *columns), tuple(rows))
