"""(learner configuration, episodes) -> score rows.

Whatever begins alike is learned once: a state is fitted once per first stage and seed, then updated by
every variant of the learner with every stage that follows, twins included. That is most of the speed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

import polars as pl

from iml_general.encoding import Encoding
from iml_general.errors import LearnerError, UsageError, unknown
from iml_general.learner import AnyLearner
from iml_general.measuring.branches import (
    Branch,
    Path,
    branches_of,
    fit_first_stages,
    learn_later_stages,
)
from iml_general.measuring.decoding import decoding_rows
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.faults import answers_otherwise
from iml_general.measuring.guarded import WRITES, Costs, GuardedLearner
from iml_general.measuring.readings import Reading, affinity_rows, influence_rows, step_rows
from iml_general.measuring.under_way import FitUnderWay
from iml_general.plugins.threads import one_thread
from iml_general.protocol import BUILT_IN, INFORMATIVE, Condition, Protocol
from iml_general.rows import CORRECTNESS
from iml_general.seeds import Seed
from iml_general.worlds.world import WorldSource


@dataclass(frozen=True)
class Setting:
    """Everything around a learner that a measurement depends on.

    Attributes:
        source: Draws the worlds.
        protocol: Sources and group sizes.
        encoding: How rows are turned into inputs.
    """

    source: WorldSource
    protocol: Protocol = field(default_factory=Protocol)
    encoding: Encoding = field(default_factory=Encoding)


@dataclass(frozen=True, eq=False)
class Measurement:
    """What one call of `measure` found.

    Attributes:
        scores: One dictionary per score row, with the keys `iml_general.rows.MEASURED`.
        costs: Seconds by (rule, phase); the rule is empty where all variants share the cost.
        competence: Mean over seeds of EM, of numbers of R2, on the corroborated held-out questions after
            stage 1, under the first of the conditions: how well stage 1 was learned.
    """

    scores: list[dict[str, Any]]
    costs: dict[tuple[str, str], float]
    competence: float

    def frame(self) -> pl.DataFrame:
        """The score rows as a data frame, for a look from Python."""
        return pl.DataFrame(self.scores, infer_schema_length=None)


def measure(
    variants: AnyLearner[Any] | Sequence[AnyLearner[Any]],
    setting: Setting,
    seeds: Sequence[Seed],
    conditions: Sequence[Condition] = BUILT_IN,
    readings: Sequence[Reading] = (),
    under_way: FitUnderWay | None = None,
) -> Measurement:
    """Put a learner through all conditions of some seeds and score it after each stage.

    Args:
        variants: One learner, or several that differ only in `rule` and in the fields that their
            `info.update_fields` names.
        setting: World, protocol and encoding.
        seeds: The replicates. A cohort learner trains all of them at once.
        conditions: The conditions to go through; claims are on the first.
        readings: What is read beside the scores, most of it off the states after stage 1.
        under_way: What other lengths of stage 1 have begun; None if the learner is fitted by itself. The
            rows are the same.

    Returns:
        Score rows, costs and competence.

    Raises:
        UsageError: If the variants differ in more than their update, or the setting is impossible.
        LearnerError: If the learner raises, returns something other than its contract has it, or writes
            into the rows it is given.
    """
    start = time.perf_counter()
    learners = [variants] if isinstance(variants, AnyLearner) else list(variants)
    _check_variants(learners)
    costs: Costs = {}
    guarded = [GuardedLearner(learner, costs, under_way) for learner in learners]
    unfit = answers_otherwise(type(learners[0]), setting.source)
    if unfit:
        raise UsageError(f"learner {learners[0].info.name!r} {unfit}; choose another world or learner")
    with one_thread(), _branches(learners[0], setting, seeds, conditions) as branches:
        rows = list(_rows(guarded, branches, readings))
    costs["", "framework"] = time.perf_counter() - start - sum(costs.values())
    competences = _competences(rows, conditions[0])
    return Measurement(rows, costs, sum(competences) / len(competences))


def measure_competence(
    learner: AnyLearner[Any], setting: Setting, seeds: Sequence[Seed], condition: Condition = INFORMATIVE
) -> list[float]:
    """Measure how well stage 1 is learned, and nothing else: stage 2 does not take place.

    Args:
        learner: The learner; its update rule does not matter.
        setting: World, protocol and encoding.
        seeds: The replicates. A cohort learner trains all of them at once.
        condition: The condition, the first stage of which is stage 1.

    Returns:
        For each seed EM, of numbers R2, on the corroborated held-out questions.

    Raises:
        UsageError: If the setting is impossible.
        LearnerError: As `measure` raises it.
    """
    guarded = GuardedLearner(learner, {})
    with one_thread(), _branches(learner, setting, seeds, (condition,)) as branches:
        first = [branch for branch in branches if len(branch.batches) == 1]
        rows = list(_scored(guarded, first, fit_first_stages(guarded, first), [guarded.rule]))
    return _competences(rows, condition)


@contextmanager
def _branches(
    learner: AnyLearner[Any], setting: Setting, seeds: Sequence[Seed], conditions: Sequence[Condition]
) -> Iterator[list[Branch]]:
    """Everything that is learned and scored; a learner that changes the rows is found out in the end.

    Rows are remembered and serve other learners, so they are forgotten if one has changed them.
    """
    form = learner.info.form
    episodes = {
        seed: encode_episodes(
            setting.protocol, setting.source, setting.encoding, form, seed, tuple(conditions)
        )
        for seed in seeds
    }
    try:
        yield [
            branch
            for seed, by_condition in episodes.items()
            for condition, episode in by_condition.items()
            for branch in branches_of(seed, condition, episode)
        ]
    finally:
        if not all(one.are_unchanged() for one in episodes.values()):
            encode_episodes.cache_clear()
            raise LearnerError(f"learner {learner.info.name!r} has changed rows that it was given{WRITES}")


def _rows(
    learners: Sequence[GuardedLearner], branches: Sequence[Branch], readings: Sequence[Reading]
) -> Iterator[dict[str, Any]]:
    """First stages once for all rules, later ones by every rule; scored after each.

    Before anything is asked the first rule's later stages are learned as well: right after the first ones a
    small learner's updates take four fifths of what they take between its answers, which have the processor
    load other code and rows.
    """
    rules = [learner.rule for learner in learners]
    at_first = [branch for branch in branches if len(branch.batches) == 1]
    later = [branch for branch in branches if len(branch.batches) > 1]
    first = fit_first_stages(learners[0], branches)
    learned = (learn_later_stages(learner, branches, first) for learner in learners)
    states = next(learned)
    yield from _scored(learners[0], at_first, first, rules, readings)
    read = [branch for branch in at_first if any(branch.condition == other.condition for other in later)]
    if "affinity" in readings:
        n_rows = {branch.condition: len(branch.batches[1]) for branch in later if len(branch.batches) == 2}
        yield from affinity_rows(learners[0], read, first, rules)
        for learner in learners:
            yield from step_rows(learner, read, n_rows)
    if "decoding" in readings:
        yield from decoding_rows(learners[0], read, first, rules)
    for learner in learners:
        if "influence" in readings:
            yield from influence_rows(learner, read, first)
        yield from _scored(learner, later, states, [learner.rule], readings)
        states = next(learned, {})


def _scored(
    learner: GuardedLearner,
    branches: Sequence[Branch],
    states: Mapping[Path, Any],
    rules: Sequence[str],
    readings: Sequence[Reading] = (),
) -> Iterator[dict[str, Any]]:
    """Predict and score; states that several rules share give each of them its rows."""
    for branch in branches:
        state, like = states[branch.path], branch.batches[0]
        given = learner.predict(state, branch.probes.inputs, like, shared=len(rules) > 1)
        rows = branch.probes.score(given, readings, rule=rules[0], **branch.place)
        yield from rows
        yield from ({**row, "rule": rule} for rule in rules[1:] for row in rows)


def _competences(rows: Sequence[Mapping[str, Any]], condition: Condition) -> list[float]:
    """EM or R2 on the corroborated held-out questions of each seed; rows of several rules repeat it."""
    found = [
        row
        for row in rows
        if row["group"] == "corroborated"
        and row["moment"] == "stage1"
        and row["condition"] == condition.name
        and row["measure"] in CORRECTNESS
    ]
    if not found:
        raise UsageError(
            f"condition {condition.name!r} has no stage named 'stage1' after which competence could be read:"
            " name one so, or put another condition first"
        )
    return list({row["seed"]: float(row["value"]) for row in found}.values())


def _check_variants(learners: Sequence[AnyLearner[Any]]) -> None:
    """Refuse variants whose stage-1 states can't be shared, or that are the same one twice."""
    if not learners:
        raise UsageError("measure needs at least one learner")
    first, *others = learners
    info, free = first.info, {"rule", *first.info.update_fields}
    for other in others:
        shared = [field.name for field in fields(first) if field.name not in free]  # type: ignore[arg-type]
        if type(other) is not type(first) or any(getattr(other, k) != getattr(first, k) for k in shared):
            raise UsageError(f"variants of {info.name!r} may differ only in {', '.join(sorted(free))}")
    rules = [learner.active_rule for learner in learners]
    if len(set(rules)) < len(rules):
        raise UsageError(f"variants of {info.name!r} name an update rule twice: {', '.join(rules)}")
    for rule in rules:
        if rule not in info.rules:
            raise UsageError(f"learner {info.name!r}: {unknown('update rule', rule, info.rules)}")
