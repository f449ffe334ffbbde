"""The figure of the costs: what each learner takes, and what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from iml_general.report.findings.pairs import KEY, Pair
from iml_general.report.shown.described import sesoi_of
from iml_general.report.shown.effect_figures import legend_of, shapes_of
from iml_general.report.shown.figure import Figure, Panel
from iml_general.report.shown.scatter import Spot, scatter_chart
from iml_general.report.text.rounding import seconds
from iml_general.report.text.wording import plain
from iml_general.study.storage.record import RunRecord

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

OWN = ("fit", "update", "predict")  # phases of a learner, as opposed to the framework's
ACROSS = "seconds per seed (logarithmic)"


def cost_figure(report: ComparisonReport) -> Figure | None:
    """Draw the primary effect over the seconds that it took to measure.

    Args:
        report: The report.

    Returns:
        One panel; None where no cost of a measured learner is known.
    """
    first = report.endpoints[0]
    known = {run.name: _seconds(run) for run in report.records}
    shapes = shapes_of(report)
    spots = []
    for pair in report.pairs:
        took = _took(pair, known)
        if pair.is_subject and took and pair.primary.mean is not None:
            found = f"{pair.finding}; {pair.primary.words} {pair.primary.estimate}"
            note = f"{pair.name}: {found}; {seconds(took)} s"
            spots.append(Spot(took, pair.primary.mean, shapes[pair.key], note))
    if not spots:
        return None
    words = plain(first.words)
    svg = scatter_chart(
        spots, "", (ACROSS, f"controlled {words}"), sesoi_of(report, first), is_logarithmic=True
    )
    low, high = (seconds(choose(spot.x for spot in spots)) for choose in (min, max))
    alt = f"Dot plot of controlled {words} over seconds per seed, {len(spots)} lines, {low} to {high} s."
    caption = (
        "Across: the learner's own seconds per seed and update rule, all conditions together, on one thread;"
        f" configurations of one learner and rule share a number. Upright: controlled {words}. Shapes and"
        " colours are those of the chart of all learners."
    )
    title = f"Cost against {words}"
    return Figure("price", title, caption, legend_of(report), (Panel("price", alt, svg),), is_detail=True)


def _seconds(run: RunRecord) -> dict[tuple[str, str], float]:
    """Seconds per seed by learner and rule; what all rules share stands under no rule."""
    own = run.costs.filter(pl.col("phase").is_in(OWN) & (pl.col("n_seeds") > 0))
    phases = own.group_by("learner", "rule", "phase").agg(pl.col("seconds").sum() / pl.col("n_seeds").sum())
    sums = phases.group_by("learner", "rule").agg(pl.col("seconds").sum()).sort("learner", "rule")
    return {(learner, rule): taken for learner, rule, taken in sums.iter_rows()}


def _took(pair: Pair, known: dict[str, dict[tuple[str, str], float]]) -> float:
    study, learner, rule = (pair.key[KEY.index(name)] for name in ("study", "learner", "rule"))
    costs = known.get(study, {})
    return costs.get((learner, rule), 0.0) + costs.get((learner, ""), 0.0)
