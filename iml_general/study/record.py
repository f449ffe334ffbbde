"""All that a run leaves behind, as plain values and data frames: what reports are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

COST_SCHEMA: dict[str, pl.DataType] = {
    "learner": pl.String(),
    "rule": pl.String(),  # empty where the cost is shared by all rules: the stage-1 fits
    "phase": pl.String(),  # fit, update, predict: the learner's own; framework: everything else
    "seconds": pl.Float64(),
    "n_seeds": pl.Int32(),  # seeds that the seconds are spread over
}
FAILURE_SCHEMA: dict[str, pl.DataType] = {
    "learner": pl.String(),
    "rules": pl.String(),  # joined by commas
    "seeds": pl.String(),  # joined by commas
    "reason": pl.String(),  # one line
    "traceback": pl.String(),
}


@dataclass(frozen=True, eq=False)
class RunRecord:
    """One run, finished or not.

    Attributes:
        plan: The resolved plan with every default spelled out, as nested JSON values.
        provenance: Ordered facts for people: command, versions, machine, start, duration.
        scores: Rows of `iml_general.scores.SCORE_SCHEMA`, of finished units only.
        costs: Rows of `COST_SCHEMA`.
        failures: Rows of `FAILURE_SCHEMA`: units that a learner's fault ended.
        absent: Why a learner that was meant to take part did not, by its name.
        units_done: Finished units, failed ones included.
        units_total: Units that the plan has.
    """

    plan: dict[str, Any]
    provenance: dict[str, str]
    scores: pl.DataFrame
    costs: pl.DataFrame
    failures: pl.DataFrame
    absent: dict[str, str]
    units_done: int
    units_total: int

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.plan["name"])

    @property
    def complete(self) -> bool:
        """Whether every unit of the plan has been carried out."""
        return self.units_done == self.units_total
