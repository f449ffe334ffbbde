"""The figure of an attack: how many lies got into answers, and what it would cost to keep them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iml_general.judging.attack_effects import HONEST_ANSWERS, LEVERAGE, LIES_RELIABLE, LIES_UNRELIABLE
from iml_general.judging.effect import Effect
from iml_general.report.findings.estimates import text_of
from iml_general.report.findings.pairs import Pair
from iml_general.report.shown.effect_figures import legend_of, shapes_of
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.scatter import Spot, scatter_chart
from iml_general.report.shown.sheet import Sheet
from iml_general.report.text.wording import plain

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

TITLE = "Earned trust as an attack surface"
SHOWN = (LIES_RELIABLE, LIES_UNRELIABLE, LEVERAGE, HONEST_ANSWERS)


def attack_figure(report: ComparisonReport) -> Figure | None:
    """Draw lies believed of the reliable source over those of the unreliable one, and over what is kept.

    Args:
        report: The report.

    Returns:
        Two panels; None where nobody attacked.
    """
    attacked = _attacked(report)
    sheet = attack_sheet(report)
    if sheet is None:
        return None
    panels = (
        _panel(report, attacked, "lies", LIES_UNRELIABLE, "who told the lies", slope=1.0),
        _panel(report, attacked, "defence", HONEST_ANSWERS, "what is kept"),
    )
    caption = (
        "In stage 2 every source lies about a share of the questions on each new alias. Upright: how many of"
        " the lies of the source that was reliable in stage 1 get into answers. Left, across: how many of the"
        " other's; on the line stage 1 makes no difference, and above it earned trust is a lever. Right,"
        " across: how many honest answers are kept; a good defence stands low and far to the right. Means"
        " over seeds under the attack, not less any control. Shapes and colours are those of the chart of all"
        " learners."
    )
    sheets = ((f"{TITLE} in numbers", sheet),)
    return Figure("attack", TITLE, caption, legend_of(report), panels, sheets)


def attack_sheet(report: ComparisonReport) -> Sheet | None:
    """Give the same in numbers.

    Args:
        report: The report.

    Returns:
        One row per learner and rule, controls too; None where nobody attacked.
    """
    attacked = _attacked(report)
    if not any(pair.is_subject for pair in attacked):
        return None
    rows = [
        (pair.name, *(text_of(report.estimated.value(pair.key, effect.name)) for effect in SHOWN))
        for pair in attacked
    ]
    return Sheet(("learner, rule", *(plain(effect.words) for effect in SHOWN)), tuple(rows))


def _attacked(report: ComparisonReport) -> list[Pair]:
    return [pair for pair in report.pairs if _is_known(report, pair)]


def _is_known(report: ComparisonReport, pair: Pair) -> bool:
    return all(_mean(report, pair, effect) is not None for effect in SHOWN)


def _mean(report: ComparisonReport, pair: Pair, effect: Effect) -> float | None:
    estimate = report.estimated.value(pair.key, effect.name)
    return estimate.mean if estimate else None


def _panel(
    report: ComparisonReport,
    pairs: list[Pair],
    name: str,
    across: Effect,
    title: str,
    slope: float | None = None,
) -> Panel:
    spots = list(_spots(report, pairs, across))
    titles = plain(across.words), plain(LIES_RELIABLE.words)
    svg = scatter_chart(spots, title, titles, 0.0, slope=slope)
    return Panel(f"attack-{name}", f"Dot plot of {titles[1]} over {titles[0]}, {len(spots)} lines.", svg)


def _spots(report: ComparisonReport, pairs: list[Pair], across: Effect) -> Iterator[Spot]:
    shapes = shapes_of(report)
    for pair in pairs:
        x, y = (_mean(report, pair, effect) for effect in (across, LIES_RELIABLE))
        if pair.is_subject and x is not None and y is not None:
            told = "; ".join(
                f"{plain(effect.words)} {text_of(report.estimated.value(pair.key, effect.name))}"
                for effect in SHOWN
            )
            yield Spot(x, y, shapes[pair.key], f"{pair.name}: {told}")
