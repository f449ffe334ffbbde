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
FEWEST = 3  # sources of different reliability, from which on there is more to be seen than a difference
LETTERS = 22  # of the name at a curve's end
IDEAL = Shape(DASHES, GREY, filled=False)
LEGEND = (("●", Shape("circle", INK), "learner and rule"), ("╌", IDEAL, "ideal observer"))


@dataclass(frozen=True)
class Weight:
    """What a source's word weighs, 0 being that of the unreliable one and 1 that of the reliable one.

    Attributes:
        reliability: How often the source told the truth in stage 1.
        value: The weight.
        half: Half the width of its 95% interval over seeds; None for a single seed.
    """

    reliability: float
    value: float
    half: float | None


Weighed = tuple[Pair, Mapping[str, Weight]]
"""A line of the report and the weights of the sources by their groups."""


def source_figure(report: ComparisonReport) -> Figure | None:
    """Draw the weight of every source's word over its reliability.

    Args:
        report: The report.

    Returns:
        One panel; None unless influence was read of three sources or more in a single run.
    """
    reliabilities = _reliabilities(report)
    if len(set(reliabilities.values())) < FEWEST:
        return None
    found = [(pair, _weights(report, pair, reliabilities)) for pair in report.pairs]
    weighed = [(pair, weights) for pair, weights in found if weights]
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
    panel = _panel(weighed, reliabilities)
    sheets = ((f"{TITLE} in numbers", _sheet(weighed, reliabilities)),)
    return Figure("sources", TITLE, caption, LEGEND, (panel,), sheets)


def _reliabilities(report: ComparisonReport) -> dict[str, float]:
    """Reliability of each source that stage 1 tells of, by its group; none where there are several runs."""
    if len(report.records) > 1:
        return {}
    protocol = configure_protocol(report.records[0].plan.get("protocol", {}))
    return {one.new_group: one.reliability for one in protocol.sources if one.stage1 and one.stage2}


def _weights(
    report: ComparisonReport, pair: Pair, reliabilities: Mapping[str, float]
) -> dict[str, Weight] | None:
    """Weights by group; None where influence was not read, or the two sources hardly differ."""
    of_pair = dict(zip(KEY, pair.key, strict=True))
    read = report.scores.filter(moment="stage1", measure="influence", probe="own_question", **of_pair)
    by_group = read.pivot("group", index="seed", values="value").sort("seed")
    if not {f"new_{RELIABLE}", f"new_{UNRELIABLE}"} <= set(by_group.columns):
        return None
    base = by_group[f"new_{UNRELIABLE}"]
    gaps = {group: by_group[group] - base for group in reliabilities if group in by_group.columns}
    unit, unsure = _mean(gaps[f"new_{RELIABLE}"])
    if unsure is None or unit - unsure <= 0:
        return None
    found = {}
    for group, gap in gaps.items():
        mean, half = _mean(gap)
        found[group] = Weight(reliabilities[group], mean / unit, None if half is None else half / unit)
    return found


def _mean(values: pl.Series) -> tuple[float, float | None]:
    """Mean, and half of its t-interval."""
    known = values.drop_nulls().to_list()
    n, mean = len(known), sum(known) / max(len(known), 1)
    if n < 2:
        return mean, None
    error = math.sqrt(sum((value - mean) ** 2 for value in known) / (n - 1) / n)
    return mean, float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error


def _panel(weighed: Sequence[Weighed], reliabilities: Mapping[str, float]) -> Panel:
    lines = [*_lines(weighed, is_ideal=True), *_lines(weighed, is_ideal=False)]
    low, high = min(reliabilities.values()), max(reliabilities.values())
    ticks = {f"{one:g}": (one - low) / (high - low) for one in sorted(set(reliabilities.values()))}
    svg = curve_chart(lines, ticks, 0.0, ("reliability in stage 1", "relative weight of its word"))
    names = listing([line.name for line in lines])
    return Panel("sources", f"Line chart of the weight of each source over its reliability: {names}.", svg)


def _lines(weighed: Sequence[Weighed], is_ideal: bool) -> Iterator[Line]:
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
                "note": f"{pair.name}: a source of reliability {one.reliability:g} weighs {_text(one)}",
            }
            for one in weights
        ]
        name = shortened(pair.learner, f" {pair.rule}", LETTERS)
        yield Line(name, IDEAL if is_ideal else mark(place)[1], is_ideal, points, ())


def _sheet(weighed: Sequence[Weighed], reliabilities: Mapping[str, float]) -> Sheet:
    groups: Sequence[str] = sorted(reliabilities, key=lambda group: reliabilities[group])
    columns = [f"{plain(group.removeprefix('new_'))} ({reliabilities[group]:g})" for group in groups]
    rows = [
        (pair.name, *(_text(weights[group]) if group in weights else MISSING for group in groups))
        for pair, weights in weighed
    ]
    return Sheet(("learner, rule", *columns), tuple(rows))


def _text(weight: Weight) -> str:
    return (
        f"{weight.value:.2f}"
        if weight.half is None
        else f"{weight.value:.2f} \N{PLUS-MINUS SIGN} {weight.half:.2f}"
    )
