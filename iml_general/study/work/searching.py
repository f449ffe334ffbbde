"""One trial of a search: a configuration measured on search seeds, stopped early if hopeless."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna
import polars as pl

from iml_general.errors import LearnerError
from iml_general.judging.seed_effects import seed_effects
from iml_general.plugins import registry
from iml_general.rows import KEYS
from iml_general.seeds import Seed
from iml_general.study.cache.reuse import Found, Reuse
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.resolve import Study
from iml_general.study.plan.search import COMPETENCE, Search
from iml_general.study.storage.queue import Queue, task_of
from iml_general.study.work.faults import faults_kept
from iml_general.study.work.tasks import REUSED, Work
from iml_general.study.work.waves import is_hopeless, tried

BLOCK = 4
"""Search seeds that are measured together before a configuration may be stopped."""


def carry_out_search(work: Work, reuse: Reuse, search: Search, queue: Queue, trial: optuna.Trial) -> float:
    """Measure a configuration; report each seed to the trial.

    Whether it is stopped depends on earlier trials, so blocks of seeds are reused, and never a decision.

    Args:
        work: The run's work.
        reuse: Measures, or finds what was measured before.
        search: The search.
        queue: Its queue.
        trial: Holds the factors.

    Returns:
        Mean over all search seeds of the effect, or at level ``tuned`` of the competence.

    Raises:
        TrialPruned: If the configuration was stopped.
        LearnerError: If the learner is at fault, or the effect is undefined.
    """
    plan = work.study.plan["search"]
    earlier = tried(queue, task_of(trial) // plan["wave"] * plan["wave"])
    with faults_kept(work.unit(queue, task_of(trial)), trial):
        entrant = search.suggest(trial)
        values: list[float] = []
        competences: list[float] = []
        before: list[str] = []
        for start in range(0, len(search.seeds), BLOCK):
            block = search.seeds[start : start + BLOCK]
            found, of_block = _measure(work.study, reuse, search, entrant, block)
            values += of_block
            competences += [found.measurement.competence] * len(block)
            if found.is_reused:
                before.append(found.entry.began)
                trial.set_user_attr(REUSED, min(before))
            trial.set_user_attr("values", values)
            trial.set_user_attr("competence", sum(competences) / len(competences))
            for step in range(start, len(values)):
                trial.report(values[step], step)
            unfinished = len(values) < len(search.seeds) and len(search.objectives) == 1
            if unfinished and is_hopeless(values, earlier, plan["hopeless"]):
                raise optuna.TrialPruned
    return sum(values) / len(values)


def _measure(
    study: Study, reuse: Reuse, search: Search, entrant: Entrant, seeds: Sequence[Seed]
) -> tuple[Found, list[float]]:
    """What was found, and what is maximised on each seed."""
    *_, maximised = search.objectives
    primary, control = study.searched
    if maximised == COMPETENCE:  # never sees the effect: stage 2 does not even take place
        found = reuse.competences(entrant, seeds, primary)
        return found, list(found.entry.competences)
    found = reuse.scores(entrant, seeds, (primary, control))
    return found, _controlled(found.measurement.scores, maximised, primary.name, control.name)


def _controlled(scores: list[dict[str, Any]], name: str, condition: str, control: str) -> list[float]:
    """The controlled effect of each seed, in the order of the seeds."""
    rows = pl.DataFrame(scores, infer_schema_length=None)
    keys = [pl.lit("").alias(key) for key in KEYS if key not in rows.columns]
    effects = [effect for effect in registry.all_effects() if effect.name == name]
    found = seed_effects(rows.with_columns(keys), {condition: control}, effects)
    values = found.filter(condition=condition).sort("seed")["controlled"]
    if values.null_count() or not len(values):
        raise LearnerError(
            f"the controlled {name} is undefined for {values.null_count()} of {len(values)} seeds"
        )
    return values.to_list()
