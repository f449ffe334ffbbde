"""All that a run leaves behind, as plain values and data frames: what reports are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from iml_general.study.storage.adherence import Adherence

COST_SCHEMA: dict[str, pl.DataType] = {
    "learner": pl.String(),
    "rule": pl.String(),  # empty where the cost is shared by all rules: the stage-1 fits
    "phase": pl.String(),  # fit, update, predict: the learner's own; framework: everything else
    "seconds": pl.Float64(),
    "n_seeds": pl.Int32(),  # seeds that the seconds are spread over
    "reused": pl.Boolean(),  # whether an earlier run spent them: this one found the unit in a cache
}
"""What learners and the framework took: columns and their types."""
REUSED_UNITS, REUSED_SINCE = "reused from a cache", "reused, measured first"
"""Facts of a run's provenance that stand there if it has reused anything: how much, and since when."""
FAILURE_SCHEMA: dict[str, pl.DataType] = {
    "learner": pl.String(),
    "rules": pl.String(),  # joined by commas
    "seeds": pl.String(),  # joined by commas
    "reason": pl.String(),  # one line
    "traceback": pl.String(),
}
"""Units that a learner's fault ended: columns and their types."""
SEARCH_SCHEMA: dict[str, pl.DataType] = {
    "learner": pl.String(),
    "level": pl.String(),  # tuned, sought
    "trial": pl.Int32(),  # its number within the search
    "outcome": pl.String(),  # measured; stopped: hopeless after some of the seeds; failed
    "maximised": pl.String(),  # competence, or an effect's name; both, joined by a comma, if both were
    "value": pl.Float64(),  # mean over search seeds of the effect, or of the competence; never an estimate
    "competence": pl.Float64(),  # EM on the corroborated held-out questions after stage 1
    "front": pl.Boolean(),  # whether nothing measured has more of the one and no less of the other
    "n_seeds": pl.Int32(),  # search seeds measured
    "rule": pl.String(),  # empty at level tuned: stage 1 knows no rule
    "factors": pl.String(),  # JSON: every factor that the search varied, and its value
    "found": pl.Boolean(),  # the configuration that was confirmed
}
"""What was tried on search seeds: columns and their types."""
IMPORTANCE_SCHEMA: dict[str, pl.DataType] = {
    "learner": pl.String(),
    "level": pl.String(),
    "factor": pl.String(),
    "importance": pl.Float64(),  # shares of one search, summing to 1
    "evaluator": pl.String(),  # Optuna's name of the method
}
"""Which factors mattered in each search: columns and their types."""
ENOUGH_TRIALS = 10
"""Trials, measured on all search seeds, below which importances would be noise and are not given."""
CONFIGURATION_SCHEMA: dict[str, pl.DataType] = {
    "learner": pl.String(),
    "rule": pl.String(),
    "level": pl.String(),
    "point": pl.String(),  # JSON: named values of a sweep; empty without one
    "configuration": pl.String(),
    "options": pl.String(),  # JSON, and so are the next two
    "encoding": pl.String(),
    "protocol": pl.String(),
}
"""What the configurations in score rows are: columns and their types."""


@dataclass(frozen=True, eq=False)
class RunRecord:
    """One run, finished or not.

    Attributes:
        plan: The resolved plan with every default spelled out, as nested JSON values.
        provenance: Ordered facts for people: command, versions, machine, start, duration.
        scores: Rows of `iml_general.rows.SCORE_SCHEMA`, of finished units only.
        costs: Rows of `COST_SCHEMA`.
        failures: Rows of `FAILURE_SCHEMA`: units that a learner's fault ended.
        searches: Rows of `SEARCH_SCHEMA`: what was tried on search seeds.
        importances: Rows of `IMPORTANCE_SCHEMA`: which factors mattered in each search.
        configurations: Rows of `CONFIGURATION_SCHEMA`: what the configurations in `scores` are.
        absent: Why a learner that was meant to take part did not, by its name.
        units_done: Finished units, failed ones included.
        units_total: Units that the plan has.
        adherence: Whether it kept to what was written down before it; None if nothing to compare it with
            was given.
    """

    plan: dict[str, Any]
    provenance: dict[str, str]
    scores: pl.DataFrame
    costs: pl.DataFrame
    failures: pl.DataFrame
    searches: pl.DataFrame
    importances: pl.DataFrame
    configurations: pl.DataFrame
    absent: dict[str, str]
    units_done: int
    units_total: int
    adherence: Adherence | None = None

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.plan["name"])

    @property
    def complete(self) -> bool:
        """Whether every unit of the plan has been carried out."""
        return self.units_done == self.units_total
