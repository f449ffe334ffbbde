"""The figures of a report: what each shows, its caption, its legend and its drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from iml_general.report.findings.endpoint import Endpoint
from iml_general.report.findings.group_scores import MOMENTS, mean_em, seed_em, seed_values
from iml_general.report.findings.pairs import Key, Pair
from iml_general.report.shown.answer import things
from iml_general.report.shown.charts import (
    BLUE,
    CROSS,
    GREY,
    ORANGE,
    TICK,
    VERDICTS,
    Series,
    effect_chart,
    means_chart,
)
from iml_general.report.shown.drawing import INK, Frame, Shape
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.search_figure import search_figures
from iml_general.report.shown.sheets import CARRIED, carried_sheet, group_sheet
from iml_general.report.shown.sweep_figure import sweep_figures
from iml_general.report.text.rounding import count_range, share, signed
from iml_general.report.text.wording import ENDPOINTS, SYMBOLS

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

DRAWN_AT_MOST = 100  # lines of a chart, controls not counted
CONDITIONS = {
    "no_stage1": ("no stage 1", "\N{MULTIPLICATION SIGN}", Shape(CROSS, GREY, filled=False)),
    "shuffled": ("shuffled", "○", Shape("circle", ORANGE, filled=False)),
    "informative": ("informative", "●", Shape("circle", BLUE)),
}
MARKS = {
    "unseen": ("|", Shape(TICK, INK, filled=False)),
    "undefined": ("●", Shape("circle", GREY)),
    "new_neutral": ("●", Shape("circle", GREY)),
    "contradicted": ("▼", Shape("triangle-down", ORANGE)),
    "new_unreliable": ("▼", Shape("triangle-down", ORANGE)),
    "corroborated": ("▲", Shape("triangle-up", BLUE)),
    "new_reliable": ("▲", Shape("triangle-up", BLUE)),
}
GROUP_LEGEND = (
    (*MARKS["new_reliable"], "corroborated, new reliable"),
    (*MARKS["new_unreliable"], "contradicted, new unreliable"),
    (*MARKS["new_neutral"], "undefined, new neutral"),
    (*MARKS["unseen"], "unseen (chance)"),
)


@lru_cache(maxsize=1)
def figures(report: ComparisonReport) -> tuple[Figure, ...]:
    """Draw all figures of a report.

    Args:
        report: The report.

    Returns:
        The figures in the order in which they are to be read.
    """
    frame = Frame.of(_drawn(report.pairs))
    return (
        *sweep_figures(report),
        *search_figures(report),
        _effects(report, frame),
        _conditions(report, frame),
        _groups(report, frame),
    )


def _drawn(pairs: Sequence[Pair]) -> list[Pair]:
    """All controls, and as many others as a chart has room for: those with the largest IML gaps."""
    subjects = [pair for pair in pairs if pair.is_subject]
    largest = sorted(subjects, key=lambda pair: -abs(pair.gap.mean or 0.0))[:DRAWN_AT_MOST]
    keys = {pair.key for pair in largest}
    return [pair for pair in pairs if not pair.is_subject or pair.key in keys]


def _omission(report: ComparisonReport) -> str:
    n_subjects = sum(pair.is_subject for pair in report.pairs)
    if n_subjects <= DRAWN_AT_MOST:
        return ""
    return (
        f" Of {n_subjects} lines only the {DRAWN_AT_MOST} with the largest controlled IML gaps, of either"
        " sign, are drawn, and the controls; the tables have all."
    )


def _effects(report: ComparisonReport, frame: Frame) -> Figure:
    subjects = [pair for pair in report.pairs if pair.is_subject]
    above = sum((pair.gap.values.get("low") or 0.0) > 0 for pair in subjects)
    below = sum((pair.gap.values.get("high") or 0.0) < 0 for pair in subjects)
    caption = (
        f"Large symbols are means over {_seeds(report)} seeds with their 95% intervals, small dots single"
        f" seeds. Of {len(subjects)} {things(subjects)} the interval of the controlled IML gap lies above"
        f" zero in {above} and below zero in {below}. The grey band is what is too small to be of interest"
        f" (±{report.settings.sesoi:g}). Intervals are not corrected for their number; verdicts are."
    )
    legend = tuple((SYMBOLS[verdict], shape, verdict) for verdict, shape in VERDICTS.items())
    panels = []
    for column, name in ENDPOINTS.items():
        ends = _ends(report, column)
        effects = report.effects.filter(pl.col("effect") == column)
        title = f"controlled {name}"
        notes = {pair.key: f"{pair.name}: {ends[pair.key].in_words}" for pair in report.pairs}
        svg = effect_chart(frame, ends, effects, report.settings.sesoi, title, notes)
        values = {key: end.mean for key, end in ends.items()}
        alt = _described(report, f"{title} with 95% intervals", values)
        panels.append(Panel(title.lower().replace(" ", "-"), alt, svg))
    return Figure("effects", "Controlled effects", caption + _omission(report), legend, tuple(panels))


def _conditions(report: ComparisonReport, frame: Frame) -> Figure:
    caption = (
        f"Large symbols are means over {_seeds(report)} seeds under each condition, small dots single seeds."
        " What an informative tag adds is the distance from the shuffled control (the grey line), not from"
        " zero: a mean away from zero with a shuffled tag or without stage 1 is the encoding's doing."
    )
    panels = []
    for column, name in ENDPOINTS.items():
        ends = _ends(report, column)
        series = [
            Series(
                condition,
                symbol,
                shape,
                {key: end.values.get(f"mean_{condition}") for key, end in ends.items()},
                seed_values(report.effects.filter(effect=column), condition),
            )
            for condition, (_, symbol, shape) in CONDITIONS.items()
        ]
        notes = {
            pair.key: f"{pair.name}: "
            + ", ".join(
                f"{words} {ends[pair.key].like_effect(f'mean_{condition}')}"
                for condition, (words, *_) in reversed(CONDITIONS.items())
            )
            for pair in report.pairs
        }
        svg = means_chart(frame, series, ("shuffled", "informative"), name, notes)
        alt = _described(report, f"{name}, informative condition", series[-1].values)
        panels.append(Panel(f"conditions-{name.lower().replace(' ', '-')}", alt, svg))
    legend = tuple((symbol, shape, name) for name, symbol, shape in reversed(CONDITIONS.values()))
    return Figure(
        "conditions",
        "Informative tag against shuffled tag",
        caption + _omission(report),
        legend,
        tuple(panels),
    )


def _groups(report: ComparisonReport, frame: Frame) -> Figure:
    caption = (
        f"Exact match (EM) on untagged questions, informative condition, means over {_seeds(report)} seeds"
        " and, as small dots, single seeds. The upright line is EM on unseen aliases, which is chance: a"
        " symbol that stands on it belongs to a group of which nothing carried over to questions. The grey"
        " lines are the stage-1 gap and the IML gap before the shuffled control is subtracted."
    )
    panels = []
    for moment, groups in MOMENTS.items():
        reliable, unreliable = groups[:2]
        series = [
            Series(g, *MARKS[g], mean_em(report.means, moment, g), seed_em(report.scores, moment, g))
            for g in reversed(groups)
        ]
        title = f"EM after {moment.replace('stage', 'stage ')}"
        notes = {
            pair.key: f"{pair.name}: "
            + ", ".join(
                f"{one.name.replace('_', ' ')} {share(one.values.get(pair.key))}" for one in series[::-1]
            )
            for pair in report.pairs
        }
        svg = means_chart(frame, series, (reliable, unreliable), title, notes)
        alt = _described(report, f"{title}, {reliable}", series[-1].values)
        panels.append(Panel(f"groups-{moment}", alt, svg))
    return Figure(
        "groups",
        "Exact match of each group",
        caption + _omission(report),
        GROUP_LEGEND,
        tuple(panels),
        (
            ("Exact match of each group in numbers", group_sheet(report)),
            (CARRIED, carried_sheet(report)),
        ),
    )


def _ends(report: ComparisonReport, column: str) -> dict[Key, Endpoint]:
    return {pair.key: pair.gap if column == "iml_gap" else pair.conflict for pair in report.pairs}


def _seeds(report: ComparisonReport) -> str:
    return count_range([n for pair in report.pairs for n in pair.seed_counts])


def _described(report: ComparisonReport, what: str, values: Mapping[Key, float | None]) -> str:
    """What the drawing shows in a sentence; every number of it is in a table on the page."""
    known = [(value, pair) for pair in report.pairs if (value := values.get(pair.key)) is not None]
    if not known:
        return f"Dot plot of {what}: nothing was measured."
    (low, lowest), (high, highest) = (choose(known, key=lambda one: one[0]) for choose in (min, max))
    span = f"from {signed(low, 2)} ({lowest.name}) to {signed(high, 2)} ({highest.name})"
    return f"Dot plot of {what}, {len(known)} lines, {span}. The numbers are in the tables of this page."
