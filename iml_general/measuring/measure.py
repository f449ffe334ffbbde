"""(learner configuration, episodes) -> score rows.

Variants of a learner that differ only in how they update share their stage-1 states, and that is
most of the speed: a state is fitted once per condition and seed, then updated by every variant.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from iml_general.encoding import Encoding
from iml_general.errors import UsageError, unknown
from iml_general.learner import Learner
from iml_general.measuring.encoded import EncodedEpisode, encode_episodes
from iml_general.measuring.guarded import Costs, GuardedLearner
from iml_general.options import options_of
from iml_general.protocol import CONDITIONS, Protocol
from iml_general.seeds import Seed
from iml_general.worlds.world import WorldSource


@dataclass(frozen=True)
class Setting:
    """Everything around a learner that a measurement depends on.

    Attributes:
        source: Draws the worlds.
        protocol: Group sizes and reliabilities.
        encoding: How rows are turned into inputs.
    """

    source: WorldSource
    protocol: Protocol = field(default_factory=Protocol)
    encoding: Encoding = field(default_factory=Encoding)


@dataclass(frozen=True, eq=False)
class Measurement:
    """What one call of `measure` found.

    Attributes:
        scores: One dictionary per score row: rule, condition, seed, moment, group, probe and the
            scores, named as in `iml_general.rows.SCORE_SCHEMA`.
        costs: Seconds by (rule, phase); the rule is empty where all variants share the cost.
        competence: Mean over seeds of EM on the corroborated held-out questions after stage 1,
            under ``informative``: how well stage 1 was learned.
    """

    scores: list[dict[str, Any]]
    costs: dict[tuple[str, str], float]
    competence: float

    def frame(self) -> pl.DataFrame:
        """The score rows as a data frame, for a look from Python."""
        return pl.DataFrame(self.scores, infer_schema_length=None)


def measure(
    variants: Learner[Any] | Sequence[Learner[Any]],
    setting: Setting,
    seeds: Sequence[Seed],
    conditions: Sequence[str] = CONDITIONS,
) -> Measurement:
    """Put a learner through all conditions of some seeds and score it after each stage.

    Args:
        variants: One learner, or several that differ only in `rule` and in the fields that their
            `info.update_fields` names.
        setting: World, protocol and encoding.
        seeds: The replicates. A cohort learner trains all of them at once.
        conditions: The conditions to go through, ``informative`` among them.

    Returns:
        Score rows, costs and competence.

    Raises:
        UsageError: If the variants differ in more than their update, or the setting is impossible.
        LearnerError: If the learner raises or returns something other than probabilities.
    """
    start = time.perf_counter()
    learners = [variants] if isinstance(variants, Learner) else list(variants)
    _check_variants(learners)
    cells = _cells(learners[0], setting, seeds, conditions)
    costs: Costs = {}
    rows = _run([GuardedLearner(learner, costs) for learner in learners], cells)
    costs["", "framework"] = time.perf_counter() - start - sum(costs.values())
    return Measurement(rows, costs, _mean(_competences(rows)))


def measure_competence(learner: Learner[Any], setting: Setting, seeds: Sequence[Seed]) -> list[float]:
    """Measure how well stage 1 is learned, and nothing else: stage 2 does not take place.

    Args:
        learner: The learner; its update rule does not matter.
        setting: World, protocol and encoding.
        seeds: The replicates. A cohort learner trains all of them at once.

    Returns:
        For each seed EM on the corroborated held-out questions, under ``informative``.

    Raises:
        UsageError: If the setting is impossible.
        LearnerError: If the learner raises or returns something other than probabilities.
    """
    guarded = GuardedLearner(learner, {})
    cells = _cells(learner, setting, seeds, ("informative",))
    states = guarded.fit([cell.episode.stage1 for cell in cells], _seeds(cells, "fit"))
    return _competences(_score(guarded, states, cells, "stage1", [guarded.rule]))


def _cells(
    learner: Learner[Any], setting: Setting, seeds: Sequence[Seed], conditions: Sequence[str]
) -> list[_Cell]:
    form = learner.info.form
    episodes = [
        (seed, encode_episodes(setting.protocol, setting.source, setting.encoding, form, seed))
        for seed in seeds
    ]
    return [_Cell(seed, condition, one[condition]) for seed, one in episodes for condition in conditions]


@dataclass(frozen=True, eq=False)
class _Cell:
    """One condition of one seed."""

    seed: Seed
    condition: str
    episode: EncodedEpisode


def _run(learners: list[GuardedLearner], cells: list[_Cell]) -> list[dict[str, Any]]:
    """Stage 1, stage 2 by every rule, and stage 2 alone; scored after each."""
    first = learners[0]
    rules = [learner.rule for learner in learners]
    staged = [cell for cell in cells if cell.condition != "no_stage1"]
    alone = [cell for cell in cells if cell.condition == "no_stage1"]

    stage1 = [cell.episode.stage1 for cell in staged]
    stage2 = [cell.episode.stage2 for cell in staged]
    states = first.fit(stage1, _seeds(staged, "fit"))
    rows = _score(first, states, staged, "stage1", rules)
    for learner in learners:
        if learner.rule == "retrain":
            both = [before + after for before, after in zip(stage1, stage2, strict=True)]
            updated = learner.fit(both, _seeds(staged, "fit"), shared=False)
        else:
            updated = learner.update(states, stage2, _seeds(staged, "update"))
        rows += _score(learner, updated, staged, "stage2", [learner.rule])
    if not alone:
        return rows
    untaught = first.fit([cell.episode.stage2 for cell in alone], _seeds(alone, "fit"))
    return rows + _score(first, untaught, alone, "stage2", rules)


def _seeds(cells: list[_Cell], component: str) -> list[int]:
    return [cell.seed.integer(component) for cell in cells]


def _score(
    learner: GuardedLearner, states: list[Any], cells: list[_Cell], moment: str, rules: list[str]
) -> list[dict[str, Any]]:
    """Predict and score; states that several rules share give each of them its rows."""
    rows = []
    for cell, state in zip(cells, states, strict=True):
        probes = cell.episode.probes
        n_answers = cell.episode.stage2.n_answers
        probabilities = learner.predict(state, probes.inputs, n_answers, shared=len(rules) > 1)
        place = {"condition": cell.condition, "seed": cell.seed.index, "moment": moment}
        scores = probes.score(probabilities)
        rows += [{"rule": rule, **place, **score} for rule in rules for score in scores]
    return rows


def _competences(rows: list[dict[str, Any]]) -> list[float]:
    """EM on the corroborated held-out questions of each seed; rows of several rules repeat it."""
    wanted = {"condition": "informative", "moment": "stage1", "group": "corroborated"}
    found = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return [float(em) for em in {row["seed"]: row["em"] for row in found}.values()]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _check_variants(learners: list[Learner[Any]]) -> None:
    """Refuse variants whose stage-1 states can't be shared, or that are the same one twice."""
    if not learners:
        raise UsageError("measure needs at least one learner")
    info = learners[0].info
    free = {"rule", *info.update_fields}
    shared = [
        (type(learner), {k: v for k, v in options_of(learner).items() if k not in free})
        for learner in learners
    ]
    if any(other != shared[0] for other in shared):
        raise UsageError(f"variants of {info.name!r} may differ only in {', '.join(sorted(free))}")
    rules = [learner.active_rule for learner in learners]
    if len(set(rules)) < len(rules):
        raise UsageError(f"variants of {info.name!r} name an update rule twice: {', '.join(rules)}")
    for rule in rules:
        if rule not in info.rules:
            raise UsageError(f"learner {info.name!r}: {unknown('update rule', rule, info.rules)}")
