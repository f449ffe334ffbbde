"""``iml trust``: what a learner is going to believe, read before the update, and what it then believed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iml_general.api.progress import shown
from iml_general.errors import UsageError
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.findings.estimates import text_of
from iml_general.report.findings.pairs import Pair
from iml_general.report.text import rounding
from iml_general.report.text.wording import plain
from iml_general.study.plan.overrides import Overrides, find_plan
from iml_general.study.plan.resolve import resolve
from iml_general.study.work.in_process import carry_out

NAME = "trust"
LAW = "mechanism-full"
"""The preset in which the law is written down that predictions are made by."""
READINGS = ("affinity", "influence")
READ_BEFORE, FOUND_AFTER = "influence_gap", "statement_weight"


@dataclass(frozen=True)
class Prediction:
    """How large an effect is going to be.

    Attributes:
        value: The best guess.
        half: Half the width of its 95% interval; 0 where slopes are too few for one.
    """

    value: float
    half: float

    @property
    def text(self) -> str:
        """Value and interval."""
        low, high = self.value - self.half, self.value + self.half
        digits = rounding.digits_of(low, high)
        return f"{rounding.signed(self.value, digits)} {rounding.interval(low, high, digits)}"


def tell_trust(overrides: Overrides) -> None:
    """Read a learner's states before the update, predict, measure, and print all three.

    Args:
        overrides: The learner, and what the user changes: seeds, world, any key of a plan.

    Raises:
        UsageError: If anything that was given is not allowed.
        LearnerError: If the learner raises, or returns what it must not.
    """
    plan = {"name": NAME, "conditions": ["informative", "shuffled"], "readings": list(READINGS)}
    study = resolve(find_plan(plan, overrides))
    with shown(True) as told:
        report = ComparisonReport.from_run(carry_out(study, "iml trust", told))
    console = Console()
    subjects = [pair for pair in report.pairs if pair.is_subject]
    console.print(_readings(report, subjects))
    console.print(_comparison(report, subjects, written_down()))
    for fault in report.faults:
        console.print(Text(f"INVALID: {plain(fault)}", style="bold red"))


def written_down() -> Mapping[str, float]:
    """Slopes of the law that is written down, by learner and rule; none if it is not installed."""
    with suppress(UsageError):  # presets are another package's, which need not be there
        return find_plan(LAW, Overrides()).prediction.slopes
    return {}


def predicted(gap: float, who: str, slopes: Mapping[str, float]) -> Prediction | None:
    """Predict an effect from what was read before.

    Args:
        gap: What was read, controlled.
        who: Learner and rule, as ``"extra-trees, refit"``.
        slopes: Slopes by learner and rule.

    Returns:
        By its own slope, if that is known, or by the mean of all; as unsure as slopes differ. None without
        slopes.
    """
    if not slopes:
        return None
    spread = statistics.stdev(slopes.values()) if len(slopes) > 1 else 0.0
    slope = slopes.get(who, statistics.fmean(slopes.values()))
    return Prediction(slope * gap, abs(gap) * 1.96 * spread)


def _readings(report: ComparisonReport, subjects: Sequence[Pair]) -> Table:
    """Affinity and influence of each source's statements, beside their baseline."""
    table = Table(
        box=None, pad_edge=False, title="Read after stage 1, before any update", title_justify="left"
    )
    for heading in ("learner, rule", "source", "affinity", "other alias", "influence", "other alias"):
        table.add_column(heading, justify="left" if heading in ("learner, rule", "source") else "right")
    for pair in subjects:
        for source, cells in _by_source(report.means, pair):
            table.add_row(plain(pair.name), plain(source), *cells)
    return table


def _by_source(means: pl.DataFrame, pair: Pair) -> Iterator[tuple[str, list[str]]]:
    read = means.filter(condition="informative", moment="stage1", learner=pair.learner, rule=pair.rule)
    groups = read.filter(pl.col("measure").is_in(READINGS))["group"].unique(maintain_order=True)
    for group in sorted(groups, key=["new_reliable", "new_unreliable", "new_neutral"].index):
        cells = []
        for measure in READINGS:
            for whose in ("own_question", "other_alias"):
                found = read.filter(group=group, measure=measure, probe=whose)["mean"]
                cells.append(f"{found[0]:+.3f}" if len(found) else rounding.MISSING)
        yield group.removeprefix("new_"), cells


def _comparison(report: ComparisonReport, subjects: Sequence[Pair], slopes: Mapping[str, float]) -> Table:
    """What was read, what that predicts, and what came."""
    table = Table(
        box=None, pad_edge=False, title="Controlled: reading, prediction, what came", title_justify="left"
    )
    headings = ("influence gap", "predicts statement weight", "statement weight", "trust", "finding")
    for heading in ("learner, rule", *headings):
        table.add_column(heading)
    for pair in subjects:
        read = report.estimated.controlled(pair.key, READ_BEFORE)
        gap = read.mean if read else None
        guess = (
            None if gap is None or math.isnan(gap) else predicted(gap, f"{pair.learner}, {pair.rule}", slopes)
        )
        table.add_row(
            plain(pair.name),
            text_of(read),
            guess.text if guess else "nothing",
            text_of(report.estimated.controlled(pair.key, FOUND_AFTER)),
            pair.primary.estimate,
            f"{pair.symbol} {pair.finding}",
        )
    return table
