"""A run's scores, judged once: what every kind of report is made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import polars as pl

from iml_general.effects import group_means, seed_effects
from iml_general.options import configure
from iml_general.report.answer import answer, second_endpoint
from iml_general.report.pairs import Pair, pairs_of
from iml_general.study.record import RunRecord
from iml_general.verdict import VerdictSettings, judge, validity


@dataclass(frozen=True, eq=False)
class ComparisonReport:
    """Learners and update rules compared: the verdicts of one run and all they rest on.

    Attributes:
        record: The run.
        settings: How the verdicts were decided.
        effects: What `iml_general.effects.seed_effects` gives: one row per pair, seed and effect.
        means: What `iml_general.effects.group_means` gives: scores of every group over seeds.
        verdicts: What `iml_general.verdict.judge` gives: one row per pair and endpoint.
        faults: Why the study is invalid, one line each; empty if it is valid.
    """

    record: RunRecord
    settings: VerdictSettings
    effects: pl.DataFrame
    means: pl.DataFrame
    verdicts: pl.DataFrame
    faults: tuple[str, ...]

    @classmethod
    def from_run(cls, record: RunRecord) -> Self:
        """Judge a run, finished or not.

        Args:
            record: The run, with at least one finished unit.

        Returns:
            The report.

        Raises:
            UsageError: If the plan's verdict settings are not allowed.
        """
        settings = configure(VerdictSettings, record.plan.get("verdict", {}), "verdict")
        verdicts = judge(record.scores, settings)
        return cls(
            record=record,
            settings=settings,
            effects=seed_effects(record.scores),
            means=group_means(record.scores),
            verdicts=verdicts,
            faults=validity(verdicts),
        )

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Lines of the verdict table: by family, controls last."""
        return pairs_of(self.verdicts)

    @property
    def answer(self) -> str:
        """What the run found, in one sentence."""
        return answer(self.pairs, self.faults, self.unfinished)

    @property
    def second_answer(self) -> str:
        """What the second endpoint found, in one sentence; nothing if the study is invalid."""
        return "" if self.faults else second_endpoint(self.pairs)

    @property
    def unfinished(self) -> str:
        """How far the run is, in words; empty if it is complete."""
        record = self.record
        if record.complete:
            return ""
        return f"{record.units_done} of {record.units_total} units of work done"
