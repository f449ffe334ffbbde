"""What the samples of runs say of the law: one effect read before the update, another found after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from iml_general.judging.law import Law, law
from iml_general.study.storage.record import RunRecord

PREDICTORS = ("influence_gap", "affinity_step", "affinity_gap")
OUTCOMES = ("statement_weight", "trust")
AGREEING = (("affinity_step", "influence_gap"), ("affinity_gap", "influence_gap"))
"""Readings of the same states: does affinity rank configurations as a small update, tried out, does?"""


def laws_of(records: Sequence[RunRecord], estimates: pl.DataFrame, condition: str) -> tuple[Law, ...]:
    """Try every predictor on every outcome, and affinity on influence, in each run that has a sample.

    Args:
        records: The runs.
        estimates: Estimates of all of them.
        condition: The condition whose controlled effects are meant.

    Returns:
        The laws that at least two learners and rules can be put to; the one that a plan wrote down first.
    """
    found = [one for run in records for one in _of_run(run, estimates.filter(study=run.name), condition)]
    return tuple(one for one in found if one.pooled is not None)


def _of_run(run: RunRecord, estimates: pl.DataFrame, condition: str) -> Iterator[Law]:
    if not run.plan.get("sample"):
        return
    planned: dict[str, Any] = run.plan["prediction"]
    first = (planned["predictor"], planned["outcome"])
    others = [(predictor, outcome) for outcome in OUTCOMES for predictor in PREDICTORS]
    for predictor, outcome in dict.fromkeys([first, *others, *AGREEING]):
        slopes = planned["slopes"] if (predictor, outcome) == first else {}
        yield law(estimates, condition, predictor, outcome, slopes)
