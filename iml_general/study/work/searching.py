"""One trial of a search: a configuration measured on search seeds, stopped early if hopeless."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna
import polars as pl

from iml_general.errors import LearnerError
from iml_general.judging.effects import seed_effects
from iml_general.measuring.measure import measure, measure_competence
from iml_general.rows import KEYS
from iml_general.seeds import Seed
from iml_general.study.plan.entrant import Entrant, Search
from iml_general.study.work.waves import Tried, is_hopeless

BLOCK = 4
"""Search seeds that are measured together before a configuration may be stopped."""


def carry_out(
    search: Search, maximise: str, hopeless: float, earlier: Sequence[Tried], trial: optuna.Trial
) -> float:
    """Measure a configuration; report each seed to the trial.

    Args:
        search: The search.
        maximise: The effect that level ``sought`` maximises.
        hopeless: As `hopeless` of `iml_general.study.plan.keys.SearchPlan`.
        earlier: Trials of earlier waves.
        trial: Holds the factors.

    Returns:
        Mean over all search seeds of what is maximised.

    Raises:
        TrialPruned: If the configuration was stopped.
        LearnerError: If the learner raised, or the effect is undefined.
    """
    entrant = search.suggest(trial)
    values: list[float] = []
    competences: list[float] = []
    for start in range(0, len(search.seeds), BLOCK):
        block = search.seeds[start : start + BLOCK]
        found, competence = _measure(search.level, entrant, maximise, block)
        values += found
        competences += [competence] * len(block)
        trial.set_user_attr("values", values)
        trial.set_user_attr("competence", sum(competences) / len(competences))
        for step in range(start, len(values)):
            trial.report(values[step], step)
        if len(values) < len(search.seeds) and is_hopeless(values, earlier, hopeless):
            raise optuna.TrialPruned
    return sum(values) / len(values)


def _measure(level: str, entrant: Entrant, maximise: str, seeds: Sequence[Seed]) -> tuple[list[float], float]:
    """What is maximised on each seed, and the mean competence."""
    if level == "tuned":  # never sees the effect: stage 2 does not even take place
        values = measure_competence(entrant.variants[0], entrant.setting, seeds)
        return values, sum(values) / len(values)
    measurement = measure(entrant.variants, entrant.setting, seeds, ("informative", "shuffled"))
    return _controlled(measurement.scores, maximise), measurement.competence


def _controlled(scores: list[dict[str, Any]], maximise: str) -> list[float]:
    rows = pl.DataFrame(scores, infer_schema_length=None)
    keys = [pl.lit("").alias(key) for key in KEYS if key not in rows.columns]
    effects = seed_effects(rows.with_columns(keys)).filter(effect=maximise).sort("seed")
    values = effects["controlled"]
    if values.null_count():
        raise LearnerError(f"the controlled {maximise} is undefined for {values.null_count()} seeds")
    return values.to_list()
