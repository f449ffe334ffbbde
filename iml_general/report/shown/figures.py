"""The figures of a report, in the order in which they are to be read."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from iml_general.report.shown.attack_figure import attack_figure
from iml_general.report.shown.belief_figure import belief_figure
from iml_general.report.shown.condition_figure import condition_figure
from iml_general.report.shown.cost_figure import cost_figure
from iml_general.report.shown.effect_figures import endpoint_figure, other_figure
from iml_general.report.shown.figure import Figure
from iml_general.report.shown.frame import Frame
from iml_general.report.shown.group_figure import group_figure
from iml_general.report.shown.law_figure import law_figure
from iml_general.report.shown.search_figure import search_figures
from iml_general.report.shown.source_figure import source_figure
from iml_general.report.shown.sweep_figure import sweep_figures
from iml_general.report.shown.world_figure import world_figure

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport


@lru_cache(maxsize=1)
def figures(report: ComparisonReport) -> tuple[Figure, ...]:
    """Draw all figures of a report.

    Args:
        report: The report.

    Returns:
        The figures, the one that shows most at a glance first.
    """
    frame = Frame.of(report.pairs)
    drawn = (
        law_figure(report),
        *sweep_figures(report),
        world_figure(report),
        endpoint_figure(report, frame),
        source_figure(report),
        belief_figure(report),
        attack_figure(report),
        *search_figures(report),
        cost_figure(report),
        other_figure(report, frame),
        condition_figure(report, frame),
        group_figure(report, frame),
    )
    return tuple(one for one in drawn if one is not None)
