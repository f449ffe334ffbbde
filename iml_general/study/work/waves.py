"""What a search tries next: Optuna's sampler, asked in waves.

A wave knows the results of earlier waves only, in the order of their trials. So what is tried
depends neither on how many workers there are nor on how fast each of them is, and a search that
was cut short goes on as if it had not been.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import TrialState

from iml_general.study.plan.search import Search
from iml_general.study.plan.unlogged import unlogged_study
from iml_general.study.storage.queue import Queue

STARTUP_TRIALS = 10  # drawn at random before the sampler has anything to go by: Optuna's default


@dataclass(frozen=True)
class Tried:
    """What is known of one configuration.

    Attributes:
        factors: The values of its factors.
        distributions: The ranges they were drawn from.
        values: The effect, or at level ``tuned`` the competence, on each search seed that was
            measured; empty if it failed.
        competence: The mean competence over these seeds.
        complete: Whether all search seeds were measured.
    """

    factors: dict[str, Any]
    distributions: dict[str, Any]
    values: tuple[float, ...]
    competence: float
    complete: bool


def tried(queue: Queue, n: int) -> list[Tried]:
    """What is known of the first n tasks of a search, all of which are settled."""
    settled = queue.settled()
    return [
        Tried(
            factors=settled[task].params,
            distributions=settled[task].distributions,
            values=tuple(settled[task].user_attrs.get("values", ())),
            competence=settled[task].user_attrs.get("competence", 0.0),
            complete=settled[task].state is TrialState.COMPLETE,
        )
        for task in range(n)
    ]


def draw_wave(
    search: Search, earlier: Sequence[Tried], n: int, tuned: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Draw the factors of the next wave; the first of all are those that the search starts from.

    Args:
        search: The search.
        earlier: All trials of earlier waves, in order.
        n: Number of configurations.
        tuned: Factors of what level ``tuned`` found for the same learner, if there is that.

    Returns:
        Factors of each.
    """
    sampler = optuna.samplers.TPESampler(
        seed=_seed(search, len(earlier)),
        n_startup_trials=STARTUP_TRIALS,
        multivariate=True,
        group=True,  # some factors exist only beside certain values of others
        constant_liar=True,
    )
    memory = _remember([one for one in earlier if one.values], sampler, len(search.objectives))
    for start in search.starts(tuned)[len(earlier) :][:n]:
        memory.enqueue_trial(start)
    wave = []
    for _ in range(n):
        trial = memory.ask()
        search.suggest(trial)
        wave.append(trial.params)
    return wave


def is_hopeless(values: Sequence[float], earlier: Sequence[Tried], p_threshold: float) -> bool:
    """Whether a configuration can be stopped: it does worse than the best one on the same seeds.

    Args:
        values: What is maximised, on the search seeds so far.
        earlier: All trials of earlier waves.
        p_threshold: As `hopeless` of `iml_general.study.plan.keys.SearchPlan`.

    Returns:
        The answer of Optuna's Wilcoxon pruner.
    """
    complete = [one for one in earlier if one.complete]
    if not p_threshold or not complete:
        return False
    memory = _remember(complete, optuna.samplers.RandomSampler(seed=0))
    trial = optuna.trial.create_trial(
        state=optuna.trial.TrialState.RUNNING, intermediate_values=dict(enumerate(values))
    )
    return optuna.pruners.WilcoxonPruner(p_threshold=p_threshold, n_startup_steps=2).prune(memory, trial)


def _remember(
    known: Sequence[Tried], sampler: optuna.samplers.BaseSampler, n_objectives: int = 1
) -> optuna.Study:
    """What is known, as a study of one objective, or of competence and effect."""
    memory = unlogged_study(sampler, n_objectives)
    for one in known:
        values = [one.competence, sum(one.values) / len(one.values)]
        memory.add_trial(
            optuna.trial.create_trial(
                params=one.factors,
                distributions=one.distributions,
                values=values[-n_objectives:],
                intermediate_values=dict(enumerate(one.values)),
            )
        )
    return memory


def _seed(search: Search, n_earlier: int) -> int:
    seed = search.seeds[0]
    text = repr((seed.root, seed.world, search.name, search.level, n_earlier))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little")
